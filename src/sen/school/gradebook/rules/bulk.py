"""The same rules for a whole province at once: term and year averages of every pupil and subject, with Polars.

Equal to the one-pupil rules by test. Marks are whole tenths (75 is 7,5), so rounding half up is integer arithmetic:
floor((2·sum + n) / 2n). This file goes from cells to subject results, `bulk_pupils` from there to levels; primary
schools have `bulk_primary`.

Input frames (further columns are ignored; `pupil` and `subject` may have any type, the same in every frame):

marks       pupil, subject, term (integer 1, 2), kind (String or Enum: regular, cluster, midterm, final),
            value (integer tenths 0 to 100; for comments 1 Đạt, 0 Chưa đạt; null: empty or waiting for a make-up).
            One row per cell of the grid (`columns_for`), none beyond it. No row in a term: not taught in it. A
            "zero-unexcused" cell has value 0.
loads       regime, grade (integer), subject, form ("marks", "comments"), lessons_per_year (integer),
            core (Boolean: Maths, Literature, Foreign language for Circular 58). One row per subject of a grade.
pupils      pupil, regime (String), grade (integer), conduct1, conduct2, conduct_year (official words, String, null if
            open), absences (integer: sessions that count), specialised (like subject, null outside such classes).
            conduct_year is read under Circular 58 and Decision 02, and under 22 and 43 where a term has none.
exemptions  pupil, subject, exemption (String: hk1, hk2, year). May be left out.

Output of `subject_results`, one row per pupil and subject: pupil, subject, regime, form, core, and for each period
p of "1", "2", "year": status_p (String, as `Status`), average_p (Int32 tenths, null unless complete),
passed_p (Boolean, comment subjects). `bulk_pupils.pupil_results` takes it from there.
"""

from collections.abc import Sequence
from dataclasses import fields

import polars as pl

from sen.school.gradebook.rules.marks import required_regular
from sen.school.gradebook.rules.policy import DEFAULT_POLICY, Policy
from sen.school.gradebook.rules.regimes import Exemption, Form, Regime, Status

TERMS = ("1", "2")
PERIODS = ("1", "2", "year")
KINDS = ("regular", "cluster", "midterm", "final")
READINGS_FOLLOWED = frozenset(
    {
        "few_lessons_up_to",
        "comment_subject_adjusts",
        "adjust_in_circular43",
        "both_fail_outcome",
        "honour_requires_promotion",
        "conduct58_follows_term2",
        "second_award_requires_completion",
    }
)
SUMMER_ONLY = frozenset({"retest_capped_at_pass", "retest_keep_better", "adjust_after_retest"})


def check_policy(policy: Policy) -> None:
    """Raises ValueError for a reading the bulk rules do not follow; a school with one is computed pupil by pupil."""
    for field in fields(Policy):
        differs = getattr(policy, field.name) != getattr(DEFAULT_POLICY, field.name)
        if differs and field.name not in READINGS_FOLLOWED | SUMMER_ONLY:
            raise ValueError(f"Tính hàng loạt chưa theo cách hiểu riêng “{field.name}”; hãy tính từng học sinh.")


def half_up(total: pl.Expr, count: pl.Expr) -> pl.Expr:
    """total / count in whole tenths, a half going up (Circular 22 Art. 9; 58 Art. 10)."""
    return (2 * total + count) // (2 * count)


def word(value: str) -> pl.Expr:
    """An official word or state as a constant column."""
    return pl.lit(str(value))


