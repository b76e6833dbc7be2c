"""Classes of a school year and their subjects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from sen.core.curriculum import events, queries
from sen.core.curriculum.models import ClassSubject, ProgrammeSubject, SchoolClass
from sen.core.curriculum.permissions import EDIT_CLASSES
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people import rules as people_rules
from sen.shared.kit import names
from sen.shared.kit.errors import Invalid, RuleError

TAUGHT_TO_ALL = ("compulsory", "activity")


@dataclass(frozen=True)
class NewClass:
    """A class to be opened. `electives` and `clusters` are subject keys; `by_choice`: only some pupils take them.

    `level` is needed only where a grade is taught at two levels (general and continuing) of the school.
    """

    name: str
    grade: str
    level: str = ""
    campus_id: UUID | None = None
    form_teacher_id: UUID | None = None
    specialised_subject: str = ""
    electives: frozenset[str] = frozenset()
    by_choice: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    profile: dict[str, Any] = field(default_factory=dict)
    position: int | None = None


def create_class(*, actor: Actor, school: Organisation, year: int, new: NewClass) -> SchoolClass:
    """Open a class: programme and regime by (year, level, grade), compulsory subjects by the programme.

    Refused: a name in use that year, a grade the school does not teach, subjects the programme does not offer.
    """
    return bulk_create_classes(actor=actor, school=school, year=year, wanted=[new])[0]


@transaction.atomic
def bulk_create_classes(
    *, actor: Actor, school: Organisation, year: int, wanted: Sequence[NewClass]
) -> list[SchoolClass]:
    """Open many classes in five statements; all or none."""
    actor.require(EDIT_CLASSES, school.pk)
    if not wanted:
        return []
    taken = {
        name.casefold() for name in SchoolClass.objects.filter(school=school, year=year).values_list("name", flat=True)
    }
    position = SchoolClass.objects.filter(school=school, year=year).count()
    rows = []
    for number, new in enumerate(wanted, start=position):
        rows.append(_class_row(school, year, new, number, taken))
        taken.add(rows[-1].name.casefold())
    SchoolClass.objects.bulk_create(rows)
    programme = queries.programme_subjects({(row.programme, row.level, row.grade) for row in rows})
    subjects = [
        subject
        for row, new in zip(rows, wanted, strict=True)
        for subject in _subject_rows(row, new, programme.get((row.programme, row.level, row.grade), []))
    ]
    ClassSubject.objects.bulk_create(subjects, batch_size=2_000)
    for row in rows:
        events.class_created.send(sender=SchoolClass, school_class_id=row.pk)
    return rows


def _class_row(school: Organisation, year: int, new: NewClass, position: int, taken: set[str]) -> SchoolClass:
    name = names.clean(new.name)
    if not name:
        raise Invalid("curriculum.no_class_name", _("Xin đặt tên lớp."), "name")
    if name.casefold() in taken:
        raise Invalid("curriculum.class_name_taken", _("Năm học này đã có lớp %(name)s.") % {"name": name}, "name")
    level = new.level or people_rules.level_of(new.grade, school.levels)
    if level is None or level not in school.levels or people_rules.level_of(new.grade, [level]) is None:
        raise Invalid(
            "curriculum.grade_not_taught",
            _("Trường không dạy khối %(grade)s ở cấp học này.") % {"grade": new.grade},
            "grade",
        )
    programme, regime = queries.regime_for(year, level, new.grade)
    if new.position is not None:
        position = new.position
    return SchoolClass(
        school=school, campus_id=new.campus_id, year=year, name=name, grade=new.grade, level=level, programme=programme,
        regime=regime, specialised_subject=new.specialised_subject, form_teacher_id=new.form_teacher_id,
        position=position, profile=new.profile,
    )  # fmt: skip


def _subject_rows(row: SchoolClass, new: NewClass, programme: Sequence[ProgrammeSubject]) -> list[ClassSubject]:
    offered = {subject.key: subject for subject in programme if queries.is_elective(subject)}
    _check_offered(new.electives | new.by_choice, offered)
    chosen = new.electives | new.by_choice
    subjects = [s for s in programme if queries.is_for_all(s) or (s.key in chosen and s.key in offered)]
    _check_clusters(new.clusters, subjects)
    return [
        ClassSubject(
            school_id=row.school_id,
            school_class=row,
            subject=subject,
            lessons=subject.lessons,
            chosen_by_some=subject.key in new.by_choice,
            has_cluster=subject.key in new.clusters,
        )
        for subject in subjects
    ]


def _check_offered(keys: Iterable[str], offered: dict[str, ProgrammeSubject]) -> None:
    if unknown := sorted(set(keys) - set(offered)):
        raise Invalid(
            "curriculum.not_offered",
            _("Chương trình của khối này không có môn lựa chọn: %(keys)s.") % {"keys": ", ".join(unknown)},
            "electives",
        )


def _check_clusters(keys: Iterable[str], subjects: Iterable[ProgrammeSubject]) -> None:
    if unknown := sorted(set(keys) - {subject.key for subject in subjects}):
        raise Invalid(
            "curriculum.cluster_without_subject",
            _("Cụm chuyên đề phải của môn mà lớp học: %(keys)s.") % {"keys": ", ".join(unknown)},
            "clusters",
        )


@transaction.atomic
def update_class(
    *, actor: Actor, school_class: SchoolClass, name: str | None = None, campus: Organisation | None = None,
    specialised_subject: str | None = None, position: int | None = None, profile: dict[str, Any] | None = None,
) -> SchoolClass:  # fmt: skip
    """Change what may change in a year. Grade, programme and regime never do; None leaves a value as it is."""
    row = _locked(actor, school_class)
    if name is not None and (cleaned := names.clean(name)) != row.name:
        same = SchoolClass.objects.filter(school=row.school_id, year=row.year, name__iexact=cleaned).exclude(pk=row.pk)
        if not cleaned or same.exists():
            raise Invalid(
                "curriculum.class_name_taken", _("Năm học này đã có lớp %(name)s.") % {"name": cleaned}, "name"
            )
        row.name = cleaned
    if specialised_subject is not None:
        row.specialised_subject = specialised_subject
    if position is not None:
        row.position = position
    if profile is not None:
        row.profile = profile
    row.campus = campus or row.campus
    row.save()
    return row


@transaction.atomic
def set_electives(
    *,
    actor: Actor,
    school_class: SchoolClass,
    for_all: Iterable[str],
    by_choice: Iterable[str] = (),
    clusters: Iterable[str] = (),
) -> None:
    """Which electives the class offers, to all or to some, and in which subjects it has study-topic clusters.

    Refused when a subject that would go already has marks or assignments.
    """
    row = _locked(actor, school_class)
    shared, some, with_cluster = frozenset(for_all), frozenset(by_choice), frozenset(clusters)
    programme = queries.programme_subjects({(row.programme, row.level, row.grade)})[row.programme, row.level, row.grade]
    offered = {subject.key: subject for subject in programme if queries.is_elective(subject)}
    _check_offered(shared | some, offered)
    has = {subject.subject.key: subject for subject in row.subjects.select_related("subject")}
    _remove([has[key] for key in has if key in offered and key not in shared | some])
    ClassSubject.objects.bulk_create(
        ClassSubject(school_id=row.school_id, school_class=row, subject=offered[key], lessons=offered[key].lessons)
        for key in sorted((shared | some) - set(has))
    )
    subjects = list(row.subjects.select_related("subject"))
    _check_clusters(with_cluster, [subject.subject for subject in subjects])
    for subject in subjects:
        subject.chosen_by_some = subject.subject.key in some
        subject.has_cluster = subject.subject.key in with_cluster
    ClassSubject.objects.bulk_update(subjects, ["chosen_by_some", "has_cluster"])
    events.subjects_changed.send(sender=SchoolClass, school_class_id=row.pk)


def _remove(subjects: Sequence[ClassSubject]) -> None:
    """Take subjects out of a class with the choices made for them; never one that has teachers or marks."""
    for subject in subjects:
        if subject.assignments.exists():
            raise RuleError(
                "curriculum.subject_in_use",
                _("Môn %(name)s đã phân công giáo viên; xin bỏ phân công trước khi bỏ môn.")
                % {"name": subject.subject},
            )
    try:
        with transaction.atomic():
            for subject in subjects:
                subject.choices.all().delete()
                subject.delete()
    except ProtectedError as protected:
        raise RuleError(
            "curriculum.subject_in_use", _("Môn này đã có sổ điểm trong lớp, không bỏ được nữa.")
        ) from protected


@transaction.atomic
def set_load(*, actor: Actor, class_subject: ClassSubject, lessons: int, only_term: int | None = None) -> None:
    """Set the yearly lessons of a subject in a class (they decide the number of marks), and its term if it has one."""
    actor.require(EDIT_CLASSES, class_subject.school_id)
    if not 1 <= lessons <= 600:
        raise Invalid("curriculum.lessons", _("Số tiết cả năm phải từ 1 đến 600."), "lessons")
    class_subject.lessons, class_subject.only_term = lessons, only_term
    class_subject.save(update_fields=["lessons", "only_term"])
    events.subjects_changed.send(sender=SchoolClass, school_class_id=class_subject.school_class_id)


def _locked(actor: Actor, school_class: SchoolClass | UUID) -> SchoolClass:
    key = school_class.pk if isinstance(school_class, SchoolClass) else school_class
    row = SchoolClass.objects.select_for_update().get(pk=key)
    actor.require(EDIT_CLASSES, row.school_id)
    return row
