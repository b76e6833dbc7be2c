"""Values that go into and come out of the classification of a pupil, the same for every secondary regime."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sen.school.gradebook.rules.policy import Policy
from sen.school.gradebook.rules.regimes import Outcome

ABSENCE_LIMIT = 45
PASS_MARK = Decimal("5.0")


@dataclass(frozen=True, slots=True)
class Standing:
    """Averages of the mark subjects and results of the comment subjects of one period, waived subjects left out.

    `names` gives the Vietnamese name of a subject for the reasons; a missing one shows its key.
    `specialised` is the specialised subject (môn chuyên) of a specialised class under Circular 58.
    """

    marks: Mapping[str, Decimal]
    comments: Mapping[str, bool] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    specialised: str | None = None

    def name(self, key: str) -> str:
        """The subject as the reader knows it."""
        return self.names.get(key, key)

    def without(self, key: str) -> "Standing":
        """The same period with one subject set aside."""
        return self.replaced({}, leave_out=key)

    def replaced(self, results: Mapping[str, Decimal | bool], leave_out: str | None = None) -> "Standing":
        """The same period with some results replaced and at most one subject left out."""
        marks = {key: results.get(key, mark) for key, mark in self.marks.items() if key != leave_out}
        comments = {key: results.get(key, passed) for key, passed in self.comments.items() if key != leave_out}
        return Standing(
            {key: Decimal(mark) for key, mark in marks.items()},
            {key: bool(passed) for key, passed in comments.items()},
            self.names,
            self.specialised,
        )

    def to_retest(self) -> tuple[str, ...]:
        """Subjects to be re-assessed in summer: year average under 5,0, or Chưa đạt (22 Art. 14; 58 Art. 16)."""
        weak = [key for key, mark in self.marks.items() if mark < PASS_MARK]
        return (*weak, *(key for key, passed in self.comments.items() if not passed))


@dataclass(frozen=True, slots=True)
class Classification:
    """Level of one period: before (`base`) and after (`final`) the one-subject adjustment, and why.

    `final` is None if there are too few subjects for an automatic level. `average` is the mean of all subjects
    (ĐTBhk, ĐTBcn), which exists only under Circular 58. `why` lists every failed condition of the higher levels.
    """

    base: str | None
    final: str | None
    adjusted_by: str | None = None
    average: Decimal | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class YearFacts:
    """What decides a secondary pupil's year. `standing` and `conduct` are None while they are not final.

    `absences` counts sessions for promotion (`counted_absences`). `retest` holds re-assessment results by subject.
    `summer_closed`: no further re-assessment or training is awaited. `individual_plan`: pupil with a disability who
    follows one, for whom the principal decides instead of a refusal. `principal_promotes` is that decision.
    """

    standing: Standing | None
    conduct: str | None
    absences: int = 0
    retest: Mapping[str, Decimal | bool] = field(default_factory=dict)
    summer_conduct: str | None = None
    summer_closed: bool = False
    individual_plan: bool = False
    principal_promotes: bool | None = None


@dataclass(frozen=True, slots=True)
class YearDecision:
    """The year of a secondary pupil. Original, re-assessed and final results are kept apart, as in the transcript."""

    learning: Classification | None
    conduct: str | None
    honour: str
    outcome_june: Outcome
    outcome_august: Outcome
    retest_subjects: tuple[str, ...] = ()
    final_standing: Standing | None = None
    learning_final: str | None = None
    conduct_final: str | None = None
    reasons: tuple[str, ...] = ()


def counted_absences(first_sessions: int, second_sessions: int, counts_afternoons: bool) -> int:
    """Sessions absent, excused and unexcused together, on a plan of one session a day (22 Art. 12; 58 Art. 15).

    `second_sessions` are those of the second session of a two-session school; policy says whether they count.
    """
    return first_sessions + (second_sessions if counts_afternoons else 0)


def after_principal(outcome: Outcome, facts: YearFacts) -> Outcome:
    """A pupil with an individual plan is not simply refused: the principal decides (22 Art. 11-12; 58 Art. 14)."""
    if outcome is Outcome.RETAINED and facts.individual_plan:
        outcome = Outcome.PRINCIPAL_DECIDES
    if outcome is Outcome.PRINCIPAL_DECIDES and facts.principal_promotes is not None:
        return Outcome.PROMOTED if facts.principal_promotes else Outcome.RETAINED
    return outcome


def after_retest(standing: Standing, facts: YearFacts, policy: Policy) -> Standing:
    """Re-assessment results in place of the year's, for the subjects that were open to it (22 Art. 14; 58 Art. 16)."""
    results: dict[str, Decimal | bool] = {}
    for key in standing.to_retest():
        if key not in facts.retest:
            continue
        result = facts.retest[key]
        if key in standing.marks and policy.retest_keep_better:
            result = max(Decimal(result), standing.marks[key])
        results[key] = result
    return standing.replaced(results)
