"""E-gradebook (sổ điểm điện tử): marks, levels and remarks of the class book, and the assessment regimes.

Owns what a teacher writes during the year and what the law makes of it: averages, levels, conduct of the year,
titles, promotion. Owns no transcript (học bạ belongs to `transcripts`), no roll-call, no exam paper.
Law: Circulars 22/2021, 58/2011 with 26/2020 (secondary), 27/2020, 30/2014 with 22/2016 (primary), 43/2021 and
Decision 02/2007 (continuing education); which one holds is a question of school year, level and grade.
"""
