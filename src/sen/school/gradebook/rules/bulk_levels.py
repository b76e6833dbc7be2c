"""Levels, titles and promotion of the secondary regimes as Polars expressions, counted per pupil and period.

The articles and figures are those of the one-pupil rules; only the way of counting is set-wise.
"""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from sen.school.gradebook.rules import circular22, circular43, circular58, decision02
from sen.school.gradebook.rules.bulk import first_that_holds, word
from sen.school.gradebook.rules.policy import Policy
from sen.school.gradebook.rules.regimes import (
    CHUA_DAT,
    CLASSES_58,
    DAT,
    GIOI,
    KEM,
    KHA,
    LEVELS_22,
    NO_TITLE,
    TOT,
    TRUNG_BINH,
    YEU,
    Outcome,
    Regime,
    Status,
)
from sen.school.gradebook.rules.values import ABSENCE_LIMIT

Counts = dict[str, pl.Expr]


def tenths(mark: Decimal) -> int:
    """A bar of the law as whole tenths."""
    return int(mark * 10)


def how_many(condition: pl.Expr) -> pl.Expr:
    """Number of subjects for which something holds; what is unknown does not."""
    return condition.fill_null(False).cast(pl.Int32).sum()


def shared_counts(period: str) -> Counts:
    """What every regime counts in a period."""
    status = pl.col(f"status_{period}")
    return {
        f"invalid_{period}": how_many(status == Status.INVALID.value),
        f"open_{period}": how_many(status == Status.INCOMPLETE.value),
        f"done_{period}": how_many(status == Status.COMPLETE.value),
        f"marks_{period}": how_many(pl.col(f"average_{period}").is_not_null()),
        f"failed_{period}": how_many(~pl.col(f"passed_{period}")),
    }


def counts_22(period: str) -> Counts:
    """Subjects under each floor and from each bar (Circular 22 Art. 9, 15)."""
    average = pl.col(f"average_{period}")
    counts = shared_counts(period)
    for level, bar in circular22.BARS.items():
        counts[f"low {level}_{period}"] = how_many(average < tenths(bar.floor))
        counts[f"reach {level}_{period}"] = how_many(average >= tenths(bar.reach))
    counts[f"excellent_{period}"] = how_many(average >= tenths(circular22.EXCELLENT_MARK))
    return counts


def counts_58(period: str) -> Counts:
    """Sum of averages, subjects under each floor, the best core subject, the specialised one (Circular 58 Art. 13)."""
    average, is_core = pl.col(f"average_{period}"), pl.col("core")
    counts = shared_counts(period)
    counts[f"sum_{period}"] = average.cast(pl.Int32).sum()
    counts[f"core_{period}"] = pl.when(is_core).then(average).max()
    counts[f"special_{period}"] = pl.when(pl.col("subject") == pl.col("specialised")).then(average).max()
    for level, bar in circular58.BARS.items():
        low = average < tenths(bar.floor)
        counts[f"low {level}_{period}"] = how_many(low)
        counts[f"low core {level}_{period}"] = how_many(low & is_core)
    return counts


def status_of(period: str, enough: pl.Expr) -> pl.Expr:
    """One word for the period; a single invalid or open subject holds up the level."""
    cases = [
        (pl.col(f"invalid_{period}") > 0, Status.INVALID),
        ((pl.col(f"open_{period}") > 0) | (pl.col(f"done_{period}") == 0), Status.INCOMPLETE),
        (enough, Status.COMPLETE),
    ]
    return first_that_holds([(when, word(status)) for when, status in cases], word(Status.NO_LEVEL))


def named(index: pl.Expr, names: Sequence[str], period: str) -> pl.Expr:
    """The official word of a level number where the period is complete."""
    words = index.replace_strict(list(range(len(names))), list(names), return_dtype=pl.String)
    return pl.when(pl.col(f"status_{period}") == Status.COMPLETE.value).then(words)


def highest(conditions: Sequence[tuple[int, pl.Expr]]) -> pl.Expr:
    """The first level number whose condition holds, else 0."""
    cases = [(condition, pl.lit(number, dtype=pl.Int32)) for number, condition in conditions]
    return first_that_holds(cases, pl.lit(0, dtype=pl.Int32))


def needed() -> pl.Expr:
    """Subjects that must reach the bar: six, five in continuing education."""
    five = pl.col("regime") == Regime.TT43.value
    return pl.when(five).then(circular43.CIRCULAR_43.needed).otherwise(circular22.CIRCULAR_22.needed)


def levels_22(period: str, policy: Policy) -> tuple[pl.Expr, pl.Expr]:
    """Learning result before and after the adjustment, as numbers (Circular 22 Art. 9(2) and (3))."""
    failed = pl.col(f"failed_{period}")

    def reached(level: str) -> pl.Expr:
        return pl.col(f"reach {level}_{period}") >= needed()

    def harmed(level: str) -> pl.Expr:
        return pl.col(f"low {level}_{period}") + failed

    base = highest(
        [
            (
                LEVELS_22.index(level),
                reached(level)
                & (pl.col(f"low {level}_{period}") == 0)
                & (failed <= circular22.BARS[level].failed_comments),
            )
            for level in (TOT, KHA, DAT)
        ]
    )
    # Set aside, the one weak subject cannot have been among those that reach the bar.
    may_adjust = (failed == 0) | pl.lit(policy.comment_subject_adjusts)
    may_adjust &= (pl.col("regime") == Regime.TT22.value) | pl.lit(policy.adjust_in_circular43)
    by_one = pl.lit(False)
    for level in (TOT, KHA):
        two_below = base <= LEVELS_22.index(level) - 2
        by_one |= two_below & reached(level) & (harmed(level) == 1)
    return base, base + (may_adjust & by_one).cast(pl.Int32)


