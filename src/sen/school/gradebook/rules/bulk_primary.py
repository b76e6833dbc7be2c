"""Year results of every primary pupil at once (Circulars 27/2020 and 30/2014 with 22/2016), with Polars.

Input frames (further columns are ignored; `pupil` may have any type, the same in both):

levels  pupil, kind (String or Enum: subject, trait, test), value (integer: subject C 0, H 1, T 2; trait C 0, Đ 1, T 2;
        test the whole mark; null: not given yet). One row per subject, trait and final test of the moment CN.
pupils  pupil, regime (String), grade (integer), recognition (String: subject, progress; null if none).

Output of `primary_results`, one row per pupil: pupil, regime, status (as `Status`), level (Circular 27 only),
completed (Boolean), award, outcome_june (as `Outcome`); the middle three are null unless the status is COMPLETE.
"""

import polars as pl

from sen.school.gradebook.rules import circular27, circular30
from sen.school.gradebook.rules.bulk import check_policy, first_that_holds, word
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.primary import LAST_PRIMARY_GRADE, RECOGNISED
from sen.school.gradebook.rules.regimes import NO_TITLE, SUBJECT_LEVELS, TRAIT_LEVELS, Outcome, Regime, Status

TOP_MARK = 10
TOP_LEVEL = len(SUBJECT_LEVELS) - 1


def lowest(kind: str, top: int) -> pl.Expr:
    """The lowest value of a kind; a pupil without any is not held back by it."""
    return pl.when(pl.col("kind") == kind).then(pl.col("value")).min().fill_null(top)


def outside() -> pl.Expr:
    """Whether a value is not one the circular knows; Circular 22/2016 has no zero."""
    value, is_test = pl.col("value"), pl.col("kind") == "test"
    top = pl.when(is_test).then(TOP_MARK).otherwise(TOP_LEVEL)
    forbidden_zero = is_test & (value == 0) & (pl.col("regime") == Regime.TT30.value)
    return ((value < 0) | (value > top) | forbidden_zero).fill_null(False)


def reaches(subject: str, trait: str, test: int) -> pl.Expr:
    """Whether everything reaches these floors."""
    return (
        (pl.col("subject") >= SUBJECT_LEVELS.index(subject))
        & (pl.col("trait") >= TRAIT_LEVELS.index(trait))
        & (pl.col("test") >= test)
    )


def level_27() -> pl.Expr:
    """Circular 27 Art. 9."""
    cases = [(reaches(*floors), word(level)) for level, floors in circular27.FLOORS.items()]
    return first_that_holds(cases, word(circular27.NOT_DONE))


def award(policy: Policy) -> pl.Expr:
    """Circular 27 Art. 13; Circular 30 Art. 16 as amended."""
    recognised = pl.col("recognition").is_in(RECOGNISED)
    is_27 = pl.col("regime") == Regime.TT27.value
    may_be_short = pl.col("completed") | pl.lit(not policy.second_award_requires_completion)
    cases = [
        (is_27 & (pl.col("level") == circular27.EXCELLENT), circular27.EXCELLENT_PUPIL),
        (is_27 & (pl.col("level") == circular27.WELL_DONE) & recognised, circular27.MODEL_PUPIL),
        (~is_27 & reaches("T", "T", 9), circular30.EXCELLENT_AWARD),
        (~is_27 & recognised & may_be_short, circular30.PROGRESS_AWARD),
    ]
    return first_that_holds([(when, word(name)) for when, name in cases], word(NO_TITLE))


def outcome() -> pl.Expr:
    """Completion in June (Circular 27 Art. 11; Circular 30 Art. 14)."""
    last_grade = pl.col("grade") == LAST_PRIMARY_GRADE
    cases = [
        (pl.col("status") != Status.COMPLETE.value, Outcome.PENDING),
        (pl.col("completed") & last_grade, Outcome.COMPLETED_PRIMARY),
        (pl.col("completed"), Outcome.COMPLETED),
    ]
    return first_that_holds([(when, word(result)) for when, result in cases], word(Outcome.SUPPLEMENT))


def primary_results(
    levels: pl.DataFrame | pl.LazyFrame, pupils: pl.DataFrame, *, policy: Policy = DEFAULT_POLICY
) -> pl.DataFrame:
    """Level, completion, award and outcome of every primary pupil; frames as told at the head of the file."""
    check_policy(policy)
    people = pupils.lazy().select("pupil", "regime", "grade", "recognition")
    lows = (
        levels.lazy()
        .join(people.select("pupil", "regime"), on="pupil")
        .group_by("pupil")
        .agg(
            subject=lowest("subject", TOP_LEVEL),
            trait=lowest("trait", TOP_LEVEL),
            test=lowest("test", TOP_MARK),
            invalid=outside().any(),
            open=pl.col("value").is_null().any(),
        )
    )
    states = [(pl.col("invalid"), word(Status.INVALID)), (pl.col("open"), word(Status.INCOMPLETE))]
    status = first_that_holds(states, word(Status.COMPLETE))
    is_27 = pl.col("regime") == Regime.TT27.value
    table = lows.join(people, on="pupil").with_columns(status=status, completed=reaches("H", "Đ", 5))
    table = table.with_columns(level=pl.when(is_27).then(level_27()))
    table = table.with_columns(award=award(policy), outcome_june=outcome())
    stands = pl.col("status") == Status.COMPLETE.value
    return (
        table.with_columns(pl.when(stands).then(pl.col("level", "completed", "award")))
        .select("pupil", "regime", "status", "level", "completed", "award", "outcome_june")
        .collect(engine="streaming")
    )
