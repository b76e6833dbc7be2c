"""Writing classes, placements and assignments of a whole school at once: a few statements, whatever the number of rows.

The rights have been checked and the rows judged by the caller (`imports`); each function still requires its right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sen.core.curriculum.models import Assignment, ClassSubject, Placement, ProgrammeSubject, SchoolClass
from sen.core.curriculum.permissions import ASSIGN_TEACHERS, EDIT_CLASSES
from sen.core.curriculum.queries import regime_for
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment
from sen.core.people.rules import level_of
from sen.shared.kit.errors import RuleError

# Subjects every class of the grade has; electives come with the assignment of their teacher.
_FOR_ALL = ("compulsory", "activity")


@dataclass(frozen=True)
class WantedClass:
    """A class to be made. `profile`: class fields of the data dictionary."""

    name: str
    grade: str
    form_teacher_id: UUID | None = None
    campus_id: UUID | None = None
    position: int = 0
    profile: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def create_classes(*, actor: Actor, school: Organisation, year: int, wanted: Sequence[WantedClass]) -> list[SchoolClass]:
    """Make classes with programme, regime and the subjects that all their pupils take. Four queries."""
    actor.require(EDIT_CLASSES, school.pk)
    made = []
    for one in wanted:
        level = level_of(one.grade, school.levels)
        if level is None:
            raise RuleError("curriculum.grade_not_taught", f"Trường không dạy khối {one.grade}.")
        programme, regime = regime_for(year, level, one.grade)
        made.append(
            SchoolClass(
                school=school, year=year, name=one.name, grade=one.grade, level=level, programme=programme, regime=regime,
                form_teacher_id=one.form_teacher_id, campus_id=one.campus_id, position=one.position, profile=dict(one.profile),
            )  # fmt: skip
        )
    SchoolClass.objects.bulk_create(made)
    keys = {(one.programme, one.level, one.grade) for one in made}
    by_key: dict[tuple[str, str, str], list[ProgrammeSubject]] = {}
    for subject in ProgrammeSubject.objects.filter(kind__in=_FOR_ALL).exclude(form=ProgrammeSubject.Form.NONE):
        if (key := (subject.programme, subject.level, subject.grade)) in keys:
            by_key.setdefault(key, []).append(subject)
    ClassSubject.objects.bulk_create(
        ClassSubject(school=school, school_class=one, subject=subject, lessons=subject.lessons)
        for one in made
        for subject in by_key.get((one.programme, one.level, one.grade), ())
    )
    return made


@transaction.atomic
def place_pupils(
    *, actor: Actor, school: Organisation, year: int, wanted: Sequence[tuple[Enrolment, UUID]]
) -> list[Placement]:
    """Put pupils into classes in the order given: new ones to the end, whoever is elsewhere moves, whoever is there stays.

    A row number that was given stays taken, also after the pupil has left the class.
    """
    actor.require(EDIT_CLASSES, school.pk)
    classes = {one.pk: one for one in SchoolClass.objects.select_for_update().filter(school=school, year=year)}
    last = dict(
        Placement.objects.filter(school_class__in=classes).values_list("school_class").annotate(n=Max("row_number"))
    )
    present = {
        one.enrolment_id: one
        for one in Placement.objects.filter(enrolment__in=[enrolment.pk for enrolment, _ in wanted], until=None)
    }
    today = timezone.localdate()
    ended, made = [], []
    for enrolment, class_id in wanted:
        before = present.get(enrolment.pk)
        if before is not None and before.school_class_id == class_id:
            continue
        if class_id not in classes:
            raise RuleError("curriculum.no_such_class", "Không có lớp này trong năm học của trường.")
        since = enrolment.started_on
        if before is not None:
            since = max(today, before.since) if today.year in (year, year + 1) else before.since
            before.until = since
            ended.append(before)
        last[class_id] = last.get(class_id, 0) + 1
        made.append(
            Placement(
                school=school, person_id=enrolment.person_id, enrolment=enrolment, school_class_id=class_id,
                row_number=last[class_id], since=since,
            )  # fmt: skip
        )
    Placement.objects.bulk_update(ended, ["until"])
    return Placement.objects.bulk_create(made)


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
    """Make teachers responsible; a former responsible teacher of the same subject, class and term ends. Five queries."""
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
        made.append(Assignment(school=school, class_subject=subject, teacher_id=one.teacher_id, term=one.term, since=since))
    Assignment.objects.bulk_update(ended, ["until"])
    return Assignment.objects.bulk_create(made)


@transaction.atomic
def update_classes(*, actor: Actor, school: Organisation, classes: Sequence[SchoolClass]) -> None:
    """Save form teacher, campus, order and dictionary fields of existing classes."""
    actor.require(EDIT_CLASSES, school.pk)
    SchoolClass.objects.bulk_update(classes, ["form_teacher", "campus", "position", "profile"])
