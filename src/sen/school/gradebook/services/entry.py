"""Entering marks: the hot path. However many cells, one lock, one update, one history statement."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.school.gradebook import cells, events
from sen.school.gradebook.models import Sheet
from sen.school.gradebook.permissions import ENTER_MARKS
from sen.school.gradebook.queries.facts import Facts, facts_of
from sen.school.gradebook.queries.grid import year_result
from sen.school.gradebook.queries.history import last_writer
from sen.school.gradebook.rules import Column, InvalidMark
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError
from sen.shared.kit.ids import uuid7

MOST_CELLS = 5_000
State = Literal["saved", "refused", "conflict"]

_LINES = """
SELECT l.id, l.enrolment_id, l.marks, l.states, l.corrected, l.versions, l.version, l.remark,
       EXISTS (SELECT 1 FROM gradebook_exemption x WHERE x.enrolment_id = l.enrolment_id
                  AND x.class_subject_id = %(subject)s AND (x.term IS NULL OR x.term = %(term)s)),
       EXISTS (SELECT 1 FROM curriculum_placement p WHERE p.enrolment_id = l.enrolment_id
                  AND p.school_class_id = %(class)s AND (p.until IS NULL OR p.until > current_date))
         AND (NOT %(some)s OR EXISTS (SELECT 1 FROM curriculum_choice k WHERE k.enrolment_id = l.enrolment_id
                  AND k.class_subject_id = %(subject)s)),
       NOT %(chosen)s OR EXISTS (SELECT 1 FROM curriculum_choice k WHERE k.enrolment_id = l.enrolment_id
                  AND k.class_subject_id = %(subject)s AND k.with_cluster),
       one.average, one.level
  FROM gradebook_sheetline l
  LEFT JOIN gradebook_sheet s1 ON s1.class_subject_id = %(subject)s AND s1.term = 1 AND %(term)s = 2
  LEFT JOIN gradebook_sheetline one ON one.sheet_id = s1.id AND one.enrolment_id = l.enrolment_id
 WHERE l.sheet_id = %(sheet)s AND l.enrolment_id = ANY(%(rows)s)
 ORDER BY l.id FOR UPDATE OF l
"""

_UPDATE = """
WITH new AS (
  SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS n(id uuid, marks jsonb, states jsonb, versions jsonb,
    version integer, remark text, average smallint, level text)
), done AS (
  UPDATE gradebook_sheetline l
     SET marks = n.marks, states = n.states, versions = n.versions, version = n.version, remark = n.remark,
         average = n.average, level = n.level, updated_by_id = %(account)s, updated_at = clock_timestamp()
    FROM new n WHERE l.id = n.id
)
INSERT INTO gradebook_staleclass (id, school_id, school_class_id, since) VALUES (%(id)s, %(school)s, %(class)s, now())
"""

_SUMMARY = """
SELECT coalesce(sum((SELECT count(*) FROM unnest(%(required)s::text[]) k
          WHERE NOT jsonb_exists(l.marks, k) AND l.states ->> k IS DISTINCT FROM 'absent'
            AND (k <> 'cd' OR NOT %(chosen)s OR EXISTS (
                   SELECT 1 FROM curriculum_choice c WHERE c.enrolment_id = l.enrolment_id
                      AND c.class_subject_id = %(subject)s AND c.with_cluster)))), 0),
       round(avg(l.average) / 10, 1)
  FROM gradebook_sheetline l
 WHERE l.sheet_id = %(sheet)s
   AND EXISTS (SELECT 1 FROM curriculum_placement p WHERE p.enrolment_id = l.enrolment_id
                  AND p.school_class_id = %(class)s AND (p.until IS NULL OR p.until > current_date))
   AND NOT EXISTS (SELECT 1 FROM gradebook_exemption x WHERE x.enrolment_id = l.enrolment_id
                  AND x.class_subject_id = %(subject)s AND (x.term IS NULL OR x.term = %(term)s))
   AND (NOT %(some)s OR EXISTS (SELECT 1 FROM curriculum_choice k WHERE k.enrolment_id = l.enrolment_id
                  AND k.class_subject_id = %(subject)s))
"""


@dataclass(frozen=True)
class CellEdit:
    """One cell as the grid, the API or a workbook wants it. `version` is the one the writer has seen.

    value: text as typed ("8,5", "Đ", "T"), None to empty the cell. state: "" or one of `cells.STATES`; with a state the
    cell holds no mark.
    """

    row: UUID
    col: str
    value: str | None = None
    version: int = 0
    state: str = ""


@dataclass(frozen=True)
class CellAnswer:
    """What became of one cell. `value` and `version` are the table's; `by` wrote the value that stands against ours."""

    row: UUID
    col: str
    state: State
    value: str | None
    version: int
    message: str = ""
    by: str = ""


