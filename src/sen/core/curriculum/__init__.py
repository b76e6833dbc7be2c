"""Curriculum: school years, terms, weeks, programmes, subjects, classes, placements, teaching assignment (phân công).

Owns what is taught to whom by whom. Does not own marks or the timetable. Law: Decision 16/2006 and Circular 32/2018
(programmes), Circular 13/2022 (electives in upper secondary), yearly plans such as Decision 2159/QĐ-BGDĐT (calendar).
"""
