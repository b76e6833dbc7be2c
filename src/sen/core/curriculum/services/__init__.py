"""The only writers of calendar, classes, placements and assignment. Every entrance (page, import, job) calls these."""

from sen.core.curriculum.services.assignments import (
    assign,
    bulk_assign,
    end_assignment,
    set_form_teacher,
    set_teacher,
    substitute,
)
from sen.core.curriculum.services.calendar import set_week, set_year_dates
from sen.core.curriculum.services.choices import give_default_choices, set_choices
from sen.core.curriculum.services.classes import (
    NewClass,
    bulk_create_classes,
    create_class,
    set_electives,
    set_load,
    update_class,
)
from sen.core.curriculum.services.copying import copy_year
from sen.core.curriculum.services.placements import bulk_place, end_placement, move, place, renumber

__all__ = [
    "NewClass",
    "assign",
    "bulk_assign",
    "bulk_create_classes",
    "bulk_place",
    "copy_year",
    "create_class",
    "end_assignment",
    "end_placement",
    "give_default_choices",
    "move",
    "place",
    "renumber",
    "set_choices",
    "set_electives",
    "set_form_teacher",
    "set_load",
    "set_teacher",
    "set_week",
    "set_year_dates",
    "substitute",
    "update_class",
]
