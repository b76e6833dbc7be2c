"""The assignment grid: subjects of a grade by classes, and the teachers with their load."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sen.core.curriculum.models import Assignment, ClassSubject, ProgrammeSubject, SchoolClass
from sen.core.people.models import Person, Posting

TEACHING_WEEKS = 35


@dataclass(frozen=True)
class Teacher:
    """A teacher of the school. `label` is what the picker shows and reads back; `lessons` a week over all classes."""

    person_id: UUID
    name: str
    label: str
    subjects: tuple[str, ...]
    lessons: float


@dataclass(frozen=True)
class Cell:
    """A subject in a class (None: the class does not have it) and who answers for it."""

    class_subject: ClassSubject | None
    teacher: Person | None


def teachers_of(school_id: UUID, year: int) -> list[Teacher]:
    """Everybody with an open posting who may teach, by Vietnamese name, with the weekly load of the year; two queries.

    Labels are unique: of two teachers with one name both carry their code or the end of their key.
    """
    postings = list(
        Posting.objects.filter(school=school_id, ended_on=None).exclude(group_code="02").select_related("person")
    )
    same: dict[str, int] = defaultdict(int)
    for posting in postings:
        same[posting.person.full_name] += 1
    load: dict[UUID, float] = defaultdict(float)
    rows = Assignment.objects.filter(school=school_id, class_subject__school_class__year=year, until=None)
    for teacher_id, term, lessons in rows.values_list("teacher_id", "term", "class_subject__lessons"):
        load[teacher_id] += lessons / TEACHING_WEEKS / (2 if term else 1)
    return [
        Teacher(
            posting.person_id,
            posting.person.full_name,
            _label(posting, alone=same[posting.person.full_name] == 1),
            tuple(posting.subjects),
            round(load[posting.person_id], 1),
        )
        for posting in sorted(postings, key=lambda p: (p.person.sort_key, p.local_code))
    ]


def _label(posting: Posting, *, alone: bool) -> str:
    if alone:
        return posting.person.full_name
    return f"{posting.person.full_name} ({posting.local_code or str(posting.person_id)[-4:]})"


def assignment_grid(
    classes: Sequence[SchoolClass],
) -> list[tuple[ProgrammeSubject, list[Cell]]]:
    """For classes of one grade: each subject any of them has, with a cell for every class in the given order."""
    subjects = list(
        ClassSubject.objects.filter(school_class__in=[c.pk for c in classes]).select_related("subject", "school_class")
    )
    responsible: dict[UUID, Person] = {}
    rows = Assignment.objects.filter(class_subject__in=subjects, until=None, is_responsible=True)
    for row in rows.select_related("teacher").order_by("term"):
        responsible.setdefault(row.class_subject_id, row.teacher)
    by_place = {(s.subject_id, s.school_class_id): s for s in subjects}
    named = sorted({s.subject_id: s.subject for s in subjects}.values(), key=lambda s: (s.position, s.name))
    grid = []
    for subject in named:
        cells = []
        for school_class in classes:
            taught = by_place.get((subject.pk, school_class.pk))
            cells.append(Cell(taught, responsible.get(taught.pk) if taught else None))
        grid.append((subject, cells))
    return grid
