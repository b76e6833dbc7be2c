"""Excel in: read what people send, whatever program made it, and give it back with its faults marked.

Accepts .xlsx, .xlsm, .xls, .ods by content, not by name. A file is a stranger's: its size and what it unpacks to are
limited first, and it is opened in a child process (`xlsx_child`) that may die of it.
"""

import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext as _

from sen.shared.kit.errors import Invalid

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
"""Bytes after decompression, over the whole file."""

MOST_CELLS = 2_000_000
"""In one sheet, empty ones between the first and the last counted."""

_MOST_PARTS = 5_000
_SECONDS = 90
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

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
    sheets = json.loads(_in_child("read", data), object_hook=_dated)
    return list(sheets)


def mark_faults(data: bytes, faults: Iterable[Fault]) -> bytes:
    """The same workbook with each faulty cell coloured and commented. Formats and other sheets stay as they were.

    An .xls or .ods file comes back as .xlsx with its values. Raises Invalid as `read_workbook` does.
    """
    _require_safe(data)
    return _in_child("mark", data, list(faults))


def merged_value(sheet: ReadSheet, row: int, column: int) -> Value:
    """The cell's value, or that of the merged area it lies in."""
    for (top, left), (bottom, right) in sheet.merged:
        if top <= row <= bottom and left <= column <= right:
            row, column = top, left
            break
    cells: Sequence[Value] = sheet.rows[row] if row < len(sheet.rows) else ()
    return cells[column] if column < len(cells) else ""


def _in_child(do: Literal["read", "mark"], data: bytes, faults: Sequence[Fault] = ()) -> bytes:
    order = json.dumps({"do": do, "most_cells": MOST_CELLS, "faults": faults}).encode()
    command = [sys.executable, "-I", str(Path(__file__).with_name("xlsx_child.py"))]
    try:
        child = subprocess.run(command, input=order + b"\n" + data, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise _too_large() from error
    verdict, _newline, result = child.stdout.partition(b"\n")
    if verdict == b"ok":
        return result
    if verdict == b"locked":
        raise _locked()
    if verdict == b"too_large" or child.returncode < 0:  # ended by the system: it asked for too much
        raise _too_large()
    raise _not_a_spreadsheet()


def _dated(item: dict[str, Any]) -> Any:
    """JSON objects from the child: a sheet, or one date or time."""
    if "rows" in item:
        ranges = tuple(((top, left), (bottom, right)) for (top, left), (bottom, right) in item["merged"])
        return ReadSheet(item["name"], item["rows"], ranges)
    ((kind, value),) = item.items()
    if kind == "seconds":
        return timedelta(seconds=value)
    kinds: dict[str, type[date] | type[time]] = {"date": date, "datetime": datetime, "time": time}
    return kinds[kind].fromisoformat(value)


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
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
        raise _not_a_spreadsheet() from error


def _require_small_when_unpacked(archive: zipfile.ZipFile) -> None:
    """Unpack and count: the sizes written in the archive's directory are its maker's claim only."""
    total = 0
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS:
        raise _too_large()
    for part in parts:
        if total + part.file_size > LARGEST_UNPACKED:
            raise _too_large()
        with archive.open(part) as stream:
            while chunk := stream.read(1 << 20):
                total += len(chunk)
                if total > LARGEST_UNPACKED:
                    raise _too_large()


def _too_large() -> Invalid:
    text = _("Tệp chứa quá nhiều dữ liệu. Vui lòng xóa các ô thừa hoặc chia thành nhiều tệp nhỏ hơn.")
    return Invalid("documents.file_too_large", text)


def _locked() -> Invalid:
    return Invalid("documents.spreadsheet_locked", _("Tệp có mật khẩu. Vui lòng bỏ mật khẩu rồi gửi lại."))


def _not_a_spreadsheet() -> Invalid:
    text = _(
        "Tệp không phải bảng tính Excel (.xlsx, .xls) hoặc OpenDocument (.ods), hoặc đã bị hỏng. "
        "Vui lòng mở bằng Excel, lưu lại dạng .xlsx rồi gửi lại."
    )
    return Invalid("documents.not_a_spreadsheet", text)
