"""From the cells of the book to a secondary pupil's term and year, whatever the regime."""

from collections.abc import Mapping
from decimal import Decimal

from sen.school.gradebook.rules import circular22, circular43, circular58, decision02
from sen.school.gradebook.rules.comments import comment_term, comment_year
from sen.school.gradebook.rules.marks import (
    CellState,
    SubjectPeriod,
    TermBook,
    required_regular,
    term_average,
    year_average,
)
from sen.school.gradebook.rules.policy import Policy
from sen.school.gradebook.rules.regimes import CONDUCT_58, LEVELS_22, NO_TITLE, Form, Regime, Status
from sen.school.gradebook.rules.results import SecondaryYear, SubjectInput, TermResult, YearResult
from sen.school.gradebook.rules.values import Classification, Standing, YearDecision, YearFacts

OLD_REGIMES = (Regime.TT58, Regime.QD02)


def subject_term(
    subject: SubjectInput, term: int, regime: Regime, policy: Policy, *, make_ups_closed: bool
) -> SubjectPeriod:
    """Result of one subject in one term."""
    book = subject.book(term)
    if subject.exemption.covers(term):
        return SubjectPeriod(Status.EXEMPT)
    if book is None or subject.form is Form.NONE:
        return SubjectPeriod(Status.NOT_TAUGHT)
    required = required_of(subject, regime, policy)
    if subject.form is Form.COMMENTS:
        return comment_term(book, required, regime, policy, make_ups_closed=make_ups_closed)
    return term_average(book, required, regime, policy)


def required_of(subject: SubjectInput, regime: Regime, policy: Policy) -> int:
    """Regular assessments the subject needs a term."""
    if subject.required is not None:
        return subject.required
    return required_regular(regime, subject.form, subject.lessons_per_year, policy)


def subject_year(
    subject: SubjectInput, term1: SubjectPeriod, term2: SubjectPeriod, regime: Regime, policy: Policy
) -> SubjectPeriod:
    """Result of one subject for the year."""
    combine = comment_year if subject.form is Form.COMMENTS else year_average
    return combine(term1, term2, regime, policy)


def period_status(results: Mapping[str, SubjectPeriod]) -> Status:
    """One word for a period: a single invalid or incomplete subject holds up the whole classification."""
    statuses = {result.status for result in results.values()}
    for stop in (Status.INVALID, Status.INCOMPLETE):
        if stop in statuses:
            return stop
    return Status.COMPLETE if Status.COMPLETE in statuses else Status.INCOMPLETE


def standing_of(year: SecondaryYear, results: Mapping[str, SubjectPeriod], policy: Policy) -> Standing | None:
    """Averages and verdicts that enter the classification; None while the period is not complete.

    Waived subjects and those not taught are out of every condition (22 Art. 11; 58 Art. 12).
    """
    if period_status(results) is not Status.COMPLETE:
        return None
    counted = [subject for subject in year.subjects if policy.optional_subjects_count or not subject.optional]
    marks: dict[str, Decimal] = {}
    comments: dict[str, bool] = {}
    for subject in counted:
        result = results[subject.key]
        if result.average is not None:
            marks[subject.key] = result.average
        elif result.passed is not None:
            comments[subject.key] = result.passed
    names = {subject.key: subject.name or subject.key for subject in year.subjects}
    return Standing(marks, comments, names, year.specialised)


def classify(standing: Standing, regime: Regime, policy: Policy) -> Classification:
    """Level of a period under the regime."""
    if regime is Regime.TT22:
        return circular22.classify(standing, policy=policy)
    if regime is Regime.TT43:
        return circular43.classify(standing, policy)
    if regime is Regime.TT58:
        return circular58.classify(standing, policy=policy)
    return decision02.classify(standing, policy)


def decide(facts: YearFacts, year: SecondaryYear, regime: Regime, policy: Policy) -> YearDecision:
    """The year under the regime."""
    if regime is Regime.TT22:
        return circular22.decide_year(facts, policy=policy)
    if regime is Regime.TT43:
        return circular43.decide_year(facts, policy)
    if regime is Regime.TT58:
        return circular58.decide_year(facts, policy=policy)
    return decision02.decide_year(facts, policy, adult=year.adult)


def term_title(regime: Regime, learning: str | None, conduct: str | None) -> str:
    """Title of a term: only the old regimes give one (Circular 58 Art. 18)."""
    if regime is Regime.TT58:
        return circular58.title(learning, conduct)
    if regime is Regime.QD02:
        return circular58.title(learning, conduct, decision02.DECISION_02)
    return NO_TITLE


def check_conduct(regime: Regime, *values: str | None) -> None:
    """Raises ValueError for a conduct level the regime does not have."""
    scale = CONDUCT_58 if regime in OLD_REGIMES else LEVELS_22
    for value in values:
        if value is not None and value not in scale:
            raise ValueError(f"Mức rèn luyện (hạnh kiểm) “{value}” không có trong {regime.legal_text}.")


