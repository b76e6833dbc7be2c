"""Results of terms and years: read set-wise, judged by the rules, written where they changed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sen.core.curriculum.models import SchoolClass
from sen.school.gradebook import cells, rules
from sen.school.gradebook.models import Result, StaleClass
from sen.school.gradebook.queries.books import Books, Pupil, Room, absences, gather, year_input
from sen.school.gradebook.rules import Regime, Status, TermResult, YearResult
from sen.school.gradebook.rules.regimes import NO_TITLE

YEAR = 0
PERIODS = (1, 2, YEAR)
BATCH = 1_000

# Everything that follows from marks and records. Retests, summer conduct and decisions are entered, never computed.
DERIVED = (
    "school_class_id", "regime", "subjects", "average", "level_base", "level", "adjusted_by", "conduct", "absences",
    "honour", "outcome_june", "outcome", "reasons", "is_complete",
)  # fmt: skip
_WAITING = (rules.Outcome.RETEST, rules.Outcome.SUMMER_CONDUCT)


@dataclass(frozen=True)
class Missing:
    """A pupil whose period is not complete, and why."""

    enrolment_id: UUID
    name: str
    school_class_id: UUID
    term: int
    reasons: tuple[str, ...]


@dataclass
class Computed:
    """How many results were looked at and how many rows changed; who is not complete."""

    results: int = 0
    changed: int = 0
    missing: list[Missing] = field(default_factory=list)


@transaction.atomic
def compute_results(
    *,
    classes: Collection[SchoolClass],
    terms: Iterable[int] = PERIODS,
    locked_too: bool = False,
    only: Collection[UUID] | None = None,
    summer_closes: bool = False,
) -> Computed:
    """Compute results of classes for terms 1, 2 and the year (0) and write the rows that changed.

    A locked period stays as it was locked; `locked_too` is for the lock itself, for corrections and the summer. `only`:
    just these enrolments. `summer_closes`: no further retest or summer training is awaited. No right is asked: the
    services that call this have asked.
    """
    books = gather(classes)
    done = Computed()
    rows: list[Result] = []
    for room in books.rooms.values():
        if room.regime is Regime.PRESCHOOL:
            continue
        wanted = [term for term in terms if locked_too or not books.is_locked(room, term)]
        for pupil in room.pupils:
            if pupil.is_present and (only is None or pupil.enrolment_id in only):
                rows += _of_pupil(books, room, pupil, wanted, done, summer_closes=summer_closes)
    _write(rows)
    done.changed = len(rows)
    return done


def _of_pupil(
    books: Books, room: Room, pupil: Pupil, terms: list[int], done: Computed, *, summer_closes: bool
) -> list[Result]:
    """The rows of one pupil that differ from what is stored."""
    if not terms:
        return []
    year = year_input(books, room, pupil)
    if summer_closes and isinstance(year, rules.SecondaryYear):
        year = rules.SecondaryYear(**{**_fields(year), "summer_closed": True})
    judged = rules.year_result(room.regime, room.policy, year)
    changed = []
    for term in terms:
        values = (
            year_row(books, room, pupil, judged)
            if term == YEAR
            else term_row(books, room, pupil, judged.terms[term - 1])
        )
        known = books.results.get(pupil.enrolment_id, {}).get(term)
        done.results += 1
        if not values["is_complete"]:
            done.missing.append(
                Missing(pupil.enrolment_id, pupil.name, room.school_class.pk, term, tuple(values["reasons"]))
            )
        if known is None or any(getattr(known, name) != values[name] for name in DERIVED):
            changed.append(_row(room, pupil, term, values, known))
    return changed


def _fields(year: rules.SecondaryYear) -> dict[str, Any]:
    return {name: getattr(year, name) for name in rules.SecondaryYear.__slots__}


def _row(room: Room, pupil: Pupil, term: int, values: dict[str, Any], known: Result | None) -> Result:
    row = known or Result(
        school_id=room.school_class.school_id,
        person_id=pupil.person_id,
        enrolment_id=pupil.enrolment_id,
        year=room.school_class.year,
        term=term,
    )
    for name, value in values.items():
        setattr(row, name, value)
    row.computed_at = timezone.now()
    return row


def _write(rows: list[Result]) -> None:
    Result.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["enrolment", "term"],
        update_fields=[*(name.removesuffix("_id") for name in DERIVED), "computed_at"],
    )


def term_row(books: Books, room: Room, pupil: Pupil, term: TermResult) -> dict[str, Any]:
    """A term's result in the columns of its table."""
    records = books.records.get(pupil.person_id, {})
    is_complete = term.status in (Status.COMPLETE, Status.NO_LEVEL) and (room.is_primary or term.conduct is not None)
    reasons = list(term.reasons)
    if not room.is_primary and term.conduct is None:
        reasons.append(f"Chưa có kết quả rèn luyện (hạnh kiểm) học kì {'I' if term.term == 1 else 'II'}.")
    return {
        "school_class_id": room.school_class.pk,
        "regime": room.school_class.regime,
        "subjects": _subjects(books, room, pupil, term, term.term),
        "average": _tenths(term.average),
        "level_base": term.learning_base or "",
        "level": term.learning or "",
        "adjusted_by": term.adjusted_by or "",
        "conduct": term.conduct or "",
        "absences": absences(records, (term.term,)),
        "honour": _title(term.title),
        "outcome_june": "",
        "outcome": "",
        "reasons": reasons,
        "is_complete": is_complete,
    }


