"""Between the book's cells and people: what a cell holds in the table, on the wire, on the screen, and for the rules.

In the table marks are whole tenths, verdicts 1 and 0, levels letters, remarks text. On the wire (grid, API, Excel)
every value is text: "8.5", "Đ", "CĐ", "T". Pure functions: values in, values out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.school.gradebook import rules
from sen.school.gradebook.rules import Cell, Column, Form, Policy, Regime
from sen.school.gradebook.rules.regimes import PRIMARY
from sen.school.gradebook.rules.secondary import subject_term
from sen.shared.kit.names import fold

EXCUSED, ABSENT = "excused", "absent"
STATES: Final = {EXCUSED: "Có lí do, chờ đánh giá bù", ABSENT: "Không có lí do: tính 0 (Chưa đạt)"}
LONGEST_REMARK = 1000
KINDS: Final = {"mark": "mark", "verdict": "pass", "level": "level", "whole_mark": "test", "text": "remark"}
SECONDARY_REMARK = "nx"
_VERDICTS: Final = {"d": 1, "dat": 1, "1": 1, "cd": 0, "chua dat": 0, "cdat": 0, "0": 0}
_LEVELS: Final = {
    "t": "T", "htt": "T", "hoan thanh tot": "T", "tot": "T",
    "h": "H", "ht": "H", "hoan thanh": "H",
    "c": "C", "cht": "C", "chua hoan thanh": "C",
}  # fmt: skip

Value = int | str | None
"""What a cell holds in the table; None is an empty cell."""


@dataclass(frozen=True)
class Book:
    """What a sheet's columns and results follow from; the same for every line of the sheet."""

    regime: str
    form: str
    lessons: int
    grade: int
    term: int
    key: str
    has_cluster: bool
    policy: Policy

    @property
    def columns(self) -> tuple[Column, ...]:
        return _columns(self)

    @property
    def required(self) -> tuple[str, ...]:
        """Codes of the columns that must be filled, remarks left out; the cluster's counts for those who take it."""
        return tuple(column.code for column in self.columns if column.kind != "remark")

    def column(self, code: str) -> Column | None:
        return next((column for column in self.columns if column.code == code), None)


@lru_cache(maxsize=4096)
def _columns(book: Book) -> tuple[Column, ...]:
    return rules.columns_for(
        book.regime,
        book.form,
        book.lessons,
        book.grade,
        book.term,
        subject_key=book.key,
        cluster=book.has_cluster,
        policy=book.policy,
    )


def read(text: str | None, column: Column, regime: str) -> Value:
    """What a teacher typed or sent, as the table keeps it. Raises rules.InvalidMark with a sentence for the teacher."""
    typed = (text or "").strip()
    if not typed:
        return None
    match column.entry:
        case "mark" | "whole_mark":
            return int(rules.read_mark(typed, regime) * 10)
        case "verdict":
            return _choice(typed, _VERDICTS, "Đ (Đạt), CĐ (Chưa đạt)")
        case "level":
            return _choice(typed, _LEVELS, "T, H, C")
        case _:
            if len(typed) > LONGEST_REMARK:
                raise rules.InvalidMark(
                    _("Lời nhận xét dài {n} ký tự, tối đa {most}.").format(n=len(typed), most=LONGEST_REMARK)
                )
            return typed


def _choice(typed: str, known: Mapping[str, int | str], names: str) -> int | str:
    try:
        return known[fold(typed)]
    except KeyError:
        raise rules.InvalidMark(
            _("“{text}” không có trong các mức: {names}.").format(text=typed, names=names)
        ) from None


def wire(value: Value, column: Column) -> str | None:
    """A cell's value as the grid and the API write it: "8.5", "Đ", None for an empty cell."""
    if value is None or value == "":
        return None
    if isinstance(value, int):
        if column.entry == "verdict":
            return "Đ" if value else "CĐ"
        return mark_text(value, ".")
    return value


def show(value: Value, column: Column) -> str:
    """A cell's value as people read it: "8,5", "Đ", "" for an empty cell."""
    text = wire(value, column)
    return "" if text is None else text.replace(".", ",") if isinstance(value, int) else text


def mark_text(tenths: int, comma: str = ",", *, short: bool = True) -> str:
    """85 -> "8,5"; 80 -> "8", or "8,0" for an average (`short=False`)."""
    whole, part = divmod(tenths, 10)
    return f"{whole}" if short and not part else f"{whole}{comma}{part}"


def value_of(marks: Mapping[str, Any], remark: str, code: str) -> Value:
    """The value in a column of a line: secondary remarks have a field of their own."""
    if code == SECONDARY_REMARK:
        return remark or None
    value: Value = marks.get(code)
    return value


def term_book(book: Book, marks: Mapping[str, Any], states: Mapping[str, str], *, cluster: bool) -> rules.TermBook:
    """The cells of a secondary line as the rules read them. `cluster`: the pupil takes the study-topic cluster."""
    regular, midterm, final, topic = [], rules.EMPTY, rules.EMPTY, None
    for column in book.columns:
        if column.kind == "remark":
            continue
        cell = rule_cell(column, marks.get(column.code), states.get(column.code, ""))
        if column.kind == "regular":
            regular.append(cell)
        elif column.kind == "cluster":
            topic = cell if cluster else None
        elif column.kind == "midterm":
            midterm = cell
        else:
            final = cell
    return rules.TermBook(tuple(regular), midterm, final, topic)


def rule_cell(column: Column, value: Any, state: str) -> Cell:
    """One cell as the rules read it. A mark that came after an excused absence is the make-up."""
    if value is None:
        return rules.PENDING if state == EXCUSED else rules.ZERO if state == ABSENT else rules.EMPTY
    return _verdict(value) if column.entry == "verdict" else _mark(value)


@lru_cache(maxsize=256)
def _mark(tenths: int) -> Cell:
    return Cell.of(Decimal(tenths) / 10)


@lru_cache(maxsize=4)
def _verdict(value: int) -> Cell:
    return Cell.verdict(bool(value))


def line_result(
    book: Book, marks: Mapping[str, Any], states: Mapping[str, str], *, cluster: bool
) -> tuple[int | None, str]:
    """(average in tenths, level) of a line for its term, as far as it is complete; (None, "") before that."""
    if Regime(book.regime) in PRIMARY:
        levels = [marks[column.code] for column in book.columns if column.kind == "level" and marks.get(column.code)]
        return None, levels[-1] if levels else ""
    cells = term_book(book, marks, states, cluster=cluster)
    terms = (cells, None) if book.term == 1 else (None, cells)
    subject = rules.SubjectInput(book.key, Form(book.form), book.lessons, *terms)
    period = subject_term(subject, book.term, Regime(book.regime), book.policy, make_ups_closed=False)
    return period_value(period)


def period_value(period: rules.SubjectPeriod) -> tuple[int | None, str]:
    """A subject's result as the table keeps it: (average in tenths, "") or (None, "Đạt" / "Chưa đạt")."""
    if period.status is not rules.Status.COMPLETE:
        return None, ""
    if period.average is not None:
        return int(period.average * 10), ""
    return None, "Đạt" if period.passed else "Chưa đạt"


def missing(
    required: Iterable[str], marks: Mapping[str, Any], states: Mapping[str, str], *, cluster: bool
) -> list[str]:
    """Codes of the cells that still wait: empty, or excused with the make-up not done."""
    return [
        code
        for code in required
        if marks.get(code) is None and states.get(code) != ABSENT and (cluster or code != "cd")
    ]
