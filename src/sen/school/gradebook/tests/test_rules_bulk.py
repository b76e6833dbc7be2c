"""The bulk rules give every pupil what the one-pupil rules give, on thousands of random pupils."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random

import polars as pl
import pytest

from sen.school.gradebook.rules import Policy, primary_year, required_regular, secondary
from sen.school.gradebook.rules.bulk import check_policy, subject_results
from sen.school.gradebook.rules.bulk_primary import primary_results
from sen.school.gradebook.rules.bulk_pupils import pupil_results
from sen.school.gradebook.rules.circular58 import CIRCULAR_58
from sen.school.gradebook.rules.decision02 import DECISION_02
from sen.school.gradebook.rules.marks import EMPTY, ZERO, Cell, SubjectPeriod, TermBook
from sen.school.gradebook.rules.policy import DEFAULT_POLICY
from sen.school.gradebook.rules.primary import traits_for
from sen.school.gradebook.rules.regimes import (
    CONDUCT_58,
    LEVELS_22,
    SUBJECT_LEVELS,
    TRAIT_LEVELS,
    Exemption,
    Form,
    Outcome,
    Regime,
    Status,
)
from sen.school.gradebook.rules.results import PrimarySubject, PrimaryYear, SecondaryYear, SubjectInput

MARKS, COMMENTS = Form.MARKS, Form.COMMENTS
PLANS = {
    (Regime.TT22, 10): [
        ("ngu_van", MARKS, 105),
        ("toan", MARKS, 105),
        ("ngoai_ngu_1", MARKS, 105),
        ("lich_su", MARKS, 52),
        ("gdqpan", MARKS, 35),
        ("vat_li", MARKS, 70),
        ("hoa_hoc", MARKS, 70),
        ("gdtc", COMMENTS, 70),
        ("gddp", COMMENTS, 35),
    ],
    (Regime.TT58, 9): [
        ("toan", MARKS, 140),
        ("ngu_van", MARKS, 175),
        ("ngoai_ngu", MARKS, 70),
        ("lich_su", MARKS, 52),
        ("gdcd", MARKS, 35),
        ("the_duc", COMMENTS, 70),
        ("am_nhac", COMMENTS, 18),
    ],
    (Regime.TT43, 10): [(key, MARKS, 70) for key in ("ngu_van", "toan", "lich_su", "dia_li", "vat_li", "hoa_hoc")],
    (Regime.QD02, 11): [(key, MARKS, 52) for key in ("toan", "ngu_van", "ngoai_ngu", "hoa_hoc")],
}
STEADY = 0.9  # share of pupils without gaps, so that most get a level


def random_mark(random: Random, ability: int) -> Cell:
    """A mark around an ability, in tenths."""
    return Cell.of(Decimal(max(0, min(100, ability + random.randint(-6, 6)))) / 10)


def random_cell(random: Random, form: Form, ability: int, gaps: bool) -> Cell:
    if gaps and random.random() < 0.05:
        return random.choice([EMPTY, ZERO])
    if form is COMMENTS:
        return Cell.verdict(random.random() < 0.97)
    if gaps and random.random() < 0.01:
        return Cell.of(Decimal("10.5"))
    return random_mark(random, ability)


def random_book(random: Random, regime: Regime, form: Form, lessons: int, ability: int, gaps: bool) -> TermBook | None:
    if gaps and random.random() < 0.03:
        return None
    count = required_regular(regime, form, lessons) + random.choice([0, 0, 0, 1])
    cells = [random_cell(random, form, ability, gaps) for _ in range(count + 2)]
    has_cluster = form is MARKS and regime is Regime.TT22 and random.random() < 0.2
    cluster = random_cell(random, form, ability, gaps) if has_cluster else None
    return TermBook(tuple(cells[2:]), cells[0], cells[1], cluster)


def random_subject(
    random: Random, regime: Regime, plan: tuple[str, Form, int], ability: int, gaps: bool
) -> SubjectInput:
    key, form, lessons = plan
    own = ability if random.random() < 0.85 else random.choice([12, 25, 33, 45, 55, 70, 90])
    books = [random_book(random, regime, form, lessons, own, gaps) for _ in range(2)]
    if key == "am_nhac":
        books[1] = None
    waiver = random.choice([Exemption.YEAR, Exemption.TERM1, Exemption.TERM2]) if random.random() < 0.02 else ""
    return SubjectInput(key, form, lessons, books[0], books[1], Exemption(waiver))


def random_pupil(random: Random, regime: Regime, grade: int) -> SecondaryYear:
    ability, gaps = random.choice([30, 38, 48, 60, 67, 78, 82, 86, 93]), random.random() > STEADY
    scale = CONDUCT_58 if regime in secondary.OLD_REGIMES else LEVELS_22

    def conduct() -> str | None:
        return random.choice([*scale, *scale, scale[-1], None])

    return SecondaryYear(
        grade,
        tuple(random_subject(random, regime, plan, ability, gaps) for plan in PLANS[regime, grade]),
        conduct(),
        conduct(),
        conduct(),
        absences=random.choice([0, 0, 0, 12, 45, 46]),
        specialised="toan" if regime is Regime.TT58 and random.random() < 0.3 else None,
    )


def tenths(cell: Cell) -> int | None:
    if cell.verdicts:
        return int(cell.verdicts[0])
    mark = cell.counted_mark
    return None if mark is None else int(mark * 10)


def frames(pupils: list[tuple[Regime, SecondaryYear]]) -> dict[str, pl.DataFrame]:
    """The same pupils as the frames the bulk rules take."""
    marks, people, waivers, loads = [], [], [], []
    for number, (regime, year) in enumerate(pupils):
        conduct = (year.conduct1, year.conduct2, year.conduct_year)
        people.append((number, regime.value, year.grade, *conduct, year.absences, year.specialised))
        for subject in year.subjects:
            if subject.exemption:
                waivers.append((number, subject.key, subject.exemption.value))
            for term, book in ((1, subject.term1), (2, subject.term2)):
                if book is None:
                    continue
                cells = [("regular", cell) for cell in book.regular] + [
                    ("midterm", book.midterm),
                    ("final", book.final),
                ]
                cells += [("cluster", book.cluster)] if book.cluster else []
                marks += [(number, subject.key, term, kind, tenths(cell)) for kind, cell in cells]
    for (regime, grade), plan in PLANS.items():
        core = DECISION_02.core if regime is Regime.QD02 else CIRCULAR_58.core
        loads += [(regime.value, grade, key, form.value, lessons, key in core) for key, form, lessons in plan]
    conducts = {"conduct1": pl.String, "conduct2": pl.String, "conduct_year": pl.String}
    head = {"pupil": pl.Int64, "regime": pl.String, "grade": pl.Int64}
    return {
        "marks": pl.DataFrame(
            marks,
            {"pupil": pl.Int64, "subject": pl.String, "term": pl.Int8, "kind": pl.String, "value": pl.Int16},
            orient="row",
        ),
        "loads": pl.DataFrame(loads, ["regime", "grade", "subject", "form", "lessons_per_year", "core"], orient="row"),
        "pupils": pl.DataFrame(
            people, {**head, **conducts, "absences": pl.Int64, "specialised": pl.String}, orient="row"
        ),
        "exemptions": pl.DataFrame(
            waivers, {"pupil": pl.Int64, "subject": pl.String, "exemption": pl.String}, orient="row"
        ),
    }


def shown(period: SubjectPeriod) -> tuple[str, int | None, bool | None]:
    average = None if period.average is None else int(period.average * 10)
    return period.status.value, average, period.passed


@pytest.mark.parametrize("regime_and_grade", list(PLANS), ids=str)
@pytest.mark.parametrize("make_ups_closed", [False, True])
def test_bulk_equals_the_one_pupil_rules(regime_and_grade: tuple[Regime, int], make_ups_closed: bool) -> None:
    regime, grade = regime_and_grade
    random = Random(f"{regime} {make_ups_closed}")
    pupils = [(regime, random_pupil(random, regime, grade)) for _ in range(800)]
    tables = frames(pupils)
    subjects = subject_results(
        tables["marks"], tables["loads"], tables["pupils"], tables["exemptions"], make_ups_closed=make_ups_closed
    )
    of_subject = {(row["pupil"], row["subject"]): row for row in subjects.iter_rows(named=True)}
    of_pupil = {row["pupil"]: row for row in pupil_results(subjects, tables["pupils"]).iter_rows(named=True)}
    outcomes: Counter[str] = Counter()
    adjusted = 0
    for number, (_, pupil) in enumerate(pupils):
        year = secondary.year_result(regime, DEFAULT_POLICY, replace(pupil, make_ups_closed=make_ups_closed))
        row = of_pupil[number]
        outcomes[year.outcome_june] += 1
        adjusted += year.adjusted_by is not None
        for period, result in (("1", year.terms[0]), ("2", year.terms[1]), ("year", year)):
            for subject in pupil.subjects:
                if subject.term1 is None and subject.term2 is None:
                    continue  # no row of marks: the bulk rules never hear of the subject
                found = of_subject[number, subject.key]
                got = tuple(found[f"{what}_{period}"] for what in ("status", "average", "passed"))
                assert got == shown(result.subjects[subject.key]), (number, subject, period)
            assert row[f"status_{period}"] == result.status.value, (number, period)
            assert row[f"learning_base_{period}"] == result.learning_base, (number, period)
            assert row[f"learning_{period}"] == result.learning, (number, period)
            mean = None if result.average is None else int(result.average * 10)
            if result.status is Status.COMPLETE:
                assert row[f"average_{period}"] == mean, (number, period)
        assert row["conduct"] == year.conduct
        assert row["honour"] == year.honour
        assert row["outcome_june"] == year.outcome_june.value
    assert adjusted > 5, "the sample must hold adjusted pupils"
    assert len(outcomes) >= 4, "the sample must hold many outcomes"


def test_the_adjustment_readings_are_followed_too() -> None:
    random = Random(5)
    policy = Policy(
        comment_subject_adjusts=False,
        both_fail_outcome=Outcome.SUMMER_CONDUCT,
        honour_requires_promotion=False,
        few_lessons_up_to=34,
    )
    pupils = [(Regime.TT22, random_pupil(random, Regime.TT22, 10)) for _ in range(300)]
    tables = frames(pupils)
    subjects = subject_results(tables["marks"], tables["loads"], tables["pupils"], tables["exemptions"], policy=policy)
    rows = pupil_results(subjects, tables["pupils"], policy=policy).sort("pupil").iter_rows(named=True)
    for row, (regime, pupil) in zip(rows, pupils, strict=True):
        year = secondary.year_result(regime, policy, pupil)
        assert (row["learning_year"], row["honour"]) == (year.learning, year.honour)
        assert row["outcome_june"] == year.outcome_june.value


def test_a_reading_the_bulk_rules_do_not_follow_is_refused() -> None:
    with pytest.raises(ValueError, match="adjustment_reading"):
        check_policy(Policy(adjustment_reading="raise_to_ten"))


def random_primary(random: Random, regime: Regime, grade: int) -> PrimaryYear:
    best = random.random() < 0.5
    subjects = []
    for key, form in (
        ("tieng_viet", Form.LEVELS_AND_TEST),
        ("toan", Form.LEVELS_AND_TEST),
        ("dao_duc", Form.LEVELS),
        ("the_duc", Form.LEVELS),
    ):
        level = "T" if best and random.random() < 0.95 else random.choice(["T", "H", "H", "H", "C"])
        mark = Decimal(random.choice([9, 9, 9, 10, 10, 8, 7] if best else [4, 5, 6, 7, 8, 9, 10, 0]))
        levels = {"CN": level} if random.random() < 0.99 else {}
        subjects.append(PrimarySubject(key, form, levels, {"CN": mark} if form is Form.LEVELS_AND_TEST else {}))
    given = {
        trait.key: "T" if best and random.random() < 0.99 else random.choice(["T", "Đ", "Đ"])
        for trait in traits_for(regime, grade)
        if random.random() < 0.999
    }
    return PrimaryYear(grade, tuple(subjects), {"CN": given}, random.choice([None, "subject", "progress"]))


@pytest.mark.parametrize("regime", [Regime.TT27, Regime.TT30])
def test_primary_bulk_equals_the_one_pupil_rules(regime: Regime) -> None:
    random = Random(regime)
    pupils = [random_primary(random, regime, random.choice([2, 4, 5])) for _ in range(2000)]
    levels, people = [], []
    for number, pupil in enumerate(pupils):
        people.append((number, regime.value, pupil.grade, pupil.recognition))
        for subject in pupil.subjects:
            level = subject.levels.get("CN")
            levels.append((number, "subject", None if level is None else SUBJECT_LEVELS.index(level)))
            levels += [(number, "test", int(mark)) for mark in subject.tests.values()]
        for trait in traits_for(regime, pupil.grade):
            rating = pupil.traits["CN"].get(trait.key)
            levels.append((number, "trait", None if rating is None else TRAIT_LEVELS.index(rating)))
    results = primary_results(
        pl.DataFrame(levels, {"pupil": pl.Int64, "kind": pl.String, "value": pl.Int8}, orient="row"),
        pl.DataFrame(
            people, {"pupil": pl.Int64, "regime": pl.String, "grade": pl.Int8, "recognition": pl.String}, orient="row"
        ),
    )
    awards: Counter[str] = Counter()
    for row, pupil in zip(results.sort("pupil").iter_rows(named=True), pupils, strict=True):
        year = primary_year.year_result(regime, DEFAULT_POLICY, pupil)
        assert row["status"] == year.status.value
        assert row["outcome_june"] == year.outcome_june.value
        if year.status is Status.COMPLETE:
            assert (row["level"], row["completed"], row["award"]) == (year.learning, year.completed, year.honour)
            awards[year.honour] += 1
    assert len(awards) == 3, "the sample must hold both awards and none"
