"""The three calls the gradebook makes: from the cells of the book to the results of a pupil."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sen.school.gradebook.rules import (
    DEFAULT_POLICY,
    EMPTY,
    PENDING,
    Cell,
    Exemption,
    Form,
    NotAssessed,
    Outcome,
    Policy,
    PrimarySubject,
    PrimaryYear,
    SecondaryYear,
    Status,
    SubjectInput,
    TermBook,
    YearResult,
    columns_for,
    term_result,
    traits_for,
    year_result,
)

D = Decimal
KEYS = ("toan", "ngu_van", "ngoai_ngu", "gdcd", "tin_hoc", "cong_nghe")


def book(mark: str) -> TermBook:
    cell = Cell.of(D(mark))
    return TermBook((cell, cell), cell, cell)


def subject(key: str, mark: str = "8", **changes: object) -> SubjectInput:
    return replace(SubjectInput(key, Form.MARKS, 35, book(mark), book(mark), name=f"Môn {key}"), **changes)  # type: ignore[arg-type]  # test shorthand


SIX = tuple(subject(key) for key in KEYS)
YEAR = SecondaryYear(6, SIX, "Tốt", "Tốt")


def year(data: SecondaryYear, regime: str = "tt22-2021", policy: Policy = DEFAULT_POLICY) -> YearResult:
    return year_result(regime, policy, data)


def test_a_whole_year_comes_out_with_its_terms() -> None:
    result = year(YEAR)
    assert (result.learning, result.conduct, result.honour) == ("Tốt", "Tốt", "Học sinh Giỏi")
    assert result.outcome_june is result.outcome_august is Outcome.PROMOTED
    assert [term.learning for term in result.terms] == ["Tốt", "Tốt"]
    assert result.final_results["toan"] == D("8.0")
    assert result.reasons == ()


def test_term_and_year_agree_on_the_term() -> None:
    assert term_result("tt22-2021", DEFAULT_POLICY, YEAR, 2) == year(YEAR).terms[1]


def test_one_open_subject_holds_up_everything_and_is_named() -> None:
    open_book = replace(book("8"), final=EMPTY)
    result = year(replace(YEAR, subjects=(*SIX[1:], subject("toan", term2=open_book))))
    assert (result.status, result.learning, result.outcome_june) == (Status.INCOMPLETE, None, Outcome.PENDING)
    assert result.terms[0].learning == "Tốt"
    assert result.reasons == ("Môn toan: Thiếu đánh giá cuối kì.",)


def test_an_invalid_mark_is_invalid_not_incomplete() -> None:
    wrong = replace(book("8"), midterm=Cell.of(D("7.25")))
    result = year(replace(YEAR, subjects=(*SIX[1:], subject("toan", term1=wrong))))
    assert result.status is Status.INVALID
    assert result.subjects["toan"].status is Status.INVALID


def test_an_excused_gap_blocks_finalisation_unless_the_school_says_otherwise() -> None:
    data = replace(YEAR, subjects=(*SIX[1:], subject("toan", term1=replace(book("8"), midterm=PENDING))))
    mild = Policy(pending_blocks_finalisation=False)
    assert not term_result("tt22-2021", DEFAULT_POLICY, data, 1).finalisable
    assert term_result("tt22-2021", mild, data, 1).finalisable
    empty = replace(YEAR, subjects=(*SIX[1:], subject("toan", term1=replace(book("8"), midterm=EMPTY))))
    assert not term_result("tt22-2021", mild, empty, 1).finalisable
    assert term_result("tt22-2021", DEFAULT_POLICY, data, 2).finalisable


def test_a_term_without_conduct_is_not_finalisable() -> None:
    assert not term_result("tt22-2021", DEFAULT_POLICY, replace(YEAR, conduct1=None), 1).finalisable


def test_a_waived_subject_takes_no_part() -> None:
    waived = subject("the_duc", "1", exemption=Exemption.YEAR)
    result = year(replace(YEAR, subjects=(*SIX, waived)))
    assert result.subjects["the_duc"].status is Status.EXEMPT
    assert result.learning == "Tốt"
    one_term = subject("the_duc", "1", term2=book("9"), exemption=Exemption.TERM1)
    assert year(replace(YEAR, subjects=(*SIX, one_term))).subjects["the_duc"].average == D("9.0")


def test_the_practical_waiver_keeps_the_subject() -> None:
    practical = subject("gdqpan", "6", exemption=Exemption.PRACTICAL)
    assert year(replace(YEAR, subjects=(*SIX, practical))).learning == "Khá"


def test_optional_subjects_count_unless_the_school_reads_otherwise() -> None:
    data = replace(YEAR, subjects=(*SIX, subject("ngoai_ngu_2", "5", optional=True)))
    assert year(data).learning == "Khá"
    assert year(data, policy=Policy(optional_subjects_count=False)).learning == "Tốt"


def test_the_number_of_regular_marks_may_be_set_for_a_subject() -> None:
    data = replace(YEAR, subjects=(*SIX[1:], subject("toan", required=3)))
    assert year(data).subjects["toan"].status is Status.INCOMPLETE


def test_circular_58_proposes_the_conduct_of_term_two_until_it_is_set() -> None:
    data = SecondaryYear(8, SIX, "Tốt", "Khá")
    proposed = year(data, "tt58-2011")
    assert (proposed.conduct, proposed.honour, proposed.average) == ("Khá", "Học sinh tiên tiến", D("8.0"))
    assert "tạm lấy theo học kì II" in proposed.reasons[-1]
    assert year(replace(data, conduct_year="Tốt"), "tt58-2011").honour == "Học sinh giỏi"
    waiting = year(data, "tt58-2011", Policy(conduct58_follows_term2=False))
    assert (waiting.conduct, waiting.outcome_june) == (None, Outcome.PENDING)
    assert [term.title for term in proposed.terms] == ["Học sinh giỏi", "Học sinh tiên tiến"]


def test_the_retest_stands_beside_the_original() -> None:
    weak = (*SIX[2:], subject("toan", "3"), subject("ngu_van", "3"))
    data = replace(YEAR, subjects=weak, retest={"toan": D("5.0"), "ngu_van": D("6.0")})
    result = year(data)
    assert (result.learning, result.learning_final) == ("Chưa đạt", "Đạt")
    assert (result.subjects["toan"].average, result.final_results["toan"]) == (D("3.0"), D("5.0"))
    assert result.retest_subjects == ("toan", "ngu_van")
    assert (result.outcome_june, result.outcome_august) == (Outcome.RETEST, Outcome.PROMOTED)


def test_a_foreign_conduct_level_is_refused() -> None:
    with pytest.raises(ValueError, match="Trung bình"):
        year(replace(YEAR, conduct1="Trung bình"))
    with pytest.raises(ValueError, match="Đạt"):
        year(replace(YEAR, summer_conduct="Đạt"), "tt58-2011")


def test_preschool_has_no_results() -> None:
    with pytest.raises(NotAssessed, match="không chấm điểm"):
        year(YEAR, "preschool-followup")


def test_input_of_another_level_is_refused() -> None:
    with pytest.raises(ValueError, match="không thuộc cấp học"):
        year(YEAR, "tt27-2020")
    with pytest.raises(ValueError, match="không thuộc cấp học"):
        year_result("tt22-2021", DEFAULT_POLICY, PrimaryYear(1, ()))


def test_a_pupil_without_subjects_is_incomplete() -> None:
    assert year(replace(YEAR, subjects=())).status is Status.INCOMPLETE


def all_at(regime: str, grade: int, rating: str) -> dict[str, str]:
    return {trait.key: rating for trait in traits_for(regime, grade)}


def primary(
    level: str = "T", mark: int = 9, rating: str = "T", regime: str = "tt27-2020", grade: int = 3
) -> PrimaryYear:
    moments = ("GK1", "CK1", "GK2", "CN")
    levels = dict.fromkeys(moments, level)
    maths = PrimarySubject("toan", Form.LEVELS_AND_TEST, levels, {"CK1": D(mark), "CN": D(mark)}, name="Toán")
    music = PrimarySubject("am_nhac", Form.LEVELS, levels, name="Âm nhạc")
    return PrimaryYear(grade, (maths, music), dict.fromkeys(moments, all_at(regime, grade, rating)))


@pytest.mark.parametrize(
    ("level", "mark", "rating", "result"),
    [
        ("T", 9, "T", "Hoàn thành xuất sắc"),
        ("T", 7, "T", "Hoàn thành tốt"),
        ("T", 10, "Đ", "Hoàn thành"),
        ("H", 10, "T", "Hoàn thành"),
        ("T", 5, "T", "Hoàn thành"),
        ("T", 4, "T", "Chưa hoàn thành"),
        ("C", 10, "T", "Chưa hoàn thành"),
        ("T", 10, "C", "Chưa hoàn thành"),
    ],
)
def test_the_four_levels_of_circular_27(level: str, mark: int, rating: str, result: str) -> None:
    found = year_result("tt27-2020", DEFAULT_POLICY, primary(level, mark, rating))
    assert (found.learning, found.completed) == (result, result != "Chưa hoàn thành")


def test_what_a_primary_pupil_still_lacks_is_told() -> None:
    full = primary()
    maths = replace(full.subjects[0], levels={"GK1": "T"}, tests={})
    found = year_result("tt27-2020", DEFAULT_POLICY, replace(full, subjects=(maths, full.subjects[1])))
    assert (found.status, found.outcome_june) == (Status.INCOMPLETE, Outcome.PENDING)
    assert found.reasons == (
        "Toán: chưa có mức đạt được Cuối năm học.",
        "Toán: chưa có điểm kiểm tra Cuối năm học.",
    )
    assert found.terms[0].reasons[0] == "Toán: chưa có mức đạt được Cuối học kì I."
    no_traits = year_result("tt27-2020", DEFAULT_POLICY, replace(full, traits={}))
    assert no_traits.reasons[0] == "Yêu nước: chưa đánh giá Cuối năm học."


def test_term_one_does_not_enter_the_primary_year() -> None:
    full = primary()
    music = replace(full.subjects[1], levels={"CN": "T", "CK1": "C"})
    found = year_result("tt27-2020", DEFAULT_POLICY, replace(full, subjects=(full.subjects[0], music)))
    assert found.learning == "Hoàn thành xuất sắc"
    assert found.terms[0].status is Status.INCOMPLETE


@pytest.mark.parametrize(
    ("supplement", "principal", "august"),
    [
        (None, None, Outcome.SUPPLEMENT),
        (True, None, Outcome.COMPLETED),
        (False, None, Outcome.PRINCIPAL_DECIDES),
        (False, True, Outcome.PROMOTED),
        (False, False, Outcome.RETAINED),
    ],
)
def test_not_completed_is_not_retained(supplement: bool | None, principal: bool | None, august: Outcome) -> None:
    data = replace(primary(mark=4), supplement_passed=supplement, principal_promotes=principal)
    found = year_result("tt27-2020", DEFAULT_POLICY, data)
    assert (found.outcome_june, found.outcome_august) == (Outcome.SUPPLEMENT, august)


def test_circular_30_has_no_four_levels_and_no_zero() -> None:
    good = primary(regime="tt30-2014", grade=4)
    maths = replace(good.subjects[0], tests=dict.fromkeys(("GK1", "CK1", "GK2", "CN"), D(9)))
    data = replace(good, subjects=(maths, good.subjects[1]))
    found = year_result("tt30-2014", DEFAULT_POLICY, data)
    assert (found.learning, found.completed) == (None, True)
    assert found.honour == "Hoàn thành xuất sắc các nội dung học tập và rèn luyện"
    zero = replace(maths, tests={**maths.tests, "CN": D(0)})
    assert year_result("tt30-2014", DEFAULT_POLICY, replace(data, subjects=(zero,))).status is Status.INVALID


def test_the_second_award_of_circular_30_may_ask_for_completion() -> None:
    data = replace(primary(level="C", regime="tt30-2014"), recognition="progress")
    assert year_result("tt30-2014", DEFAULT_POLICY, data).honour == "Có thành tích vượt trội hoặc tiến bộ vượt bậc"
    strict = Policy(second_award_requires_completion=True)
    assert year_result("tt30-2014", strict, data).honour == "-"


def test_a_waived_primary_subject_takes_no_part() -> None:
    full = primary()
    waived = PrimarySubject("the_duc", Form.LEVELS, waived=True)
    found = year_result("tt27-2020", DEFAULT_POLICY, replace(full, subjects=(*full.subjects, waived)))
    assert found.learning == "Hoàn thành xuất sắc"
    assert found.subjects["the_duc"].status is Status.EXEMPT


def test_what_is_not_assessed_has_no_cells_and_holds_nobody_up() -> None:
    assert columns_for("tt58-2011", "none", 70, 8, 1) == columns_for("tt30-2014", "none", 70, 4, 2) == ()
    class_hour = SubjectInput("sinh_hoat", Form.NONE, 70, TermBook(), TermBook())
    assert year(replace(YEAR, subjects=(*SIX, class_hour))).learning == "Tốt"
    full = primary()
    assembly = PrimarySubject("chao_co", Form.NONE)
    found = year_result("tt27-2020", DEFAULT_POLICY, replace(full, subjects=(*full.subjects, assembly)))
    assert found.learning == "Hoàn thành xuất sắc"
