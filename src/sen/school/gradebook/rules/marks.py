"""Marks and averages: what a cell may hold, how many are required, and the two formulas of the secondary regimes.

Circular 22/2021 Articles 6, 7, 9; Circular 58/2011 Articles 7-10 as amended by 26/2020; Circular 43/2021.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.regimes import PRIMARY, Form, Regime, Status

TENTH = Decimal("0.1")
TEN = Decimal(10)
# Looked up first: nearly every mark is one of these, and a whole school is 100,000 of them.
ORDINARY_MARKS = frozenset(Decimal(tenths) / 10 for tenths in range(101))
PLAIN_MARK = re.compile(r"[0-9]{1,2}([.,][0-9]+)?", re.ASCII)
TWO_REGULAR, THREE_REGULAR, FOUR_REGULAR = 2, 3, 4
MANY_LESSONS = 70


class InvalidMark(ValueError):
    """A value the regime does not know. The message is a Vietnamese sentence for the teacher."""


class CellState(StrEnum):
    """The states of a cell of the book. Empty, zero and "excused, make-up pending" are three different things."""

    EMPTY = "empty"
    ENTERED = "entered"
    EXCUSED_PENDING = "excused-pending"  # có lí do, chờ đánh giá bù: blocks finalisation
    MAKE_UP_DONE = "make-up-done"
    ZERO_UNEXCUSED = "zero-unexcused"  # không có lí do: 0, or Chưa đạt


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a mark, or a verdict Đạt/Chưa đạt per part of the subject (one part, except Arts)."""

    state: CellState = CellState.EMPTY
    mark: Decimal | None = None
    verdicts: tuple[bool, ...] = ()

    @classmethod
    def of(cls, mark: Decimal) -> "Cell":
        """A mark as entered."""
        return cls(CellState.ENTERED, mark=mark)

    @classmethod
    def verdict(cls, *parts: bool) -> "Cell":
        """Đạt (True) or Chưa đạt (False), one per part."""
        return cls(CellState.ENTERED, verdicts=parts)

    @property
    def counted_mark(self) -> Decimal | None:
        """The mark that enters the formula; None while nothing does."""
        return Decimal(0) if self.state is CellState.ZERO_UNEXCUSED else self.mark

    def counted_verdict(self, policy: Policy) -> bool | None:
        """Đạt or not; None while nothing is entered. Two parts: both needed unless the policy is milder."""
        if self.state is CellState.ZERO_UNEXCUSED:
            return False
        if not self.verdicts:
            return None
        return all(self.verdicts) if policy.both_art_parts_needed else any(self.verdicts)


EMPTY = Cell()
PENDING = Cell(CellState.EXCUSED_PENDING)
ZERO = Cell(CellState.ZERO_UNEXCUSED)


@dataclass(frozen=True, slots=True)
class TermBook:
    """The cells of one subject in one term. `cluster` is None where no study-topic cluster is recorded."""

    regular: tuple[Cell, ...] = ()
    midterm: Cell = EMPTY
    final: Cell = EMPTY
    cluster: Cell | None = None

    @property
    def regular_counted(self) -> tuple[Cell, ...]:
        """Regular cells with the cluster's result as one more (Circular 22 Art. 6; Circular 43)."""
        return self.regular if self.cluster is None else (*self.regular, self.cluster)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell that must hold something."""
        return (*self.regular_counted, self.midterm, self.final)


@dataclass(frozen=True, slots=True)
class SubjectPeriod:
    """Result of one subject in one term or year: `average` for mark subjects, `passed` for comment subjects.

    `exact` is the average before rounding; it is kept only for the reading that averages unrounded terms.
    """

    status: Status
    average: Decimal | None = None
    passed: bool | None = None
    exact: Fraction | None = None
    notes: tuple[str, ...] = ()


def round_to_tenth(value: Fraction, policy: Policy = DEFAULT_POLICY) -> Decimal:
    """One decimal, half up by default: 6,45 becomes 6,5. Exact; binary fractions would get 4,35 wrong."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(TENTH, policy.rounding)


