"""Questions about years, programmes, classes and teaching assignment. Constant numbers of queries, no writing."""

from sen.core.curriculum.queries.calendar import (
    EffectiveDates,
    dates_for,
    frame_of,
    holidays,
    week_on,
    weeks_for,
    years,
)
from sen.core.curriculum.queries.choices import ChoiceRow, choice_faults, choice_grid
from sen.core.curriculum.queries.classes import (
    ClassRow,
    class_rows,
    classes_of_teacher,
    classes_without_form_teacher,
    grade_order,
    pupils_of,
    subjects_of,
    subjects_without_teacher,
    unplaced,
    years_of,
)
from sen.core.curriculum.queries.programmes import is_elective, is_for_all, programme_subjects, regime_for
from sen.core.curriculum.queries.teaching import Teacher, assignment_grid, teachers_of

__all__ = [
    "ChoiceRow",
    "ClassRow",
    "EffectiveDates",
    "Teacher",
    "assignment_grid",
    "choice_faults",
    "choice_grid",
    "class_rows",
    "classes_of_teacher",
    "classes_without_form_teacher",
    "dates_for",
    "frame_of",
    "grade_order",
    "holidays",
    "is_elective",
    "is_for_all",
    "programme_subjects",
    "pupils_of",
    "regime_for",
    "subjects_of",
    "subjects_without_teacher",
    "teachers_of",
    "unplaced",
    "week_on",
    "weeks_for",
    "years",
    "years_of",
]
