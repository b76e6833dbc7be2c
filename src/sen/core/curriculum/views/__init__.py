"""Entrances of curriculum: each reads the input, calls one query or service, answers."""
