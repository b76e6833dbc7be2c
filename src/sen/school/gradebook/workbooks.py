"""A sheet as an Excel file, and the file read back: what it would change, before anything is written.

The first two columns are hidden: the pupil's key and the version of the row when the file was made. By the version a
cell that somebody changed meanwhile is noticed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from sen.school.gradebook import cells
from sen.school.gradebook.queries.facts import Facts
from sen.school.gradebook.queries.grid import Row
from sen.school.gradebook.rules import Column, InvalidMark
from sen.school.gradebook.services.entry import CellEdit
from sen.shared.documents.xlsx_in import ReadSheet, Value, read_workbook
from sen.shared.documents.xlsx_out import Cell, Sheet, write_workbook
from sen.shared.documents.xlsx_out import Column as SheetColumn
from sen.shared.kit.errors import Invalid

KEY, VERSION = "Mã dòng", "Bản"
_CHOICES = {"verdict": ("Đ", "CĐ"), "level": ("T", "H", "C")}
_KINDS = {"mark": "decimal", "whole_mark": "integer"}
_MARK = "Mã bảng: "
TITLE_ROWS = 3


def write_sheet(facts: Facts, rows: list[Row], school: str, *, blank: bool = False) -> bytes:
    """The sheet as .xlsx: filled, or blank with names only. Protected but for the cells to be filled."""
    columns = facts.book.columns
    heads = [
        SheetColumn(KEY, 0),
        SheetColumn(VERSION, 0, "integer"),
        SheetColumn("TT", 5, "integer"),
        SheetColumn("Họ và tên", 28),
        SheetColumn("Ngày sinh", 12, "date"),
        *(_head(column) for column in columns),
        SheetColumn("TB học kì", 10),
    ]
    titles = (
        f"Bảng điểm môn {facts.subject_name}, lớp {facts.class_name}, học kì {'I' * facts.term},"
        f" năm học {facts.year}–{facts.year + 1}",
        school,
        f"{_MARK}{facts.sheet_id}",
    )
    lines = [_line(row, columns, blank=blank) for row in rows if row.until is None]
    return write_workbook([Sheet("Bảng điểm", heads, lines, titles, frozen_columns=5, protected=True)])


def _head(column: Column) -> SheetColumn:
    is_text = column.entry == "text"
    kind = _KINDS.get(column.entry, "text")
    return SheetColumn(
        column.heading,
        45 if is_text else 9,
        "decimal" if kind == "decimal" else "integer" if kind == "integer" else "text",
        _CHOICES.get(column.entry, ()),
        editable=True,
    )


def _line(row: Row, columns: tuple[Column, ...], *, blank: bool) -> list[Cell]:
    marks: list[Cell] = []
    for column in columns:
        value = None if blank or row.is_exempt else row.corrected.get(column.code, row.value(column.code))
        if isinstance(value, int) and column.entry in _KINDS:
            marks.append(Decimal(value) / 10)
        else:
            marks.append(cells.show(value, column))
    result = _("Miễn") if row.is_exempt else "" if blank else row.result
    return [str(row.enrolment_id), row.version, row.number, row.name, row.birth_date, *marks, result]


@dataclass(frozen=True)
class Change:
    """A cell the file would change, as people read it."""

    name: str
    heading: str
    old: str
    new: str


@dataclass(frozen=True)
class Total:
    """A column before and after: how many cells are filled, and the mean of the marks."""

    heading: str
    filled_before: int
    filled_after: int
    mean_before: str
    mean_after: str


@dataclass(frozen=True)
class Fault:
    """What is wrong in a cell of the file; row and column count from 0."""

    row: int
    column: int
    name: str
    heading: str
    sentence: str


@dataclass
class Preview:
    """What bringing in the file would do. `edits` go to `save_cells` when the teacher agrees."""

    sheet_name: str
    changes: list[Change] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    edits: list[CellEdit] = field(default_factory=list)


def read_sheet(data: bytes, facts: Facts, rows: list[Row]) -> Preview:
    """Read a workbook made by `write_sheet`. Raises Invalid when it is none, or another sheet's."""
    page = _page(read_workbook(data), facts)
    top = _heading_row(page)
    places = {str(text).strip(): number for number, text in enumerate(page.rows[top])}
    preview = Preview(page.name)
    by_key = {str(row.enrolment_id): row for row in rows}
    after: dict[tuple[UUID, str], cells.Value] = {}
    seen: set[str] = set()
    for number in range(top + 1, len(page.rows)):
        line = page.rows[number]
        key = _text(line, places[KEY])
        if not any(str(value).strip() for value in line):
            continue
        row = by_key.get(key)
        if row is None or key in seen:
            sentence = _("Dòng này bị lặp.") if row else _("Dòng này không phải của học sinh trong bảng điểm.")
            name = _text(line, places.get("Họ và tên", 0))
            preview.faults.append(Fault(number, places.get("Họ và tên", 0), name, _("Họ và tên"), sentence))
            continue
        seen.add(key)
        _read_row(preview, facts, row, line, number, places, after)
    preview.totals = [_total(column, rows, after) for column in facts.book.columns if column.entry != "text"]
    return preview


