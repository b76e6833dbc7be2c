"""Circular 22/2021/TT-BGDĐT: conduct, learning result, adjustment, promotion, summer, honours of secondary pupils.

Written for a `Scheme`, because Circular 43/2021 (continuing education) is the same text with five subjects for six.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from sen.school.gradebook.rules.marks import TEN, show
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.regimes import CHUA_DAT, DAT, KHA, LEVELS_22, NO_TITLE, TOT, Outcome
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
    """What a learning level asks: a floor for every mark subject and a bar that `Scheme.needed` subjects reach."""

    floor: Decimal
    reach: Decimal
    failed_comments: int = 0


@dataclass(frozen=True, slots=True)
class Scheme:
    """What differs between Circular 22/2021 and Circular 43/2021."""

    needed: int
    excellent_title: str
    good_title: str
    adjustment_article: str


CIRCULAR_22 = Scheme(6, "Học sinh Xuất sắc", "Học sinh Giỏi", "khoản 3 Điều 9 Thông tư 22/2021")
EXCELLENT_MARK = Decimal("9.0")
BARS = {
    TOT: Bar(floor=Decimal("6.5"), reach=Decimal("8.0")),
    KHA: Bar(floor=Decimal("5.0"), reach=Decimal("6.5")),
    DAT: Bar(floor=Decimal("3.5"), reach=Decimal("5.0"), failed_comments=1),
}

# Article 8: year conduct (kết quả rèn luyện cả năm) by term I (row) and term II (column).
YEAR_CONDUCT = {
    TOT: {TOT: TOT, KHA: KHA, DAT: KHA, CHUA_DAT: CHUA_DAT},
    KHA: {TOT: TOT, KHA: KHA, DAT: DAT, CHUA_DAT: CHUA_DAT},
    DAT: {TOT: KHA, KHA: KHA, DAT: DAT, CHUA_DAT: CHUA_DAT},
    CHUA_DAT: {TOT: KHA, KHA: DAT, DAT: DAT, CHUA_DAT: CHUA_DAT},
}


def year_conduct(term1: str | None, term2: str | None) -> str | None:
    """Training result of the year from the two terms (Article 8). None while one of them is not set."""
    if term1 is None or term2 is None:
        return None
    return YEAR_CONDUCT[term1][term2]


def failed_conditions(standing: Standing, level: str, scheme: Scheme = CIRCULAR_22) -> tuple[str, ...]:
    """What keeps this period from a level, as Vietnamese sentences; empty if the level is reached (Article 9(2))."""
    bar = BARS[level]
    low = [
        f"{standing.name(key)} đạt {show(mark)} (cần từ {show(bar.floor)})"
        for key, mark in standing.marks.items()
        if mark < bar.floor
    ]
    failed = [key for key, passed in standing.comments.items() if not passed]
    if len(failed) > bar.failed_comments:
        low += [f"{standing.name(key)} Chưa đạt" for key in failed]
    reached = sum(1 for mark in standing.marks.values() if mark >= bar.reach)
    if reached < scheme.needed:
        low.append(f"chỉ có {reached} môn đạt từ {show(bar.reach)} (cần ít nhất {scheme.needed} môn)")
    return tuple(f"Chưa đạt mức {level}: {reason}." for reason in low)


def reaches(standing: Standing, level: str, scheme: Scheme = CIRCULAR_22) -> bool:
    """Whether nothing keeps this period from a level: `failed_conditions` without its sentences (Article 9(2))."""
    bar = BARS[level]
    return (
        all(mark >= bar.floor for mark in standing.marks.values())
        and sum(not passed for passed in standing.comments.values()) <= bar.failed_comments
        and sum(mark >= bar.reach for mark in standing.marks.values()) >= scheme.needed
    )


def base_level(standing: Standing, scheme: Scheme = CIRCULAR_22) -> str:
    """Learning result before the adjustment (Article 9(2)): no subject is privileged, nothing is averaged."""
    return next((level for level in (TOT, KHA, DAT) if reaches(standing, level, scheme)), CHUA_DAT)


def adjusting_subject(
    standing: Standing, base: str, scheme: Scheme = CIRCULAR_22, policy: Policy = DEFAULT_POLICY
) -> str | None:
    """The one subject for which alone the level fell by two or more below Tốt or Khá (Article 9(3)), else None."""
    candidates: list[str] = [*standing.marks, *(standing.comments if policy.comment_subject_adjusts else ())]
    for target in (TOT, KHA):
        if LEVELS_22.index(target) - LEVELS_22.index(base) < 2:
            continue
        for key in candidates:
            if reaches(imagined_without_fault(standing, key, policy), target, scheme):
                return key
    return None


def imagined_without_fault(standing: Standing, key: str, policy: Policy) -> Standing:
    """The period as if one subject had done no harm: set aside (narrow reading) or at the top (wide reading)."""
    if policy.adjustment_reading == "drop":
        return standing.without(key)
    return standing.replaced({key: TEN if key in standing.marks else True})


def classify(
    standing: Standing, scheme: Scheme = CIRCULAR_22, policy: Policy = DEFAULT_POLICY, *, adjust: bool = True
) -> Classification:
    """Learning result (kết quả học tập) of a term or year with the one-subject adjustment (Article 9(2) and (3)).

    Fewer mark subjects than the law counts (waived ones are out, Article 11): no automatic level by default.
    """
    available = len(standing.marks)
    if available < scheme.needed:
        if policy.too_few_subjects == "principal":
            too_few = f"Chỉ có {available} môn đánh giá bằng điểm số, ít hơn {scheme.needed}: hiệu trưởng quyết định."
            return Classification(None, None, why=(too_few,))
        scheme = replace(scheme, needed=available)
    base = base_level(standing, scheme)
    why = [
        sentence
        for level in (TOT, KHA, DAT)
        if LEVELS_22.index(level) > LEVELS_22.index(base)
        for sentence in failed_conditions(standing, level, scheme)
    ]
    cause = adjusting_subject(standing, base, scheme, policy) if adjust else None
    if cause is None:
        return Classification(base, base, why=tuple(why))
    final = LEVELS_22[LEVELS_22.index(base) + 1]
    why.append(
        f"Điều chỉnh từ {base} lên {final} vì mức thấp chỉ do một môn: {standing.name(cause)}"
        f" ({scheme.adjustment_article})."
    )
    return Classification(base, final, adjusted_by=cause, why=tuple(why))


def honour(standing: Standing, learning: str | None, conduct: str | None, scheme: Scheme = CIRCULAR_22) -> str:
    """Title at year end (Article 15(1)): Xuất sắc wants six subjects from 9,0; no term titles, no Tiên tiến."""
    if learning != TOT or conduct != TOT:
        return NO_TITLE
    excellent = sum(1 for mark in standing.marks.values() if mark >= EXCELLENT_MARK)
    return scheme.excellent_title if excellent >= scheme.needed else scheme.good_title


def outcome(learning: str | None, conduct: str | None, absences: int, policy: Policy = DEFAULT_POLICY) -> Outcome:
    """Promotion at year end (Article 12): conduct and learning from Đạt, at most 45 sessions absent; else the summer.

    More than 45 sessions bars promotion whatever the results, and no summer measure repairs it (Articles 13-14).
    """
    if absences > ABSENCE_LIMIT:
        return Outcome.RETAINED
    if learning is None or conduct is None:
        return Outcome.PENDING
    if CHUA_DAT not in (learning, conduct):
        return Outcome.PROMOTED
    if learning == conduct:
        return policy.both_fail_outcome
    return Outcome.SUMMER_CONDUCT if conduct == CHUA_DAT else Outcome.RETEST


def decide_year(facts: YearFacts, scheme: Scheme = CIRCULAR_22, policy: Policy = DEFAULT_POLICY) -> YearDecision:
    """The whole year of a pupil: level, title, promotion in June, and after the summer (Articles 9, 12-15)."""
    standing, conduct = facts.standing, facts.conduct
    adjust = policy.adjust_in_circular43 or scheme is CIRCULAR_22
    learning = classify(standing, scheme, policy, adjust=adjust) if standing is not None else None
    level = learning.final if learning else None
    no_level = learning is not None and level is None
    june = Outcome.PRINCIPAL_DECIDES if no_level else outcome(level, conduct, facts.absences, policy)
    if facts.absences > ABSENCE_LIMIT:
        june = Outcome.RETAINED
    june_open = june
    june = after_principal(june, facts)

    title = honour(standing, level, conduct, scheme) if standing is not None else NO_TITLE
    if policy.honour_requires_promotion and june is not Outcome.PROMOTED:
        title = NO_TITLE

    final_standing, final_level, final_conduct = standing, level, conduct
    reasons = outcome_reasons(june_open, facts, scheme)
    august = june
    if june_open in (Outcome.RETEST, Outcome.SUMMER_CONDUCT) and standing is not None:
        if conduct == CHUA_DAT and facts.summer_conduct is not None:
            final_conduct = facts.summer_conduct
        if facts.retest and level == CHUA_DAT and final_conduct != CHUA_DAT:
            final_standing = after_retest(standing, facts, policy)
            again = classify(final_standing, scheme, policy, adjust=adjust and policy.adjust_after_retest).final
            final_level = DAT if policy.retest_capped_at_pass and again not in (None, CHUA_DAT) else again
        passed = CHUA_DAT not in (final_level, final_conduct)
        august = Outcome.PROMOTED if passed else Outcome.RETAINED if facts.summer_closed else Outcome.PENDING
        august = after_principal(august, facts)
    return YearDecision(
        learning,
        conduct,
        title,
        june,
        august,
        retest_subjects=standing.to_retest() if june_open is Outcome.RETEST and standing is not None else (),
        final_standing=final_standing,
        learning_final=final_level,
        conduct_final=final_conduct,
        reasons=(*(learning.why if learning else ()), *reasons),
    )


def outcome_reasons(june: Outcome, facts: YearFacts, scheme: Scheme) -> tuple[str, ...]:
    """Why the pupil is not simply promoted, in Vietnamese."""
    if facts.absences > ABSENCE_LIMIT:
        return (f"Nghỉ học {facts.absences} buổi, quá {ABSENCE_LIMIT} buổi trong năm học: không được lên lớp.",)
    if june is Outcome.RETAINED:
        return ("Rèn luyện và học tập cả năm đều Chưa đạt: không thuộc diện đánh giá lại.",)
    if june is Outcome.SUMMER_CONDUCT:
        return ("Rèn luyện cả năm Chưa đạt: phải rèn luyện trong kì nghỉ hè.",)
    if june is Outcome.RETEST:
        standing = facts.standing
        names = ", ".join(standing.name(key) for key in standing.to_retest()) if standing else ""
        return (f"Học tập cả năm Chưa đạt: đánh giá lại các môn {names}.",)
    return ()
