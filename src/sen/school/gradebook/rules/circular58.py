"""Circular 58/2011/TT-BGDĐT amended by 26/2020: average of subjects, academic class (học lực), titles, promotion.

Written for a `Scheme`, because the old rules of continuing education (Decision 02/2007) are a variant of it.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sen.school.gradebook.rules.marks import round_to_tenth, show
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.regimes import (
    GIOI,
    KEM,
    KHA,
    NO_TITLE,
    TOT,
    TRUNG_BINH,
    YEU,
    Outcome,
)
from sen.school.gradebook.rules.values import (
    ABSENCE_LIMIT,
    Classification,
    Standing,
    YearDecision,
    YearFacts,
    after_principal,
    after_retest,
)


@dataclass(frozen=True, slots=True)
class Bar:
    """What a class asks: mean of all subjects, a floor for each; from Trung bình up also a core subject and all Đ."""

    average: Decimal
    floor: Decimal
    strict: bool = True  # core subject, specialised subject and comment subjects are looked at


@dataclass(frozen=True, slots=True)
class Scheme:
    """What differs between Circular 58/2011 and Decision 02/2007. One of `core` must reach the average's bar."""

    core: frozenset[str]
    core_names: str
    good_title: str
    advanced_title: str
    adjustment_article: str


CIRCULAR_58 = Scheme(
    frozenset({"toan", "ngu_van", "ngoai_ngu", "ngoai_ngu_1"}),
    "Toán, Ngữ văn, Ngoại ngữ",
    "Học sinh giỏi",
    "Học sinh tiên tiến",
    "khoản 6 Điều 13",
)
BARS = {
    GIOI: Bar(Decimal("8.0"), floor=Decimal("6.5")),
    KHA: Bar(Decimal("6.5"), floor=Decimal("5.0")),
    TRUNG_BINH: Bar(Decimal("5.0"), floor=Decimal("3.5")),
    YEU: Bar(Decimal("3.5"), floor=Decimal("2.0"), strict=False),
}

# Article 13(6): class the average stands for -> class it fell to by one subject -> class it becomes.
ADJUSTMENTS = {GIOI: {TRUNG_BINH: KHA, YEU: TRUNG_BINH}, KHA: {YEU: TRUNG_BINH, KEM: YEU}}


def average_of_subjects(standing: Standing, policy: Policy = DEFAULT_POLICY) -> Decimal | None:
    """ĐTBhk, ĐTBcn: plain mean of the averages of all mark subjects, one decimal, no weights (Article 11)."""
    if not standing.marks:
        return None
    return round_to_tenth(Fraction(sum(standing.marks.values())) / len(standing.marks), policy)


def failing_subjects(standing: Standing, level: str) -> tuple[str, ...]:
    """Subjects under the floor of a class, and comment subjects CĐ where the class asks all Đ."""
    bar = BARS[level]
    low = [key for key, mark in standing.marks.items() if mark < bar.floor]
    return (*low, *(key for key, passed in standing.comments.items() if bar.strict and not passed))


def core_reached(standing: Standing, level: str, scheme: Scheme = CIRCULAR_58) -> bool:
    """Whether one of Maths, Literature, Foreign language reaches the bar (Article 13 as amended by 26/2020)."""
    bar = BARS[level]
    return not bar.strict or any(mark >= bar.average for key, mark in standing.marks.items() if key in scheme.core)


def specialised_reached(standing: Standing, level: str) -> bool:
    """Whether the specialised subject of a specialised class (lớp chuyên) reaches the bar, where there is one."""
    bar, subject = BARS[level], standing.specialised
    if subject is None or subject not in standing.marks or not bar.strict:
        return True
    return standing.marks[subject] >= bar.average


def failed_conditions(
    standing: Standing, average: Decimal, level: str, scheme: Scheme = CIRCULAR_58
) -> tuple[str, ...]:
    """What keeps this period from a class, as Vietnamese sentences; empty if the class is reached (Article 13)."""
    bar = BARS[level]
    low = []
    if average < bar.average:
        low.append(f"điểm trung bình các môn {show(average)} (cần từ {show(bar.average)})")
    if not core_reached(standing, level, scheme):
        low.append(f"không môn nào trong {scheme.core_names} đạt từ {show(bar.average)}")
    if not specialised_reached(standing, level) and standing.specialised:
        low.append(f"môn chuyên {standing.name(standing.specialised)} chưa đạt {show(bar.average)}")
    for key in failing_subjects(standing, level):
        is_mark = key in standing.marks
        low.append(
            f"{standing.name(key)} đạt {show(standing.marks[key])} (cần từ {show(bar.floor)})"
            if is_mark
            else f"{standing.name(key)} chưa đạt (CĐ)"
        )
    return tuple(f"Không xếp loại {level}: {reason}." for reason in low)


def falls_by_one_subject(
    standing: Standing, average: Decimal, level: str, scheme: Scheme, policy: Policy
) -> str | None:
    """The only subject that keeps the period from a class whose average it has, else None (Article 13(6)).

    The core bar and the specialised bar must hold without that subject, or the subject must be the one they ask for.
    """
    failing = failing_subjects(standing, level)
    if average < BARS[level].average or len(failing) != 1:
        return None
    (subject,) = failing
    may_be_core = policy.core_condition_may_be_the_subject and subject in scheme.core
    if not (core_reached(standing, level, scheme) or may_be_core):
        return None
    if not (specialised_reached(standing, level) or subject == standing.specialised):
        return None
    return subject