def missing_sentences(year: SecondaryYear, results: Mapping[str, SubjectPeriod]) -> tuple[str, ...]:
    """What is missing or wrong, subject by subject."""
    return tuple(
        f"{subject.name or subject.key}: {note}"
        for subject in year.subjects
        if results[subject.key].status in (Status.INCOMPLETE, Status.INVALID)
        for note in results[subject.key].notes
    )


def only_excused_missing(subject: SubjectInput, term: int, regime: Regime, policy: Policy) -> bool:
    """Whether every gap of the book is an excused one that waits for its make-up."""
    book: TermBook = subject.book(term) or TermBook()
    filled = sum(1 for cell in book.regular if cell.state is not CellState.EMPTY)
    periodic = (book.midterm, book.final, *((book.cluster,) if book.cluster else ()))
    return filled >= required_of(subject, regime, policy) and all(
        cell.state is not CellState.EMPTY for cell in periodic
    )


def term_result(regime: Regime, policy: Policy, year: SecondaryYear, term: int) -> TermResult:
    """Averages, verdicts, level and title of a term (22 Art. 9; 58 Art. 10-13, 18)."""
    check_conduct(regime, year.conduct1, year.conduct2)
    results = {
        subject.key: subject_term(subject, term, regime, policy, make_ups_closed=year.make_ups_closed)
        for subject in year.subjects
    }
    conduct = year.conduct1 if term == 1 else year.conduct2
    status = period_status(results)
    standing = standing_of(year, results, policy)
    if standing is None:
        open_subjects = [subject for subject in year.subjects if results[subject.key].status is Status.INCOMPLETE]
        excused = status is Status.INCOMPLETE and all(
            only_excused_missing(subject, term, regime, policy) for subject in open_subjects
        )
        may_close = excused and bool(open_subjects) and not policy.pending_blocks_finalisation
        reasons = missing_sentences(year, results)
        return TermResult(regime, term, status, results, conduct=conduct, finalisable=may_close, reasons=reasons)
    level = classify(standing, regime, policy)
    return TermResult(
        regime,
        term,
        status if level.final else Status.NO_LEVEL,
        results,
        level.average,
        level.base,
        level.final,
        level.adjusted_by,
        conduct,
        term_title(regime, level.final, conduct),
        finalisable=conduct is not None,
        reasons=level.why,
    )


def year_conduct(regime: Regime, year: SecondaryYear, policy: Policy) -> tuple[str | None, tuple[str, ...]]:
    """Conduct of the year, and a remark where it is only proposed.

    Circular 22 Art. 8: by the table. Circular 58 Art. 3-4: the form teacher's decision; until it is there term II's
    conduct is proposed if the policy says so.
    """
    if regime not in OLD_REGIMES:
        return circular22.year_conduct(year.conduct1, year.conduct2) or year.conduct_year, ()
    if year.conduct_year is not None or year.conduct2 is None or not policy.conduct58_follows_term2:
        return year.conduct_year, ()
    return year.conduct2, ("Hạnh kiểm cả năm chưa được giáo viên chủ nhiệm xếp: tạm lấy theo học kì II.",)


def year_result(regime: Regime, policy: Policy, year: SecondaryYear) -> YearResult:
    """Everything the class book's year page and the transcript need."""
    check_conduct(regime, year.conduct_year, year.summer_conduct)
    terms = (term_result(regime, policy, year, 1), term_result(regime, policy, year, 2))
    results = {
        subject.key: subject_year(
            subject, terms[0].subjects[subject.key], terms[1].subjects[subject.key], regime, policy
        )
        for subject in year.subjects
    }
    conduct, remarks = year_conduct(regime, year, policy)
    facts = YearFacts(
        standing_of(year, results, policy),
        conduct,
        year.absences,
        year.retest,
        year.summer_conduct,
        year.summer_closed,
        year.individual_plan,
        year.principal_promotes,
    )
    decision = decide(facts, year, regime, policy)
    learning = decision.learning or Classification(None, None)
    final = decision.final_standing
    status = period_status(results)
    if status is Status.COMPLETE and learning.final is None:
        status = Status.NO_LEVEL
    waiting = remarks if conduct is not None or year.adult else ("Chưa có kết quả rèn luyện (hạnh kiểm) cả năm.",)
    return YearResult(
        regime,
        status,
        results,
        terms,
        decision.outcome_june,
        decision.outcome_august,
        learning.average,
        learning.base,
        learning.final,
        learning.adjusted_by,
        decision.learning_final,
        decision.conduct,
        decision.conduct_final,
        decision.honour,
        retest_subjects=decision.retest_subjects,
        final_results={**final.marks, **final.comments} if final is not None else {},
        reasons=(*missing_sentences(year, results), *decision.reasons, *waiting),
    )
