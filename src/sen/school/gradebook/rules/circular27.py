"""Circular 27/2020/TT-BGDĐT: year result, awards and completion of primary pupils on the 2018 programme."""

from sen.school.gradebook.rules.primary import (
    RECOGNISED,
    PrimaryDecision,
    PrimaryFacts,
    outcomes,
    short_of,
)
from sen.school.gradebook.rules.regimes import NO_TITLE

EXCELLENT, WELL_DONE, DONE, NOT_DONE = (
    "Hoàn thành xuất sắc",
    "Hoàn thành tốt",
    "Hoàn thành",
    "Chưa hoàn thành",
)
LEVELS_27 = (NOT_DONE, DONE, WELL_DONE, EXCELLENT)
EXCELLENT_PUPIL = "Học sinh Xuất sắc"
MODEL_PUPIL = "Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện"

# Article 9: level -> (lowest subject level, lowest quality or competence, lowest final test).
FLOORS = {EXCELLENT: ("T", "T", 9), WELL_DONE: ("T", "T", 7), DONE: ("H", "Đ", 5)}


def year_level(facts: PrimaryFacts) -> tuple[str, tuple[str, ...]]:
    """Educational result of the year (Article 9), and what kept the pupil from the higher levels.

    There is no average and no ranking, and term I does not enter.
    """
    why: list[str] = []
    for level, floors in FLOORS.items():
        short = short_of(facts, level, *floors)
        if not short:
            return level, tuple(why)
        why += short
    return NOT_DONE, tuple(why)


def award(level: str, recognition: str | None) -> str:
    """Principal's certificate at year end (Article 13): the second wants level two and the recognition of the class."""
    if level == EXCELLENT:
        return EXCELLENT_PUPIL
    return MODEL_PUPIL if level == WELL_DONE and recognition in RECOGNISED else NO_TITLE


def decide_year(facts: PrimaryFacts) -> PrimaryDecision:
    """Level, award and completion (Articles 9, 11, 13). The upper three levels complete the class programme."""
    level, why = year_level(facts)
    june, august = outcomes(facts, completed=level != NOT_DONE)
    return PrimaryDecision(level, level != NOT_DONE, award(level, facts.recognition), june, august, why)
