"""The part of reading a workbook that a hostile file can kill, run as a program of its own.

The readers build a whole sheet in memory: one cell at the far corner of a small file makes them ask for terabytes, and
the process that asks is ended. So the asking is done by a child with little memory and time; when it dies, the file is
refused and the server goes on. Imports nothing of ours, starts in a tenth of a second.

Speaks JSON. In: one line {"do": "read"|"mark", "most_cells": n, "faults": [...]}, then the file. Out: one line with the
verdict, then the sheets as JSON or the marked file.
"""

import contextlib
import json
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

MEMORY = 1536 * 1024 * 1024
SECONDS = 60
FAULT_COLOUR = "FECACA"


class TooLarge(Exception):
    """A sheet spans more cells than allowed."""


def read(data: bytes, most_cells: int) -> list[dict[str, Any]]:
    import python_calamine as calamine

    book = calamine.load_workbook(BytesIO(data))
    sheets = []
    for item in book.sheets_metadata:
        if item.visible != calamine.SheetVisibleEnum.Visible or item.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(item.name)
        end = sheet.end
        if end is not None and (end[0] + 1) * (end[1] + 1) > most_cells:
            raise TooLarge
        rows = sheet.to_python(skip_empty_area=False) if end is not None else []
        sheets.append({"name": item.name, "rows": rows, "merged": sheet.merged_cell_ranges or []})
    return sheets


def mark(data: bytes, faults: list[tuple[str, int, int, str]], most_cells: int) -> bytes:
    from openpyxl.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    fill = PatternFill("solid", start_color=FAULT_COLOUR, end_color=FAULT_COLOUR)
    book = _editable(data, most_cells)
    for sheet, row, column, sentence in faults:
        page = book[sheet]
        cell = page.cell(row + 1, column + 1)
        if isinstance(cell, MergedCell):
            area = next(item for item in page.merged_cells.ranges if cell.coordinate in item)
            cell = page.cell(area.min_row, area.min_col)
        cell.fill = fill
        earlier = f"{cell.comment.text}\n" if cell.comment else ""
        cell.comment = Comment(earlier + sentence, "Sen", width=320, height=100)
    output = BytesIO()
    book.save(output)
    return output.getvalue()


def _editable(data: bytes, most_cells: int) -> Any:
    from openpyxl import Workbook, load_workbook

    if zipfile.is_zipfile(BytesIO(data)) and "mimetype" not in zipfile.ZipFile(BytesIO(data)).namelist():
        return load_workbook(BytesIO(data))
    book = Workbook()  # .xls and .ods come back as .xlsx
    book.remove(book.active)
    for sheet in read(data, most_cells):
        page = book.create_sheet(sheet["name"])
        for number, row in enumerate(sheet["rows"], 1):
            for place, value in enumerate(row, 1):
                if value != "":
                    cell = page.cell(number, place)
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"  # a text that begins with = stays a text
        for (top, left), (bottom, right) in sheet["merged"]:
            page.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    return book


def _plain(value: object) -> dict[str, object]:
    """Dates and times, which JSON does not know."""
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    raise TypeError(type(value))


def main() -> None:
    with contextlib.suppress(
        ValueError, OSError
    ):  # macOS does not limit memory this way; there the request itself fails
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    order = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    verdict, result = "ok", b""
    try:
        if order["do"] == "read":
            result = json.dumps(read(data, order["most_cells"]), default=_plain, ensure_ascii=False).encode()
        else:
            result = mark(data, order["faults"], order["most_cells"])
    except (TooLarge, MemoryError):
        verdict = "too_large"
    except BaseException as error:
        # The reader is written in Rust; on some broken files it panics, which Python sees as a BaseException.
        verdict = "locked" if type(error).__name__ == "PasswordError" else "broken"
        sys.stderr.write(f"{type(error).__name__}: {error}"[:500])
    sys.stdout.buffer.write(verdict.encode() + b"\n" + result)


if __name__ == "__main__":
    main()
