"""What each pupil of an upper-secondary class takes, and whose choice does not add up."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sen.core.curriculum import rules
from sen.core.curriculum.models import Choice, ClassSubject, Placement, SchoolClass
from sen.core.curriculum.queries.classes import pupils_of, subjects_of


@dataclass(frozen=True)
class ChoiceRow:
    """A pupil's line in the grid: class subject id -> (takes it, takes its cluster)."""

    placement: Placement
    cells: dict[UUID, tuple[bool, bool]]
    faults: list[str]


def choice_grid(school_class: SchoolClass) -> tuple[list[ClassSubject], list[ChoiceRow]]:
    """The subjects that can be chosen (or have clusters) and a row for each pupil in class now; three queries."""
    subjects = list(subjects_of(school_class))
    shown = [s for s in subjects if s.chosen_by_some or s.has_cluster]
    chosen: dict[UUID, dict[UUID, bool]] = defaultdict(dict)
    for row in Choice.objects.filter(class_subject__school_class=school_class):
        chosen[row.enrolment_id][row.class_subject_id] = row.with_cluster
    rows = []
    for placement in pupils_of(school_class).filter(until=None):
        own = chosen[placement.enrolment_id]
        cells = {s.pk: (not s.chosen_by_some or s.pk in own, own.get(s.pk, False)) for s in shown}
        rows.append(ChoiceRow(placement, cells, _faults(school_class, subjects, own)))
    return shown, rows


def _faults(school_class: SchoolClass, subjects: list[ClassSubject], own: dict[UUID, bool]) -> list[str]:
    need = rules.choice_need(school_class.programme, school_class.level)
    if need is None:
        return []
    electives = [s for s in subjects if s.subject.kind.startswith("elective_4")]
    taken = [s for s in electives if not s.chosen_by_some or s.pk in own]
    clusters = [s for s in subjects if own.get(s.pk)]
    outside = [s for s in clusters if s.chosen_by_some and s.pk not in own]
    return rules.choice_faults(need, len(taken), len(clusters), len(outside))


def choice_faults(school_class: SchoolClass) -> dict[UUID, list[str]]:
    """Enrolment id -> what is wrong with the pupil's choice, in words; pupils without faults are left out."""
    _subjects, rows = choice_grid(school_class)
    return {row.placement.enrolment_id: row.faults for row in rows if row.faults}
