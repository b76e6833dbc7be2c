"""Everything a class's transcripts are made from, read in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from sen.core.curriculum.models import Assignment, Choice, ClassSubject, Placement
from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.core.people.models import Enrolment, Guardianship, Person
from sen.school.gradebook.models import Correction, Exemption, Result, SheetLine, TermRecord
from sen.school.transcripts.records.places import Places, year_ends


class Line(NamedTuple):
    """What a subject's sheet holds for a pupil in a term."""

    marks: dict[str, Any]
    remark: str
    average: int | None
    level: str


@dataclass(frozen=True)
class Teacher:
    id: UUID
    name: str


@dataclass
class Sources:
    """Rows by enrolment (or person, class), ready to be put together."""

    enrolments: dict[UUID, Enrolment]
    placements: dict[UUID, Placement] = field(default_factory=dict)
    class_subjects: dict[UUID, list[ClassSubject]] = field(default_factory=dict)
    teachers: dict[UUID, list[Teacher]] = field(default_factory=dict)  # class subject -> responsible teachers
    choices: dict[UUID, set[UUID]] = field(default_factory=dict)
    lines: dict[UUID, dict[tuple[str, int], Line]] = field(default_factory=dict)
    records: dict[UUID, dict[int, TermRecord]] = field(default_factory=dict)
    results: dict[UUID, dict[int, Result]] = field(default_factory=dict)
    exemptions: dict[UUID, dict[UUID, set[int]]] = field(default_factory=dict)  # -> class subject -> terms (0: year)
    corrections: dict[UUID, list[str]] = field(default_factory=dict)  # names of subjects corrected after the lock
    families: dict[UUID, list[Guardianship]] = field(default_factory=dict)
    past: dict[UUID, list[Enrolment]] = field(default_factory=dict)  # person -> enrolments, oldest first
    heads: dict[UUID, Person] = field(default_factory=dict)  # school -> principal of today
    places: Places = field(default_factory=lambda: Places(()))
    ends: dict[int, date] = field(default_factory=dict)


def gather(enrolment_ids: Collection[UUID]) -> Sources:
    """Read all rows for these pupil-years. The caller works in a scope that sees other schools (learning history)."""
    enrolments = {
        row.pk: row for row in Enrolment.objects.filter(pk__in=enrolment_ids).select_related("person__pupil", "school")
    }
    found = Sources(enrolments)
    persons = {row.person_id for row in enrolments.values()}
    found.past = _past(persons)
    everywhere = [row for rows in found.past.values() for row in rows]
    all_ids = {row.pk for row in everywhere} | set(enrolments)
    found.placements = _placements(all_ids)
    found.results = _results(all_ids)
    classes = {found.placements[pk].school_class_id for pk in enrolments if pk in found.placements}
    found.class_subjects = _by(
        ClassSubject.objects.filter(school_class__in=classes).select_related("subject").order_by("subject__position"),
        "school_class_id",
    )
    found.teachers = _teachers([row.pk for rows in found.class_subjects.values() for row in rows])
    found.choices = {
        pk: {row.class_subject_id for row in rows} for pk, rows in _by(_of(Choice, enrolments), "enrolment_id").items()
    }
    found.lines = _lines(enrolments, found.placements)
    found.records = {
        pk: {row.term: row for row in rows} for pk, rows in _by(_of(TermRecord, enrolments), "enrolment_id").items()
    }
    found.exemptions = _exemptions(enrolments)
    found.corrections = _corrections(enrolments)
    found.families = _by(
        Guardianship.objects.filter(pupil__in=persons).select_related("adult").order_by("kind"), "pupil_id"
    )
    found.heads = heads({row.school_id for row in enrolments.values()})
    found.places = Places({row.school_id for row in [*everywhere, *enrolments.values()]})
    found.ends = year_ends()
    return found


