"""Transcripts (học bạ điện tử): built from locked results, signed in order, verifiable by anybody.

Owns the sealed yearly records of a pupil and their versions. Does not own marks or results (gradebook).
Law: Circulars 22/2021, 58/2011, 27/2020, 30/2014 (forms and signers), Decree 23/2025 and 68/2024 (signatures).
"""
