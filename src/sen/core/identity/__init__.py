"""Identity: accounts, grants (role + organisation + period), sign-in, sessions, and the actor of every service.

Owns who may do what and where. Does not own the person's file (people). One account a person; rights are deny by
default; `actor` is the first argument of every service and carries one active grant.
Law: Decree 69/2024 (electronic identification), Circular 42/2021/TT-BGDĐT Art. 2 (accounts of the sector database).
"""
