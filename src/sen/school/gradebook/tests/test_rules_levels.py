"""Levels, the one-subject adjustment, promotion and honours of secondary pupils: edges, settings, properties."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.school.gradebook.rules import Outcome, Policy, circular22, circular43, circular58, decision02
from sen.school.gradebook.rules.regimes import CLASSES_58, LEVELS_22
from sen.school.gradebook.rules.values import Classification, Standing, YearFacts, counted_absences

D = Decimal
CORE = ("toan", "ngu_van", "ngoai_ngu")


def standing(*marks: str, failed: int = 0, passed: int = 2, specialised: str | None = None) -> Standing:
    keys = [*CORE, *(f"mon_{number}" for number in range(4, len(marks) + 1))]
    comments = {f"nx_{number}": number >= failed for number in range(failed + passed)}
    return Standing(dict(zip(keys, map(D, marks), strict=False)), comments, specialised=specialised)


def eight(mark: str, *last: str) -> Standing:
    return standing(*([mark] * (8 - len(last))), *last)


@pytest.mark.parametrize(
    ("case", "base", "final"),
    [
        (eight("8.0", "6.5", "6.5"), "Tốt", "Tốt"),
        (eight("8.0", "6.4"), "Khá", "Khá"),
        (eight("8.0", "4.9"), "Đạt", "Khá"),
        (eight("8.0", "3.4"), "Chưa đạt", "Đạt"),
        (eight("6.5", "3.4"), "Chưa đạt", "Đạt"),
        (eight("6.5", "4.9"), "Đạt", "Đạt"),
        (eight("8.0", "4.9", "4.9"), "Đạt", "Đạt"),
        (eight("8.0", "6.4", "4.9"), "Đạt", "Đạt"),
        (eight("5.0", "3.5", "3.5"), "Đạt", "Đạt"),
        (eight("5.0", "4.9", "4.9", "4.9"), "Chưa đạt", "Chưa đạt"),
        (standing(*["8.0"] * 8, failed=1), "Đạt", "Khá"),
        (standing(*["8.0"] * 8, failed=2), "Chưa đạt", "Chưa đạt"),
        (standing(*["8.0"] * 7, "4.9", failed=1), "Đạt", "Đạt"),
        (standing(*["8.0"] * 6), "Tốt", "Tốt"),
    ],
)
def test_learning_result_of_circular_22(case: Standing, base: str, final: str) -> None:
    found = circular22.classify(case)
    assert (found.base, found.final) == (base, final)
    assert (found.adjusted_by is not None) is (base != final)


def test_the_reasons_name_subject_mark_and_bar() -> None:
    case = Standing({**eight("8.0").marks, "tin": D("4.0")}, {"nt": True}, {"tin": "Tin học", "nt": "Nghệ thuật"})
    assert circular22.classify(case).why == (
        "Chưa đạt mức Tốt: Tin học đạt 4,0 (cần từ 6,5).",
        "Chưa đạt mức Khá: Tin học đạt 4,0 (cần từ 5,0).",
        "Điều chỉnh từ Đạt lên Khá vì mức thấp chỉ do một môn: Tin học (khoản 3 Điều 9 Thông tư 22/2021).",
    )


def test_the_wide_reading_lets_the_weak_subject_count() -> None:
    case = standing("8.5", "8.5", "8.5", "8.5", "8.5", "7.0", "7.0", "4.0")
    assert circular22.classify(case).final == "Đạt"
    assert circular22.classify(case, policy=Policy(adjustment_reading="raise_to_ten")).final == "Khá"


def test_a_comment_subject_adjusts_only_where_the_school_reads_so() -> None:
    case = standing(*["9.0"] * 8, failed=1)
    assert circular22.classify(case, policy=Policy(comment_subject_adjusts=False)).final == "Đạt"


def test_fewer_than_six_mark_subjects_have_no_automatic_level() -> None:
    five = standing(*["9.0"] * 5)
    assert circular22.classify(five).final is None
    assert circular22.classify(five, policy=Policy(too_few_subjects="count_available")).final == "Tốt"
    facts = YearFacts(five, "Tốt")
    assert circular22.decide_year(facts).outcome_june is Outcome.PRINCIPAL_DECIDES
    assert circular22.decide_year(YearFacts(five, "Tốt", absences=46)).outcome_june is Outcome.RETAINED
    decided = circular22.decide_year(YearFacts(five, "Tốt", principal_promotes=True))
    assert decided.outcome_june is Outcome.PROMOTED


def test_continuing_education_counts_five_and_may_refuse_the_adjustment() -> None:
    five = standing(*["9.0"] * 5, passed=0)
    assert circular43.classify(five).final == "Tốt"
    weak = standing(*["8.5"] * 6, "4.0", passed=0)
    assert circular43.classify(weak).final == "Khá"
    assert circular43.classify(weak, Policy(adjust_in_circular43=False)).final == "Đạt"
    assert circular43.decide_year(YearFacts(weak, "Tốt"), Policy(adjust_in_circular43=False)).learning_final == "Đạt"


@pytest.mark.parametrize(
    ("learning", "conduct", "absences", "outcome"),
    [
        ("Đạt", "Đạt", 45, Outcome.PROMOTED),
        ("Tốt", "Tốt", 46, Outcome.RETAINED),
        ("Chưa đạt", "Đạt", 0, Outcome.RETEST),
        ("Đạt", "Chưa đạt", 0, Outcome.SUMMER_CONDUCT),
        ("Chưa đạt", "Chưa đạt", 0, Outcome.RETAINED),
        (None, "Tốt", 0, Outcome.PENDING),
        ("Tốt", None, 0, Outcome.PENDING),
        (None, None, 46, Outcome.RETAINED),
    ],
)
def test_promotion_under_circular_22(
    learning: str | None, conduct: str | None, absences: int, outcome: Outcome
) -> None:
    assert circular22.outcome(learning, conduct, absences) is outcome


def test_the_afternoon_session_counts_only_if_the_school_says_so() -> None:
    assert counted_absences(45, 20, Policy().afternoon_counts_as_absence) == 45
    assert counted_absences(45, 20, True) == 65


WEAK = eight("6.0", "3.0", "3.0")


def test_the_summer_is_pending_until_it_is_over() -> None:
    waiting = circular22.decide_year(YearFacts(WEAK, "Khá"))
    assert (waiting.outcome_june, waiting.outcome_august) == (Outcome.RETEST, Outcome.PENDING)
    assert waiting.retest_subjects == ("mon_7", "mon_8")
    over = circular22.decide_year(YearFacts(WEAK, "Khá", summer_closed=True))
    assert over.outcome_august is Outcome.RETAINED


def test_reassessment_lifts_no_higher_than_promotion_needs() -> None:
    case = eight("7.0", "3.0", "3.0")
    retest = {"mon_7": D("9.0"), "mon_8": D("9.0"), "toan": D("10")}
    decided = circular22.decide_year(YearFacts(case, "Tốt", retest=retest))
    assert (decided.outcome_august, decided.learning_final, decided.honour) == (Outcome.PROMOTED, "Đạt", "-")
    assert decided.final_standing is not None
    assert decided.final_standing.marks["toan"] == D("7.0"), "toan was not open to re-assessment"
    free = circular22.decide_year(YearFacts(case, "Tốt", retest=retest), policy=Policy(retest_capped_at_pass=False))
    assert free.learning_final == "Khá"


def test_a_worse_reassessment_replaces_unless_the_school_keeps_the_better() -> None:
    case = eight("6.0", "4.9", "4.9", "3.4")
    facts = YearFacts(case, "Tốt", retest={"mon_6": D("3.0"), "mon_7": D("5.5"), "mon_8": D("6.0")}, summer_closed=True)
    letter = circular22.decide_year(facts)
    kept = circular22.decide_year(facts, policy=Policy(retest_keep_better=True))
    assert letter.final_standing is not None and letter.final_standing.marks["mon_6"] == D("3.0")
    assert kept.final_standing is not None and kept.final_standing.marks["mon_6"] == D("4.9")


def test_after_the_retest_the_adjustment_holds_or_not() -> None:
    case = eight("8.0", "3.0", "3.0")
    facts = YearFacts(case, "Tốt", retest={"mon_7": D("8.0")}, summer_closed=True)
    assert circular22.decide_year(facts).outcome_august is Outcome.PROMOTED
    strict = circular22.decide_year(facts, policy=Policy(adjust_after_retest=False))
    assert strict.outcome_august is Outcome.RETAINED


def test_both_failed_may_be_reopened_by_summer_training() -> None:
    policy = Policy(both_fail_outcome=Outcome.SUMMER_CONDUCT)
    retest = {"mon_7": D("5.0"), "mon_8": D("5.0")}
    facts = YearFacts(WEAK, "Chưa đạt", retest=retest, summer_conduct="Đạt", summer_closed=True)
    assert circular22.decide_year(facts).outcome_august is Outcome.RETAINED
    reopened = circular22.decide_year(facts, policy=policy)
    assert (reopened.outcome_june, reopened.outcome_august) == (Outcome.SUMMER_CONDUCT, Outcome.PROMOTED)


def test_summer_training_cannot_repair_absences() -> None:
    facts = YearFacts(WEAK, "Khá", absences=46, retest={"mon_7": D("9"), "mon_8": D("9")}, summer_closed=True)
    assert circular22.decide_year(facts).outcome_august is Outcome.RETAINED


def test_a_pupil_with_an_individual_plan_is_left_to_the_principal() -> None:
    facts = YearFacts(WEAK, "Chưa đạt", individual_plan=True)
    assert circular22.decide_year(facts).outcome_june is Outcome.PRINCIPAL_DECIDES
    promoted = circular22.decide_year(YearFacts(WEAK, "Chưa đạt", individual_plan=True, principal_promotes=True))
    assert promoted.outcome_august is Outcome.PROMOTED


def test_titles_need_promotion_unless_the_school_reads_otherwise() -> None:
    facts = YearFacts(eight("9.0"), "Tốt", absences=46)
    assert circular22.decide_year(facts).honour == "-"
    assert circular22.decide_year(facts, policy=Policy(honour_requires_promotion=False)).honour == "Học sinh Xuất sắc"


@pytest.mark.parametrize(
    ("case", "base", "final"),
    [
        (standing("8.0", "7.0", "7.0", *["8.5"] * 7), "Giỏi", "Giỏi"),
        (standing("7.9", "7.9", "7.9", *["8.5"] * 7), "Khá", "Khá"),
        (standing(*["8.5"] * 9, "4.9"), "Trung bình", "Khá"),
        (standing(*["8.9"] * 9, "3.4"), "Yếu", "Trung bình"),
        (standing(*["9.0"] * 9, "1.9"), "Kém", "Yếu"),
        (standing(*["7.0"] * 9, "3.4"), "Yếu", "Trung bình"),
        (standing(*["7.0"] * 9, "4.9"), "Trung bình", "Trung bình"),
        (standing(*["8.9"] * 8, "3.4", "3.4"), "Yếu", "Yếu"),
        (standing("4.9", "4.9", "4.9", *["6.0"] * 7), "Yếu", "Yếu"),
        (standing(*["3.4"] * 10), "Kém", "Kém"),
        (standing(*["7.0"] * 10, failed=1), "Yếu", "Trung bình"),
        (standing(*["7.0"] * 10, failed=2), "Yếu", "Yếu"),
        (standing(*["8.5"] * 10, "7.9", specialised="mon_11"), "Khá", "Khá"),
        (standing(*["8.5"] * 10, "6.0", specialised="mon_11"), "Trung bình", "Khá"),
        (standing(*["8.5"] * 10, "4.0", specialised="mon_11"), "Yếu", "Trung bình"),
    ],
)
def test_academic_class_of_circular_58(case: Standing, base: str, final: str) -> None:
    found = circular58.classify(case)
    assert (found.base, found.final) == (base, final)


def test_giỏi_to_kém_depends_on_the_reading() -> None:
    case = standing(*["9.0"] * 9, "1.5")
    assert circular58.classify(case, policy=Policy(higher_average_uses_lower_line=False)).final == "Kém"


def test_the_missing_core_bar_may_be_the_one_subject() -> None:
    case = standing("3.0", "6.4", "6.4", *["7.5"] * 7)
    assert circular58.classify(case).final == "Trung bình"
    assert circular58.classify(case, policy=Policy(core_condition_may_be_the_subject=False)).final == "Yếu"


def test_foreign_language_is_no_core_subject_of_the_old_continuing_education() -> None:
    case = standing("7.9", "7.9", "9.0", *["8.5"] * 5, passed=0)
    assert circular58.classify(case).final == "Giỏi"
    assert decision02.classify(case).final == "Khá"


def test_a_working_adult_is_promoted_on_learning_alone() -> None:
    facts = YearFacts(standing(*["6.0"] * 6, passed=0), None)
    assert decision02.decide_year(facts).outcome_june is Outcome.PENDING
    adult = decision02.decide_year(facts, adult=True)
    assert (adult.outcome_june, adult.conduct) == (Outcome.PROMOTED, None)
    assert decision02.decide_year(facts, Policy(adults_have_conduct=True), adult=True).outcome_june is Outcome.PENDING


@pytest.mark.parametrize(
    ("learning", "conduct", "absences", "outcome"),
    [
        ("Trung bình", "Trung bình", 45, Outcome.PROMOTED),
        ("Giỏi", "Tốt", 46, Outcome.RETAINED),
        ("Kém", "Tốt", 0, Outcome.RETAINED),
        ("Kém", None, 0, Outcome.RETAINED),
        ("Yếu", "Yếu", 0, Outcome.RETAINED),
        ("Yếu", "Trung bình", 0, Outcome.RETEST),
        ("Trung bình", "Yếu", 0, Outcome.SUMMER_CONDUCT),
        ("Yếu", None, 0, Outcome.PENDING),
    ],
)
def test_promotion_under_circular_58(
    learning: str | None, conduct: str | None, absences: int, outcome: Outcome
) -> None:
    assert circular58.outcome(learning, conduct, absences) is outcome


def test_titles_look_at_june_unless_the_school_reads_otherwise() -> None:
    case = standing("4.9", "4.9", "4.9", *["8.0"] * 7)
    facts = YearFacts(case, "Tốt", retest={"toan": D("9.0"), "ngu_van": D("7.0"), "ngoai_ngu": D("7.0")})
    decided = circular58.decide_year(facts)
    assert (decided.outcome_august, decided.learning_final, decided.honour) == (Outcome.PROMOTED, "Khá", "-")
    later = circular58.decide_year(facts, policy=Policy(titles_from_original_results=False))
    assert later.honour == "Học sinh tiên tiến"


mark = st.integers(0, 100).map(lambda tenths: D(tenths) / 10)
near_bars = st.one_of(
    mark, st.sampled_from([D(text) for text in ("3.4", "4.9", "5.0", "6.4", "6.5", "7.9", "8.0", "9.0")])
)
standings = st.builds(
    lambda marks, verdicts, own: Standing(
        dict(zip([*CORE, *"abcdefgh"], marks, strict=False)),
        {f"nx{n}": verdict for n, verdict in enumerate(verdicts)},
        specialised=own,
    ),
    st.lists(near_bars, min_size=6, max_size=11),
    st.lists(st.booleans() | st.just(True), max_size=3),
    st.sampled_from([None, "toan", "a"]),
)


def classify_22(case: Standing) -> Classification:
    return circular22.classify(case)


def classify_58(case: Standing) -> Classification:
    return circular58.classify(case)


RULES = [(classify_22, LEVELS_22), (classify_58, CLASSES_58)]


@pytest.mark.parametrize(("classify", "scale"), RULES)
@settings(deadline=None)  # a busy machine is no failure
@given(case=standings)
def test_the_adjustment_raises_by_one_level_at_most_and_never_to_the_top(classify, scale, case: Standing) -> None:  # type: ignore[no-untyped-def]  # parametrised over two rules
    found = classify(case)
    rise = scale.index(found.final) - scale.index(found.base)
    assert rise in (0, 1)
    assert (found.adjusted_by is not None) is (rise == 1)
    assert not (rise and found.final == scale[-1])


@pytest.mark.parametrize(("classify", "scale"), RULES)
@settings(deadline=None)  # a busy machine is no failure
@given(case=standings, which=st.integers(0, 10), other=mark)
def test_a_better_average_never_lowers_a_level(classify, scale, case: Standing, which: int, other: D) -> None:  # type: ignore[no-untyped-def]  # parametrised over two rules
    key = list(case.marks)[which % len(case.marks)]
    better = case.replaced({key: max(case.marks[key], other)})
    for step in ("base", "final"):
        assert scale.index(getattr(classify(better), step)) >= scale.index(getattr(classify(case), step))


@settings(deadline=None)  # a busy machine is no failure
@given(case=standings)
def test_every_missed_level_has_a_reason(case: Standing) -> None:
    found = circular22.classify(case)
    assert found.base is not None
    for level in LEVELS_22[LEVELS_22.index(found.base) + 1 :]:
        assert any(f"mức {level}" in sentence for sentence in found.why)
