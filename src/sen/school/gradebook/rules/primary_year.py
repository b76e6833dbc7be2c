"""From the levels and tests of the book to a primary pupil's term and year."""

from collections.abc import Mapping
from decimal import Decimal

from sen.school.gradebook.rules import circular27, circular30
from sen.school.gradebook.rules.columns import MOMENT_NAMES, MOMENTS_OF_TERM
from sen.school.gradebook.rules.marks import SubjectPeriod
from sen.school.gradebook.rules.policy import Policy
from sen.school.gradebook.rules.primary import PrimaryFacts, has_test, invalid_values, traits_for
from sen.school.gradebook.rules.regimes import Outcome, Regime, Status
from sen.school.gradebook.rules.results import PrimarySubject, PrimaryYear, TermResult, YearResult


def facts_at(regime: Regime, year: PrimaryYear, moment: str) -> PrimaryFacts:
    """What the book holds at one of the four moments, waived subjects left out."""
    assessed = [subject for subject in year.subjects if subject.assessed]
    levels = {s.key: s.levels[moment] for s in assessed if moment in s.levels}
    tests: dict[str, Decimal] = {s.key: s.tests[moment] for s in assessed if moment in s.tests}
    names = {trait.key: trait.name for trait in traits_for(regime, year.grade)}
    names |= {s.key: s.name or s.key for s in year.subjects}
    return PrimaryFacts(
        year.grade,
        levels,
        tests,
        year.traits.get(moment, {}),
        year.recognition,
        year.supplement_passed,
        year.principal_promotes,
        names,
    )


def gaps_of(subject: PrimarySubject, grade: int, moment: str) -> tuple[str, ...]:
    """What one subject lacks at a moment."""
    name, when = subject.name or subject.key, MOMENT_NAMES[moment]
    gaps = [] if moment in subject.levels else [f"{name}: chưa có mức đạt được {when}."]
    if has_test(subject.form, subject.key, grade, moment) and moment not in subject.tests:
        gaps.append(f"{name}: chưa có điểm kiểm tra {when}.")
    return tuple(gaps)


def gaps_at(regime: Regime, year: PrimaryYear, moment: str) -> tuple[str, ...]:
    """Everything the book still lacks at a moment."""
    assessed = [subject for subject in year.subjects if subject.assessed]
    gaps = [gap for subject in assessed for gap in gaps_of(subject, year.grade, moment)]
    given = year.traits.get(moment, {})
    missing = [trait.name for trait in traits_for(regime, year.grade) if trait.key not in given]
    gaps += [f"{name}: chưa đánh giá {MOMENT_NAMES[moment]}." for name in missing]
    return tuple(gaps) or (() if assessed else ("Học sinh chưa có môn học nào.",))


def subject_results(
    regime: Regime, year: PrimaryYear, moments: tuple[str, ...]
) -> tuple[Mapping[str, SubjectPeriod], tuple[str, ...], tuple[str, ...]]:
    """Per subject whether it is finished at these moments, with the invalid values and the gaps."""
    invalid = tuple(note for moment in moments for note in invalid_values(facts_at(regime, year, moment), regime))
    gaps = tuple(note for moment in moments for note in gaps_at(regime, year, moment))
    results = {}
    for subject in year.subjects:
        own = tuple(gap for moment in moments for gap in gaps_of(subject, year.grade, moment) if subject.assessed)
        status = Status.EXEMPT if not subject.assessed else Status.INCOMPLETE if own else Status.COMPLETE
        results[subject.key] = SubjectPeriod(status, notes=own)
    return results, invalid, gaps


def term_result(regime: Regime, year: PrimaryYear, term: int) -> TermResult:
    """Whether the two moments of a term are filled and valid; primary terms have no level of their own."""
    results, invalid, gaps = subject_results(regime, year, MOMENTS_OF_TERM[term])
    status = Status.INVALID if invalid else Status.INCOMPLETE if gaps else Status.COMPLETE
    return TermResult(regime, term, status, results, finalisable=status is Status.COMPLETE, reasons=(*invalid, *gaps))


def year_result(regime: Regime, policy: Policy, year: PrimaryYear) -> YearResult:
    """Level, award and completion from the moment CN (Circular 27 Art. 9, 11, 13; Circular 30 Art. 14, 16)."""
    results, invalid, gaps = subject_results(regime, year, ("CN",))
    terms = (term_result(regime, year, 1), term_result(regime, year, 2))
    if invalid or gaps:
        status = Status.INVALID if invalid else Status.INCOMPLETE
        return YearResult(regime, status, results, terms, Outcome.PENDING, Outcome.PENDING, reasons=(*invalid, *gaps))
    facts = facts_at(regime, year, "CN")
    decision = circular27.decide_year(facts) if regime is Regime.TT27 else circular30.decide_year(facts, policy)
    return YearResult(
        regime,
        Status.COMPLETE,
        results,
        terms,
        decision.outcome_june,
        decision.outcome_august,
        learning_base=decision.level,
        learning=decision.level,
        learning_final=decision.level,
        honour=decision.award,
        completed=decision.completed,
        reasons=decision.reasons,
    )
