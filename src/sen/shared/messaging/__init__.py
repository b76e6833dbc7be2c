"""Messaging: notices inside Sen. (Further channels come with their own issue.)"""
