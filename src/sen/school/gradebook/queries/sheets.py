"""The sheets a person may open, with completion; phrases for remarks; what others changed meanwhile."""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from sen.core.identity.actor import Actor
from sen.school.gradebook import cells
from sen.school.gradebook.models import Phrase, Sheet, SheetLine
from sen.school.gradebook.permissions import READ_ALL_SHEETS
from sen.school.gradebook.queries.completion import SheetCompletion, sheets_completion
from sen.school.gradebook.queries.facts import Facts

DATA = Path(__file__).parent.parent / "data"
# A line's time is taken when it is written, and becomes visible at the commit: look back over the difference.
LOOK_BACK = timedelta(seconds=30)


@dataclass(frozen=True)
class Filters:
    """Chips of the list: ids or keys as they stand in the address; empty means all."""

    grade: str = ""
    room: str = ""
    subject: str = ""
    state: str = ""  # "thieu": something missing; "khoa": locked; "mo": open


def sheets_of(actor: Actor, year: int, term: int) -> list[SheetCompletion]:
    """Sheets of a term that the actor may open, in the order of classes and subjects, in five queries."""
    sheets = (
        Sheet.objects.visible_to(actor)
        .filter(year=year, term=term, school=actor.organisation_id)
        .select_related("school_class", "class_subject__subject")
        .order_by("school_class__position", "school_class__name", "class_subject__subject__position")
    )
    return sheets_completion(sheets)


def filtered(found: list[SheetCompletion], by: Filters) -> list[SheetCompletion]:
    return [
        sheet
        for sheet in found
        if by.grade in ("", sheet.school_class.grade)
        and by.room in ("", str(sheet.school_class.pk))
        and by.subject in ("", sheet.subject_key)
        and _is_in(sheet, by.state)
    ]


def _is_in(sheet: SheetCompletion, state: str) -> bool:
    if state == "thieu":
        return sheet.missing > 0
    return state not in ("khoa", "mo") or sheet.is_locked == (state == "khoa")


_NEIGHBOURS = """
SELECT s.id, u.name, s.term FROM gradebook_sheet s
  JOIN curriculum_classsubject cs ON cs.id = s.class_subject_id
  JOIN curriculum_programmesubject u ON u.id = cs.subject_id
 WHERE s.school_class_id = %(class)s AND (s.term = %(term)s OR s.class_subject_id = %(subject)s)
   AND (%(all)s OR EXISTS (SELECT 1 FROM curriculum_assignment a
         WHERE a.class_subject_id = s.class_subject_id AND a.teacher_id = %(person)s))
 ORDER BY u.position, s.term
"""


def neighbours(actor: Actor, facts: Facts) -> list[tuple[UUID, str, int]]:
    """(sheet, subject, term) one may go on to: the other term, the other sheets of the class the actor may open."""
    sees_all = actor.holds(READ_ALL_SHEETS, facts.school_id) or actor.person_id == facts.form_teacher_id
    with connection.cursor() as cursor:
        cursor.execute(
            _NEIGHBOURS,
            {
                "class": facts.class_id, "term": facts.term, "subject": facts.class_subject_id, "all": sees_all,
                "person": actor.person_id,
            },
        )  # fmt: skip
        return list(cursor.fetchall())


def built_in_phrases(subject_key: str, form: str) -> list[tuple[str, list[str]]]:
    """(group, sentences) that Sen brings along: for the subject, then for its kind of assessment."""
    groups: dict[str, list[str]] = {}
    for subject, kind, group, text in _phrases():
        if subject == subject_key or (not subject and kind in ("", form)):
            groups.setdefault(group, []).append(text)
    return list(groups.items())


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, str, str, str], ...]:
    with (DATA / "phrases.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((row["subject"], row["form"], row["group"], row["text"]) for row in csv.DictReader(lines))


def phrase_groups(actor: Actor, school_id: UUID, subject_key: str, form: str) -> list[dict[str, Any]]:
    """The phrase bank as the grid takes it: own sentences, the school's, then those Sen brings along."""
    own: list[str] = []
    school: list[str] = []
    for account, text in (
        Phrase.objects.filter(Q(account=actor.account_id) | Q(account=None), school=school_id)
        .filter(subject_key__in=["", subject_key])
        .order_by("text")
        .values_list("account_id", "text")
    ):
        (own if account else school).append(text)
    named = [("Của tôi", own), ("Của trường", school), *built_in_phrases(subject_key, form)]
    return [{"group": group, "phrases": phrases} for group, phrases in named if phrases]


def changes_since(facts: Facts, cursor: str) -> tuple[list[dict[str, Any]], str]:
    """(cells of lines written since the cursor, new cursor). The grid knows by version which of them are news."""
    since = _moment(cursor)
    lines = SheetLine.objects.filter(sheet=facts.sheet_id).select_related("updated_by").order_by("updated_at")
    if since is not None:
        lines = lines.filter(updated_at__gt=since - LOOK_BACK)
    found, newest = [], since
    for line in lines:
        newest = max(newest or line.updated_at, line.updated_at)
        by = line.updated_by.full_name if line.updated_by else ""
        for column in facts.book.columns:
            if column.code in line.versions:
                value = cells.wire(cells.value_of(line.marks, line.remark, column.code), column)
                found.append(
                    {
                        "row": str(line.enrolment_id),
                        "col": column.code,
                        "value": value,
                        "version": line.versions[column.code],
                        "by": by,
                    }
                )
    return found, newest.isoformat() if newest else ""


def _moment(cursor: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(cursor)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
