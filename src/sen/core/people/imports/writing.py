"""Writing judged rows set-wise: a school of 1,200 pupils with parents in a handful of statements."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from sen.core.people import keeping, rules
from sen.core.people.dictionary import FAMILY, by_key
from sen.core.people.imports.targets import Judged, Place
from sen.core.people.keeping import Holders
from sen.core.people.models import Enrolment, Guardianship, Person, Posting, Pupil, Staff
from sen.shared.kit.names import fold

_BATCH = 5_000
_ADULT = Guardianship._meta.get_field("adult")

# Columns an import may change, by table; whatever else a row has stays untouched.
_PERSON = [
    "full_name", "name_folded", "sort_key", "birth_date", "gender", "ethnic_code", "nationality_code", "birth_place",
    "personal_id", "phone", "email", "address", "profile", "school_ids",
]  # fmt: skip


Row = TypeVar("Row", bound=models.Model)


@cache
def _columns(model: type[models.Model]) -> tuple[tuple[str, Any], ...]:
    fields = model._meta.concrete_fields
    return tuple(
        (one.attname, one.default if one.has_default() and callable(one.default) else one.get_default())
        for one in fields
    )


def fresh(model: type[Row], **given: Any) -> Row:
    """A new row with its defaults, by attribute names (person_id, not person).

    Positional arguments take Django's short way through a model's constructor: a third of the time of keywords, which
    for the 8,000 rows of a school is most of what writing them costs in Python.
    """
    return model(
        *(
            given[name] if name in given else default() if callable(default) else default
            for name, default in _columns(model)
        )
    )


class Rows:
    """New and changed rows of one table, each once."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        self._model, self._columns = model, list(columns)
        self._new: dict[Any, models.Model] = {}
        self._changed: dict[Any, models.Model] = {}

    def new(self, row: models.Model) -> None:
        self._new[row.pk] = row

    def changed(self, row: models.Model) -> None:
        if row.pk not in self._new:
            self._changed[row.pk] = row

    def is_new(self, row: models.Model) -> bool:
        return row.pk in self._new

    def save(self) -> None:
        """One INSERT for the new and one upsert for the changed rows (they exist, so each of them is the update)."""
        self._insert(list(self._new.values()), "")
        assignments = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in self._columns)
        self._insert(list(self._changed.values()), f"ON CONFLICT (id) DO UPDATE SET {assignments}")

    def _insert(self, rows: Sequence[models.Model], ending: str) -> None:
        # The rows travel as one JSON parameter: Django's bulk_create spends four times as long on 8,000 rows preparing
        # values one by one, and COPY is closed to a role under row-level security.
        if not rows:
            return
        fields = self._model._meta.concrete_fields
        names = ", ".join(f'"{one.column}"' for one in fields)
        types = ", ".join(f'"{one.column}" {one.db_type(connection)}' for one in fields)
        columns = [(one.column, one.attname) for one in fields]
        for start in range(0, len(rows), _BATCH):
            batch = [{column: getattr(row, name) for column, name in columns} for row in rows[start : start + _BATCH]]
            with connection.cursor() as cursor:
                cursor.execute(
                    f'INSERT INTO "{self._model._meta.db_table}" ({names}) '  # noqa: S608  # names of our own models
                    f"SELECT {names} FROM jsonb_to_recordset(%s::jsonb) AS given({types}) {ending}",
                    [json.dumps(batch, default=str)],
                )


class _People:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.persons = Rows(Person, _PERSON)

    def person(self, person: Person, *, new: bool) -> None:
        person.fill_name_columns()
        (self.persons.new if new else self.persons.changed)(person)