@dataclass(frozen=True)
class RowAnswer:
    """What follows for a row. `result` is the one of both that the sheet shows; `year` on the sheet of term II."""

    row: UUID
    average: str
    level: str
    result: str
    year: str


@dataclass(frozen=True)
class Saved:
    cells: list[CellAnswer]
    rows: list[RowAnswer]
    missing: int
    summary: dict[str, str] = field(default_factory=dict)


@dataclass
class Line:
    """A line under the lock, with what is to be changed in it."""

    id: UUID
    enrolment_id: UUID
    marks: dict[str, Any]
    states: dict[str, str]
    corrected: dict[str, Any]
    versions: dict[str, int]
    version: int
    remark: str
    is_exempt: bool
    is_present: bool
    takes_cluster: bool
    term1_average: int | None = None
    term1_level: str | None = None
    is_changed: bool = False
    average: int | None = None
    level: str = ""

    def put(self, column: Column, value: cells.Value, state: str) -> None:
        if not self.is_changed:
            self.is_changed, self.version = True, self.version + 1
        if column.code == cells.SECONDARY_REMARK:
            self.remark = str(value or "")
        elif value is None:
            self.marks.pop(column.code, None)
        else:
            self.marks[column.code] = value
        if state:
            self.states[column.code] = state
        else:
            self.states.pop(column.code, None)
        self.versions[column.code] = self.version


def save_cells(
    *, actor: Actor, sheet: Sheet | UUID, edits: Iterable[CellEdit | Mapping[str, Any]], request_id: str = ""
) -> Saved:
    """Write cells of one sheet; the answer says for each cell whether it is saved, refused or disputed.

    Only a teacher assigned to the subject of this class on this day may write (22/2021 Art. 19, 58/2011 Art. 19).
    The same request sent again after a lost reply gets the same answer: a cell that already holds the wanted value is
    saved, whatever its version. `request_id` tells attempts apart in the history. Raises NotAllowed, RuleError
    ("gradebook.sheet_locked"); nothing is written then.
    """
    wanted = read_edits(edits)
    with transaction.atomic():
        facts = facts_of(sheet if isinstance(sheet, UUID) else sheet.pk, person_id=actor.person_id, hold=True)
        require_writable(actor, facts)
        assert facts is not None
        lines = _lines(facts, {edit.row for edit in wanted})
        answers = [_apply(facts, lines.get(edit.row), edit) for edit in wanted]
        changed = [line for line in lines.values() if line.is_changed]
        if changed:
            with scope.use(replace(scope.current(), request=request_id or scope.current().request)):
                _write(actor, facts, changed)
            events.sheet_saved.send(sender=Sheet, sheet_id=facts.sheet_id)
        missing, mean = _summary(facts)
    return Saved(answers, [_row(facts, line) for line in changed], missing, {"mean": mean})


def _row(facts: Facts, line: Line) -> RowAnswer:
    average = "" if line.average is None else cells.mark_text(line.average, short=False)
    year = year_result(facts, (line.term1_average, line.term1_level), (line.average, line.level))
    return RowAnswer(line.enrolment_id, average, line.level, line.level or average, year)


def read_edits(edits: Iterable[CellEdit | Mapping[str, Any]]) -> list[CellEdit]:
    """Edits from JSON. Raises Invalid when the shape is wrong: what the grid sends by itself never is."""
    found = [edit if isinstance(edit, CellEdit) else _read_edit(edit) for edit in edits]
    if len(found) > MOST_CELLS:
        raise Invalid("gradebook.too_many_cells", _("Mỗi lần chỉ lưu được {n} ô.").format(n=MOST_CELLS), place="cells")
    return found


def _read_edit(raw: Any) -> CellEdit:
    try:
        row, col, value, version = UUID(str(raw["row"])), raw["col"], raw.get("value"), raw.get("version") or 0
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _bad_shape() from None
    state = raw.get("state") or ""
    known = isinstance(col, str) and (value is None or isinstance(value, str)) and type(version) is int
    if not known or (state and state not in cells.STATES):
        raise _bad_shape()
    return CellEdit(row, col, value.replace("\x00", "") if value else value, version, state)


def _bad_shape() -> Invalid:
    return Invalid("gradebook.bad_cells", _("Dữ liệu gửi lên không đúng dạng."), place="cells")


