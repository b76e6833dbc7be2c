"""Schools of an area for its officers: how far they are and what came of it, from unnamed figures of classes alone.

Nobody's name is read here, and the wall in the database would not give it: offices see `ClassFigures`, locks and
counts of accounts. Packages above add columns of their own (`register_column`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Count

from sen.core.identity.actor import Actor
from sen.core.identity.models import Grant
from sen.core.identity.roles import SCHOOL_ROLES, Role
from sen.core.organisations import labels as organisation_labels
from sen.core.organisations import queries as organisations
from sen.core.organisations.models import Organisation, Span
from sen.school.gradebook.models import TermLock
from sen.shared.kit.names import fold

Value = str | int | float
Provider = Callable[[Iterable[UUID], int], Mapping[UUID, Value]]


@dataclass(frozen=True)
class ExtraColumn:
    """A column that a package above adds: `provider(school_ids, year)` -> school -> text or number."""

    title: str
    provider: Provider


_extra: list[ExtraColumn] = []


def register_column(title: str, provider: Provider) -> None:
    """Add a column to the officers' table. Called once by a package when it is ready; one query a page."""
    if all(column.title != title for column in _extra):
        _extra.append(ExtraColumn(title, provider))


def extra_columns() -> tuple[ExtraColumn, ...]:
    return tuple(_extra)


# Levels of every regime in three bands, for statistics over schools of several levels only; never on a pupil's paper.
HIGH = ("Tốt", "Giỏi", "Hoàn thành xuất sắc", "Hoàn thành tốt")
MIDDLE = ("Khá", "Đạt", "Trung bình", "Hoàn thành")
LOW = ("Chưa đạt", "Yếu", "Kém", "Chưa hoàn thành")
PASSED = ("PROMOTED", "COMPLETED", "COMPLETED_PRIMARY")

_TOTALS = """
SELECT f.school_id, count(*), sum(f.pupils), sum(f.cells_expected), sum(f.cells_filled), sum(f.sheets),
       sum(f.sheets_locked), {high}, {middle}, {low}, {passed}
  FROM gradebook_classfigures f
 WHERE f.year = %s AND f.term = %s AND f.school_id = ANY(%s)
 GROUP BY f.school_id
"""


def _sum(column: str, words: tuple[str, ...]) -> str:
    parts = " + ".join(f"coalesce((f.{column} ->> %s)::int, 0)" for _word in words)
    return f"sum({parts})"


_SQL = _TOTALS.format(
    high=_sum("levels", HIGH), middle=_sum("levels", MIDDLE), low=_sum("levels", LOW), passed=_sum("outcomes", PASSED)
)


@dataclass
class Figures:
    """Sums over classes: of a school, of a district, of everything."""

    schools: int = 0
    classes: int = 0
    pupils: int = 0
    expected: int = 0
    filled: int = 0
    sheets: int = 0
    sheets_locked: int = 0
    high: int = 0
    middle: int = 0
    low: int = 0
    passed: int = 0
    pupil_accounts: int = 0
    locked: int = 0  # schools whose period is locked
    active: int = 0  # schools that keep books in this year

    def add(self, other: "Figures") -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def filled_share(self) -> float | None:
        return self.filled / self.expected if self.expected else None

    @property
    def locked_share(self) -> float | None:
        return self.locked / self.active if self.active else None

    @property
    def high_share(self) -> float | None:
        return self._of_results(self.high)

    @property
    def low_share(self) -> float | None:
        return self._of_results(self.low)

    @property
    def passed_share(self) -> float | None:
        return self.passed / self.pupils if self.pupils and self.passed else None

    @property
    def account_share(self) -> float | None:
        return min(self.pupil_accounts / self.pupils, 1.0) if self.pupils else None

    def _of_results(self, number: int) -> float | None:
        whole = self.high + self.middle + self.low
        return number / whole if whole else None


@dataclass
class SchoolRow:
    """One school of the area as of the day."""

    id: UUID
    name: str
    folded: str
    code: str
    levels: list[str]
    area: str
    area_key: str
    figures: Figures
    locks: frozenset[int] = frozenset()
    extra: list[Value | None] = field(default_factory=list)
    staff_accounts: int = 0  # on the page of one school alone

    @property
    def level_names(self) -> str:
        return organisation_labels.levels(self.levels)