class PupilWriter(_People):
    """Collects pupils, parents and years of the judged rows; `save` writes them table by table."""

    def __init__(self, place: Place, adults: Iterable[Person]) -> None:
        super().__init__(place)
        self.pupils = Rows(Pupil, ["code", "local_code", "register_no", "profile"])
        self.ties = Rows(Guardianship, ["adult_id", "occupation"])
        self.enrolments = Rows(Enrolment, ["grade", "level", "started_on", "profile"])
        self._adults: dict[tuple[str, str], Person] = {}
        for adult in adults:
            self._index(adult)

    def add(self, one: Judged) -> Enrolment:
        known = one.found
        held, year = one.values["pupil"], one.values["enrolment"]
        if known is None:
            person = fresh(Person, school_ids=[self.place.school.pk])
            holders = Holders(person, pupil=fresh(Pupil, person_id=person.pk, school_id=self.place.school.pk))
        else:
            holders = known.holders
        changed = keeping.put_all(
            "pupil",
            {k: v for k, v in held.items() if by_key("pupil")[k].table not in FAMILY},
            holders,
            keep_filled=True,
        )
        if known is None or "person" in changed:
            self.person(holders.person, new=known is None)
        assert holders.pupil is not None
        if known is None:
            self.pupils.new(holders.pupil)
        elif "pupil" in changed:
            self.pupils.changed(holders.pupil)
        for kind, family in keeping.family_values(held).items():
            self._parent(holders, kind, family)
        return self._enrolment(one, holders, year)

    def _enrolment(self, one: Judged, holders: Holders, year: Mapping[str, Any]) -> Enrolment:
        row = holders.enrolment
        if row is None:
            grade = year["grade"]
            row = holders.enrolment = fresh(
                Enrolment,
                person_id=holders.person.pk,
                school_id=self.place.school.pk,
                year=self.place.year,
                grade=grade,
                level=rules.level_of(grade, self.place.school.levels) or "",
                started_on=date(self.place.year, 9, 5),
                entry=_entry(one.found.last_grade if one.found else "", grade),
            )
            keeping.put_all("enrolment", year, holders, keep_filled=True)
            self.enrolments.new(row)
        elif keeping.put_all("enrolment", year, holders, keep_filled=True):
            row.level = rules.level_of(row.grade, self.place.school.levels) or row.level
            self.enrolments.changed(row)
        return row

    def _parent(self, holders: Holders, kind: str, family: Mapping[str, Any]) -> None:
        """Change a known parent, or tie another one: brothers and sisters come to share one person."""
        tie = holders.ties.get(kind)
        name = fold(family[f"{kind}_name"])
        if (
            tie is not None
            and tie.adult.name_folded != name
            and (tie.adult.account_id or len(self._wards(tie.adult)) > 1)
        ):
            # Somebody else is named now, and the former adult belongs to other children or has an account.
            adult = self._adult(kind, name, family)
            if _tied(holders, adult):
                return
            tie.adult = adult
            self.ties.changed(tie)
        elif tie is None:
            adult = self._adult(kind, name, family)
            if _tied(holders, adult):
                return
            tie = fresh(Guardianship, pupil_id=holders.person.pk, adult_id=adult.pk, kind=kind)
            _ADULT.set_cached_value(tie, adult)
            holders.ties[kind] = tie
            self.ties.new(tie)
        changed = keeping.put_all("pupil", family, holders, keep_filled=True)
        if f"{kind}.tie" in changed:
            self.ties.changed(tie)
        if kind in changed and not self.persons.is_new(tie.adult):
            self.person(tie.adult, new=False)
            self._index(tie.adult)

    def _wards(self, adult: Person) -> list[Guardianship]:
        return list(adult.wards.all()[:2])

    def _adult(self, kind: str, name: str, family: Mapping[str, Any]) -> Person:
        for mark in (family.get(f"{kind}_personal_id"), family.get(f"{kind}_phone")):
            if mark and (found := self._adults.get((name, mark))) is not None:
                return found
        gender = {"father": Person.Gender.MALE, "mother": Person.Gender.FEMALE}.get(kind, "")
        adult = fresh(
            Person,
            full_name=family[f"{kind}_name"],
            gender=gender,
            school_ids=[self.place.school.pk],
            phone=family.get(f"{kind}_phone", ""),
            personal_id=family.get(f"{kind}_personal_id", ""),
        )
        adult.fill_name_columns()
        self.persons.new(adult)
        self._index(adult)
        return adult

    def _index(self, adult: Person) -> None:
        for mark in (adult.personal_id, adult.phone):
            if mark:
                self._adults.setdefault((adult.name_folded, mark), adult)

    def save(self) -> None:
        for rows in (self.persons, self.pupils, self.ties, self.enrolments):
            rows.save()


def _tied(holders: Holders, adult: Person) -> bool:
    """One adult is tied once to a child, even where a file names it as mother and as guardian."""
    return any(tie.adult_id == adult.pk for tie in holders.ties.values())


def _entry(last_grade: str, grade: str) -> Enrolment.Entry:
    if not last_grade:
        return Enrolment.Entry.NEW
    return Enrolment.Entry.REPEATED if last_grade == grade else Enrolment.Entry.CONTINUED


class StaffWriter(_People):
    """Collects staff and postings of the judged rows."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.staff = Rows(Staff, ["code", "profile"])
        self.postings = Rows(Posting, ["local_code", "group_code", "position_code", "subjects", "started_on"])

    def add(self, one: Judged) -> UUID:
        known = one.found
        if known is None:
            person = Person(school_ids=[self.place.school.pk])
            holders = Holders(
                person, staff=Staff(person=person), posting=Posting(person=person, school=self.place.school)
            )
        else:
            holders = known.holders
        changed = keeping.put_all("staff", one.values["staff"], holders, keep_filled=True)
        changed |= keeping.put_all("posting", one.values["posting"], holders, keep_filled=True)
        if known is None or "person" in changed:
            self.person(holders.person, new=known is None)
        assert holders.staff is not None
        assert holders.posting is not None
        if known is None:
            self.staff.new(holders.staff)
            self.postings.new(holders.posting)
        if known is not None and "staff" in changed:
            self.staff.changed(holders.staff)
        if known is not None and "posting" in changed:
            self.postings.changed(holders.posting)
        return holders.person.pk

    def save(self) -> None:
        for rows in (self.persons, self.staff, self.postings):
            rows.save()
