"""Which schools the demo has, how many classes, and in which state of the year each one is."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import psycopg

Stage = Literal["closed", "term1", "faulty"]
# "closed": both terms complete, the year locked. "term1": term I locked, term II under way. "faulty": gaps on purpose.

# (code, classes a grade, stage): real schools of Quảng Trị, every level and kind.
SMALL: tuple[tuple[str, int, Stage], ...] = (
    ("45000301", 3, "term1"),  # Trường mầm non Sao Mai
    ("45461401", 3, "closed"),  # Tiểu học Hùng Vương
    ("45461402", 2, "term1"),
    ("45461409", 2, "term1"),
    ("45461501", 4, "term1"),  # THCS Nguyễn Trãi: the accounts of the guided tour
    ("45461502", 3, "term1"),
    ("45461506", 2, "faulty"),
    ("45461503", 1, "term1"),  # TH&THCS Phường 2
    ("45462501", 2, "term1"),
    ("45462502", 1, "term1"),
    ("45464501", 2, "term1"),
    ("45464506", 1, "faulty"),
    ("45000E04", 2, "term1"),  # PTDTNT Hướng Hóa
    ("45000702", 4, "closed"),  # THPT Đông Hà
    ("45000703", 3, "term1"),
    ("45000719", 2, "term1"),
    ("45000F01", 2, "term1"),  # THPT Chuyên Lê Quý Đôn
    ("45000710", 1, "term1"),  # THCS&THPT Bến Hải
    ("45000902", 1, "term1"),  # TT GDNN-GDTX TP Đông Hà
    ("45000802", 1, "faulty"),  # THCS&THPT Đakrông
)
TOUR_SCHOOL = "45461501"
# For journeys through the pages: one class a grade in three schools.
TINY: tuple[tuple[str, int, Stage], ...] = (
    ("45461501", 1, "term1"),
    ("45461409", 1, "closed"),
    ("45000719", 1, "term1"),
)

GRADES = {
    "preschool": ("mau_giao",),
    "primary": ("1", "2", "3", "4", "5"),
    "lower_secondary": ("6", "7", "8", "9"),
    "upper_secondary": ("10", "11", "12"),
    "continuing_lower": ("6", "7", "8", "9"),
    "continuing_upper": ("10", "11", "12"),
}
CLASS_SIZE = {
    "preschool": 27,
    "primary": 30,
    "lower_secondary": 38,
    "upper_secondary": 42,
    "continuing_lower": 25,
    "continuing_upper": 30,
}


@dataclass
class SchoolPlan:
    """One school of the demo. `index` numbers its rows; `size` is the usual number of pupils in a class."""

    index: int
    id: UUID
    code: str
    name: str
    levels: tuple[str, ...]
    classes: int
    stage: Stage
    minority_share: float
    years: tuple[int, ...]
    sizes: dict[str, int] = field(default_factory=dict)


def chosen(connection: psycopg.Connection, schools: tuple[tuple[str, int, Stage], ...]) -> list[SchoolPlan]:
    """The demo to look at: about 20 schools, 8,000 pupils, two school years; or the tiny one."""
    return [
        _plan(connection, index, code, classes, stage, (2021, 2022))
        for index, (code, classes, stage) in enumerate(schools, start=1)
    ]


def province(connection: psycopg.Connection, schools: int = 640, pupils: int = 400_000) -> list[SchoolPlan]:
    """The demo to measure with: general schools of both provinces, one closed school year, `pupils` in all."""
    rows = connection.execute(
        "SELECT code FROM organisations_organisation WHERE kind = 'school' AND jsonb_array_length(levels) > 0"
        " AND NOT levels @> '[\"preschool\"]' ORDER BY code LIMIT %s",
        [schools],
    ).fetchall()
    plans = [_plan(connection, index, code, 1, "closed", (2022,)) for index, (code,) in enumerate(rows, start=1)]
    grades = [sum(len(GRADES[level]) for level in plan.levels) for plan in plans]
    share = pupils / sum(grades)  # pupils of one grade of one school
    for plan in plans:
        plan.classes = max(1, round(share / 40))
        plan.sizes = {level: max(1, round(share / plan.classes)) for level in plan.levels}
    return plans


def _plan(
    connection: psycopg.Connection, index: int, code: str, classes: int, stage: Stage, years: tuple[int, ...]
) -> SchoolPlan:
    row = connection.execute(
        "SELECT o.id, s.name, o.levels FROM organisations_organisation o"
        " JOIN organisations_span s ON s.organisation_id = o.id"
        " WHERE o.kind = 'school' AND o.code = %s ORDER BY s.valid_from LIMIT 1",
        [code],
    ).fetchone()
    if row is None:
        raise LookupError(f"Không có trường {code} trong danh mục.")
    upland = code[2:5] in ("465", "467") or "Đakrông" in row[1] or "Hướng" in row[1]
    return SchoolPlan(index, row[0], code, row[1], tuple(row[2]), classes, stage, 0.6 if upland else 0.05, years)
