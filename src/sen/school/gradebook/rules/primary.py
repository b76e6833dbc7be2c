"""What both primary circulars share: the values of a year, which subjects are tested when, the list of traits."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from sen.school.gradebook.rules.marks import complaint
from sen.school.gradebook.rules.regimes import MOMENTS, SUBJECT_LEVELS, TRAIT_LEVELS, Form, Outcome, Regime

DATA = Path(__file__).parent.parent / "data"
LAST_PRIMARY_GRADE = 5
MID_TERM_TEST_SUBJECTS = frozenset({"tieng_viet", "toan"})
MID_TERM_TEST_GRADES = (4, 5)
RECOGNISED = ("subject", "progress")


@dataclass(frozen=True, slots=True)
class Trait:
    """A quality (phẩm chất) or competence (năng lực) the form teacher rates Tốt, Đạt or Cần cố gắng."""

    key: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class PrimaryFacts:
    """Year-end levels of a primary pupil: subjects T/H/C, final tests, qualities and competences T/Đ/C.

    `recognition`: outstanding in a "subject", or clear "progress" in a quality or competence, recognised by the
    class. `supplement_passed`: result of the supplementary assessment. `principal_promotes`: the decision on a
    pupil who is still short (theirs to make, with a reason kept by the caller).
    """

    grade: int
    subjects: Mapping[str, str]
    tests: Mapping[str, Decimal]
    traits: Mapping[str, str]
    recognition: str | None = None
    supplement_passed: bool | None = None
    principal_promotes: bool | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, key: str) -> str:
        """The subject or trait as the reader knows it."""
        return self.names.get(key, key)


@dataclass(frozen=True, slots=True)
class PrimaryDecision:
    """The year of a primary pupil. `level` exists only under Circular 27; `completed` is the class programme."""

    level: str | None
    completed: bool
    award: str
    outcome_june: Outcome
    outcome_august: Outcome
    reasons: tuple[str, ...] = ()


@lru_cache
def all_traits() -> tuple[tuple[str, int, Trait], ...]:
    """Every (regime, first grade, trait) of the data file, in the order of the printed forms."""
    with (DATA / "primary-traits.csv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return tuple((r["regime"], int(r["from_grade"]), Trait(r["key"], r["name"], r["group"])) for r in rows)


def traits_for(regime: Regime | str, grade: int) -> tuple[Trait, ...]:
    """Qualities and competences rated in that grade (Circular 27 Art. 5; Circular 30 as amended by 22/2016)."""
    return tuple(trait for name, first, trait in all_traits() if name == Regime(regime) and grade >= first)


def has_test(form: Form | str, subject_key: str, grade: int, moment: str) -> bool:
    """Whether a subject has a periodic test at a moment (Circular 27 Art. 7; Circular 22/2016).

    At the end of term I and of the year where the subject is tested at all; in grades 4 and 5 also at both
    mid-terms for Vietnamese and Maths.
    """
    if Form(form) is not Form.LEVELS_AND_TEST:
        return False
    if moment in ("CK1", "CN"):
        return True
    return moment in MOMENTS and grade in MID_TERM_TEST_GRADES and subject_key in MID_TERM_TEST_SUBJECTS


def invalid_values(facts: PrimaryFacts, regime: Regime) -> tuple[str, ...]:
    """Sentences for values the circular does not know: wrong levels, decimals, marks out of range."""
    found = [
        f"{facts.name(key)}: mức “{level}” không hợp lệ (T, H hoặc C)."
        for key, level in facts.subjects.items()
        if level not in SUBJECT_LEVELS
    ]
    found += [
        f"{facts.name(key)}: mức “{level}” không hợp lệ (T, Đ hoặc C)."
        for key, level in facts.traits.items()
        if level not in TRAIT_LEVELS
    ]
    for key, mark in facts.tests.items():
        if sentence := complaint(mark, regime):
            found.append(f"{facts.name(key)}: {sentence}")
    return tuple(found)


def short_of(facts: PrimaryFacts, level: str, subject_floor: str, trait_floor: str, test_floor: int) -> tuple[str, ...]:
    """What keeps the pupil from a level, as Vietnamese sentences; empty if everything reaches its floor."""
    low = [
        f"{facts.name(key)} ở mức {given} (cần {subject_floor})"
        for key, given in facts.subjects.items()
        if SUBJECT_LEVELS.index(given) < SUBJECT_LEVELS.index(subject_floor)
    ]
    low += [
        f"{facts.name(key)} ở mức {given} (cần {trait_floor})"
        for key, given in facts.traits.items()
        if TRAIT_LEVELS.index(given) < TRAIT_LEVELS.index(trait_floor)
    ]
    low += [
        f"bài kiểm tra {facts.name(key)} được {mark} điểm (cần từ {test_floor})"
        for key, mark in facts.tests.items()
        if mark < test_floor
    ]
    return tuple(f"Chưa đạt mức {level}: {reason}." for reason in low)


def outcomes(facts: PrimaryFacts, completed: bool) -> tuple[Outcome, Outcome]:
    """State in June and in August: completion, supplementary assessment, then the principal's decision.

    "Not completed" is not "retained": the pupil is helped and assessed again; who is still short is tested by the
    principal, who decides on promotion (Circular 27 Art. 11; Circular 30 Art. 14). No absence limit here.
    """
    done = Outcome.COMPLETED_PRIMARY if facts.grade == LAST_PRIMARY_GRADE else Outcome.COMPLETED
    if completed:
        return done, done
    if facts.supplement_passed is None:
        return Outcome.SUPPLEMENT, Outcome.SUPPLEMENT
    if facts.supplement_passed:
        return Outcome.SUPPLEMENT, done
    if facts.principal_promotes is None:
        return Outcome.SUPPLEMENT, Outcome.PRINCIPAL_DECIDES
    return Outcome.SUPPLEMENT, Outcome.PROMOTED if facts.principal_promotes else Outcome.RETAINED
