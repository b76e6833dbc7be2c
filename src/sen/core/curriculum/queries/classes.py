"""Classes of a school and year, their pupils and subjects, and what is still missing."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from sen.core.curriculum.models import Assignment, ClassSubject, Placement, SchoolClass
from sen.core.identity.actor import Actor
from sen.core.people.models import Enrolment

_GRADE_ORDER = ("nha_tre", "mau_giao", *(str(number) for number in range(1, 13)))


@dataclass(frozen=True)
class ClassRow:
    """A line of the list of classes. `without_teacher`: subjects that nobody answers for."""

    school_class: SchoolClass
    size: int
    subjects: int
    without_teacher: int

    @property
    def form_teacher(self) -> str:
        teacher = self.school_class.form_teacher
        return teacher.full_name if teacher else ""


def grade_order(grade: str) -> int:
    return _GRADE_ORDER.index(grade) if grade in _GRADE_ORDER else len(_GRADE_ORDER)


def class_rows(actor: Actor, school_id: UUID, year: int) -> list[ClassRow]:
    """The classes of a school in a year by grade and order, in three queries. Sizes are the pupils in class now."""
    classes = list(
        SchoolClass.objects.visible_to(actor)
        .filter(school=school_id, year=year)
        .select_related("form_teacher", "campus")
    )
    sizes = dict(
        Placement.objects.filter(school_class__in=classes, until=None).values_list("school_class").annotate(Count("id"))
    )
    subjects = {
        key: (number, missing)
        for key, number, missing in ClassSubject.objects.filter(school_class__in=classes)
        .annotate(taught=Exists(_responsible()))
        .values("school_class")
        .annotate(number=Count("id"), missing=Count("id", filter=Q(taught=False)))
        .values_list("school_class", "number", "missing")
    }
    rows = [ClassRow(c, sizes.get(c.pk, 0), *subjects.get(c.pk, (0, 0))) for c in classes]
    return sorted(
        rows, key=lambda row: (grade_order(row.school_class.grade), row.school_class.position, row.school_class.name)
    )


def _responsible() -> QuerySet[Assignment]:
    return Assignment.objects.filter(class_subject=OuterRef("pk"), until=None, is_responsible=True)


def pupils_of(school_class: SchoolClass) -> QuerySet[Placement]:
    """The list of the class by row number, those who left included (`until`)."""
    return school_class.placements.select_related("person__pupil", "enrolment").order_by("row_number")


def subjects_of(school_class: SchoolClass) -> QuerySet[ClassSubject]:
    """Subjects in the order of official forms, compulsory ones first."""
    return school_class.subjects.select_related("subject").order_by("subject__position")


def unplaced(actor: Actor, school_id: UUID, year: int, grade: str = "") -> QuerySet[Enrolment]:
    """Pupils of the year who study and are in no class, by Vietnamese name."""
    found = Enrolment.objects.filter(
        school=school_id, year=year, status=Enrolment.Status.STUDYING, school_id__in=_named_schools(actor, school_id)
    ).exclude(Exists(Placement.objects.filter(enrolment=OuterRef("pk"), until=None)))
    if grade:
        found = found.filter(grade=grade)
    return found.select_related("person").order_by("person__sort_key", "person_id")


def _named_schools(actor: Actor, school_id: UUID) -> list[UUID]:
    from sen.core.curriculum.permissions import EDIT_CLASSES

    return [school_id] if actor.holds(EDIT_CLASSES, school_id) else []


def classes_of_teacher(person_id: UUID, year: int, day: date | None = None) -> QuerySet[SchoolClass]:
    """Classes a teacher has to do with: as form teacher, or by an assignment that holds (that day, or still open)."""
    holds = Q(until=None) if day is None else Q(until=None) | Q(until__gt=day)
    taught = Assignment.objects.filter(holds, teacher=person_id, class_subject__school_class=OuterRef("pk"))
    return SchoolClass.objects.filter(Q(form_teacher=person_id) | Exists(taught), year=year).order_by(
        "level", "position", "name"
    )


def classes_without_form_teacher(school_id: UUID, year: int) -> int:
    return SchoolClass.objects.filter(school=school_id, year=year, form_teacher=None).count()


def subjects_without_teacher(school_id: UUID, year: int) -> int:
    """Subjects of all classes that nobody answers for."""
    return (
        ClassSubject.objects.filter(school=school_id, school_class__year=year).exclude(Exists(_responsible())).count()
    )


def years_of(school_ids: set[UUID] | frozenset[UUID]) -> list[int]:
    """School years in which any of the schools has classes."""
    rows = SchoolClass.objects.filter(school__in=school_ids).values_list("year", flat=True).distinct()
    return sorted(rows, reverse=True)
