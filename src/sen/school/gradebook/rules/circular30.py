"""Circular 30/2014/TT-BGDĐT amended by 22/2016: completion and awards of primary pupils on the 2006 programme."""

from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.primary import (
    RECOGNISED,
    PrimaryDecision,
    PrimaryFacts,
    outcomes,
    short_of,
)
from sen.school.gradebook.rules.regimes import NO_TITLE

EXCELLENT_AWARD = "Hoàn thành xuất sắc các nội dung học tập và rèn luyện"
PROGRESS_AWARD = "Có thành tích vượt trội hoặc tiến bộ vượt bậc"
COMPLETION = "hoàn thành chương trình lớp học"


def award(facts: PrimaryFacts, completed: bool, policy: Policy = DEFAULT_POLICY) -> str:
    """Award at year end (Article 16 as amended): all T, all Tốt, all tests from 9; else outstanding or progress."""
    if not short_of(facts, EXCELLENT_AWARD, "T", "T", 9):
        return EXCELLENT_AWARD
    if facts.recognition in RECOGNISED and (completed or not policy.second_award_requires_completion):
        return PROGRESS_AWARD
    return NO_TITLE


def decide_year(facts: PrimaryFacts, policy: Policy = DEFAULT_POLICY) -> PrimaryDecision:
    """Completion (Article 14): subjects from H, traits from Đạt, final tests from 5. No four-level year result."""
    why = short_of(facts, COMPLETION, "H", "Đ", 5)
    june, august = outcomes(facts, completed=not why)
    return PrimaryDecision(None, not why, award(facts, not why, policy), june, august, why)
