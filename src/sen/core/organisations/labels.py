"""Words for codes of schools: level, kind, ownership (code lists of the sector database)."""

from collections.abc import Iterable
from functools import lru_cache

from sen.core.organisations.loading import read
from sen.core.organisations.models import Organisation

# Columns of a count by level, in the order of official forms; both continuing levels count as one.
LEVEL_COLUMNS: tuple[tuple[str, str], ...] = (
    ("preschool", "MN"),
    ("primary", "TH"),
    ("lower_secondary", "THCS"),
    ("upper_secondary", "THPT"),
    ("continuing_upper", "GDTX"),
)


@lru_cache(maxsize=1)
def _names() -> dict[tuple[str, str], str]:
    return {(row["list"], row["code"]): row["name"] for row in read("school-lists.csv")}


def name_of(code_list: str, code: str) -> str:
    """The name of a code of `school-kinds`, `school-ownership` or `school-level-groups`; empty when unknown."""
    return _names().get((code_list, code), "")


def levels(values: Iterable[str]) -> str:
    """ "Tiểu học, THCS" for the levels a school teaches, in their order; continuing education once."""
    taught = set(values)
    words = [
        str(label)
        for value, label in Organisation.Level.choices
        if value in taught and not value.startswith("continuing")
    ]
    if any(value.startswith("continuing") for value in taught):
        words.append("GDTX")
    return ", ".join(words)
