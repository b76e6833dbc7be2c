"""From a workbook to rows: which sheet, which columns, which rows are data."""

from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from sen.core.people.imports.targets import Column, Row, Target
from sen.shared.documents.headings import LOOK_AT, Header, find_header_row, folded
from sen.shared.documents.xlsx_in import ReadSheet, Value, read_workbook
from sen.shared.kit.errors import Invalid

MOST_ROWS = 20_000
# Fewer recognised headings than this is a sheet of something else (guidance, code lists).
_FEWEST = 2


@dataclass(frozen=True)
class Table:
    """The rows of a file. `recognised`: (column, its heading, our column); `unrecognised`: (column, heading)."""

    sheet: str
    header: Header
    rows: list[Row]
    recognised: list[tuple[int, str, Column]]
    unrecognised: list[tuple[int, str]]

    def column_of(self, key: str) -> int:
        """The sheet column of a key, or the first recognised one for a fault of the whole row."""
        found = self.header.columns.get(key)
        return found if found is not None else min(self.header.columns.values(), default=0)


def read_table(data: bytes, target: Target) -> Table:
    """Find the table of this kind in the workbook. Raises Invalid with a sentence that says what is missing where."""
    sheets = [sheet for sheet in read_workbook(data) if any(any(cell != "" for cell in row) for row in sheet.rows)]
    if not sheets:
        raise Invalid("people.import_empty", _("Tệp không có dữ liệu nào."))
    wanted = {column.key: column.headings for column in target.columns}
    found: list[tuple[ReadSheet, Header]] = []
    refused: Invalid | None = None
    for sheet in (_split_name_headings(sheet, wanted) for sheet in sheets):
        try:
            header = find_header_row(sheet, wanted, required=())
        except Invalid as error:
            refused = refused or error
            continue
        if len(header.columns) >= _FEWEST:
            found.append((sheet, header))
    if not found:
        if refused is not None and refused.code == "documents.column_twice":
            raise refused
        labels = ", ".join(f"“{_label(target, keys[0])}”" for keys in target.required)
        raise Invalid(
            "people.import_no_header",
            _("Không tìm thấy dòng tiêu đề; cần có các cột %(columns)s. Có thể tải tệp mẫu để so.")
            % {"columns": labels},
        )
    # The sheet with the most of our columns; of two equal ones the first.
    sheet, header = max(found, key=lambda pair: len(pair[1].columns))
    _require_columns(target, header, sheet)
    return _table(sheet, header, target)


def _split_name_headings(sheet: ReadSheet, wanted: dict[str, tuple[str, ...]]) -> ReadSheet:
    """Schools merge one "Họ và tên" over two columns, family name left, given name right: name each of them."""
    whole = {folded(text) for text in wanted.get("full_name", ())}
    every = {folded(text) for texts in wanted.values() for text in texts}
    if not whole or "given_name" not in wanted:
        return sheet
    rows, merged = [list(row) for row in sheet.rows], list(sheet.merged)
    for area in sheet.merged:
        (top, left), (bottom, right) = area
        if right - left != 1 or bottom >= min(LOOK_AT, len(rows)) or left >= len(rows[top]):
            continue
        below = rows[bottom + 1][left : right + 1] if bottom + 1 < len(rows) else []
        if folded(rows[top][left]) not in whole or any(folded(cell) in every for cell in below):
            continue
        for row in range(top, bottom + 1):
            rows[row] += [""] * (right + 1 - len(rows[row]))
        rows[bottom][left], rows[bottom][right] = wanted["family_name"][0], wanted["given_name"][0]
        if bottom > top:
            rows[top][left] = ""
        merged.remove(area)
    return ReadSheet(sheet.name, rows, tuple(merged))


def _label(target: Target, key: str) -> str:
    return next((column.label for column in target.columns if column.key == key), key)


def _require_columns(target: Target, header: Header, sheet: ReadSheet) -> None:
    missing = [keys for keys in target.required if not any(key in header.columns for key in keys)]
    if missing:
        names = ", ".join("“" + _(" hoặc ").join(_label(target, key) for key in keys) + "”" for keys in missing)
        raise Invalid(
            "people.import_missing_columns",
            _("Trang tính “%(sheet)s” thiếu cột: %(columns)s. Xin thêm cột rồi gửi lại.")
            % {"sheet": sheet.name, "columns": names},
            place=sheet.name,
        )


def _table(sheet: ReadSheet, header: Header, target: Target) -> Table:
    by_key = {column.key: column for column in target.columns}
    places = sorted((place, key) for key, place in header.columns.items())
    rows = []
    fill_down(sheet, header)
    for number, cells in enumerate(sheet.rows[header.last + 1 :], header.last + 1):
        filled = {key: value for place, key in places if place < len(cells) and not _blank(value := cells[place])}
        if _is_data(filled):
            rows.append(Row(number, filled))
    if len(rows) > MOST_ROWS:
        raise Invalid(
            "people.import_too_long",
            _("Tệp có hơn %(most)d dòng; xin chia thành nhiều tệp.") % {"most": MOST_ROWS},
        )
    if not rows:
        raise Invalid("people.import_empty", _("Dưới dòng tiêu đề không có dòng dữ liệu nào."))
    recognised = [(place, _heading(sheet, header, place), by_key[key]) for place, key in places]
    return Table(sheet.name, header, rows, recognised, sorted(header.unknown.items()))


def fill_down(sheet: ReadSheet, header: Header) -> None:
    """A cell merged over several rows of data (a teacher with three subjects) means its value in each of them."""
    wanted = set(header.columns.values())
    for (top, left), (bottom, right) in sheet.merged:
        inside = header.last < top < min(bottom, len(sheet.rows)) and left == right and left in wanted
        if not inside or left >= len(sheet.rows[top]):
            continue
        value = sheet.rows[top][left]
        for row in sheet.rows[top + 1 : bottom + 1]:
            if left < len(row) and row[left] == "":
                row[left] = value


def _blank(value: Value) -> bool:
    return value == "" or (isinstance(value, str) and not value.strip("\x00 \t\r\n\u00a0"))


def _is_data(cells: dict[str, Value]) -> bool:
    """A running number alone, or the line of column numbers (1) (2) (3) under some headings, is no data."""
    content = [value for key, value in cells.items() if key != "row_number"]
    if any(isinstance(value, str) and len(value) > 6 for value in content):
        return True
    numbered = [folded(value) for value in cells.values()]
    if not content:
        return False
    digits = [int(text) for text in numbered if text.isascii() and text.isdigit() and len(text) < 4]
    counts_up = len(digits) == len(numbered) >= 3 and all(b > a for a, b in pairwise(digits))
    return not counts_up


def _heading(sheet: ReadSheet, header: Header, place: int) -> str:
    texts: list[str] = []
    for row in sheet.rows[header.first : header.last + 1]:
        text = " ".join(str(row[place]).split()) if place < len(row) else ""
        if text and text not in texts:
            texts.append(text)
    return " / ".join(texts)
