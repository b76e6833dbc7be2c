"""People: persons, pupils, guardians, staff, enrolments and moves (hồ sơ học sinh, giáo viên).

Owns the file of a person and which school holds it. Does not own classes (curriculum), accounts (identity) or marks.
Fields and code lists: data dictionary of the sector database (Circular 42/2021/TT-BGDĐT, Decision 4998/QĐ-BGDĐT).
"""