def show(mark: Decimal) -> str:
    """A mark as Vietnamese readers write it: 8,0."""
    one_decimal = abs(mark) < 1000 and mark == mark.quantize(TENTH)
    return format(mark.quantize(TENTH) if one_decimal else mark, "f").replace(".", ",")


def complaint(mark: Decimal, regime: Regime) -> str | None:
    """Why the regime does not accept this mark, in Vietnamese; None if it does.

    Secondary: 0 to 10, at most one decimal. Primary tests: whole marks, and no zero under Circular 22/2016.
    """
    if not mark.is_finite():
        return "Điểm phải là một số từ 0 đến 10."
    if mark in ORDINARY_MARKS and regime not in PRIMARY:
        return None
    if not 0 <= mark <= TEN:
        return f"Điểm {show(mark)} nằm ngoài thang điểm từ 0 đến 10."
    if regime in PRIMARY:
        if mark != mark.to_integral_value():
            return f"Điểm {show(mark)} không hợp lệ: bài kiểm tra định kì cho điểm nguyên, không có điểm thập phân."
        if regime is Regime.TT30 and mark == 0:
            return "Thông tư 22/2016 không cho điểm 0 ở bài kiểm tra định kì."
    elif mark != mark.quantize(TENTH):
        return f"Điểm {show(mark)} không hợp lệ: chỉ được có một chữ số thập phân."
    return None


def read_mark(text: str, regime: Regime | str) -> Decimal:
    """The mark a teacher typed or pasted ("8,5", "8.5", "10"). Raises InvalidMark with the sentence to show."""
    typed = text.strip()
    if not PLAIN_MARK.fullmatch(typed):
        raise InvalidMark(f"“{typed}” không phải là điểm. Hãy nhập một số từ 0 đến 10, ví dụ 8,5.")
    mark = Decimal(typed.replace(",", "."))
    if sentence := complaint(mark, Regime(regime)):
        raise InvalidMark(sentence)
    return mark


def required_regular(
    regime: Regime | str, form: Form | str, lessons_per_year: int, policy: Policy = DEFAULT_POLICY
) -> int:
    """Regular assessments (ĐĐGtx) a term: 2 up to 35 lessons a year, 3 up to 70, else 4.

    Circular 22/2021 Art. 6 (comment subjects always 2); Circular 58/2011 Art. 8 as amended by 26/2020 (comment
    subjects by load too); the same bands in Circular 43/2021 and dispatch 3566/BGDĐT-GDTX.
    """
    if Form(form) is Form.COMMENTS and Regime(regime) is Regime.TT22:
        return TWO_REGULAR
    if lessons_per_year <= policy.few_lessons_up_to:
        return TWO_REGULAR
    return THREE_REGULAR if lessons_per_year <= MANY_LESSONS else FOUR_REGULAR


@dataclass(frozen=True, slots=True)
class Minutes:
    """Length of a periodic test on paper or computer, in minutes, from `least` to `most`."""

    least: int
    most: int

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}-{self.most}"


def minutes_of_test(
    regime: Regime | str, form: Form | str, lessons_per_year: int, *, specialised: bool = False
) -> Minutes | None:
    """Length of a periodic test; None where the subject has no timed test (comments).

    Circular 22/2021 Art. 7: 45 minutes up to 70 lessons a year, 60 to 90 above, up to 120 for a specialised subject
    (môn chuyên). Circular 58/2011 Art. 7 as amended: 45 to 90, up to 120 for a specialised subject.
    """
    if Form(form) is not Form.MARKS:
        return None
    if Regime(regime) in (Regime.TT58, Regime.QD02):
        return Minutes(45, 120 if specialised else 90)
    least = 45 if lessons_per_year <= MANY_LESSONS else 60
    most = 45 if lessons_per_year <= MANY_LESSONS else 90
    return Minutes(least, 120 if specialised else most)