def require_writable(actor: Actor, facts: Facts | None) -> None:
    """Refuse unless the actor teaches the subject of this class today and the sheet is open."""
    if facts is None:
        raise NotAllowed("gradebook.no_such_sheet", _("Không có bảng điểm này hoặc thầy/cô không được xem."))
    actor.require(ENTER_MARKS, facts.school_id)
    if not (facts.is_assigned or actor.is_system):
        raise NotAllowed(
            "gradebook.not_your_subject",
            _("Chỉ giáo viên được phân công dạy môn {subject} lớp {name} mới nhập được điểm này.").format(
                subject=facts.subject_name, name=facts.class_name
            ),
        )
    if facts.locked_at is not None:
        raise RuleError(
            "gradebook.sheet_locked", _("Sổ điểm học kì này đã khóa. Muốn sửa, thầy/cô lập đề nghị sửa điểm.")
        )


def _places(facts: Facts) -> dict[str, Any]:
    return {
        "sheet": facts.sheet_id, "subject": facts.class_subject_id, "class": facts.class_id, "term": facts.term,
        "chosen": facts.clusters_chosen, "some": facts.chosen_by_some,
    }  # fmt: skip


def _lines(facts: Facts, rows: set[UUID]) -> dict[UUID, Line]:
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {**_places(facts), "rows": list(rows)})
        found = cursor.fetchall()
    return {row[1]: Line(row[0], row[1], *(_json(part) for part in row[2:6]), *row[6:]) for row in found}


def _json(text: Any) -> Any:
    return json.loads(text) if isinstance(text, str) else text


def _apply(facts: Facts, line: Line | None, edit: CellEdit) -> CellAnswer:
    """Judge one cell and put it into its line."""
    column = facts.book.column(edit.col)
    if line is None or column is None:
        message = _("Học sinh không có trong bảng điểm này.") if line is None else _("Bảng điểm không có cột này.")
        return CellAnswer(edit.row, edit.col, "refused", None, 0, message)
    now = cells.value_of(line.marks, line.remark, edit.col)
    version = line.versions.get(edit.col, 0)
    as_it_is = cells.wire(now, column)
    if (closed := _closed(line, column)) is not None:
        return CellAnswer(edit.row, edit.col, "refused", as_it_is, version, closed)
    try:
        value = None if edit.state else cells.read(edit.value, column, facts.regime)
    except InvalidMark as error:
        return CellAnswer(edit.row, edit.col, "refused", as_it_is, version, str(error))
    if edit.state and column.kind == "remark":
        return CellAnswer(edit.row, edit.col, "refused", as_it_is, version, _("Ô nhận xét không ghi vắng."))
    state = line.states.get(edit.col, "")
    if value == now and type(value) is type(now) and edit.state == state:
        return CellAnswer(edit.row, edit.col, "saved", as_it_is, version)
    if edit.version != version:
        return CellAnswer(edit.row, edit.col, "conflict", as_it_is, version, by=last_writer(line.id, edit.col))
    line.put(column, value, edit.state)
    return CellAnswer(edit.row, edit.col, "saved", cells.wire(value, column), line.version)


def _closed(line: Line, column: Column) -> str | None:
    """Why the cell takes nothing, or None."""
    if line.is_exempt:
        return _("Học sinh được miễn học môn này.")
    if not line.is_present:
        return _("Học sinh không còn học lớp này hoặc môn này.")
    if column.kind == "cluster" and not line.takes_cluster:
        return _("Học sinh không học cụm chuyên đề của môn này.")
    return None


def _write(actor: Actor, facts: Facts, lines: list[Line]) -> None:
    """One UPDATE for all lines, and the note that the class's figures are out of date."""
    for line in lines:
        line.average, line.level = cells.line_result(
            facts.book, {**line.marks, **line.corrected}, line.states, cluster=line.takes_cluster
        )
    rows = [
        {
            "id": str(line.id), "marks": line.marks, "states": line.states, "versions": line.versions,
            "version": line.version, "remark": line.remark, "average": line.average, "level": line.level,
        }
        for line in lines
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            _UPDATE,
            {
                "rows": json.dumps(rows, ensure_ascii=False), "account": actor.account_id, "id": uuid7(),
                "school": facts.school_id, "class": facts.class_id,
            },
        )  # fmt: skip


def _summary(facts: Facts) -> tuple[int, str]:
    """(cells still missing, mean of the averages as people read it) of the whole sheet."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARY, {**_places(facts), "required": list(facts.book.required)})
        missing, mean = cursor.fetchone()
    return int(missing), "" if mean is None else str(mean).replace(".", ",")
