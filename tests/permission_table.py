"""Every address and what each kind of person gets there. A row per address; an address without a row fails the test.

Columns (see `world.PEOPLE`): anonymous, stranger (a principal of another school, with the ids of ours), subject
teacher, form teacher, clerk, principal, pupil, parent, officer of the Sở, inspector, operator, auditor.

A row is what the method answers, by default GET; addresses that only write are asked by an empty POST, where 403 and
404 say "not yours" and anything else (302, 400, 409 ...) says "yours, but look at your form". Values for parts of the
address that are no ids stand in `WORDS`. Ids come from `world.SchoolWorld.ids` by the name of the part; `IDS` says
where a name means something else in one address.
"""

from typing import Any

ROWS: dict[str, str] = {
    # name                        method  anon strg subj form clrk prin pupl prnt dept insp oper audt
    "healthz":                    "GET    200  200  200  200  200  200  200  200  200  200  200  200",
}  # fmt: skip

# Parts of addresses that are words, not ids: "address part" -> value, or "part" -> value for all addresses.
WORDS: dict[str, Any] = {}

# Where the name of an id means another thing than usual: "address part" -> name in SchoolWorld.ids.
IDS: dict[str, str] = {}

# Addresses whose ids are open to everybody, and why. Everything else with an id refuses ids of another school.
OPEN: dict[str, str] = {}