def year_row(books: Books, room: Room, pupil: Pupil, year: YearResult) -> dict[str, Any]:
    """A year's result in the columns of its table. Until the summer is over the outcome is that of June."""
    records = books.records.get(pupil.person_id, {})
    is_done = year.status in (Status.COMPLETE, Status.NO_LEVEL)
    outcome = year.outcome_august
    if outcome is rules.Outcome.PENDING and year.outcome_june in _WAITING:
        outcome = year.outcome_june
    return {
        "school_class_id": room.school_class.pk,
        "regime": room.school_class.regime,
        "subjects": _subjects(books, room, pupil, year, YEAR),
        "average": _tenths(year.average),
        "level_base": year.learning_base or "",
        "level": year.learning or "",
        "adjusted_by": year.adjusted_by or "",
        "conduct": year.conduct or "",
        "absences": absences(records, (1, 2)),
        "honour": _title(year.honour),
        "outcome_june": year.outcome_june.value,
        "outcome": outcome.value,
        "reasons": list(year.reasons),
        "is_complete": is_done and (room.is_primary or year.conduct is not None),
    }


def _subjects(books: Books, room: Room, pupil: Pupil, result: TermResult | YearResult, term: int) -> dict[str, Any]:
    """Subject key -> average in tenths, "Đạt" / "Chưa đạt", or the primary level at the end of the period."""
    if room.is_primary:
        found = {}
        for subject in room.subjects:
            line = books.lines.get(pupil.person_id, {}).get((subject.subject.key, term or 2))
            if line and line.level and not books.is_exempt(subject, pupil.enrolment_id, term or 2):
                found[subject.subject.key] = line.level
        return found
    values = {key: cells.period_value(period) for key, period in result.subjects.items()}
    return {key: level or average for key, (average, level) in values.items() if level or average is not None}


def _tenths(mark: Any) -> int | None:
    return None if mark is None else int(mark * 10)


def _title(title: str) -> str:
    return "" if title == NO_TITLE else title


def mark_stale(classes: Iterable[SchoolClass]) -> None:
    """Note that results and figures of classes are to be computed anew; a job does it within a minute."""
    StaleClass.objects.bulk_create(StaleClass(school_id=room.school_id, school_class_id=room.pk) for room in classes)
