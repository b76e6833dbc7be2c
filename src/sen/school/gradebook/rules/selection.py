"""Which regime and programme hold for a school year, level and grade, and where a pupil goes next.

The regime is a function of (year, level, grade), never of the pupil's history: Circulars 22/2021, 27/2020 and 43/2021
came in grade by grade from 2020-21 to 2024-25. The calendar is data: `data/regimes.csv`, each row with its source.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.regimes import Outcome, Regime

DATA = Path(__file__).parent.parent / "data"
LAST_GRADE = 12
LOWER, UPPER = range(6, 10), range(10, 13)
LEVEL_BY_GRADE = {
    "general": {**dict.fromkeys(LOWER, "lower_secondary"), **dict.fromkeys(UPPER, "upper_secondary")},
    "continuing": {**dict.fromkeys(LOWER, "continuing_lower"), **dict.fromkeys(UPPER, "continuing_upper")},
}
ALIASES = {"gdtx": "continuing", "secondary": "general"}
UPWARD = (Outcome.PROMOTED, Outcome.COMPLETED, Outcome.COMPLETED_PRIMARY)


class UnknownRegime(LookupError):
    """No regime is on file for this year, level and grade. The message is a Vietnamese sentence."""


@dataclass(frozen=True, slots=True)
class RegimeChoice:
    """The regime and programme that hold, with the text that says so."""

    regime: Regime
    programme: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Period:
    """A row of the data file: from the first calendar year of a school year to another, None = still in force."""

    level: str
    grade: str
    from_year: int
    to_year: int | None
    choice: RegimeChoice

    def holds(self, school_year: int, level: str, grade: str) -> bool:
        """Whether the row speaks of that class."""
        in_time = self.from_year <= school_year and (self.to_year is None or school_year <= self.to_year)
        return in_time and self.level == level and self.grade in ("*", grade)


@lru_cache
def periods() -> tuple[Period, ...]:
    """The calendar of regimes as filed."""
    with (DATA / "regimes.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Period(
                row["level"],
                row["grade"],
                int(row["from_year"]),
                int(row["to_year"]) if row["to_year"] else None,
                RegimeChoice(Regime(row["regime"]), row["programme"], row["legal_basis"]),
            )
            for row in csv.DictReader(lines)
        )


def exact_level(level: str, grade: str) -> str:
    """The level of the school tree; "general" and "continuing" are split by the grade."""
    name = ALIASES.get(level, level)
    if name in LEVEL_BY_GRADE and grade.isdecimal():
        return LEVEL_BY_GRADE[name].get(int(grade), name)
    return name


@lru_cache(maxsize=512)
def regime_for(school_year: int, level: str, grade: str | int) -> RegimeChoice:
    """Regime and programme of a class.

    `school_year` is the first calendar year (2022 for 2022-2023). Levels: preschool, primary, lower_secondary,
    upper_secondary, continuing_lower, continuing_upper; "general" and "continuing" pick by grade.
    Raises UnknownRegime where nothing is on file (years before 2020-2021, a grade the level does not have).
    """
    grade_name = str(grade).strip()
    asked = exact_level(level, grade_name)
    for period in periods():
        if period.holds(school_year, asked, grade_name):
            return period.choice
    raise UnknownRegime(
        f"Chưa có quy định đánh giá cho năm học {school_year}-{school_year + 1}, cấp “{level}”, lớp {grade_name}."
    )


def level_of_grade(grade: int, *, continuing: bool = False) -> str:
    """The level a grade from 1 to 12 belongs to."""
    if grade < LOWER.start:
        return "primary"
    return LEVEL_BY_GRADE["continuing" if continuing else "general"][grade]


def next_grade(outcome: Outcome | str, grade: int) -> int | None:
    """Grade of the following year: one up, or the same if retained.

    None while the outcome is open (retest, summer, supplement, principal's decision) and after grade 12. From grade
    5 to 6 and 9 to 10 the pupil enters the next level by admission; the grade is the one they are entitled to.
    """
    result = Outcome(outcome)
    if result is Outcome.RETAINED:
        return grade
    return grade + 1 if result in UPWARD and grade < LAST_GRADE else None


@dataclass(frozen=True, slots=True)
class NextYear:
    """Where a pupil stands in a later year; everything is None if there is no grade to go to."""

    grade: int | None
    choice: RegimeChoice | None


def following_year(
    school_year: int,
    grade: int,
    outcome: Outcome | str,
    next_school_year: int | None = None,
    *,
    continuing: bool = False,
    policy: Policy = DEFAULT_POLICY,
) -> NextYear:
    """Grade, programme and regime of the next year (or of `next_school_year`, after an interruption).

    A pupil who repeats a grade in the year it changes programme repeats it under the new regime, with no conversion
    of old marks; `Policy.repeater_keeps_old_regime` is the other reading.
    """
    to_grade = next_grade(outcome, grade)
    if to_grade is None:
        return NextYear(None, None)
    year = school_year + 1 if next_school_year is None else next_school_year
    if to_grade == grade and policy.repeater_keeps_old_regime:
        year = school_year
    return NextYear(to_grade, regime_for(year, level_of_grade(to_grade, continuing=continuing), to_grade))