def levels_58(period: str) -> tuple[pl.Expr, pl.Expr]:
    """Academic class before and after the adjustment, as numbers (Circular 58 Art. 13)."""
    average, special = pl.col(f"average_{period}"), pl.col(f"special_{period}")

    def low(level: str) -> pl.Expr:
        return pl.col(f"low {level}_{period}")

    def meets(level: str) -> pl.Expr:
        bar = circular58.BARS[level]
        plain = (average >= tenths(bar.average)) & (low(level) == 0)
        if not bar.strict:
            return plain
        core = pl.col(f"core_{period}") >= tenths(bar.average)
        specialised = (special >= tenths(bar.average)).fill_null(True)
        return plain & core & specialised & (pl.col(f"failed_{period}") == 0)

    def by_one(level: str) -> pl.Expr:
        bar = circular58.BARS[level]
        core = (pl.col(f"core_{period}") >= tenths(bar.average)) | (pl.col(f"low core {level}_{period}") > 0)
        specialised = ((special >= tenths(bar.average)) | (special < tenths(bar.floor))).fill_null(True)
        one = low(level) + pl.col(f"failed_{period}") == 1
        return (average >= tenths(bar.average)) & one & core & specialised

    base = highest([(CLASSES_58.index(level), meets(level)) for level in (GIOI, KHA, TRUNG_BINH, YEU)])
    adjusted = [
        (by_one(level) & (base == CLASSES_58.index(fallen)), pl.lit(CLASSES_58.index(becomes), dtype=pl.Int32))
        for level, table in circular58.ADJUSTMENTS.items()
        for fallen, becomes in table.items()
    ]
    return base, first_that_holds(adjusted, base)


def year_conduct_22() -> pl.Expr:
    """Circular 22 Art. 8: the table of the two terms."""
    cases = [
        ((pl.col("conduct1") == first) & (pl.col("conduct2") == second), word(year))
        for first, row in circular22.YEAR_CONDUCT.items()
        for second, year in row.items()
    ]
    return first_that_holds(cases, pl.col("conduct_year"))


def by_learner(continuing: pl.Expr, learner: str, pupil: str) -> pl.Expr:
    """The title of a learner of continuing education or that of a pupil."""
    return pl.when(continuing).then(word(learner)).otherwise(word(pupil))


def honour_22() -> pl.Expr:
    """Circular 22 Art. 15, Circular 43 Art. 14."""
    continuing = pl.col("regime") == Regime.TT43.value
    learner, pupil = circular43.CIRCULAR_43, circular22.CIRCULAR_22
    both_tot = (pl.col("learning_year") == TOT) & (pl.col("conduct") == TOT)
    excellent = both_tot & (pl.col("excellent_year") >= needed())
    cases = [
        (excellent, by_learner(continuing, learner.excellent_title, pupil.excellent_title)),
        (both_tot, by_learner(continuing, learner.good_title, pupil.good_title)),
    ]
    return first_that_holds(cases, word(NO_TITLE))


def outcome_22(policy: Policy) -> pl.Expr:
    """Promotion in June (Circular 22 Art. 12-14)."""
    learning_fails, conduct_fails = pl.col("learning_year") == CHUA_DAT, pl.col("conduct") == CHUA_DAT
    cases = [
        (pl.col("absences") > ABSENCE_LIMIT, Outcome.RETAINED),
        (pl.col("status_year") == Status.NO_LEVEL.value, Outcome.PRINCIPAL_DECIDES),
        (pl.col("learning_year").is_null() | pl.col("conduct").is_null(), Outcome.PENDING),
        (learning_fails & conduct_fails, policy.both_fail_outcome),
        (conduct_fails, Outcome.SUMMER_CONDUCT),
        (learning_fails, Outcome.RETEST),
    ]
    return first_that_holds([(when, word(outcome)) for when, outcome in cases], word(Outcome.PROMOTED))


def honour_58() -> pl.Expr:
    """Circular 58 Art. 18; the titles of Decision 02 carry the word for learners."""
    continuing = pl.col("regime") == Regime.QD02.value
    learner, pupil = decision02.DECISION_02, circular58.CIRCULAR_58
    best = (pl.col("learning_year") == GIOI) & (pl.col("conduct") == TOT)
    well = pl.col("learning_year").is_in([GIOI, KHA]) & pl.col("conduct").is_in([TOT, KHA])
    cases = [
        (best, by_learner(continuing, learner.good_title, pupil.good_title)),
        (well, by_learner(continuing, learner.advanced_title, pupil.advanced_title)),
    ]
    return first_that_holds(cases, word(NO_TITLE))


def outcome_58() -> pl.Expr:
    """Promotion in June (Circular 58 Art. 15-17)."""
    learning, conduct = pl.col("learning_year"), pl.col("conduct")
    cases = [
        (pl.col("absences") > ABSENCE_LIMIT, Outcome.RETAINED),
        ((learning == KEM) | ((learning == YEU) & (conduct == YEU)), Outcome.RETAINED),
        (pl.col("status_year") == Status.NO_LEVEL.value, Outcome.PRINCIPAL_DECIDES),
        (learning.is_null() | conduct.is_null(), Outcome.PENDING),
        (conduct == YEU, Outcome.SUMMER_CONDUCT),
        (learning == YEU, Outcome.RETEST),
    ]
    return first_that_holds([(when, word(outcome)) for when, outcome in cases], word(Outcome.PROMOTED))
