"""Writing classes, placements and assignments of a whole school at once: a few statements, whatever the number of rows.

The rights have been checked and the rows judged by the caller (`imports`); each function still requires its right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.core.curriculum import events
from sen.core.curriculum.models import Assignment, ClassSubject, ProgrammeSubject, SchoolClass
from sen.core.curriculum.permissions import ASSIGN_TEACHERS, EDIT_CLASSES
from sen.core.curriculum.services import NewClass, bulk_create_classes, bulk_place
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment
from sen.shared.kit.errors import RuleError


@dataclass(frozen=True)
class WantedClass:
    """A class to be made. `profile`: class fields of the data dictionary."""

    name: str
    grade: str
    form_teacher_id: UUID | None = None
    campus_id: UUID | None = None
    position: int = 0
    profile: Mapping[str, Any] = field(default_factory=dict)


def create_classes(
    *, actor: Actor, school: Organisation, year: int, wanted: Sequence[WantedClass]
) -> list[SchoolClass]:
    """Make classes with programme, regime and the subjects that all their pupils take."""
    new = [
        NewClass(
            one.name,
            one.grade,
            campus_id=one.campus_id,
            form_teacher_id=one.form_teacher_id,
            position=one.position,
            profile=dict(one.profile),
        )
        for one in wanted
    ]
    return bulk_create_classes(actor=actor, school=school, year=year, wanted=new)


@transaction.atomic
def place_pupils(*, actor: Actor, school: Organisation, year: int, wanted: Sequence[tuple[Enrolment, UUID]]) -> None:
    """Put pupils into classes in the order given: new ones to the end; whoever is elsewhere moves.

    A move holds from today, when the year is running; else from the day the pupil came to the old class.
    """
    actor.require(EDIT_CLASSES, school.pk)
    classes = {one.pk: one for one in SchoolClass.objects.filter(school=school, year=year)}
    if {class_id for _enrolment, class_id in wanted} - set(classes):
        raise RuleError("curriculum.no_such_class", _("Không có lớp này trong năm học của trường."))
    today = timezone.localdate()
    moved_on = today if today.year in (year, year + 1) else date(year, 1, 1)
    pairs = [(classes[class_id], enrolment) for enrolment, class_id in wanted]
    bulk_place(actor=actor, wanted=pairs, moved_on=moved_on)


@dataclass(frozen=True)
class WantedAssignment:
    """A teacher for a subject of a class. `term` None: both terms."""

    class_id: UUID
    subject: ProgrammeSubject
    teacher_id: UUID
    term: int | None = None


@transaction.atomic
def assign_teachers(
    *, actor: Actor, school: Organisation, wanted: Sequence[WantedAssignment], since: date
) -> list[Assignment]:
    """Make teachers responsible; a former one of the same subject, class and term ends. Five queries."""
    actor.require(ASSIGN_TEACHERS, school.pk)
    class_ids = {one.class_id for one in wanted}
    subjects = {
        (one.school_class_id, one.subject_id): one
        for one in ClassSubject.objects.filter(school=school, school_class__in=class_ids)
    }
    new = {}
    for one in wanted:
        if (one.class_id, one.subject.pk) not in subjects:
            new[one.class_id, one.subject.pk] = ClassSubject(
                school=school, school_class_id=one.class_id, subject=one.subject, lessons=one.subject.lessons
            )
    ClassSubject.objects.bulk_create(new.values())
    subjects |= new
    open_now: dict[tuple[UUID, int | None], list[Assignment]] = {}
    for assignment in Assignment.objects.filter(class_subject__in=[one.pk for one in subjects.values()], until=None):
        open_now.setdefault((assignment.class_subject_id, assignment.term), []).append(assignment)
    ended, made = [], []
    for one in wanted:
        subject = subjects[one.class_id, one.subject.pk]
        present = open_now.get((subject.pk, one.term), [])
        if any(a.teacher_id == one.teacher_id and a.is_responsible for a in present):
            continue
        for before in present:
            if before.is_responsible or before.teacher_id == one.teacher_id:
                before.until = max(since, before.since or since)
                ended.append(before)
        made.append(
            Assignment(school=school, class_subject=subject, teacher_id=one.teacher_id, term=one.term, since=since)
        )
    Assignment.objects.bulk_update(ended, ["until"])
    rows = Assignment.objects.bulk_create(made)
    for class_id in {key[0] for key in new}:
        events.subjects_changed.send(sender=SchoolClass, school_class_id=class_id)
    for row in rows:
        subject = row.class_subject
        events.teacher_changed.send(
            sender=Assignment, class_subject_id=subject.pk, school_class_id=subject.school_class_id
        )
    return rows


@transaction.atomic
def update_classes(*, actor: Actor, school: Organisation, classes: Sequence[SchoolClass]) -> None:
    """Save form teacher, campus, order and dictionary fields of existing classes."""
    actor.require(EDIT_CLASSES, school.pk)
    SchoolClass.objects.bulk_update(classes, ["form_teacher", "campus", "position", "profile"])