def term_average(
    book: TermBook, required: int, regime: Regime = Regime.TT22, policy: Policy = DEFAULT_POLICY
) -> SubjectPeriod:
    """ĐTBmhk = (ΣĐĐGtx + 2·ĐĐGgk + 3·ĐĐGck) / (n + 5). Circular 22 Art. 9(1), Circular 58 Art. 10.

    n counts the regular marks in the book, the cluster's included. No average while one of the required is missing.
    """
    entered = [cell.counted_mark for cell in book.cells]
    complaints = tuple(sentence for mark in entered if mark is not None and (sentence := complaint(mark, regime)))
    if complaints:
        return SubjectPeriod(Status.INVALID, notes=complaints)
    regular = [mark for cell in book.regular if (mark := cell.counted_mark) is not None]
    gaps = missing(book, len(regular), required, [cell.counted_mark is not None for cell in book.cells[-2:]])
    if book.cluster is not None:
        if book.cluster.counted_mark is None:
            gaps = (*gaps, "Thiếu điểm cụm chuyên đề học tập.")
        else:
            regular.append(book.cluster.counted_mark)
    midterm, final = book.midterm.counted_mark, book.final.counted_mark
    if gaps or midterm is None or final is None:
        return SubjectPeriod(Status.INCOMPLETE, notes=gaps)
    exact = Fraction(sum(regular) + 2 * midterm + 3 * final) / (len(regular) + 5)
    return SubjectPeriod(Status.COMPLETE, average=round_to_tenth(exact, policy), exact=exact)


def missing(book: TermBook, regular_entered: int, required: int, periodic_entered: Iterable[bool]) -> tuple[str, ...]:
    """Sentences for what the book still lacks."""
    has_midterm, has_final = periodic_entered
    gaps = []
    if any(cell.state is CellState.EXCUSED_PENDING for cell in book.cells):
        gaps.append("Còn bài đánh giá bù chưa thực hiện.")
    if regular_entered < required:
        gaps.append(f"Mới có {regular_entered}/{required} lần đánh giá thường xuyên.")
    if not has_midterm:
        gaps.append("Thiếu đánh giá giữa kì.")
    if not has_final:
        gaps.append("Thiếu đánh giá cuối kì.")
    return tuple(gaps)


def year_average(
    term1: SubjectPeriod, term2: SubjectPeriod, regime: Regime = Regime.TT22, policy: Policy = DEFAULT_POLICY
) -> SubjectPeriod:
    """ĐTBmcn = (ĐTBmhkI + 2·ĐTBmhkII) / 3, from the rounded term averages. Circular 22 Art. 9(1), 58 Art. 10.

    A term waived or not on the plan: the other one is the year (Circular 58 Art. 10 and 12).
    """
    if (single := one_period(term1, term2, regime, policy)) is not None:
        return single
    if policy.year_average_from_rounded_terms:
        first, second = Fraction(term1.average or 0), Fraction(term2.average or 0)
    else:
        first, second = term1.exact or Fraction(0), term2.exact or Fraction(0)
    exact = (first + 2 * second) / 3
    return SubjectPeriod(Status.COMPLETE, average=round_to_tenth(exact, policy), exact=exact)


def one_period(term1: SubjectPeriod, term2: SubjectPeriod, regime: Regime, policy: Policy) -> SubjectPeriod | None:
    """The year result where it is not made of two finished terms: invalid, incomplete, waived, one term only."""
    both = (term1, term2)
    for stop in (Status.INVALID, Status.INCOMPLETE):
        if any(term.status is stop for term in both):
            return SubjectPeriod(stop, notes=term1.notes + term2.notes)
    standing = [term for term in both if term.status is Status.COMPLETE]
    if not standing:
        return SubjectPeriod(term2.status if term1.status is Status.NOT_TAUGHT else term1.status)
    if len(standing) == 2:
        return None
    new_to_pupil = term1.status is Status.NOT_TAUGHT and regime in (Regime.TT22, Regime.TT43)
    if new_to_pupil and not policy.missing_term1_uses_term2:
        return SubjectPeriod(Status.INCOMPLETE, notes=("Chưa có kết quả học kì I: cần đánh giá bổ sung.",))
    (only,) = standing
    note = "Kết quả cả năm lấy theo học kì II." if only is term2 else "Kết quả cả năm lấy theo học kì I."
    return SubjectPeriod(Status.COMPLETE, only.average, only.passed, only.exact, (note,))
