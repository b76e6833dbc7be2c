"""Excel out: workbooks that a clerk can work in, print and send back.

Text is always written as text: a value that begins with = + - @ never becomes a formula, in Excel neither now nor after
the cell is edited (it carries Excel's own "quote prefix").
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range_abs

Kind = Literal["text", "integer", "decimal", "decimal2", "money", "percent", "date"]

_FORMATS = {
    "text": "@",
    "integer": "#,##0",
    "decimal": "0.0",
    "decimal2": "0.00",
    "money": "#,##0",
    "percent": "0.0%",
    "date": "dd/mm/yyyy",
}
_LEAF, _WARM, _FAULT = "#0F766E", "#F5F5F4", "#FECACA"
_HEADING = {
    "bold": True,
    "text_wrap": True,
    "align": "center",
    "valign": "vcenter",
    "border": 1,
    "bg_color": _LEAF,
    "font_color": "#FFFFFF",
}
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_LISTS = "_danh_muc"
_LONGEST_INLINE_LIST = 255
"""Characters; Excel refuses a longer list written into the validation itself."""

Cell = str | int | float | Decimal | bool | date | datetime | None


@dataclass(frozen=True)
class Column:
    """`choices` become a drop-down list; `editable` matters in a protected sheet; `hint` shows beside the heading."""

    heading: str
    width: float = 14
    kind: Kind = "text"
    choices: Sequence[str] = ()
    editable: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Sheet:
    """One worksheet. `faults`: (row, column) counted from 0 within `rows` -> what is wrong there.

    `blank_rows`: prepared empty rows below the data, for templates to be filled in.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]] = ()
    titles: Sequence[str] = ()
    frozen_columns: int = 0
    protected: bool = False
    blank_rows: int = 0
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Make an .xlsx file. Rows are read once and written as they come, so a long export needs little memory."""
    output = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(output, options) as book:
        writer = _Writer(book)
        for sheet in sheets:
            writer.add(sheet)
        writer.add_lists()
    return output.getvalue()


class _Writer:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[object, ...], Any] = {}
        self._lists: list[Sequence[str]] = []

    def add(self, sheet: Sheet) -> None:
        page = self._book.add_worksheet(sheet.name)
        title_styles = [self._book.add_format({"bold": True, "font_size": 14}), self._book.add_format({})]
        for number, title in enumerate(sheet.titles):
            page.write_string(number, 0, title, title_styles[min(number, 1)])
        top = len(sheet.titles) + (1 if sheet.titles else 0)
        heading = self._book.add_format(_HEADING)
        for number, column in enumerate(sheet.columns):
            page.set_column(number, number, column.width)
            page.write_string(top, number, column.heading, heading)
            if column.hint:
                page.write_comment(top, number, column.hint)
        last = top
        for index, row in enumerate(sheet.rows):
            last = top + 1 + index
            for number, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                fault = sheet.faults.get((index, number))
                self._write(page, (last, number), column, value, sheet.protected, fault)
        for _blank in range(sheet.blank_rows):
            last += 1
            for number, column in enumerate(sheet.columns):
                page.write_blank(last, number, None, self._body(column, sheet.protected))
        self._finish(page, sheet, top, last)

    def add_lists(self) -> None:
        """Lists too long for the cell's own validation, on a hidden sheet. Written last: they are known only now."""
        if not self._lists:
            return
        page = self._book.add_worksheet(_LISTS)
        for number, choices in enumerate(self._lists):
            page.write_column(0, number, choices)
        page.hide()

    def _write(
        self, page: Any, place: tuple[int, int], column: Column, value: Cell, protected: bool, fault: str | None
    ) -> None:
        quoted = isinstance(value, str) and value.startswith(_FORMULA_SIGNS)
        style = self._body(column, protected, quoted=quoted, faulty=fault is not None)
        if value is None or value == "":
            page.write_blank(*place, None, style)
        elif isinstance(value, str):
            page.write_string(*place, value, style)
        elif isinstance(value, bool):
            page.write_boolean(*place, value, style)
        elif isinstance(value, date):
            page.write_datetime(*place, value.replace(tzinfo=None) if isinstance(value, datetime) else value, style)
        else:
            page.write_number(*place, value, style)
        if fault:
            page.write_comment(*place, fault, {"x_scale": 2})

    def _finish(self, page: Any, sheet: Sheet, top: int, last: int) -> None:
        for number, column in enumerate(sheet.columns):
            if column.choices and last > top:
                page.data_validation(top + 1, number, last, number, self._validation(column.choices))
        page.freeze_panes(top + 1, sheet.frozen_columns)
        page.autofilter(top, 0, max(last, top), len(sheet.columns) - 1)
        page.repeat_rows(top)
        page.set_paper(9)  # A4
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_footer("&L&D &T&RTrang &P/&N")
        if sheet.protected:
            # No password: it guards against slips, not against people; the import checks everything again.
            page.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})

    def _validation(self, choices: Sequence[str]) -> dict[str, Any]:
        source: Any = list(choices)
        if len(",".join(choices)) > _LONGEST_INLINE_LIST or any("," in choice for choice in choices):
            if choices not in self._lists:
                self._lists.append(choices)
            number = self._lists.index(choices)
            source = f"={_LISTS}!{xl_range_abs(0, number, len(choices) - 1, number)}"
        return {
            "validate": "list",
            "source": source,
            "error_title": "Giá trị không hợp lệ",
            "error_message": "Vui lòng chọn một giá trị trong danh sách.",
        }

    def _body(self, column: Column, protected: bool, *, quoted: bool = False, faulty: bool = False) -> Any:
        locked = not (protected and column.editable)
        key = (column.kind, locked, protected, quoted, faulty)
        if key not in self._made:
            style = {
                "num_format": _FORMATS[column.kind],
                "align": "left" if column.kind == "text" else "center" if column.kind == "date" else "right",
                "border": 1,
                "border_color": "#D6D3D1",
                "locked": locked,
                "quote_prefix": quoted,
            }
            shade = _FAULT if faulty else _WARM if protected and locked else ""
            self._made[key] = self._book.add_format(style | ({"bg_color": shade} if shade else {}))
        return self._made[key]


def cell_name(row: int, column: int) -> str:
    """(4, 2) -> "C5", as the person sees it in Excel."""
    return f"{xl_col_to_name(column)}{row + 1}"