def _page(pages: list[ReadSheet], facts: Facts) -> ReadSheet:
    for page in pages:
        top = [str(line[0]) for line in page.rows[:TITLE_ROWS] if line]
        marked = next((text.removeprefix(_MARK).strip() for text in top if text.startswith(_MARK)), "")
        if marked == str(facts.sheet_id):
            return page
        if marked:
            raise Invalid(
                "gradebook.other_sheet", _("Tệp này của một bảng điểm khác (lớp, môn hoặc học kì khác)."), "file"
            )
    raise _no_sheet()


def _no_sheet() -> Invalid:
    return Invalid(
        "gradebook.no_sheet_in_file",
        _("Tệp không phải bảng điểm tải từ Sen. Xin tải bảng trống rồi điền vào đó."),
        "file",
    )


def _heading_row(page: ReadSheet) -> int:
    for number, line in enumerate(page.rows[: TITLE_ROWS + 3]):
        texts = {str(value).strip() for value in line}
        if {KEY, VERSION} <= texts:
            return number
    raise _no_sheet()


def _read_row(
    preview: Preview, facts: Facts, row: Row, line: list[Value], number: int, places: dict[str, int],
    after: dict[tuple[UUID, str], cells.Value],
) -> None:  # fmt: skip
    seen = _text(line, places[VERSION])
    made_on = int(float(seen)) if seen.replace(".0", "").isdigit() else 0
    for column in facts.book.columns:
        place = places.get(column.heading)
        if place is None:
            continue
        typed, now = _text(line, place), row.value(column.code)

        def fault(sentence: str, place: int = place, column: Column = column) -> None:
            preview.faults.append(Fault(number, place, row.name, column.heading, sentence))

        try:
            value = cells.read(typed, column, facts.regime)
        except InvalidMark as error:
            fault(str(error))
            continue
        if value == now:
            continue
        version = row.versions.get(column.code, 0)
        if row.is_closed:
            fault(_("Học sinh được miễn học môn này."))
        elif version > made_on:
            fault(
                _("Ô này đã được sửa thành {value} sau khi tải tệp.").format(
                    value=cells.show(now, column) or _("trống")
                )
            )
        elif column.kind == "cluster" and not row.takes_cluster:
            fault(_("Học sinh không học cụm chuyên đề của môn này."))
        else:
            after[row.enrolment_id, column.code] = value
            preview.changes.append(Change(row.name, column.heading, cells.show(now, column), cells.show(value, column)))
            preview.edits.append(CellEdit(row.enrolment_id, column.code, cells.wire(value, column), version))


def _text(line: list[Value], place: int) -> str:
    """A cell as text; Excel's 8 is 8.0, and 8,1 may be 8.1 with a tail of binary dust."""
    value = line[place] if place < len(line) else ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value).strip()


def _total(column: Column, rows: Iterable[Row], after: dict[tuple[UUID, str], cells.Value]) -> Total:
    old = [row.value(column.code) for row in rows if not row.is_closed]
    new = [after.get((row.enrolment_id, column.code), row.value(column.code)) for row in rows if not row.is_closed]
    return Total(column.heading, _filled(old), _filled(new), _mean(old, column), _mean(new, column))


def _filled(values: list[cells.Value]) -> int:
    return sum(1 for value in values if value is not None)


def _mean(values: list[cells.Value], column: Column) -> str:
    marks = [value for value in values if isinstance(value, int)]
    if column.entry not in _KINDS or not marks:
        return ""
    return f"{sum(marks) / len(marks) / 10:.2f}".replace(".", ",")
