"""The documented shapes of vector tables: each turns one line into the values its `expected_...` columns speak of."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sen.school.gradebook.rules import circular22, circular27, circular30, circular43, circular58, decision02
from sen.school.gradebook.rules.marks import TermBook, minutes_of_test, required_regular
from sen.school.gradebook.rules.policy import DEFAULT_POLICY
from sen.school.gradebook.rules.primary import PrimaryFacts, invalid_values
from sen.school.gradebook.rules.regimes import Exemption, Form, Regime, Status
from sen.school.gradebook.rules.results import SubjectInput
from sen.school.gradebook.rules.secondary import subject_term, subject_year
from sen.school.gradebook.rules.selection import following_year, regime_for
from sen.school.gradebook.rules.values import Standing, YearDecision, YearFacts
from sen.school.gradebook.rules.vector_reading import (
    Row,
    cell,
    first_year,
    is_verdict_text,
    load_of,
    mapping,
    number,
    result,
    shown,
)

Checker = Callable[[Row], dict[str, str]]
Got = dict[str, str]


def assessment_counts(row: Row) -> Got:
    """How many assessments a term and how long a test."""
    regime, form, lessons = Regime(row["regime"]), Form(row["assessment_form"]), int(row["lessons_per_year"])
    minutes = minutes_of_test(regime, form, lessons)
    return {
        "expected_tx_per_term": str(required_regular(regime, form, lessons)),
        "expected_gk_per_term": "1",
        "expected_ck_per_term": "1",
        "expected_test_minutes": str(minutes or ""),
    }


def term_book(row: Row, term: str) -> TermBook | None:
    """The cells of one term; all blank: not taught in that term."""
    regular, midterm, final = row[f"{term}_tx"], row[f"{term}_gk"], row[f"{term}_ck"]
    if not (regular or midterm or final):
        return None
    return TermBook(tuple(cell(text) for text in regular.split()), cell(midterm), cell(final))


def subject_periods(row: Row) -> Got:
    """Term and year result of one subject, by marks or by comments."""
    regime, grade, lessons = Regime(row["regime"]), int(row["grade"]), int(row["lessons_per_year"])
    cells = [text for column, text in row.items() if column.startswith(("hk1_", "hk2_"))]
    known = load_of(regime, grade, row["subject_key"])
    form = Form.COMMENTS if is_verdict_text(*cells) else known[0] if known and not any(cells) else Form.MARKS
    subject = SubjectInput(
        row["subject_key"],
        form,
        lessons,
        term_book(row, "hk1"),
        term_book(row, "hk2"),
        Exemption(row.get("exempt", "")),
    )
    terms = [subject_term(subject, term, regime, DEFAULT_POLICY, make_ups_closed=True) for term in (1, 2)]
    year = subject_year(subject, terms[0], terms[1], regime, DEFAULT_POLICY)
    return {
        "expected_required_tx": str(required_regular(regime, form, lessons)),
        "expected_hk1": shown(terms[0]),
        "expected_hk2": shown(terms[1]),
        "expected_cn": shown(year),
    }


def conduct_of_year(row: Row) -> Got:
    """Circular 22 Art. 8: the year from the two terms."""
    return {"expected_rl_cn": circular22.year_conduct(row["rl_hk1"], row["rl_hk2"]) or ""}


def regime_of_year_table(row: Row) -> Regime:
    """The regime a year table speaks of: named, or told by its columns."""
    if row.get("regime"):
        return Regime(row["regime"])
    if "hanh_kiem_cn" in row:
        return Regime.TT58
    return Regime.TT22 if "comments_cn" in row else Regime.TT43


def standing_of_row(row: Row) -> Standing | None:
    """Year averages and verdicts; EXEMPT subjects are out, an INCOMPLETE one holds everything up."""
    texts = {**mapping(row["marks_cn"]), **mapping(row.get("comments_cn", ""))}
    if Status.INCOMPLETE.value in texts.values():
        return None
    results = {key: result(text) for key, text in texts.items() if text != Status.EXEMPT.value}
    marks = {key: value for key, value in results.items() if isinstance(value, Decimal)}
    comments = {key: value for key, value in results.items() if isinstance(value, bool)}
    return Standing(marks, comments, specialised=row.get("chuyen_subject") or None)


def secondary_year(row: Row) -> Got:
    """Level, title and promotion from the year averages."""
    regime = regime_of_year_table(row)
    conduct = row.get("hanh_kiem_cn") or row.get("rl_cn") or None
    if conduct is None and row.get("rl_hk1") and row.get("rl_hk2"):
        conduct = circular22.year_conduct(row["rl_hk1"], row["rl_hk2"])
    facts = YearFacts(
        standing_of_row(row),
        conduct,
        int(row.get("absences") or 0),
        {key: result(text) for key, text in mapping(row.get("retest", "")).items()},
        row.get("summer_rl") or row.get("summer_hanh_kiem") or None,
        summer_closed=True,
    )
    return year_values(decide(regime, facts))


def decide(regime: Regime, facts: YearFacts) -> YearDecision:
    """The year under a regime with the default policy."""
    if regime is Regime.TT22:
        return circular22.decide_year(facts)
    if regime is Regime.TT43:
        return circular43.decide_year(facts)
    return circular58.decide_year(facts) if regime is Regime.TT58 else decision02.decide_year(facts)


def year_values(decision: YearDecision) -> Got:
    """The names both families of year tables use for the same things."""
    learning = decision.learning
    base = (learning.base if learning else Status.INCOMPLETE.value) or ""
    final = (learning.final if learning else Status.INCOMPLETE.value) or ""
    average = str(learning.average) if learning and learning.average is not None else ""
    return {
        "expected_rl_cn": decision.conduct or "",
        "expected_dtb_cn": average,
        "expected_ht_base": base,
        "expected_ht": final,
        "expected_hl_base": base,
        "expected_hl": final,
        "expected_honour": decision.honour,
        "expected_title": decision.honour,
        "expected_outcome_june": decision.outcome_june.value,
        "expected_outcome_august": decision.outcome_august.value,
    }


def primary_facts(row: Row, traits: str) -> PrimaryFacts:
    """A primary pupil's year; the key "all" stands for every subject or trait not named."""
    supplement = row.get("supplement_result", "")
    return PrimaryFacts(
        int(row["grade"]),
        mapping(row["subjects"]),
        {key: number(text) for key, text in mapping(row["final_tests"]).items()},
        mapping(row[traits]),
        row.get("class_recognition") or None,
        {"completed": True, "not_completed": False}[supplement] if supplement else None,
    )


