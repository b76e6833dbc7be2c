"""Last year's classes and assignment, taken over into a new year."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.curriculum import queries, rules
from sen.core.curriculum.models import Assignment, ClassSubject, ProgrammeSubject, SchoolClass
from sen.core.curriculum.permissions import EDIT_CLASSES
from sen.core.curriculum.services.assignments import bulk_assign
from sen.core.curriculum.services.classes import NewClass, bulk_create_classes
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people import rules as people_rules
from sen.core.people.models import Person, Posting
from sen.shared.kit.errors import RuleError


@dataclass(frozen=True)
class PlannedClass:
    """A class of the new year and the class of last year it is modelled on. `exists`: it stands already."""

    name: str
    grade: str
    level: str
    model: SchoolClass
    staff_from: SchoolClass | None
    exists: bool
    form_teacher: Person | None


@dataclass
class CopyPlan:
    """What a copy would do. `gone`: teachers of last year without an open posting, whose work stays open."""

    classes: list[PlannedClass] = field(default_factory=list)
    assignments: int = 0
    without_teacher: int = 0
    gone: list[str] = field(default_factory=list)

    @property
    def new(self) -> int:
        return sum(1 for planned in self.classes if not planned.exists)


def plan_copy(school: Organisation, year: int, *, move_up: bool = False) -> CopyPlan:
    """Read-only: the classes of `year - 1` again in `year`, with their electives, form and subject teachers.

    `move_up`: teachers go along with their pupils (6A's teachers take 7A where the subject is the same).
    """
    last = _classes(school, year - 1)
    by_name = {c.name.casefold(): c for c in last}
    standing = {c.name.casefold() for c in SchoolClass.objects.filter(school=school, year=year)}
    here = set(Posting.objects.filter(school=school, ended_on=None).values_list("person_id", flat=True))
    plan = CopyPlan()
    for model in last:
        staff_from: SchoolClass | None = model
        if move_up and model.grade.isdigit() and int(model.grade) > 1:
            before = rules.next_class_name(model.name, model.grade, str(int(model.grade) - 1))
            staff_from = by_name.get(before.casefold()) if before != model.name else None
        teacher = staff_from.form_teacher if staff_from and staff_from.form_teacher_id in here else None
        exists = model.name.casefold() in standing
        plan.classes.append(PlannedClass(model.name, model.grade, model.level, model, staff_from, exists, teacher))
    wanted, plan.gone = _assignments(plan, year, here)
    plan.assignments = len(wanted)
    return plan


@transaction.atomic
def copy_year(
    *, actor: Actor, school: Organisation, year: int, move_up: bool = False, assignments: bool = True
) -> CopyPlan:
    """Do what `plan_copy` shows; what stands or has a teacher is left alone, so twice is once."""
    actor.require(EDIT_CLASSES, school.pk)
    plan = plan_copy(school, year, move_up=move_up)
    if not plan.classes:
        raise RuleError("curriculum.nothing_to_copy", _("Năm học trước chưa có lớp nào để sao chép."))
    taught = _taught({planned.model.pk for planned in plan.classes})
    programme = _programme_of(plan, year)
    new = []
    for planned in plan.classes:
        if planned.exists or people_rules.level_of(planned.grade, school.levels) is None:
            continue
        before = taught.get(planned.model.pk, {})
        subjects = programme.get((planned.level, planned.grade), [])
        chosen = {s.key: before[s.key] for s in subjects if queries.is_elective(s) and s.key in before}
        offered = {s.key for s in subjects if queries.is_for_all(s)} | set(chosen)
        new.append(
            NewClass(
                planned.name,
                planned.grade,
                planned.level,
                planned.model.campus_id,
                planned.form_teacher.pk if assignments and planned.form_teacher else None,
                planned.model.specialised_subject,
                electives=frozenset(k for k, row in chosen.items() if not row.chosen_by_some),
                by_choice=frozenset(k for k, row in chosen.items() if row.chosen_by_some),
                clusters=frozenset(k for k, row in before.items() if k in offered and row.has_cluster),
                profile=dict(planned.model.profile),
            )
        )
    bulk_create_classes(actor=actor, school=school, year=year, wanted=new)
    if assignments:
        here = set(Posting.objects.filter(school=school, ended_on=None).values_list("person_id", flat=True))
        wanted, _gone = _assignments(plan, year, here, only_empty=True)
        bulk_assign(actor=actor, school_id=school.pk, wanted=wanted)
    return plan


def _classes(school: Organisation, year: int) -> list[SchoolClass]:
    return list(
        SchoolClass.objects.filter(school=school, year=year)
        .select_related("form_teacher", "campus")
        .order_by("level", "position", "name")
    )


def _programme_of(plan: CopyPlan, year: int) -> dict[tuple[str, str], list[ProgrammeSubject]]:
    """(level, grade) -> what the programme of the new year teaches there; one query."""
    places = {(planned.level, planned.grade) for planned in plan.classes}
    triples = {(queries.regime_for(year, level, grade)[0], level, grade) for level, grade in places}
    found = queries.programme_subjects(triples)
    return {(level, grade): subjects for (_programme, level, grade), subjects in found.items()}


def _taught(class_ids: set[UUID]) -> dict[UUID, dict[str, ClassSubject]]:
    """Class -> subject key -> the subject as last year's class had it."""
    found: dict[UUID, dict[str, ClassSubject]] = {}
    for row in ClassSubject.objects.filter(school_class__in=class_ids).select_related("subject"):
        found.setdefault(row.school_class_id, {})[row.subject.key] = row
    return found


def _assignments(
    plan: CopyPlan, year: int, here: set[UUID], *, only_empty: bool = False
) -> tuple[Mapping[tuple[UUID, int | None], UUID], list[str]]:
    """Last year's open responsible assignments for the new year's class subjects: by class name and subject key.

    Before the classes stand the keys are last year's subjects (the plan only counts them).
    """
    sources = {planned.staff_from.pk: planned for planned in plan.classes if planned.staff_from}
    rows = (
        Assignment.objects.filter(class_subject__school_class__in=sources, until=None, is_responsible=True)
        .select_related("class_subject__subject", "teacher")
        .order_by("pk")
    )
    targets = _targets(plan, year, only_empty=only_empty)
    wanted: dict[tuple[UUID, int | None], UUID] = {}
    gone: dict[UUID, str] = {}
    for row in rows:
        if row.teacher_id not in here:
            gone[row.teacher_id] = row.teacher.full_name
            continue
        planned = sources[row.class_subject.school_class_id]
        key = (planned.name.casefold(), row.class_subject.subject.key)
        if only_empty:
            if key in targets:
                wanted[targets[key], row.term] = row.teacher_id
        elif not planned.exists or key in targets:
            wanted[targets.get(key, row.class_subject_id), row.term] = row.teacher_id
    return wanted, sorted(gone.values())


def _targets(plan: CopyPlan, year: int, *, only_empty: bool) -> dict[tuple[str, str], UUID]:
    """(class name, subject key) -> class subject of the new year that has no teacher yet."""
    if not plan.classes:
        return {}
    rows = ClassSubject.objects.filter(school=plan.classes[0].model.school_id, school_class__year=year).exclude(
        assignments__until=None, assignments__is_responsible=True
    )
    return {
        (name.casefold(), key): pk for pk, name, key in rows.values_list("pk", "school_class__name", "subject__key")
    }
