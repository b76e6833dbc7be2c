"""All term and year results of 400,000 pupils by the rules, against the same arithmetic written by hand in Polars."""

import time
from collections.abc import Iterator

import polars as pl

from bench import Row
from sen.school.gradebook.rules import bulk, bulk_pupils

PUPILS = 400_000
MARKS = ("ngu_van", "toan", "ngoai_ngu_1", "gdcd", "lich_su_dia_li", "khoa_hoc_tu_nhien", "cong_nghe", "tin_hoc")
COMMENTS = ("gdtc", "nghe_thuat", "hdtn_hn", "gddp")
KINDS = ("regular", "regular", "midterm", "final")


def frames(pupils: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Marks (long), loads and pupils of grade 6 under Circular 22; chance from hashes of row numbers."""
    subjects = pl.DataFrame({"subject": pl.Series([*MARKS, *COMMENTS], dtype=pl.Enum([*MARKS, *COMMENTS]))})
    cells = pl.DataFrame({"kind": pl.Series(KINDS, dtype=pl.Enum(("regular", "cluster", "midterm", "final")))})
    terms = pl.DataFrame({"term": pl.Series([1, 2], dtype=pl.Int8)})
    people = pl.DataFrame({"pupil": pl.int_range(pupils, dtype=pl.UInt32, eager=True)})
    luck = pl.int_range(pl.len()).hash(7)
    able = pl.col("pupil").hash(3) % 60 + 35
    comment = pl.col("subject").is_in(list(COMMENTS))
    value = (
        pl.when(comment)
        .then((luck % 100 != 0).cast(pl.Int16))
        .otherwise((able + luck % 30).clip(0, 100).cast(pl.Int16))
    )
    marks = (
        people.join(subjects, how="cross").join(terms, how="cross").join(cells, how="cross").with_columns(value=value)
    )
    loads = pl.DataFrame(
        {
            "regime": "tt22-2021", "grade": 6, "subject": subjects["subject"],
            "form": ["marks"] * len(MARKS) + ["comments"] * len(COMMENTS), "lessons_per_year": 35, "core": False,
        }
    )  # fmt: skip
    register = people.with_columns(
        regime=pl.lit("tt22-2021"), grade=pl.lit(6),
        conduct1=pl.lit("Tốt"),
        conduct2=pl.when(pl.col("pupil").hash(2) % 5 == 0).then(pl.lit("Khá")).otherwise(pl.lit("Tốt")),
        conduct_year=pl.lit(None, pl.String), absences=(pl.col("pupil").hash(4) % 48).cast(pl.Int32),
        specialised=pl.lit(None, pl.String).cast(subjects["subject"].dtype),
    )  # fmt: skip
    return marks, loads, register


def by_hand(marks: pl.DataFrame) -> pl.DataFrame:
    """The same averages and levels, written straight down for this one regime and full books."""
    value = pl.col("value").cast(pl.Int32)
    kind = pl.col("kind").to_physical()
    points = value * pl.when(kind == 2).then(2).when(kind == 3).then(3).otherwise(1)
    first = pl.col("term") == 1
    sums = marks.lazy().group_by("pupil", "subject").agg(
        t1=pl.when(first).then(points).otherwise(0).sum(), t2=pl.when(first).then(0).otherwise(points).sum(),
        p1=pl.when(first).then(value).otherwise(0).sum(), p2=pl.when(first).then(0).otherwise(value).sum(),
    )  # fmt: skip
    averages = sums.with_columns(
        comment=pl.col("subject").to_physical() >= len(MARKS),
        a1=(2 * pl.col("t1") + 7) // 14,
        a2=(2 * pl.col("t2") + 7) // 14,
    ).with_columns(ay=(2 * (pl.col("a1") + 2 * pl.col("a2")) + 3) // 6)
    counts = {}
    for period, passes in (("a1", "p1"), ("a2", "p2"), ("ay", "p2")):
        mark = pl.when(pl.col("comment")).then(None).otherwise(pl.col(period))
        counts[f"low_{period}"] = mark.min()
        counts |= {f"n{bar}_{period}": (mark >= bar).sum() for bar in (80, 65, 50)}
        counts[f"failed_{period}"] = (pl.col("comment") & (pl.col(passes) < len(KINDS))).sum()
    levels = []
    for period in ("a1", "a2", "ay"):
        low, failed = pl.col(f"low_{period}"), pl.col(f"failed_{period}")
        good = (failed == 0) & (low >= 65) & (pl.col(f"n80_{period}") >= 6)
        fair = (failed == 0) & (low >= 50) & (pl.col(f"n65_{period}") >= 6)
        done = (failed <= 1) & (low >= 35) & (pl.col(f"n50_{period}") >= 6)
        levels.append(
            pl.when(good).then(pl.lit("Tốt")).when(fair).then(pl.lit("Khá")).when(done).then(pl.lit("Đạt"))
            .otherwise(pl.lit("Chưa đạt")).alias(f"level_{period}")
        )  # fmt: skip
    return averages.group_by("pupil").agg(**counts).with_columns(*levels).collect()


def run() -> Iterator[Row]:
    marks, loads, register = frames(PUPILS)
    started = time.perf_counter()
    hand = by_hand(marks)
    yardstick = time.perf_counter() - started
    started = time.perf_counter()
    subjects = bulk.subject_results(marks, loads, register)
    results = bulk_pupils.pupil_results(subjects, register)
    figure = time.perf_counter() - started
    joined = hand.join(results, on="pupil")
    differing = joined.filter(pl.col("level_ay") != pl.col("learning_base_year")).height
    assert hand.height == results.height == PUPILS
    assert differing == 0, f"{differing} pupils differ from the arithmetic by hand"
    yield Row("all term and year results of 400,000 pupils", figure, yardstick, "s", "<= 3x", f"{marks.height:,} cells")