@dataclass
class Area:
    """The schools of an authority on a day, with totals by district (or province, or commune)."""

    rows: list[SchoolRow]
    kind: str  # what `SchoolRow.area` is: province, district, commune


def schools_of(actor: Actor, day: date) -> frozenset[UUID]:
    """Schools of the actor's area on the day; an authority that has ended keeps those of its last day."""
    if actor.organisation_id is None:
        return frozenset()
    if actor.role is Role.MINISTRY_OFFICER:
        return organisations.schools_under(actor.organisation_id, day)
    return organisations.schools_under(actor.organisation_id, day) & actor.covered or actor.covered


def area_of(actor: Actor, year: int, term: int, day: date) -> Area:
    """Every school of the area with its figures: seven queries (and one a registered column), however many schools."""
    ids = list(schools_of(actor, day))
    rows, kind = _schools(ids, actor, day)
    figures = _figures(ids, year, term)
    locks = _locks(ids, year)
    accounts = _pupil_accounts(ids)
    extra = [column.provider(ids, year) for column in _extra]
    for row in rows:
        row.figures = figures.get(row.id, Figures())
        row.locks = frozenset(locks.get(row.id, ()))
        row.figures.schools = 1
        row.figures.pupil_accounts = accounts.get(row.id, 0)
        row.figures.locked, row.figures.active = int(term in row.locks), int(row.figures.classes > 0)
        row.extra = [values.get(row.id) for values in extra]
    return Area(rows, kind)


def _schools(ids: list[UUID], actor: Actor, day: date) -> tuple[list[SchoolRow], str]:
    spans = Span.objects.on(day).filter(organisation_id__in=ids)
    found = list(
        spans.order_by("name_folded").values_list(
            "organisation_id", "name", "name_folded", "organisation__code", "organisation__levels",
            "province__code", "province__name", "district__code", "district__name", "commune__code", "commune__name",
        )
    )  # fmt: skip
    # The Ministry reads by province; an area without districts (since 01/07/2025) by commune.
    if actor.role is Role.MINISTRY_OFFICER:
        kind, place = "province", 5
    elif any(row[7] for row in found):
        kind, place = "district", 7
    else:
        kind, place = "commune", 9
    rows = [
        SchoolRow(*row[:5], area=str(row[place + 1] or ""), area_key=str(row[place] or ""), figures=Figures())
        for row in found
    ]
    return rows, kind


def _figures(ids: list[UUID], year: int, term: int) -> dict[UUID, Figures]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [*HIGH, *MIDDLE, *LOW, *PASSED, year, term, ids])
        return {row[0]: Figures(0, *(int(value or 0) for value in row[1:])) for row in cursor.fetchall()}


def _locks(ids: list[UUID], year: int) -> dict[UUID, set[int]]:
    found: dict[UUID, set[int]] = defaultdict(set)
    locks = TermLock.objects.filter(school__in=ids, year=year).exclude(state=TermLock.State.OPEN)
    for school, term in locks.values_list("school_id", "term"):
        found[school].add(term)
    return found


def _pupil_accounts(ids: list[UUID]) -> dict[UUID, int]:
    """Accounts ever issued to pupils, by school. Ended grants count too, so that the index answers alone."""
    grants = Grant.objects.filter(organisation__in=ids, role=Role.PUPIL).order_by()
    return dict(grants.values_list("organisation_id").annotate(number=Count("*")))


def staff_accounts(ids: Iterable[UUID]) -> dict[UUID, int]:
    """Accounts of staff with a role today, by school; who holds several roles counts once."""
    grants = Grant.objects.filter(organisation__in=ids, valid_to=None, role__in=SCHOOL_ROLES).order_by()
    return dict(grants.values_list("organisation_id").annotate(Count("account", distinct=True)))


@dataclass(frozen=True)
class Filters:
    """Chips of the page as they stand in the address."""

    words: str = ""
    level: str = ""
    area: str = ""
    state: str = ""  # "chua-khoa", "da-khoa", "chua-du", "co-so", "chua-co-so"