def first_that_holds(cases: Sequence[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr) -> pl.Expr:
    """The value of the first case whose condition holds; an unknown condition does not hold."""
    chosen = otherwise
    for condition, value in reversed(cases):
        chosen = pl.when(condition).then(value).otherwise(chosen)
    return chosen


def cell_sums() -> tuple[dict[str, pl.Expr], list[str]]:
    """What has to be added up over the cells of a subject: per term and kind the marks and how many there are."""
    value = pl.col("value").cast(pl.Int32)
    entered = pl.col("value").is_not_null().cast(pl.Int32)
    outside = ((pl.col("value") < 0) | (pl.col("value") > 100)).fill_null(False).cast(pl.Int32)
    sums = {}
    for term in TERMS:
        in_term = pl.col("term") == int(term)
        sums[f"cells_{term}"] = in_term.cast(pl.Int32)
        sums[f"outside_{term}"] = pl.when(in_term).then(outside).otherwise(0)
        for kind in KINDS:
            here = in_term & (pl.col("kind") == kind)
            sums[f"{kind}_{term}"] = pl.when(here).then(value).otherwise(0)
            sums[f"n_{kind}_{term}"] = pl.when(here).then(entered).otherwise(0)
        open_cluster = in_term & (pl.col("kind") == "cluster") & pl.col("value").is_null()
        sums[f"open_cluster_{term}"] = open_cluster.cast(pl.Int32)
    return sums, list(sums)


def with_required(loads: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The loads with the number of regular assessments each asks for a term."""
    required = [
        required_regular(regime, form, lessons, policy)
        for regime, form, lessons in loads.select("regime", "form", "lessons_per_year").iter_rows()
    ]
    return loads.select("regime", "grade", "subject", "form", "core").with_columns(
        pl.Series("required", required, dtype=pl.Int32)
    )


def counts_of(term: str) -> tuple[pl.Expr, pl.Expr]:
    """Whether the required number is there, and how many regular marks count (the cluster's is one more)."""
    complete = (
        (pl.col(f"n_regular_{term}") >= pl.col("required"))
        & (pl.col(f"n_midterm_{term}") > 0)
        & (pl.col(f"n_final_{term}") > 0)
        & (pl.col(f"open_cluster_{term}") == 0)
    )
    return complete, pl.col(f"n_regular_{term}") + pl.col(f"n_cluster_{term}")


def term_status(term: str, make_ups_closed: bool) -> pl.Expr:
    """Status of a subject in a term, in the order the one-pupil rules look."""
    complete, _ = counts_of(term)
    is_comment = pl.col("form") == Form.COMMENTS.value
    taken_as_failed = is_comment & pl.lit(make_ups_closed)
    waived = pl.col("exemption").is_in([Exemption.YEAR.value, f"hk{term}"]).fill_null(False)
    cases = [
        (waived, Status.EXEMPT),
        (pl.col(f"cells_{term}") == 0, Status.NOT_TAUGHT),
        ((pl.col(f"outside_{term}") > 0) & ~is_comment, Status.INVALID),
        (complete | taken_as_failed, Status.COMPLETE),
    ]
    return first_that_holds([(when, word(status)) for when, status in cases], word(Status.INCOMPLETE))


def term_average(term: str) -> pl.Expr:
    """(ΣĐĐGtx + 2·ĐĐGgk + 3·ĐĐGck) / (n + 5) where the term stands."""
    _, counted = counts_of(term)
    points = (
        pl.col(f"regular_{term}")
        + pl.col(f"cluster_{term}")
        + 2 * pl.col(f"midterm_{term}")
        + 3 * pl.col(f"final_{term}")
    )
    stands = (pl.col(f"status_{term}") == Status.COMPLETE.value) & (pl.col("form") == Form.MARKS.value)
    return pl.when(stands).then(half_up(points, counted + 5))


def term_passed(term: str) -> pl.Expr:
    """Đạt of a comment subject: all of them; under Circular 58 two thirds of them with the end-of-term one."""
    complete, counted = counts_of(term)
    passes = pl.sum_horizontal(f"{kind}_{term}" for kind in KINDS)
    number = counted + pl.col(f"n_midterm_{term}") + pl.col(f"n_final_{term}")
    two_thirds = (3 * passes >= 2 * number) & (pl.col(f"final_{term}") > 0)
    enough = pl.when(pl.col("regime") == Regime.TT58.value).then(two_thirds).otherwise(passes == number)
    stands = (pl.col(f"status_{term}") == Status.COMPLETE.value) & (pl.col("form") == Form.COMMENTS.value)
    return pl.when(stands).then(complete & enough)


def year_status() -> pl.Expr:
    """Status of the year: invalid and incomplete hold it up; one finished term is enough if the other is out."""
    first, second = pl.col("status_1"), pl.col("status_2")
    order = (Status.INVALID, Status.INCOMPLETE, Status.COMPLETE)
    cases = [((first == status.value) | (second == status.value), word(status)) for status in order]
    return first_that_holds([*cases, (first == Status.NOT_TAUGHT.value, second)], first)


def year_average() -> pl.Expr:
    """(ĐTBmhkI + 2·ĐTBmhkII) / 3 from the rounded terms; the only term where there is one."""
    first, second = pl.col("average_1"), pl.col("average_2")
    both = half_up(first + 2 * second, pl.lit(3, dtype=pl.Int32))
    return pl.when(pl.col("status_year") == Status.COMPLETE.value).then(pl.coalesce(both, second, first))


def year_passed() -> pl.Expr:
    """Term II is the year; the only term where there is one."""
    stands = pl.col("status_year") == Status.COMPLETE.value
    return pl.when(stands).then(pl.coalesce("passed_2", "passed_1"))


def subject_results(
    marks: pl.DataFrame | pl.LazyFrame,
    loads: pl.DataFrame,
    pupils: pl.DataFrame,
    exemptions: pl.DataFrame | None = None,
    *,
    policy: Policy = DEFAULT_POLICY,
    make_ups_closed: bool = False,
) -> pl.DataFrame:
    """Term and year result of every pupil and subject; frames as told at the head of the file.

    `make_ups_closed`: what is missing in a comment subject now counts as Chưa đạt instead of incomplete. A subject
    without a row in `loads` for the pupil's regime and grade, or a pupil without a row in `pupils`, is left out.
    """
    check_policy(policy)
    sums, names = cell_sums()
    taught = marks.lazy().with_columns(**sums).group_by("pupil", "subject").agg(pl.col(names).sum())
    of_pupil = pupils.lazy().select("pupil", "regime", "grade")
    known = taught.join(of_pupil, on="pupil").join(
        with_required(loads, policy).lazy(), on=["regime", "grade", "subject"]
    )
    if exemptions is None:
        known = known.with_columns(exemption=pl.lit(None, dtype=pl.String))
    else:
        waivers = exemptions.lazy().select("pupil", "subject", "exemption")
        known = known.join(waivers, on=["pupil", "subject"], how="left")
    return (
        known.with_columns(**{f"status_{term}": term_status(term, make_ups_closed) for term in TERMS})
        .with_columns(
            **{f"average_{term}": term_average(term) for term in TERMS},
            **{f"passed_{term}": term_passed(term) for term in TERMS},
            status_year=year_status(),
        )
        .with_columns(average_year=year_average(), passed_year=year_passed())
        .select(
            "pupil",
            "subject",
            "regime",
            "form",
            "core",
            *(f"{what}_{period}" for period in PERIODS for what in ("status", "average", "passed")),
        )
        .collect(engine="streaming")
    )
