"""The rows of a sheet as its page, its workbook and its print show them: one statement for the whole sheet."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from sen.school.gradebook import cells
from sen.school.gradebook.queries.facts import Facts
from sen.school.gradebook.rules import Form, Regime, Status, SubjectPeriod
from sen.school.gradebook.rules.comments import comment_year
from sen.school.gradebook.rules.marks import year_average

_ROWS = """
SELECT l.id, l.enrolment_id, p.full_name, pl.row_number, pl.until, l.marks, l.states, l.corrected, l.versions,
       l.version, l.remark, l.average, l.level, l.updated_at, p.birth_date,
       EXISTS (SELECT 1 FROM gradebook_exemption x WHERE x.enrolment_id = l.enrolment_id
                  AND x.class_subject_id = %(subject)s AND (x.term IS NULL OR x.term = %(term)s)),
       NOT %(chosen)s OR EXISTS (SELECT 1 FROM curriculum_choice k WHERE k.enrolment_id = l.enrolment_id
                  AND k.class_subject_id = %(subject)s AND k.with_cluster),
       one.average, one.level,
       NOT %(some)s OR EXISTS (SELECT 1 FROM curriculum_choice k WHERE k.enrolment_id = l.enrolment_id
                  AND k.class_subject_id = %(subject)s)
  FROM gradebook_sheetline l
  JOIN people_person p ON p.id = l.person_id
  JOIN curriculum_placement pl ON pl.enrolment_id = l.enrolment_id AND pl.school_class_id = %(class)s
  LEFT JOIN gradebook_sheet s1 ON s1.class_subject_id = %(subject)s AND s1.term = 1 AND %(term)s = 2
  LEFT JOIN gradebook_sheetline one ON one.sheet_id = s1.id AND one.enrolment_id = l.enrolment_id
 WHERE l.sheet_id = %(sheet)s
 ORDER BY pl.row_number, pl.until NULLS FIRST
"""


@dataclass(slots=True)
class Row:
    """A pupil's row. `until`: when the pupil left the class; the cells are closed then, as in a waived subject."""

    line_id: UUID
    enrolment_id: UUID
    name: str
    number: int
    until: date | None
    marks: dict[str, Any]
    states: dict[str, str]
    corrected: dict[str, Any]
    versions: dict[str, int]
    version: int
    remark: str
    average: int | None
    level: str
    updated_at: datetime
    birth_date: date | None
    is_exempt: bool
    takes_cluster: bool
    term1_average: int | None
    term1_level: str | None
    takes_subject: bool

    @property
    def is_closed(self) -> bool:
        return self.is_exempt or self.until is not None or not self.takes_subject

    def value(self, code: str) -> cells.Value:
        return cells.value_of(self.marks, self.remark, code)

    @property
    def result(self) -> str:
        """The term's result as people read it: "7,4", "Đạt", "T", or nothing."""
        return self.level or ("" if self.average is None else cells.mark_text(self.average, short=False))

    @property
    def term1_result(self) -> str:
        return self.term1_level or (
            "" if self.term1_average is None else cells.mark_text(self.term1_average, short=False)
        )


def rows_of(facts: Facts) -> list[Row]:
    """Every row of the sheet in the order of the class."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {
                "sheet": facts.sheet_id, "subject": facts.class_subject_id, "class": facts.class_id,
                "term": facts.term, "chosen": facts.clusters_chosen, "some": facts.chosen_by_some,
            },
        )  # fmt: skip
        found = cursor.fetchall()
    rows, seen = [], set()
    for row in found:
        if row[1] not in seen:  # who left and came back has two placements: the open one stands first
            seen.add(row[1])
            rows.append(Row(*row[:5], *(_json(part) for part in row[5:9]), *row[9:]))
    # Who no longer takes an elective keeps a row only where something was written in it.
    return [row for row in rows if row.takes_subject or row.version]


def _json(text: Any) -> Any:
    return json.loads(text) if isinstance(text, str) else text


def missing_in(facts: Facts, rows: list[Row]) -> int:
    """Cells that still wait in the whole sheet."""
    required = facts.book.required
    return sum(
        len(cells.missing(required, {**row.marks, **row.corrected}, row.states, cluster=row.takes_cluster))
        for row in rows
        if not row.is_closed
    )


def year_result(facts: Facts, term1: tuple[int | None, str | None], term2: tuple[int | None, str]) -> str:
    """The subject's year as people read it, on the sheet of term II; empty until both terms stand."""
    regime = Regime(facts.regime)
    if facts.term != 2 or Form(facts.form) not in (Form.MARKS, Form.COMMENTS):
        return ""
    first = SubjectPeriod(Status.NOT_TAUGHT) if facts.only_term == 2 else _period(*term1)
    combine = comment_year if facts.form == Form.COMMENTS else year_average
    average, level = cells.period_value(combine(first, _period(*term2), regime, facts.book.policy))
    return level or ("" if average is None else cells.mark_text(average, short=False))


def _period(average: int | None, level: str | None) -> SubjectPeriod:
    if average is not None:
        return SubjectPeriod(Status.COMPLETE, average=Decimal(average) / 10)
    if level:
        return SubjectPeriod(Status.COMPLETE, passed=level == "Đạt")
    return SubjectPeriod(Status.INCOMPLETE)
