"""Kit: errors, Vietnamese names, keys, the scope of a transaction and the walls of a table.

Owns nothing of the field: no school word, no page, no table. Everything above may import it.
"""