def heads(school_ids: Collection[UUID], day: date | None = None) -> dict[UUID, Person]:
    """School -> its principal on a day (today). Where two hold the office, the one who came last."""
    grants = (
        Grant.objects.on(day or timezone.localdate())
        .filter(organisation__in=school_ids, role=Role.PRINCIPAL, account__person__isnull=False)
        .select_related("account__person")
        .order_by("valid_from", "pk")
    )
    return {grant.organisation_id: grant.account.person for grant in grants}


def _of(model: Any, enrolments: Collection[UUID]) -> Any:
    return model.objects.filter(enrolment__in=list(enrolments))


def _by(rows: Any, key: str) -> dict[UUID, list[Any]]:
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return groups


def _past(persons: Collection[UUID]) -> dict[UUID, list[Enrolment]]:
    rows = Enrolment.objects.filter(person__in=persons).exclude(level="preschool").order_by("year", "started_on")
    return _by(rows, "person_id")


def _placements(enrolments: Collection[UUID]) -> dict[UUID, Placement]:
    """The class in which the pupil ended the year."""
    rows = _of(Placement, enrolments).select_related("school_class__form_teacher", "school_class__campus")
    return {row.enrolment_id: row for row in sorted(rows, key=lambda row: (row.until is None, row.since))}


def _results(enrolments: Collection[UUID]) -> dict[UUID, dict[int, Result]]:
    return {pk: {row.term: row for row in rows} for pk, rows in _by(_of(Result, enrolments), "enrolment_id").items()}


def _teachers(class_subjects: Collection[UUID]) -> dict[UUID, list[Teacher]]:
    """Responsible teachers of each subject, those of the second term last: they close the year."""
    rows = (
        Assignment.objects.filter(class_subject__in=class_subjects, is_responsible=True)
        .order_by("term", "since", "pk")
        .values_list("class_subject_id", "teacher_id", "teacher__full_name")
    )
    found: dict[UUID, list[Teacher]] = defaultdict(list)
    for class_subject, teacher, name in rows:
        if all(other.id != teacher for other in found[class_subject]):
            found[class_subject].append(Teacher(teacher, name))
    return found


def _lines(enrolments: Collection[UUID], placements: dict[UUID, Placement]) -> dict[UUID, dict[tuple[str, int], Line]]:
    """Subject key and term -> line. Who changed class has two: the one with a result stands, else the last class's."""
    rows = _of(SheetLine, enrolments).values_list(
        "enrolment_id",
        "sheet__class_subject__subject__key",
        "sheet__term",
        "sheet__school_class_id",
        "marks",
        "corrected",
        "remark",
        "average",
        "level",
    )
    found: dict[UUID, dict[tuple[str, int], Line]] = defaultdict(dict)
    for enrolment, key, term, class_id, marks, corrected, remark, average, level in rows:
        line = Line({**marks, **corrected}, remark, average, level)
        other = found[enrolment].get((key, term))
        is_last = enrolment in placements and placements[enrolment].school_class_id == class_id
        if other is None or (is_last and (average is not None or level or not (other.average or other.level))):
            found[enrolment][key, term] = line
    return found


def _exemptions(enrolments: Collection[UUID]) -> dict[UUID, dict[UUID, set[int]]]:
    found: dict[UUID, dict[UUID, set[int]]] = defaultdict(lambda: defaultdict(set))
    for enrolment, class_subject, term in _of(Exemption, enrolments).values_list(
        "enrolment_id", "class_subject_id", "term"
    ):
        found[enrolment][class_subject].add(term or 0)
    return found


def _corrections(enrolments: Collection[UUID]) -> dict[UUID, list[str]]:
    rows = (
        Correction.objects.filter(line__enrolment__in=list(enrolments), state=Correction.State.APPROVED)
        .order_by("approved_at", "pk")
        .values_list("line__enrolment_id", "line__sheet__class_subject__subject__name")
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for enrolment, name in rows:
        found[enrolment].append(name)
    return found