def adjusted_class(
    standing: Standing, average: Decimal, base: str, scheme: Scheme, policy: Policy
) -> tuple[str, str | None]:
    """The class after the adjustment, and the subject that caused it (Article 13(6)). One-class drops stay."""
    for level in (GIOI, KHA):
        if average < BARS[level].average:
            continue
        subject = falls_by_one_subject(standing, average, level, scheme, policy)
        if subject is not None and base in ADJUSTMENTS[level]:
            return ADJUSTMENTS[level][base], subject
        if not policy.higher_average_uses_lower_line:
            break
    return base, None


def classify(
    standing: Standing, scheme: Scheme = CIRCULAR_58, policy: Policy = DEFAULT_POLICY, *, adjust: bool = True
) -> Classification:
    """Academic class (học lực) of a term or year, with the average of subjects and the adjustment (Article 13)."""
    average = average_of_subjects(standing, policy)
    if average is None:
        return Classification(None, None, why=("Không có môn nào đánh giá bằng điểm số: không xếp loại học lực.",))
    base, why = KEM, list[str]()
    for level in (GIOI, KHA, TRUNG_BINH, YEU):
        failed = failed_conditions(standing, average, level, scheme)
        if not failed:
            base = level
            break
        why += failed
    final, cause = adjusted_class(standing, average, base, scheme, policy) if adjust else (base, None)
    if cause is not None:
        why.append(
            f"Điều chỉnh từ {base} lên {final} vì bị xếp thấp chỉ do một môn: {standing.name(cause)}"
            f" ({scheme.adjustment_article})."
        )
    return Classification(base, final, cause, average, tuple(why))


def title(learning: str | None, conduct: str | None, scheme: Scheme = CIRCULAR_58) -> str:
    """Title of a term or year (Article 18): giỏi = Tốt and Giỏi; tiên tiến = both at least Khá. No xuất sắc."""
    if conduct == TOT and learning == GIOI:
        return scheme.good_title
    return scheme.advanced_title if conduct in (TOT, KHA) and learning in (GIOI, KHA) else NO_TITLE


def outcome(learning: str | None, conduct: str | None, absences: int) -> Outcome:
    """Promotion in June (Articles 15-17): both from Trung bình and at most 45 sessions absent."""
    if absences > ABSENCE_LIMIT:
        return Outcome.RETAINED
    if learning == KEM or (learning == YEU and conduct == YEU):
        return Outcome.RETAINED
    if learning is None or conduct is None:
        return Outcome.PENDING
    if conduct == YEU:
        return Outcome.SUMMER_CONDUCT
    return Outcome.RETEST if learning == YEU else Outcome.PROMOTED


def passes(level: str | None, conduct: str | None) -> bool:
    """Both at least Trung bình."""
    return level in (GIOI, KHA, TRUNG_BINH) and conduct in (TOT, KHA, TRUNG_BINH)


def decide_year(facts: YearFacts, scheme: Scheme = CIRCULAR_58, policy: Policy = DEFAULT_POLICY) -> YearDecision:
    """The whole year of a pupil: class, title, promotion in June, retest or summer conduct (Articles 13, 15-18).

    A retest replaces the year average of the subject; the average of subjects and the class are computed again.
    """
    standing, conduct = facts.standing, facts.conduct
    learning = classify(standing, scheme, policy) if standing is not None else None
    level = learning.final if learning else None
    june_open = outcome(level, conduct, facts.absences)
    if learning is not None and level is None and june_open is Outcome.PENDING:
        june_open = Outcome.PRINCIPAL_DECIDES
    june = after_principal(june_open, facts)

    final_standing, final_level, final_conduct = standing, level, conduct
    august = june
    if june_open in (Outcome.RETEST, Outcome.SUMMER_CONDUCT) and standing is not None:
        if june_open is Outcome.SUMMER_CONDUCT and facts.summer_conduct is not None:
            final_conduct = facts.summer_conduct
        if june_open is Outcome.RETEST and facts.retest:
            final_standing = after_retest(standing, facts, policy)
            final_level = classify(final_standing, scheme, policy, adjust=policy.adjust_after_retest).final
        passed = passes(final_level, final_conduct)
        august = Outcome.PROMOTED if passed else Outcome.RETAINED if facts.summer_closed else Outcome.PENDING
        august = after_principal(august, facts)
    for_title = (level, conduct) if policy.titles_from_original_results else (final_level, final_conduct)
    return YearDecision(
        learning,
        conduct,
        title(*for_title, scheme),
        june,
        august,
        retest_subjects=standing.to_retest() if june_open is Outcome.RETEST and standing is not None else (),
        final_standing=final_standing,
        learning_final=final_level,
        conduct_final=final_conduct,
        reasons=(*(learning.why if learning else ()), *outcome_reasons(june_open, level, facts)),
    )


def outcome_reasons(june: Outcome, level: str | None, facts: YearFacts) -> tuple[str, ...]:
    """Why the pupil is not simply promoted, in Vietnamese."""
    if facts.absences > ABSENCE_LIMIT:
        return (f"Nghỉ học {facts.absences} buổi, quá {ABSENCE_LIMIT} buổi trong năm học: không được lên lớp.",)
    if june is Outcome.RETAINED and level == KEM:
        return ("Học lực cả năm loại Kém: không được lên lớp.",)
    if june is Outcome.RETAINED:
        return ("Học lực và hạnh kiểm cả năm đều loại Yếu: không được lên lớp.",)
    if june is Outcome.SUMMER_CONDUCT:
        return ("Hạnh kiểm cả năm loại Yếu: phải rèn luyện trong kì nghỉ hè.",)
    if june is Outcome.RETEST:
        return (f"Học lực cả năm loại Yếu: được kiểm tra lại các môn {names_to_retest(facts)}.",)
    return ()


def names_to_retest(facts: YearFacts) -> str:
    """The subjects the pupil may choose from, as a list for a sentence."""
    return ", ".join(facts.standing.name(key) for key in facts.standing.to_retest()) if facts.standing else ""
