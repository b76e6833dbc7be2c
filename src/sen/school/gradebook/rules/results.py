"""What the gradebook hands to the rules and what it gets back, the same shape for every regime."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sen.school.gradebook.rules.marks import SubjectPeriod, TermBook
from sen.school.gradebook.rules.regimes import NO_TITLE, Exemption, Form, Outcome, Regime, Status


class NotAssessed(ValueError):
    """The regime gives no results (preschool). The message is a Vietnamese sentence."""


@dataclass(frozen=True, slots=True)
class SubjectInput:
    """One subject of one secondary pupil. A term is None where the subject is not on its plan.

    `required` overrides the number of regular assessments that follows from `lessons_per_year`.
    `optional` marks an optional subject (môn tự chọn) for `Policy.optional_subjects_count`.
    """

    key: str
    form: Form
    lessons_per_year: int
    term1: TermBook | None = None
    term2: TermBook | None = None
    exemption: Exemption = Exemption.NONE
    optional: bool = False
    required: int | None = None
    name: str = ""

    def book(self, term: int) -> TermBook | None:
        """The cells of a term."""
        return self.term1 if term == 1 else self.term2


@dataclass(frozen=True, slots=True)
class SecondaryYear:
    """A pupil's year under Circulars 22/2021, 58/2011, 43/2021 or Decision 02/2007.

    `conduct_year` is the form teacher's decision under Circular 58; under 22 the year follows from the terms.
    `absences` are sessions that count for promotion. `make_ups_closed`: what is missing now stays missing.
    `adult`: working adult or self-study learner of Decision 02/2007. The rest is told in `YearFacts`.
    """

    grade: int
    subjects: tuple[SubjectInput, ...]
    conduct1: str | None = None
    conduct2: str | None = None
    conduct_year: str | None = None
    absences: int = 0
    retest: Mapping[str, Decimal | bool] = field(default_factory=dict)
    summer_conduct: str | None = None
    summer_closed: bool = False
    make_ups_closed: bool = False
    specialised: str | None = None
    individual_plan: bool = False
    principal_promotes: bool | None = None
    adult: bool = False


@dataclass(frozen=True, slots=True)
class PrimarySubject:
    """One subject or activity of a primary pupil: level and test mark by moment (GK1, CK1, GK2, CN)."""

    key: str
    form: Form
    levels: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, Decimal] = field(default_factory=dict)
    waived: bool = False
    name: str = ""

    @property
    def assessed(self) -> bool:
        """Whether the subject takes part: neither waived nor without assessment."""
        return not self.waived and self.form is not Form.NONE


@dataclass(frozen=True, slots=True)
class PrimaryYear:
    """A pupil's year under Circulars 27/2020 or 30/2014. `traits`: qualities and competences by moment.

    Only the moment CN decides the year. The last three fields are told in `PrimaryFacts`.
    """

    grade: int
    subjects: tuple[PrimarySubject, ...]
    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    recognition: str | None = None
    supplement_passed: bool | None = None
    principal_promotes: bool | None = None


YearInput = SecondaryYear | PrimaryYear


@dataclass(frozen=True, slots=True)
class TermResult:
    """A term. `learning_base` and `learning`: level before and after the one-subject adjustment, which `adjusted_by`
    names; `average` is the mean of all subjects (Circular 58 only). `finalisable`: the class may be closed for the
    pupil. `reasons` says in Vietnamese what is missing or which conditions failed.
    """

    regime: Regime
    term: int
    status: Status
    subjects: Mapping[str, SubjectPeriod]
    average: Decimal | None = None
    learning_base: str | None = None
    learning: str | None = None
    adjusted_by: str | None = None
    conduct: str | None = None
    title: str = NO_TITLE
    finalisable: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class YearResult:
    """A year. Original results, and the `..._final` ones after the summer, stand side by side as in the transcript.

    `learning` is the level of the year (primary: the four-level result of Circular 27). `completed` is the primary
    class programme. `retest_subjects` may be re-assessed in summer. `final_results` holds each subject's result
    after re-assessment. `terms` are the two terms this year was made of.
    """

    regime: Regime
    status: Status
    subjects: Mapping[str, SubjectPeriod]
    terms: tuple[TermResult, TermResult]
    outcome_june: Outcome
    outcome_august: Outcome
    average: Decimal | None = None
    learning_base: str | None = None
    learning: str | None = None
    adjusted_by: str | None = None
    learning_final: str | None = None
    conduct: str | None = None
    conduct_final: str | None = None
    honour: str = NO_TITLE
    completed: bool | None = None
    retest_subjects: tuple[str, ...] = ()
    final_results: Mapping[str, Decimal | bool] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
