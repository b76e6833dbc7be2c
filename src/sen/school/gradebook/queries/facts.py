"""What is true of a sheet as a whole: its class, subject, regime, lock, and whether the actor teaches it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from sen.core.identity.actor import Actor
from sen.school.gradebook.cells import Book
from sen.school.gradebook.permissions import READ_ALL_SHEETS, READ_OWN_SHEETS
from sen.school.gradebook.policies import policy_of

_FACTS = """
SELECT s.id, s.school_id, s.school_class_id, s.class_subject_id, s.year, s.term, s.locked_at, c.name, c.grade, c.regime,
       c.form_teacher_id, u.key, u.name, u.form, cs.lessons, cs.has_cluster, cs.only_term, cs.chosen_by_some, r.values,
       EXISTS (SELECT 1 FROM curriculum_assignment a
                WHERE a.class_subject_id = s.class_subject_id AND a.teacher_id = %(person)s
                  AND (a.term IS NULL OR a.term = s.term)
                  AND (a.since IS NULL OR a.since <= %(day)s) AND (a.until IS NULL OR a.until > %(day)s)),
       EXISTS (SELECT 1 FROM curriculum_assignment a
                WHERE a.class_subject_id = s.class_subject_id AND a.teacher_id = %(person)s),
       EXISTS (SELECT 1 FROM curriculum_choice k WHERE k.class_subject_id = s.class_subject_id AND k.with_cluster)
  FROM gradebook_sheet s
  JOIN curriculum_classsubject cs ON cs.id = s.class_subject_id
  JOIN curriculum_schoolclass c ON c.id = s.school_class_id
  JOIN curriculum_programmesubject u ON u.id = cs.subject_id
  LEFT JOIN gradebook_regimesetting r ON r.school_id = s.school_id AND r.year = s.year
 WHERE s.id = %(sheet)s
"""

_COLUMNS = (
    "sheet_id", "school_id", "class_id", "class_subject_id", "year", "term", "locked_at", "class_name", "grade",
    "regime", "form_teacher_id", "subject_key", "subject_name", "form", "lessons", "has_cluster", "only_term",
    "chosen_by_some", "settings", "is_assigned", "was_assigned", "clusters_chosen",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """One row about a sheet. `is_assigned`: the person asked about teaches it today; `was_assigned`: this year.

    `clusters_chosen`: some pupil's choice names the cluster; where none does, every pupil takes it.
    """

    sheet_id: UUID
    school_id: UUID
    class_id: UUID
    class_subject_id: UUID
    year: int
    term: int
    locked_at: datetime | None
    class_name: str
    grade: str
    regime: str
    form_teacher_id: UUID | None
    subject_key: str
    subject_name: str
    form: str
    lessons: int
    has_cluster: bool
    only_term: int | None
    chosen_by_some: bool
    is_assigned: bool
    was_assigned: bool
    clusters_chosen: bool
    book: Book


def facts_of(
    sheet_id: UUID, *, person_id: UUID | None = None, day: date | None = None, hold: bool = False
) -> Facts | None:
    """The facts of a sheet the scope may see, in one statement.

    `hold` keeps the sheet from being locked until the transaction ends, and lets others go on writing in it.
    """
    sql = _FACTS + (" FOR SHARE OF s" if hold else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"sheet": sheet_id, "person": person_id, "day": day or timezone.localdate()})
        row = cursor.fetchone()
    return _facts(row) if row else None


def _facts(row: tuple[Any, ...]) -> Facts:
    values = dict(zip(_COLUMNS, row, strict=True))
    settings = values.pop("settings")
    grade = int(values["grade"]) if values["grade"].isdigit() else 0
    book = Book(
        values["regime"],
        values["form"],
        values["lessons"],
        grade,
        values["term"],
        values["subject_key"],
        values["has_cluster"],
        policy_of(json.loads(settings) if isinstance(settings, str) else settings),
    )
    return Facts(**values, book=book)


def may_open(actor: Actor, facts: Facts) -> bool:
    """The same answer as `Sheet.objects.visible_to(actor)` gives for this one sheet, without asking again."""
    if actor.is_system:
        return True
    if actor.holds(READ_ALL_SHEETS):
        return facts.school_id in actor.schools_with(READ_ALL_SHEETS)
    own = facts.was_assigned or facts.form_teacher_id == actor.person_id
    return actor.person_id is not None and own and facts.school_id in actor.schools_with(READ_OWN_SHEETS)
