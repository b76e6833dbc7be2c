"""Find the headings of a table in somebody else's workbook.

People move columns, drop the marks, add title lines above, and build headings of two or three rows with merged cells.
All of that is accepted; a column that is missing or stands there twice is named in the refusal.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sen.shared.kit.errors import Invalid

from .xlsx_in import ReadSheet, Value, merged_value
from .xlsx_out import cell_name

LOOK_AT = 30
"""Rows from the top in which the headings are sought."""

DEEPEST = 3


@dataclass(frozen=True)
class Header:
    """Where the table is. Data begin in row `last + 1`; `columns`: key -> column; all count from 0.

    `unknown`: column -> heading that was not asked for.
    """

    first: int
    last: int
    columns: Mapping[str, int]
    unknown: Mapping[int, str]


def find_header_row(
    sheet: ReadSheet | Sequence[Sequence[Value]],
    headings: Mapping[str, str | Sequence[str]],
    *,
    required: Collection[str] | None = None,
) -> Header:
    """Find the rows in which most of `headings` stand.

    `headings`: key -> the heading, or several ways to write it; a heading under another is written "Học kì I / Toán".
    `required`: keys that must be there, all by default. Raises Invalid: documents.no_header, documents.missing_columns
    (naming them), documents.column_twice (naming the cells).
    """
    table = sheet if isinstance(sheet, ReadSheet) else ReadSheet("", [list(row) for row in sheet])
    wanted = {
        folded(text): key for key, texts in headings.items() for text in ([texts] if isinstance(texts, str) else texts)
    }
    best = Header(0, 0, {}, {})
    twice: dict[str, list[int]] = {}
    for first in range(min(LOOK_AT, len(table.rows))):
        for depth in range(1, DEEPEST + 1):
            last = first + depth - 1
            if last >= len(table.rows):
                break
            header, repeated = _match(table, first, last, wanted)
            if (len(header.columns), best.last - best.first) > (len(best.columns), depth - 1):
                best, twice = header, repeated
    if not best.columns:
        raise Invalid("documents.no_header", _("Không tìm thấy dòng tiêu đề của bảng."), table.name)
    labels = {key: texts if isinstance(texts, str) else texts[0] for key, texts in headings.items()}
    if twice:
        key, places = next(iter(twice.items()))
        cells = ", ".join(cell_name(best.last, place) for place in places)
        text = _("Cột “{name}” xuất hiện nhiều lần ({cells}).").format(name=labels[key], cells=cells)
        raise Invalid("documents.column_twice", text, cells)
    missing = [labels[key] for key in (headings if required is None else required) if key not in best.columns]
    if missing:
        text = _("Thiếu cột: {names}.").format(names=", ".join(missing))
        raise Invalid("documents.missing_columns", text, cell_name(best.first, 0))
    return best


def folded(value: Value) -> str:
    """A heading without marks, case, punctuation and extra spaces: "Họ  và tên (*)\\n" -> "ho va ten"."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", letters))


def _match(table: ReadSheet, first: int, last: int, wanted: Mapping[str, str]) -> tuple[Header, dict[str, list[int]]]:
    """Read rows first..last as headings. Returns the header and the keys that stand there more than once."""
    paths = _paths(table, first, last)
    found: dict[str, list[int]] = {}
    unknown: dict[int, str] = {}
    for column, path in enumerate(paths):
        if not path:
            continue
        whole = " ".join(folded(part) for part in path)
        key = wanted.get(whole) or wanted.get(folded(path[-1]))
        if key is None:
            unknown[column] = " / ".join(str(part) for part in path)
        else:
            found.setdefault(key, []).append(column)
    columns = {key: places[0] for key, places in found.items()}
    # A heading merged downwards reaches below the rows that were needed to recognise it.
    for (top, left), (bottom, _right) in table.merged:
        if first <= top <= last and left in columns.values():
            last = max(last, bottom)
    return Header(first, last, columns, unknown), {key: places for key, places in found.items() if len(places) > 1}


def _paths(table: ReadSheet, first: int, last: int) -> list[list[Value]]:
    """Each column's headings from top to bottom; a merged heading counts for every column under it."""
    width = max((len(row) for row in table.rows[first : last + 1]), default=0)
    paths: list[list[Value]] = [[] for _column in range(width)]
    for row in range(first, last + 1):
        left: Value = ""
        for column in range(width):
            value = merged_value(table, row, column)
            below = any(merged_value(table, lower, column) != "" for lower in range(row + 1, last + 1))
            if value == "" and left != "" and below:
                value = left  # .ods and copied tables lose the merge: an empty cell above a heading belongs to the left
            left = value
            if value != "" and (not paths[column] or folded(paths[column][-1]) != folded(value)):
                paths[column].append(value)
    return paths
