"""Marks, counts and averages."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.school.gradebook.rules import EMPTY, PENDING, ZERO, Cell, InvalidMark, Policy, TermBook, marks, read_mark
from sen.school.gradebook.rules.comments import comment_term
from sen.school.gradebook.rules.exemptions import exemption_refusal
from sen.school.gradebook.rules.marks import SubjectPeriod, round_to_tenth, term_average, year_average
from sen.school.gradebook.rules.regimes import Exemption, Regime, Status

D = Decimal
mark = st.integers(0, 100).map(lambda tenths: D(tenths) / 10)


def book(*regular: str, mid: str = "8", final: str = "8") -> TermBook:
    return TermBook(tuple(Cell.of(D(text)) for text in regular), Cell.of(D(mid)), Cell.of(D(final)))


def complete(average: str) -> SubjectPeriod:
    return SubjectPeriod(Status.COMPLETE, D(average))


@pytest.mark.parametrize(
    ("typed", "regime", "value"),
    [
        ("8,5", "tt22-2021", "8.5"),
        (" 8.5 ", "tt58-2011", "8.5"),
        ("10", "tt22-2021", "10"),
        ("0", "tt22-2021", "0"),
        ("7,50", "tt22-2021", "7.5"),
        ("0", "tt27-2020", "0"),
        ("10", "tt30-2014", "10"),
    ],
)
def test_a_mark_is_read_as_teachers_write_it(typed: str, regime: str, value: str) -> None:
    assert read_mark(typed, regime) == D(value)


@pytest.mark.parametrize(
    ("typed", "regime", "says"),
    [
        ("7,25", "tt22-2021", "một chữ số thập phân"),
        ("10,5", "tt22-2021", "thang điểm"),
        ("85", "tt58-2011", "thang điểm"),
        ("8,5", "tt27-2020", "điểm nguyên"),
        ("0", "tt30-2014", "không cho điểm 0"),
        ("-1", "tt22-2021", "không phải là điểm"),
        ("", "tt22-2021", "không phải là điểm"),
        ("tám", "tt22-2021", "không phải là điểm"),
        ("NaN", "tt22-2021", "không phải là điểm"),
        ("1_0", "tt22-2021", "không phải là điểm"),
        ("８", "tt22-2021", "không phải là điểm"),
        ("1e1", "tt22-2021", "không phải là điểm"),
    ],
)
def test_a_mark_outside_the_rules_is_refused_with_a_sentence(typed: str, regime: str, says: str) -> None:
    with pytest.raises(InvalidMark, match=says):
        read_mark(typed, regime)


def test_a_specialised_subject_may_be_tested_longer() -> None:
    assert str(marks.minutes_of_test("tt22-2021", "marks", 105, specialised=True)) == "60-120"
    assert str(marks.minutes_of_test("tt58-2011", "marks", 105, specialised=True)) == "45-120"


def test_empty_zero_and_pending_are_three_different_things() -> None:
    zero = TermBook((Cell.of(D(8)), ZERO), Cell.of(D(7)), Cell.of(D(7)))
    assert term_average(zero, 2).average == D("6.1")
    for gap in (EMPTY, PENDING):
        assert term_average(TermBook((Cell.of(D(8)), gap), Cell.of(D(7)), Cell.of(D(7))), 2).status is Status.INCOMPLETE


def test_what_is_missing_is_told() -> None:
    result = term_average(TermBook((Cell.of(D(8)), PENDING)), 2)
    assert result.notes == (
        "Còn bài đánh giá bù chưa thực hiện.",
        "Mới có 1/2 lần đánh giá thường xuyên.",
        "Thiếu đánh giá giữa kì.",
        "Thiếu đánh giá cuối kì.",
    )


def test_a_cluster_is_one_more_regular_mark_but_replaces_none() -> None:
    plain = book("8", "8", "9")
    with_cluster = TermBook(plain.regular, plain.midterm, plain.final, Cell.of(D(10)))
    assert term_average(with_cluster, 3).average == D("8.3")
    short = TermBook(plain.regular[:2], plain.midterm, plain.final, Cell.of(D(10)))
    assert term_average(short, 3).status is Status.INCOMPLETE
    waiting = TermBook(plain.regular, plain.midterm, plain.final, EMPTY)
    assert term_average(waiting, 3).status is Status.INCOMPLETE


def test_the_tie_rule_is_a_setting() -> None:
    tie = book("7", "7", "7", mid="8", final="7")
    assert term_average(tie, 3).average == D("7.3")
    assert term_average(tie, 3, policy=Policy(rounding=ROUND_HALF_EVEN)).average == D("7.2")


def test_the_year_from_unrounded_terms_is_another_reading() -> None:
    first = term_average(book("6", "6", "7", mid="5", final="7"), 3)
    second = term_average(book("6", "7", "7", mid="5", final="7"), 3)
    assert (first.average, second.average) == (D("6.3"), D("6.4"))
    assert year_average(first, second).average == D("6.4")
    assert year_average(first, second, policy=Policy(year_average_from_rounded_terms=False)).average == D("6.3")


def test_a_subject_new_to_the_pupil_takes_term_two_or_waits() -> None:
    untaught = SubjectPeriod(Status.NOT_TAUGHT)
    assert year_average(untaught, complete("7.0")).average == D("7.0")
    waits = year_average(untaught, complete("7.0"), policy=Policy(missing_term1_uses_term2=False))
    assert waits.status is Status.INCOMPLETE
    old = year_average(untaught, complete("7.0"), Regime.TT58, Policy(missing_term1_uses_term2=False))
    assert old.average == D("7.0")


@settings(deadline=None)  # a busy machine is no failure
@given(st.fractions(0, 10, max_denominator=60))
def test_rounding_is_exact(value: Fraction) -> None:
    rounded = Fraction(round_to_tenth(value))
    assert rounded == Fraction((value * 10 + Fraction(1, 2)).__floor__(), 10)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(mark, min_size=2, max_size=5), mark, mark)
def test_an_average_lies_between_the_lowest_and_the_highest_mark(regular: list[D], mid: D, final: D) -> None:
    result = term_average(TermBook(tuple(map(Cell.of, regular)), Cell.of(mid), Cell.of(final)), 2)
    assert result.average is not None
    assert min([*regular, mid, final]) <= result.average <= max([*regular, mid, final])


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(mark, min_size=4, max_size=6), st.integers(0, 5), mark)
def test_a_better_mark_never_lowers_an_average(marks_of: list[D], which: int, other: D) -> None:
    def average(values: list[D]) -> D:
        cells = [Cell.of(value) for value in values]
        found = term_average(TermBook(tuple(cells[2:]), cells[0], cells[1]), 2).average
        assert found is not None
        return found

    better = list(marks_of)
    better[which % len(better)] = max(better[which % len(better)], other)
    assert average(better) >= average(marks_of)


@settings(deadline=None)  # a busy machine is no failure
@given(mark, mark)
def test_the_year_lies_between_the_terms(first: D, second: D) -> None:
    average = year_average(complete(str(first)), complete(str(second))).average
    assert average is not None
    assert min(first, second) <= average <= max(first, second)


DAT, CHUA_DAT = Cell.verdict(True), Cell.verdict(False)


@pytest.mark.parametrize(
    ("regime", "cells", "passed"),
    [
        (Regime.TT22, [DAT, DAT, DAT, DAT], True),
        (Regime.TT22, [DAT, CHUA_DAT, DAT, DAT], False),
        (Regime.TT22, [DAT, ZERO, DAT, DAT], False),
        (Regime.TT58, [DAT, CHUA_DAT, DAT, DAT], True),
        (Regime.TT58, [CHUA_DAT, CHUA_DAT, DAT, DAT], False),
        (Regime.TT58, [DAT, DAT, DAT, CHUA_DAT], False),
        (Regime.TT22, [Cell.verdict(True, True), DAT, DAT, Cell.verdict(True, False)], False),
    ],
)
def test_comment_subjects(regime: Regime, cells: list[Cell], passed: bool) -> None:
    term = comment_term(TermBook(tuple(cells[:2]), cells[2], cells[3]), 2, regime)
    assert term.passed is passed


def test_two_thirds_is_exact() -> None:
    six = TermBook((DAT, DAT, CHUA_DAT, CHUA_DAT), DAT, DAT)
    assert comment_term(six, 4, Regime.TT58).passed is True


def test_a_mild_school_passes_arts_with_one_part() -> None:
    cells = TermBook((DAT, DAT), DAT, Cell.verdict(True, False))
    assert comment_term(cells, 2, policy=Policy(both_art_parts_needed=False)).passed is True


def test_a_missing_comment_waits_until_make_ups_close() -> None:
    cells = TermBook((DAT,), DAT, DAT)
    assert comment_term(cells, 2, make_ups_closed=False).status is Status.INCOMPLETE
    assert comment_term(cells, 2, make_ups_closed=True).passed is False
    pending = TermBook((DAT, PENDING), DAT, DAT)
    assert comment_term(pending, 2, make_ups_closed=True).status is Status.INCOMPLETE


@pytest.mark.parametrize(
    ("regime", "subject", "exemption", "disability", "allowed"),
    [
        ("tt58-2011", "the_duc", Exemption.YEAR, False, True),
        ("tt58-2011", "toan", Exemption.YEAR, False, False),
        ("tt58-2011", "gdqpan", Exemption.PRACTICAL, False, True),
        ("tt22-2021", "gdtc", Exemption.PRACTICAL, False, True),
        ("tt22-2021", "gdtc", Exemption.YEAR, False, False),
        ("tt22-2021", "toan", Exemption.PRACTICAL, False, False),
        ("tt22-2021", "toan", Exemption.YEAR, True, True),
        ("tt22-2021", "toan", Exemption.NONE, False, True),
    ],
)
def test_waivers(regime: str, subject: str, exemption: Exemption, disability: bool, allowed: bool) -> None:
    assert (exemption_refusal(regime, subject, exemption, disability=disability) is None) is allowed
