"""Between the dictionary's flat values and the tables that keep them: which column, which JSON profile.

`Holders` are the rows of one file by their dictionary name: person, pupil, enrolment, staff, posting and the parents
(father, mother, guardian). Nothing is saved here: services do that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db import models

from sen.core.people import dictionary
from sen.core.people.dictionary import FAMILY, Field
from sen.core.people.models import Enrolment, Guardianship, Person, Posting, Pupil, Staff
from sen.shared.kit.names import clean

# Columns of the tie between pupil and parent; the rest of a parent's fields stand on the parent's own person row.
_OF_THE_TIE = frozenset({"occupation"})


@dataclass
class Holders:
    """The rows of one person's file. `ties` are the guardianships by kind, each with its adult loaded."""

    person: Person
    pupil: Pupil | None = None
    enrolment: Enrolment | None = None
    staff: Staff | None = None
    posting: Posting | None = None
    ties: dict[str, Guardianship] = field(default_factory=dict)

    def of(self, kept: Field) -> models.Model | None:
        """The row that keeps this field, when there is one."""
        if kept.table in FAMILY:
            tie = self.ties.get(kept.table)
            return tie if tie is None or kept.column in _OF_THE_TIE else tie.adult
        row: models.Model | None = getattr(self, kept.table, None)
        return row


def value(kept: Field, row: models.Model | None) -> Any:
    """What a row holds for a field: dates as dates, None or "" when empty."""
    if row is None:
        return None
    if not kept.in_profile:
        return getattr(row, kept.column)
    raw = row.profile.get(kept.profile_key)  # type: ignore[attr-defined]  # every holder of profile fields has one
    return date.fromisoformat(raw) if raw and kept.type == "date" else raw


def values(entity: str, holders: Holders, group: str | None = None) -> dict[str, Any]:
    """Key -> value of an entity's fields (one group)."""
    return {kept.key: value(kept, holders.of(kept)) for kept in dictionary.fields(entity, group)}


def context(holders: Holders) -> dict[str, Any]:
    """What conditions ask about besides the fields themselves: level, grade, status, entry, grown up."""
    around: dict[str, Any] = {"adult": _is_adult(holders.person)}
    if holders.enrolment:
        around |= {
            "level": holders.enrolment.level,
            "grade": holders.enrolment.grade,
            "status": holders.enrolment.status,
            "entry": holders.enrolment.entry,
        }
    return around


def _is_adult(person: Person) -> bool:
    return person.birth_date is not None and (date.today() - person.birth_date).days >= 18 * 365.25  # noqa: DTZ011


def put(row: models.Model, kept: Field, new: Any) -> bool:
    """Set one field on its row. True when that changed anything; an empty profile field is taken out."""
    if not kept.in_profile:
        if getattr(row, kept.column) == new:
            return False
        setattr(row, kept.column, new)
        return True
    profile: dict[str, Any] = row.profile  # type: ignore[attr-defined]  # see `value`
    stored = new.isoformat() if isinstance(new, date) else new
    if stored in (None, "", [], False):
        # Unticked means "no" and is kept as nothing: a profile holds only what is the case.
        return profile.pop(kept.profile_key, None) is not None
    if profile.get(kept.profile_key) == stored:
        return False
    profile[kept.profile_key] = stored
    return True


def put_all(entity: str, new: Mapping[str, Any], holders: Holders, *, keep_filled: bool = False) -> set[str]:
    """Set many fields; returns the tables whose rows changed ("person", "father", ...). Parents must exist.

    `keep_filled`: an empty value leaves what is there (an Excel file without a phone column erases no phone).
    """
    changed: set[str] = set()
    known = dictionary.by_key(entity)
    for key, one in new.items():
        kept = known[key]
        row = holders.of(kept)
        if row is None or (keep_filled and one in (None, "", [], False)):
            continue
        if put(row, kept, one):
            changed.add(f"{kept.table}.tie" if isinstance(row, Guardianship) else kept.table)
    return changed


@cache
def _family_keys(kind: str) -> tuple[str, ...]:
    return tuple(kept.key for kept in dictionary.fields("pupil", "family") if kept.table == kind)


def family_values(new: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of each parent named in `new`: {"father": {"father_name": ...}}; parents without a name left out."""
    found: dict[str, dict[str, Any]] = {}
    for kind in FAMILY:
        if clean(str(new.get(f"{kind}_name") or "")):
            found[kind] = {key: new[key] for key in _family_keys(kind) if key in new}
    return found


def load_ties(person_ids: Iterable[Any]) -> dict[Any, dict[str, Guardianship]]:
    """Pupil's person id -> kind -> tie (the first of its kind), in one query. Brothers and sisters share the adult."""
    found: dict[Any, dict[str, Guardianship]] = {}
    adults: dict[Any, Person] = {}
    ties = Guardianship.objects.filter(pupil__in=list(person_ids)).select_related("adult").order_by("id")
    for tie in ties:
        tie.adult = adults.setdefault(tie.adult_id, tie.adult)
        found.setdefault(tie.pupil_id, {}).setdefault(tie.kind, tie)
    return found
