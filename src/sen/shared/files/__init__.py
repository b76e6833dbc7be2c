"""Files: storage, checksum, who may open a stored file.

Owns the bytes and their digest; the package that stores a file owns its meaning and its right.
"""
