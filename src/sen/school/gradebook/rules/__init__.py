"""The assessment rules: values in, values out; no database, no clock, no Django.

The gradebook's services need three calls: `columns_for` (the grid), `term_result` and `year_result`; and
`regime_for`, `next_grade`, `following_year` to know which regime holds. Each regime is a file named after its text.
`bulk` computes the same results for a whole province, `vectors` checks all of it against tables of worked cases.
"""

from sen.school.gradebook.rules import primary_year, secondary
from sen.school.gradebook.rules.columns import Column, columns_for
from sen.school.gradebook.rules.exemptions import exemption_refusal
from sen.school.gradebook.rules.marks import (
    EMPTY,
    PENDING,
    ZERO,
    Cell,
    CellState,
    InvalidMark,
    SubjectPeriod,
    TermBook,
    minutes_of_test,
    read_mark,
    required_regular,
)
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.primary import Trait, traits_for
from sen.school.gradebook.rules.regimes import PRIMARY, Exemption, Form, Outcome, Regime, Status
from sen.school.gradebook.rules.results import (
    NotAssessed,
    PrimarySubject,
    PrimaryYear,
    SecondaryYear,
    SubjectInput,
    TermResult,
    YearInput,
    YearResult,
)
from sen.school.gradebook.rules.selection import (
    NextYear,
    RegimeChoice,
    UnknownRegime,
    following_year,
    next_grade,
    regime_for,
)
from sen.school.gradebook.rules.values import counted_absences


def term_result(regime: Regime | str, policy: Policy, year: YearInput, term: int) -> TermResult:
    """Result of term 1 or 2 of a pupil.

    Raises NotAssessed for preschool, ValueError for input that does not belong to the regime.
    """
    checked = regime_of(regime, year)
    if isinstance(year, PrimaryYear):
        return primary_year.term_result(checked, year, term)
    return secondary.term_result(checked, policy, year, term)


def year_result(regime: Regime | str, policy: Policy, year: YearInput) -> YearResult:
    """Result of the year of a pupil, with both terms in it.

    Raises NotAssessed for preschool, ValueError for input that does not belong to the regime.
    """
    checked = regime_of(regime, year)
    if isinstance(year, PrimaryYear):
        return primary_year.year_result(checked, policy, year)
    return secondary.year_result(checked, policy, year)


def regime_of(regime: Regime | str, year: YearInput) -> Regime:
    """The regime, if it can judge this input."""
    checked = Regime(regime)
    if checked is Regime.PRESCHOOL:
        raise NotAssessed("Trẻ mầm non không chấm điểm, không xếp loại và lên lớp theo độ tuổi.")
    if isinstance(year, PrimaryYear) != (checked in PRIMARY):
        raise ValueError(f"Dữ liệu không thuộc cấp học mà {checked.legal_text} đánh giá.")
    return checked


__all__ = [
    "DEFAULT_POLICY",
    "EMPTY",
    "PENDING",
    "ZERO",
    "Cell",
    "CellState",
    "Column",
    "Exemption",
    "Form",
    "InvalidMark",
    "NextYear",
    "NotAssessed",
    "Outcome",
    "Policy",
    "PrimarySubject",
    "PrimaryYear",
    "Regime",
    "RegimeChoice",
    "SecondaryYear",
    "Status",
    "SubjectInput",
    "SubjectPeriod",
    "TermBook",
    "TermResult",
    "Trait",
    "UnknownRegime",
    "YearInput",
    "YearResult",
    "columns_for",
    "counted_absences",
    "exemption_refusal",
    "following_year",
    "minutes_of_test",
    "next_grade",
    "read_mark",
    "regime_for",
    "required_regular",
    "term_result",
    "traits_for",
    "year_result",
]
