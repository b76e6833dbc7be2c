"""Puts the bulk levels together: from the subject results of `bulk` to one row per secondary pupil.

Output of `pupil_results`, one row per pupil that has a subject: pupil, regime, and for each period p of "1", "2",
"year": status_p, average_p (mean of all subjects in tenths; old regimes only), learning_base_p, learning_p (official
words, null unless complete); conduct (of the year), honour, outcome_june (as `Outcome`).
After the summer few pupils are open: they are computed one by one, as are adults under Decision 02, pupils with an
individual plan, and the subject that caused an adjustment.
"""

import polars as pl

from sen.school.gradebook.rules.bulk import PERIODS, check_policy, half_up
from sen.school.gradebook.rules.bulk_levels import (
    counts_22,
    counts_58,
    honour_22,
    honour_58,
    levels_22,
    levels_58,
    named,
    needed,
    outcome_22,
    outcome_58,
    status_of,
    year_conduct_22,
)
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.regimes import CLASSES_58, LEVELS_22, NO_TITLE, Outcome, Regime

NEW = (Regime.TT22.value, Regime.TT43.value)
OLD = (Regime.TT58.value, Regime.QD02.value)
COLUMNS = (
    "pupil",
    "regime",
    *(f"{what}_{period}" for period in PERIODS for what in ("status", "average", "learning_base", "learning")),
    "conduct",
    "honour",
    "outcome_june",
)


def new_regimes(subjects: pl.LazyFrame, pupils: pl.LazyFrame, policy: Policy) -> pl.LazyFrame:
    """Circulars 22/2021 and 43/2021."""
    counts = {name: count for period in PERIODS for name, count in counts_22(period).items()}
    table = subjects.filter(pl.col("regime").is_in(NEW)).group_by("pupil").agg(**counts).join(pupils, on="pupil")
    for period in PERIODS:
        base, final = levels_22(period, policy)
        table = table.with_columns(
            status_of(period, pl.col(f"marks_{period}") >= needed()).alias(f"status_{period}"),
            base.alias(f"base number_{period}"),
            final.alias(f"final number_{period}"),
            pl.lit(None, dtype=pl.Int32).alias(f"average_{period}"),
        ).with_columns(
            named(pl.col(f"base number_{period}"), LEVELS_22, period).alias(f"learning_base_{period}"),
            named(pl.col(f"final number_{period}"), LEVELS_22, period).alias(f"learning_{period}"),
        )
    table = table.with_columns(conduct=year_conduct_22())
    table = table.with_columns(honour=honour_22(), outcome_june=outcome_22(policy))
    if policy.honour_requires_promotion:
        promoted = pl.col("outcome_june") == Outcome.PROMOTED.value
        table = table.with_columns(honour=pl.when(promoted).then("honour").otherwise(pl.lit(NO_TITLE)))
    return table.select(COLUMNS)


def old_regimes(subjects: pl.LazyFrame, pupils: pl.LazyFrame, policy: Policy) -> pl.LazyFrame:
    """Circular 58/2011 and Decision 02/2007."""
    counts = {name: count for period in PERIODS for name, count in counts_58(period).items()}
    special = pupils.select("pupil", "specialised")
    own = subjects.filter(pl.col("regime").is_in(OLD)).join(special, on="pupil")
    table = own.group_by("pupil").agg(**counts).join(pupils, on="pupil")
    for period in PERIODS:
        number = pl.col(f"marks_{period}")
        mean = pl.when(number > 0).then(half_up(pl.col(f"sum_{period}"), number))
        table = table.with_columns(
            status_of(period, number > 0).alias(f"status_{period}"), mean.alias(f"average_{period}")
        )
        base, final = levels_58(period)
        table = table.with_columns(base.alias(f"base number_{period}"), final.alias(f"final number_{period}"))
        table = table.with_columns(
            named(pl.col(f"base number_{period}"), CLASSES_58, period).alias(f"learning_base_{period}"),
            named(pl.col(f"final number_{period}"), CLASSES_58, period).alias(f"learning_{period}"),
        )
    proposed = pl.col("conduct2") if policy.conduct58_follows_term2 else pl.lit(None, dtype=pl.String)
    table = table.with_columns(conduct=pl.coalesce(pl.col("conduct_year"), proposed))
    return table.with_columns(honour=honour_58(), outcome_june=outcome_58()).select(COLUMNS)


def pupil_results(
    subjects: pl.DataFrame | pl.LazyFrame, pupils: pl.DataFrame, *, policy: Policy = DEFAULT_POLICY
) -> pl.DataFrame:
    """Levels of both terms and the year, conduct, title and promotion in June of every secondary pupil.

    `subjects` is what `bulk.subject_results` gave, `pupils` the same frame it was given. Raises ValueError for a
    policy the bulk rules do not follow.
    """
    check_policy(policy)
    results, people = subjects.lazy(), pupils.lazy()
    return pl.concat([new_regimes(results, people, policy), old_regimes(results, people, policy)]).collect(
        engine="streaming"
    )
