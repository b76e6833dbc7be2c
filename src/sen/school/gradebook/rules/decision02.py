"""Decision 02/2007/QĐ-BGDĐT amended by Circular 26/2014: continuing education on the earlier programmes.

A variant of Circular 58/2011 without comment subjects and without the Foreign-language alternative. Numbers of
assessments since 2020-21 follow dispatch 3566/BGDĐT-GDTX, that is the bands of Circular 26/2020. Conduct is set only
for learners of school age in regular classes (`Policy.adults_have_conduct`); titles carry the word "Học viên".
"""

from dataclasses import replace

from sen.school.gradebook.rules import circular58
from sen.school.gradebook.rules.circular58 import Scheme
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.regimes import TOT
from sen.school.gradebook.rules.values import Classification, Standing, YearDecision, YearFacts

DECISION_02 = Scheme(
    frozenset({"toan", "ngu_van"}), "Toán, Ngữ văn", "Học viên giỏi", "Học viên tiên tiến", "Quyết định 02/2007"
)


def classify(standing: Standing, policy: Policy = DEFAULT_POLICY) -> Classification:
    """Academic class of a term or year: one of Maths and Literature reaches the bar."""
    return circular58.classify(standing, DECISION_02, policy)


def decide_year(facts: YearFacts, policy: Policy = DEFAULT_POLICY, *, adult: bool = False) -> YearDecision:
    """Class, title and promotion. A working adult or self-study learner has no conduct: learning alone decides."""
    if not adult or policy.adults_have_conduct:
        return circular58.decide_year(facts, DECISION_02, policy)
    decision = circular58.decide_year(replace(facts, conduct=TOT), DECISION_02, policy)
    return replace(decision, conduct=None, conduct_final=None)
