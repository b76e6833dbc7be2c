"""Circular 43/2021/TT-BGDĐT: learners of continuing education (học viên GDTX) on the new programmes.

The text follows Circular 22/2021 with five subjects instead of six, no comment subjects, and titles of its own
(Articles 11 and 14). The one-subject adjustment is assumed to be the same: `Policy.adjust_in_circular43`.
"""

from sen.school.gradebook.rules import circular22
from sen.school.gradebook.rules.circular22 import Scheme, year_conduct
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.values import Classification, Standing, YearDecision, YearFacts

CIRCULAR_43 = Scheme(5, "Học viên Xuất sắc", "Học viên Giỏi", "Thông tư 43/2021")


def classify(standing: Standing, policy: Policy = DEFAULT_POLICY) -> Classification:
    """Learning result of a term or year: five subjects reach the bar."""
    return circular22.classify(standing, CIRCULAR_43, policy, adjust=policy.adjust_in_circular43)


def decide_year(facts: YearFacts, policy: Policy = DEFAULT_POLICY) -> YearDecision:
    """Level, title, promotion and summer of a learner; the centre's director acts as the principal."""
    return circular22.decide_year(facts, CIRCULAR_43, policy)


__all__ = ["CIRCULAR_43", "classify", "decide_year", "year_conduct"]