def primary_27(row: Row) -> Got:
    """Year level, award and completion under Circular 27/2020."""
    facts = primary_facts(row, "qualities_and_competences")
    if invalid_values(facts, Regime.TT27):
        return {"expected_level": Status.INVALID.value, "expected_award": "", "expected_outcome": ""}
    decision = circular27.decide_year(facts)
    return {
        "expected_level": decision.level or "",
        "expected_award": decision.award,
        "expected_outcome": decision.outcome_august.value,
    }


def primary_30(row: Row) -> Got:
    """Completion and award under Circular 30/2014 amended by 22/2016."""
    facts = primary_facts(row, "competences_and_qualities")
    if invalid_values(facts, Regime.TT30):
        return {"expected_completed": Status.INVALID.value, "expected_award": "", "expected_outcome": ""}
    decision = circular30.decide_year(facts)
    return {
        "expected_completed": "yes" if decision.completed else "no",
        "expected_award": decision.award,
        "expected_outcome": decision.outcome_august.value,
    }


def regime_selection(row: Row) -> Got:
    """Programme and regime of a class."""
    choice = regime_for(first_year(row["school_year"]), row["level"], row["grade"])
    return {"expected_programme": choice.programme, "expected_regime": choice.regime.value}


def regime_across_years(row: Row) -> Got:
    """Grade, programme and regime of a later year."""
    following = following_year(
        first_year(row["school_year_1"]),
        int(row["grade_1"]),
        row["outcome_1"],
        first_year(row["school_year_2"]) if row.get("school_year_2") else None,
        continuing=row.get("level", "") in ("gdtx", "continuing", "continuing_lower", "continuing_upper"),
    )
    choice = following.choice
    return {
        "expected_grade_2": str(following.grade or ""),
        "expected_programme_2": choice.programme if choice else "",
        "expected_regime_2": choice.regime.value if choice else "",
    }


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of table: the columns that give it away and the calculation behind it."""

    columns: frozenset[str]
    run: Checker

    def fits(self, columns: frozenset[str]) -> bool:
        """Whether a table with these columns is of this kind."""
        return self.columns <= columns


SHAPES = (
    Shape(frozenset({"school_year_1", "grade_1", "outcome_1"}), regime_across_years),
    Shape(frozenset({"school_year", "level", "grade", "expected_regime"}), regime_selection),
    Shape(frozenset({"regime", "assessment_form", "lessons_per_year"}), assessment_counts),
    Shape(frozenset({"subject_key", "hk1_tx", "hk1_gk", "hk1_ck", "hk2_tx", "hk2_gk", "hk2_ck"}), subject_periods),
    Shape(frozenset({"marks_cn"}), secondary_year),
    Shape(frozenset({"final_tests", "qualities_and_competences"}), primary_27),
    Shape(frozenset({"final_tests", "competences_and_qualities"}), primary_30),
    Shape(frozenset({"rl_hk1", "rl_hk2", "expected_rl_cn"}), conduct_of_year),
)
