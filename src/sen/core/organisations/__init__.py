"""Organisations: the tree of authorities, schools and campuses, and the administrative units, with validity dates.

Owns Bộ, Sở, Phòng, trường, điểm trường and the operations that change the tree (merge, split, rename, close, move).
Does not own what happens inside a school. Law: Decree 127/2018 (who manages which schools); administrative units of
2022 (GSO list); Resolution 202/2025/QH15 (34 provinces) and the end of the district level on 01/07/2025.
"""
