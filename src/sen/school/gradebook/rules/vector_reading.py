"""How the cells of a vector table are read and compared: lists, maps, marks, verdicts, school years, lesson loads."""

import csv
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from sen.school.gradebook.rules.marks import EMPTY, PENDING, Cell, SubjectPeriod
from sen.school.gradebook.rules.regimes import Form, Regime, Status

Row = dict[str, str]
DATA = Path(__file__).parent.parent / "data"
VERDICTS = {"Đ": True, "CĐ": False, "Đạt": True, "Chưa đạt": False}
LONG_VERDICT = {"Đ": "Đạt", "CĐ": "Chưa đạt"}
NOTHING = ("", "-")
WAITING = ("P", "PENDING", "EXCUSED", "EXCUSED-PENDING")
PROGRAMME_OF = {Regime.TT22: "2018", Regime.TT58: "2006"}


def number(text: str) -> Decimal:
    """A decimal number; both the point and the comma are taken. Raises ValueError."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(f"“{text}” không phải là số.") from error
    if not value.is_finite():
        raise ValueError(f"“{text}” không phải là số.")
    return value


def mapping(text: str) -> dict[str, str]:
    """`key=value;key=value` as a dictionary. Raises ValueError."""
    pairs: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"“{part}” không có dạng khóa=giá trị.")
        pairs[key.strip()] = value.strip()
    return pairs


def result(text: str) -> Decimal | bool:
    """A mark or a verdict."""
    return VERDICTS[text] if text in VERDICTS else number(text)


def cell(text: str) -> Cell:
    """A cell of the book: empty, waiting for a make-up, a mark, a verdict, or one verdict per part ("Đ/CĐ")."""
    if text in NOTHING:
        return EMPTY
    if text.upper() in WAITING:
        return PENDING
    parts = text.split("/")
    if all(part in VERDICTS for part in parts):
        return Cell.verdict(*(VERDICTS[part] for part in parts))
    return Cell.of(number(text))


def first_year(text: str) -> int:
    """The first calendar year of "2022-2023"."""
    return int(text.split("-")[0])


def is_verdict_text(*texts: str) -> bool:
    """Whether these cells speak of a subject assessed by comments."""
    return any(part in VERDICTS for text in texts for piece in text.split() for part in piece.split("/"))


@lru_cache
def loads() -> dict[tuple[str, int, str], tuple[Form, int]]:
    """(programme, grade, subject) -> form and lessons a year, of general secondary education."""
    with (DATA / "lesson-loads.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["programme"], int(grade), row["subject_key"]): (Form(row["form"]), int(row["lessons_per_year"]))
            for row in csv.DictReader(lines)
            for grade in row["grades"].split()
        }


def load_of(regime: Regime, grade: int, subject: str) -> tuple[Form, int] | None:
    """Form and lessons a year of a subject, None if the catalogue does not have it."""
    return loads().get((PROGRAMME_OF.get(regime, ""), grade, subject))


def shown(period: SubjectPeriod) -> str:
    """A subject's result as the vectors write it."""
    if period.status is Status.NOT_TAUGHT:
        return ""
    if period.status is not Status.COMPLETE:
        return period.status.value
    if period.average is not None:
        return str(period.average)
    return "Đạt" if period.passed else "Chưa đạt"


def same(expected: str, got: str) -> bool:
    """Two single values: as numbers if both are, else as words; blank and "-" are the same nothing."""
    if expected in NOTHING or got in NOTHING:
        return expected in NOTHING and got in NOTHING
    try:
        return number(expected) == number(got)
    except ValueError:
        return LONG_VERDICT.get(expected, expected) == LONG_VERDICT.get(got, got)


def agrees(expected: str, got: str) -> bool:
    """Whether what came out is what was expected; a map must agree in every key that is expected."""
    if "=" not in expected:
        return same(expected, got)
    try:
        wanted, found = mapping(expected), mapping(got)
    except ValueError:
        return False
    return all(key in found and same(value, found[key]) for key, value in wanted.items())
