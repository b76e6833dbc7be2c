"""What a pupil and the pupil's parents may see: marks as they are entered, results when the school has locked them."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from sen.core.curriculum.models import ClassSubject, Placement, SchoolClass
from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.organisations import queries as organisations
from sen.school.gradebook import cells, labels
from sen.school.gradebook.labels import YEAR
from sen.school.gradebook.models import RegimeSetting, Result, SheetLine, TermRecord
from sen.school.gradebook.queries.books import Books, Pupil, Room, gather
from sen.school.gradebook.queries.class_view import average_text, is_low, subject_cell, subject_text
from sen.school.gradebook.rules import Column, Regime
from sen.school.gradebook.rules.columns import MOMENT_NAMES

Publish = RegimeSetting.Publish


@dataclass(frozen=True)
class MarkGroup:
    """Marks of one kind: "TX" with all its marks in order."""

    name: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class SubjectMarks:
    """A subject of the child in a period: its marks by kind, its average or level, the teacher's remark."""

    name: str
    groups: list[MarkGroup]
    result: str
    is_low: bool
    remark: str = ""


@dataclass(frozen=True)
class Child:
    """A child in a period, as far as the school publishes it. `hidden`: what waits for the lock, in words."""

    person_id: UUID
    name: str
    class_name: str
    school: str
    subjects: list[SubjectMarks]
    shows_marks: bool
    shows_results: bool
    result: Result | None
    record: TermRecord | None
    average: str
    outcome: str
    outcome_tone: str
    learning_heading: str
    conduct_heading: str
    is_preschool: bool


def children(actor: Actor, when: When, term: int) -> list[Child]:
    """The actor's own children (or the pupil himself) in a term or the year; constant queries for any number."""
    placed = list(
        Placement.objects.filter(person__in=actor.family, school_class__year=when.year, until=None)
        .select_related("school_class")
        .order_by("person__birth_date", "person_id")
    )
    if not placed:
        return []
    rooms = {one.school_class_id: one.school_class for one in placed}
    books = gather(list(rooms.values()))
    settings = {
        (one.school_id, one.year): one
        for one in RegimeSetting.objects.filter(school__in={room.school_id for room in rooms.values()}, year=when.year)
    }
    lines = SheetLine.objects.filter(enrolment__in=[one.enrolment_id for one in placed]).exclude(remark="")
    remarks = {
        (enrolment, key, line_term): remark
        for enrolment, key, line_term, remark in lines.values_list(
            "enrolment_id", "sheet__class_subject__subject__key", "sheet__term", "remark"
        )
    }
    names = organisations.names_on({room.school_id for room in rooms.values()}, when.day)
    found = []
    for one in placed:
        room = books.rooms[one.school_class_id]
        # The wall shows a family only its own rows; this does not lean on it.
        pupil = next((pupil for pupil in room.pupils if pupil.person_id == one.person_id), None)
        if pupil is not None:
            setting = settings.get((room.school_class.school_id, when.year))
            school = names.get(room.school_class.school_id, "")
            found.append(_child(books, room, pupil, term, setting, school, remarks))
    return found


Remarks = dict[tuple[UUID, str, int], str]


def _child(
    books: Books, room: Room, pupil: Pupil, term: int, setting: RegimeSetting | None, school: str, remarks: Remarks
) -> Child:
    locked = books.is_locked(room, term)
    marks = (setting.publish_marks if setting else Publish.ENTERED) == Publish.ENTERED or locked
    results = (setting.publish_results if setting else Publish.LOCKED) == Publish.ENTERED or locked
    result = books.results.get(pupil.enrolment_id, {}).get(term)
    shown = result if results and result is not None and (result.is_complete or locked) else None
    subjects = _subjects(books, room, pupil, term, result, results, remarks) if marks else []
    outcome = shown.outcome if shown and term == YEAR else ""
    school_class: SchoolClass = room.school_class
    return Child(
        pupil.person_id, pupil.name, school_class.name, school, subjects, marks, results, shown,
        books.records.get(pupil.person_id, {}).get(term) if results else None,
        average_text(shown), labels.outcome_name(outcome, school_class.grade), labels.outcome_tone(outcome),
        labels.learning_heading(school_class.regime), labels.conduct_heading(school_class.regime),
        room.regime is Regime.PRESCHOOL,
    )  # fmt: skip


def _subjects(
    books: Books, room: Room, pupil: Pupil, term: int, result: Result | None, results: bool, remarks: Remarks
) -> list[SubjectMarks]:
    found = []
    for subject in room.subjects:
        if not books.takes(subject, pupil.enrolment_id):
            continue
        if term != YEAR:
            if subject.only_term in (None, term):
                remark = remarks.get((pupil.enrolment_id, subject.subject.key, term), "")
                found.append(_term_subject(books, room, subject, pupil, term, remark))
            continue
        parts = [
            MarkGroup(labels.term_name(one), (text,))
            for one in (1, 2)
            if (text := subject_cell(books, room, subject, pupil, one, None).text)
        ]
        value = result.subjects.get(subject.subject.key) if result and results else None
        text = "" if value is None else subject_text(value)
        found.append(SubjectMarks(subject.subject.name, parts, text, value is not None and is_low(value)))
    return found


def _term_subject(
    books: Books, room: Room, subject: ClassSubject, pupil: Pupil, term: int, remark: str
) -> SubjectMarks:
    line = books.lines.get(pupil.person_id, {}).get((subject.subject.key, term))
    groups: dict[str, list[str]] = {}
    for column in room.book(subject, term).columns if line else ():
        assert line is not None
        value = line.marks.get(column.code)
        if column.kind == "remark":
            remark = str(value or "") or remark
            continue
        text = cells.show(value, column)
        if text:
            groups.setdefault(_kind_name(column), []).append(text)
    cell = subject_cell(books, room, subject, pupil, term, None)
    shown = [MarkGroup(name, tuple(marks)) for name, marks in groups.items()]
    return SubjectMarks(subject.subject.name, shown, cell.text, cell.state == "low", remark)


def _kind_name(column: Column) -> str:
    """What parents call it: the abbreviations of the book say nothing to them."""
    names = {
        "regular": _("Thường xuyên"), "midterm": _("Giữa kì"), "final": _("Cuối kì"),
        "level": _(MOMENT_NAMES.get(column.moment, "")),
        "test": _("Điểm kiểm tra {moment}").format(moment=MOMENT_NAMES.get(column.moment, "").lower()),
    }  # fmt: skip
    return names.get(column.kind, column.heading)
