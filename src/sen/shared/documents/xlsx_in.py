"""Excel in: read what people send, whatever program made it, and give it back with its faults marked.

Accepts .xlsx, .xlsm, .xls, .ods by content, not by name. A file is a stranger's: its size, what it unpacks to and the
number of its cells are limited before anything is built from it.
"""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import python_calamine as calamine
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from sen.shared.kit.errors import Invalid

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 300 * 1024 * 1024
"""Bytes after decompression, over the whole file."""

MOST_CELLS = 5_000_000
_MOST_PARTS = 5_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FAULT = PatternFill("solid", start_color="FECACA", end_color="FECACA")
_AUTHOR = "Sen"

Value = str | int | float | bool | date | datetime | time | timedelta
Range = tuple[tuple[int, int], tuple[int, int]]
Fault = tuple[str, int, int, str]
"""(sheet, row, column, sentence); row and column count from 0, as in `ReadSheet.rows`."""


@dataclass(frozen=True)
class ReadSheet:
    """A worksheet from its cell A1 on. An empty cell is "". `merged`: ((row, column), (row, column)) inclusive."""

    name: str
    rows: list[list[Value]]
    merged: tuple[Range, ...] = ()


def read_workbook(data: bytes) -> list[ReadSheet]:
    """Every visible worksheet, in order.

    Raises Invalid: documents.file_too_large, documents.not_a_spreadsheet, documents.spreadsheet_locked.
    """
    _require_safe(data)
    try:
        book = calamine.load_workbook(BytesIO(data))
        visible = [
            item.name
            for item in book.sheets_metadata
            if item.visible == calamine.SheetVisibleEnum.Visible and item.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        return [_read(book.get_sheet_by_name(name), name) for name in visible]
    except Invalid:
        raise
    except calamine.PasswordError as error:
        raise _locked() from error
    except BaseException as error:
        # The reader is written in Rust; on some broken files it panics, which Python sees as a BaseException.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise _not_a_spreadsheet() from error
        raise


def mark_faults(data: bytes, faults: Iterable[Fault]) -> bytes:
    """The same workbook with each faulty cell coloured and commented. Formats and other sheets stay as they were.

    An .xls or .ods file comes back as .xlsx with its values. Raises Invalid as `read_workbook` does.
    """
    _require_safe(data)
    book = _editable(data)
    for sheet, row, column, sentence in faults:
        page = book[sheet]
        cell = page.cell(row + 1, column + 1)
        if isinstance(cell, MergedCell):
            area = next(item for item in page.merged_cells.ranges if cell.coordinate in item)
            cell = page.cell(area.min_row, area.min_col)
        cell.fill = _FAULT
        earlier = f"{cell.comment.text}\n" if cell.comment else ""
        cell.comment = Comment(earlier + sentence, _AUTHOR, width=320, height=100)
    output = BytesIO()
    book.save(output)
    return output.getvalue()


def _editable(data: bytes) -> Any:
    if data.startswith(_ZIP) and not _is_open_document(data):
        try:
            return load_workbook(BytesIO(data))
        except (ValueError, KeyError, TypeError, AttributeError, OSError, zipfile.BadZipFile) as error:
            raise _not_a_spreadsheet() from error
    book = Workbook()
    book.remove(book.active)
    for sheet in read_workbook(data):
        page = book.create_sheet(sheet.name)
        for number, row in enumerate(sheet.rows, 1):
            for place, value in enumerate(row, 1):
                if value != "":
                    cell = page.cell(number, place)
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"  # a text that begins with = stays a text
        for (top, left), (bottom, right) in sheet.merged:
            page.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    return book


def _read(sheet: Any, name: str) -> ReadSheet:
    end = sheet.end
    if end is None:
        return ReadSheet(name, [])
    if (end[0] + 1) * (end[1] + 1) > MOST_CELLS:
        raise Invalid("documents.file_too_large", _("Trang tính “{name}” có quá nhiều ô.").format(name=name), name)
    merged = tuple(sheet.merged_cell_ranges or ())
    return ReadSheet(name, sheet.to_python(skip_empty_area=False), merged)


def _require_safe(data: bytes) -> None:
    if len(data) > LARGEST_FILE:
        limit = LARGEST_FILE // 1024 // 1024
        text = _("Tệp lớn hơn {limit} MB. Vui lòng chia thành nhiều tệp nhỏ hơn.").format(limit=limit)
        raise Invalid("documents.file_too_large", text)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _locked()
        return
    if not data.startswith(_ZIP):
        raise _not_a_spreadsheet()
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _require_small_when_unpacked(archive)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise _not_a_spreadsheet() from error


def _require_small_when_unpacked(archive: zipfile.ZipFile) -> None:
    """Unpack and count: the sizes written in the archive's directory are its maker's claim only."""
    total = 0
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS:
        raise _bomb()
    for part in parts:
        if total + part.file_size > LARGEST_UNPACKED:
            raise _bomb()
        with archive.open(part) as stream:
            while chunk := stream.read(1 << 20):
                total += len(chunk)
                if total > LARGEST_UNPACKED:
                    raise _bomb()


def _is_open_document(data: bytes) -> bool:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return "mimetype" in archive.namelist()


def _bomb() -> Invalid:
    return Invalid("documents.file_too_large", _("Tệp chứa quá nhiều dữ liệu khi giải nén nên bị từ chối."))


def _locked() -> Invalid:
    return Invalid("documents.spreadsheet_locked", _("Tệp có mật khẩu. Vui lòng bỏ mật khẩu rồi gửi lại."))


def _not_a_spreadsheet() -> Invalid:
    text = _(
        "Tệp không phải bảng tính Excel (.xlsx, .xls) hoặc OpenDocument (.ods), hoặc đã bị hỏng. "
        "Vui lòng mở bằng Excel, lưu lại dạng .xlsx rồi gửi lại."
    )
    return Invalid("documents.not_a_spreadsheet", text)


def merged_value(sheet: ReadSheet, row: int, column: int) -> Value:
    """The cell's value, or that of the merged area it lies in."""
    for (top, left), (bottom, right) in sheet.merged:
        if top <= row <= bottom and left <= column <= right:
            row, column = top, left
            break
    cells: Sequence[Value] = sheet.rows[row] if row < len(sheet.rows) else ()
    return cells[column] if column < len(cells) else ""