def filtered(rows: list[SchoolRow], by: Filters) -> list[SchoolRow]:
    words = fold(by.words).split()
    return [
        row
        for row in rows
        if (not words or all(word in row.folded for word in words) or row.code.startswith(by.words.strip()))
        and (not by.level or by.level in row.levels or (by.level == "continuing" and _continues(row)))
        and by.area in ("", row.area_key)
        and _in_state(row, by.state)
    ]


def _continues(row: SchoolRow) -> bool:
    return any(level.startswith("continuing") for level in row.levels)


def _in_state(row: SchoolRow, state: str) -> bool:
    match state:
        case "chua-khoa":
            return row.figures.classes > 0 and not row.figures.locked
        case "da-khoa":
            return bool(row.figures.locked)
        case "co-so":
            return row.figures.classes > 0
        case "chua-co-so":
            return row.figures.classes == 0
        case "chua-du":
            return row.figures.filled < row.figures.expected
        case _:
            return True


SORTS: dict[str, Callable[[SchoolRow], tuple[bool, float | str]]] = {
    "": lambda row: (row.figures.classes == 0, row.folded),  # schools that keep books first
    "ten": lambda row: (False, row.folded),
    "dia-ban": lambda row: (False, fold(row.area)),
    "lop": lambda row: _number(row.figures.classes),
    "hs": lambda row: _number(row.figures.pupils),
    "tk": lambda row: _number(row.figures.account_share),
    "diem": lambda row: _number(row.figures.filled_share),
    "khoa": lambda row: _number(len(row.locks)),
    "cao": lambda row: _number(row.figures.high_share),
    "thap": lambda row: _number(row.figures.low_share),
    "len-lop": lambda row: _number(row.figures.passed_share),
}


def _number(value: float | None) -> tuple[bool, float]:
    return value is None, value or 0.0


def ordered(rows: list[SchoolRow], sort: str) -> list[SchoolRow]:
    """Rows by a column ("diem", "-diem"); what has no figure stands last either way."""
    key = SORTS.get(sort.removeprefix("-"), SORTS[""])
    known = [row for row in rows if not key(row)[0]]
    empty = [row for row in rows if key(row)[0]]
    return sorted(known, key=key, reverse=sort.startswith("-")) + empty


def total_of(rows: Iterable[SchoolRow]) -> Figures:
    total = Figures()
    for row in rows:
        total.add(row.figures)
    return total


def by_area(rows: Iterable[SchoolRow]) -> list[tuple[str, str, Figures]]:
    """(key, name, sums) of the districts, by name."""
    sums: dict[tuple[str, str], Figures] = defaultdict(Figures)
    for row in rows:
        sums[row.area_key, row.area].add(row.figures)
    return sorted(((key, name, one) for (key, name), one in sums.items()), key=lambda item: fold(item[1]))


def school_row(actor: Actor, school_id: UUID, year: int, term: int, day: date) -> SchoolRow | None:
    """One school of the area; None when it is outside, as for a school that does not exist."""
    if school_id not in schools_of(actor, day):
        return None
    rows, _kind = _schools([school_id], actor, day)
    if not rows:
        name = organisations.name_on(school_id, day)
        organisation = Organisation.objects.filter(pk=school_id).first()
        if organisation is None:
            return None
        rows = [SchoolRow(school_id, name, fold(name), organisation.code, organisation.levels, "", "", Figures())]
    row = rows[0]
    row.figures = _figures([school_id], year, term).get(school_id, Figures())
    row.locks = frozenset(_locks([school_id], year).get(school_id, ()))
    row.figures.pupil_accounts = _pupil_accounts([school_id]).get(school_id, 0)
    row.staff_accounts = staff_accounts([school_id]).get(school_id, 0)
    row.extra = [column.provider([school_id], year).get(school_id) for column in _extra]
    return row


_YEARS = """
SELECT y.year FROM curriculum_schoolyear y
 WHERE EXISTS (SELECT 1 FROM gradebook_classfigures f WHERE f.year = y.year)
"""


def years_with_figures() -> list[int]:
    """School years of which the scope may see any class's figures; stops at the first of each year."""
    with connection.cursor() as cursor:
        cursor.execute(_YEARS)
        return [row[0] for row in cursor.fetchall()]
