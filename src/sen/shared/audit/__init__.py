"""Audit: who did what, when, why; history of every table; hash chain per organisation and day.

Owns the history lines and their chain. Does not own the meaning of an action: packages name it when they call
`audit.services.record`. Follows Decree 85/2016 and Circular 12/2022/TT-BTTTT (logs of a level-3 system).
"""
