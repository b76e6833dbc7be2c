"""Opening the sheets of classes: a sheet for every assessed subject and term, a line for every pupil who takes it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from sen.core.curriculum.models import Choice, ClassSubject, Placement, ProgrammeSubject, SchoolClass
from sen.core.curriculum.permissions import EDIT_CLASSES
from sen.core.identity.actor import Actor
from sen.school.gradebook.models import Sheet, SheetLine
from sen.school.gradebook.rules import Regime

TERMS = (1, 2)
BATCH = 2_000


@dataclass(frozen=True)
class Opened:
    """How many sheets and lines were added."""

    sheets: int
    lines: int


@transaction.atomic
def open_sheets(*, actor: Actor, classes: Iterable[SchoolClass]) -> Opened:
    """Open what is missing and touch nothing that is there; a constant number of statements, whatever the classes.

    Late joiners get lines in sheets that are open already. Preschool classes have none: they are followed by comments.
    """
    rooms = {room.pk: room for room in classes if room.regime != Regime.PRESCHOOL}
    for school_id in {room.school_id for room in rooms.values()}:
        actor.require(EDIT_CLASSES, school_id)
    subjects = assessed_subjects(rooms)
    sheets = _open_sheets(rooms, subjects)
    lines = _missing_lines(rooms, subjects)
    SheetLine.objects.bulk_create(lines, batch_size=BATCH, ignore_conflicts=True)
    return Opened(sheets, len(lines))


def assessed_subjects(class_ids: Iterable[UUID]) -> list[ClassSubject]:
    """Subjects with a sheet of their own: those assessed at all, not the parts of another subject."""
    return list(
        ClassSubject.objects.filter(school_class__in=list(class_ids))
        .exclude(subject__form=ProgrammeSubject.Form.NONE)
        .exclude(subject__kind="component")
    )


def _open_sheets(rooms: dict[UUID, SchoolClass], subjects: list[ClassSubject]) -> int:
    known = set(Sheet.objects.filter(school_class__in=rooms).values_list("class_subject_id", "term"))
    new = [
        Sheet(
            school_id=subject.school_id, school_class_id=subject.school_class_id, class_subject=subject,
            year=rooms[subject.school_class_id].year, term=term,
        )
        for subject in subjects
        for term in TERMS
        if subject.only_term in (None, term) and (subject.pk, term) not in known
    ]  # fmt: skip
    Sheet.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    return len(new)


def _missing_lines(rooms: dict[UUID, SchoolClass], subjects: list[ClassSubject]) -> list[SheetLine]:
    pupils: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
    placed = Placement.objects.filter(school_class__in=rooms, until=None).order_by("row_number")
    for room, enrolment, person in placed.values_list("school_class_id", "enrolment_id", "person_id"):
        pupils[room].append((enrolment, person))
    chosen = set(Choice.objects.filter(class_subject__in=subjects).values_list("class_subject_id", "enrolment_id"))
    by_subject = {subject.pk: subject for subject in subjects}
    sheets = Sheet.objects.filter(school_class__in=rooms, locked_at=None).values_list(
        "pk", "class_subject_id", "school_id"
    )
    known = set(SheetLine.objects.filter(sheet__school_class__in=rooms).values_list("sheet_id", "enrolment_id"))
    return [
        SheetLine(sheet_id=sheet, school_id=school, enrolment_id=enrolment, person_id=person)
        for sheet, class_subject, school in sheets
        if (subject := by_subject.get(class_subject)) is not None
        for enrolment, person in pupils[subject.school_class_id]
        if (sheet, enrolment) not in known and (not subject.chosen_by_some or (subject.pk, enrolment) in chosen)
    ]
