"""Subjects assessed by comments (đánh giá bằng nhận xét): term and year results."""

from fractions import Fraction

from sen.school.gradebook.rules.marks import CellState, SubjectPeriod, TermBook, missing, one_period
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.regimes import Regime, Status

TWO_THIRDS = Fraction(2, 3)


def comment_term(
    book: TermBook,
    required: int,
    regime: Regime = Regime.TT22,
    policy: Policy = DEFAULT_POLICY,
    *,
    make_ups_closed: bool = True,
) -> SubjectPeriod:
    """Đạt or Chưa đạt for a term.

    Circular 22/2021 Art. 9(1): the required number is there and every selected assessment is Đạt. Circular 58/2011
    Art. 10: the required number, two thirds of it Đạt, the end-of-term one among them. What is still missing when
    make-ups have closed counts as not passed (22 Art. 7, 58 Art. 8); before that the term is incomplete.
    """
    verdicts = [cell.counted_verdict(policy) for cell in book.cells]
    regular = [verdict for verdict in verdicts[:-2] if verdict is not None]
    gaps = missing(book, len(regular), required, [verdict is not None for verdict in verdicts[-2:]])
    pending = any(cell.state is CellState.EXCUSED_PENDING for cell in book.cells)
    if pending or (gaps and not make_ups_closed):
        return SubjectPeriod(Status.INCOMPLETE, notes=gaps)
    if gaps:
        return SubjectPeriod(Status.COMPLETE, passed=False, notes=gaps)
    given = [*regular, *verdicts[-2:]]  # an empty cell beyond the required number is no assessment
    if regime is Regime.TT58:
        passed = Fraction(given.count(True), len(given)) >= TWO_THIRDS and bool(given[-1])
    else:
        passed = all(given)
    return SubjectPeriod(Status.COMPLETE, passed=passed)


def comment_year(
    term1: SubjectPeriod, term2: SubjectPeriod, regime: Regime = Regime.TT22, policy: Policy = DEFAULT_POLICY
) -> SubjectPeriod:
    """The year is the result of term II (Circular 22/2021 Art. 9(1); 58/2011 Art. 10); of the only term if one."""
    return one_period(term1, term2, regime, policy) or SubjectPeriod(Status.COMPLETE, passed=term2.passed)
