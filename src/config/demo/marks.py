"""Marks of one school as Polars frames: sheets, lines, term records. Chance comes from hashes of row numbers."""

import json

import polars as pl

from config.demo.frames import keys
from config.demo.plan import SchoolPlan
from config.demo.school import LINE, RECORD, SHEET, ClassRoom, School
from sen.school.gradebook import rules

PHRASES = (
    "Chăm học, hoàn thành tốt bài tập.",
    "Tiếp thu nhanh, cần trình bày cẩn thận hơn.",
    "Có tiến bộ so với đầu năm, cần phát huy.",
    "Hiểu bài, tích cực phát biểu xây dựng bài.",
    "Cần cố gắng hơn ở phần vận dụng.",
)
WEIGHT = {"regular": 1, "cluster": 1, "midterm": 2, "final": 3}
NEW_CONDUCT = ("Tốt", "Khá", "Đạt", "Chưa đạt")
OLD_CONDUCT = ("Tốt", "Khá", "Trung bình", "Yếu")


def _luck(seed: int) -> pl.Expr:
    """A number from 0 to 999 for each row, the same on every machine."""
    return pl.col("n").hash(seed) % 1000


def sheets(school: School, *, first: int) -> pl.DataFrame:
    """One row a class subject and term, with the columns of its grid (comma separated codes)."""
    rows = []
    for room in school.rooms:
        for term in (1, 2):
            for class_subject, subject, cluster in room.subjects:
                columns = rules.columns_for(
                    room.regime,
                    subject.form,
                    subject.lessons,
                    int(room.grade),
                    term,
                    subject_key=subject.key,
                    cluster=cluster,
                )
                codes = [column.code for column in columns if column.kind != "remark"]
                rows.append(
                    (
                        room.id,
                        class_subject,
                        room.year,
                        term,
                        subject.form,
                        ",".join(codes),
                        _is_locked(school.plan, room.year, term),
                    )
                )
    frame = pl.DataFrame(
        rows, schema=["class_id", "class_subject_id", "year", "term", "form", "codes", "locked"], orient="row"
    )
    return frame.with_columns(keys(SHEET, pl.int_range(pl.len()) + first).alias("sheet_id"))


def _is_locked(plan: SchoolPlan, year: int, term: int) -> bool:
    return year < 2022 or plan.stage == "closed" or (plan.stage == "term1" and term == 1)


def pupils(rooms: list[ClassRoom]) -> pl.DataFrame:
    return pl.DataFrame(
        [(room.id, *pupil) for room in rooms for pupil in room.pupils],
        schema=["class_id", "enrolment_id", "person_id", "ability"],
        orient="row",
    )


def lines(school: School, sheet_frame: pl.DataFrame, *, first: int) -> pl.DataFrame:
    """Every line of the school: marks, average, level. Open terms lack what a school lacks in the middle of one."""
    codes = sorted({code for joined in sheet_frame["codes"].unique() for code in joined.split(",") if code})
    wide = sheet_frame.join(pupils(school.rooms), on="class_id").with_columns(
        (pl.int_range(pl.len()) + first).alias("n")
    )
    present = {
        code: pl.col("codes").str.split(",").list.contains(code) & ~_missing(school.plan, code) for code in codes
    }
    marks = {code: pl.when(present[code]).then(_mark(code, seed)) for seed, code in enumerate(codes, start=11)}
    wide = wide.with_columns(**{f"m_{code}": marks[code] for code in codes})
    texts = [
        pl.when(pl.col(f"m_{code}").is_not_null()).then(
            pl.concat_str(pl.lit(f'"{code}": '), pl.col(f"m_{code}"), pl.lit(", "))
        )
        for code in codes
    ]
    joined = pl.concat_str(*texts, ignore_nulls=True).str.strip_suffix(", ")
    weighted = [code for code in codes if code[:2] in ("tx", "cd", "gk", "ck")]
    total, weight = pl.lit(0), pl.lit(0)
    for code in weighted:
        value = pl.col(f"m_{code}").cast(pl.Int64, strict=False)
        factor = {"gk": 2, "ck": 3}.get(code[:2], 1)
        total = total + pl.when(value.is_not_null()).then(value * factor).otherwise(0)
        weight = weight + pl.when(value.is_not_null()).then(factor).otherwise(0)
    expected = pl.lit(0)
    for code in weighted:
        expected = expected + pl.when(pl.col("codes").str.split(",").list.contains(code)).then(
            {"gk": 2, "ck": 3}.get(code[:2], 1)
        ).otherwise(0)
    complete = (weight == expected) & (expected > 0)
    passed = pl.all_horizontal(
        [(pl.col(f"m_{code}") != "0") | pl.col(f"m_{code}").is_null() for code in weighted] or [pl.lit(True)]
    )
    last_level = pl.coalesce(
        [pl.col(f"m_muc_{moment}") for moment in ("CN", "CK1") if f"m_muc_{moment}" in wide.columns]
        or [pl.lit(None, pl.String)]
    )
    return wide.select(
        keys(LINE, pl.col("n")).alias("id"),
        pl.lit(str(school.plan.id)).alias("school_id"),
        "person_id",
        "sheet_id",
        "enrolment_id",
        pl.concat_str(pl.lit("{"), joined, pl.lit("}")).alias("marks"),
        *(pl.lit("{}").alias(name) for name in ("states", "corrected", "versions")),
        pl.lit(1).alias("version"),
        pl.when(_luck(3) < 120)
        .then(pl.lit(list(PHRASES)).list.get((_luck(4) % len(PHRASES)).cast(pl.Int64)))
        .otherwise(pl.lit(""))
        .alias("remark"),
        pl.when(complete & (pl.col("form") == "marks")).then((2 * total + weight) // (2 * weight)).alias("average"),
        pl.when((pl.col("form") == "comments") & complete)
        .then(pl.when(passed).then(pl.lit("Đạt")).otherwise(pl.lit("Chưa đạt")))
        .when(pl.col("form").str.starts_with("levels"))
        .then(last_level.str.strip_chars('"').fill_null(""))
        .otherwise(pl.lit(""))
        .alias("level"),
        pl.lit("2022-12-20 08:00:00+07").alias("updated_at"),
    )


def _missing(plan: SchoolPlan, code: str) -> pl.Expr:
    """Cells that are still empty in an open term."""
    if plan.stage == "closed":
        return pl.lit(False)
    now = pl.col("year") == 2022
    late = now & (pl.col("term") == 2)
    if code in ("ck", "cd", "muc_CN", "kt_CN"):
        return late
    if code in ("gk", "muc_GK2", "kt_GK2"):
        return late & (_luck(5) < 250)
    if plan.stage == "faulty":
        return now & (_luck(6) < 60)
    return late & (_luck(7) < 80)


def _mark(code: str, seed: int) -> pl.Expr:
    """A mark as JSON text: whole tenths, 1 or 0 for comment subjects, a quoted level for primary."""
    # Three summed uniform draws make a bell; ability moves its middle.
    noise = (_luck(seed) + _luck(seed + 100) + _luck(seed + 200)).cast(pl.Int64) - 1500
    # The year 2021 is past: everybody in it was promoted, so nobody is weak there.
    floor = pl.when(pl.col("year") == 2021).then(52).otherwise(20)
    raw = (pl.col("ability").cast(pl.Int64) + noise * 14 // 1000).clip(floor, 100)
    step = 10 if code.startswith(("tx", "kt_")) else 5
    tenths = ((raw + step // 2) // step * step).clip(0, 100)
    if code.startswith("muc_"):
        return (
            pl.when(raw >= 72)
            .then(pl.lit('"T"'))
            .when((raw >= 35) | (pl.col("year") == 2021))
            .then(pl.lit('"H"'))
            .otherwise(pl.lit('"C"'))
        )
    if code.startswith("kt_"):
        return tenths.clip(pl.when(pl.col("year") == 2021).then(50).otherwise(20), 100).cast(pl.String)
    verdict = (
        pl.when((raw >= 30) | (_luck(seed + 300) < 990) | (pl.col("year") == 2021))
        .then(pl.lit("1"))
        .otherwise(pl.lit("0"))
    )
    return pl.when(pl.col("form") == "comments").then(verdict).otherwise(tenths.cast(pl.String))


def term_records(school: School, *, first: int) -> pl.DataFrame:
    """What the form teacher keeps: conduct, absences, primary qualities, a remark; closed terms and most open ones."""
    rows = [
        (room.id, room.regime, room.grade, room.year, term, *pupil)
        for room in school.rooms
        for pupil in room.pupils
        for term in ((1, 2, 0) if room.regime == "tt58-2011" else (1, 2))
        if _is_locked(school.plan, room.year, max(term, 1) if term else 2) or term == 1
    ]
    frame = pl.DataFrame(
        rows,
        schema=["school_class_id", "regime", "grade", "year", "term", "enrolment_id", "person_id", "ability"],
        orient="row",
    ).with_columns((pl.int_range(pl.len()) + first).alias("n"))
    good = pl.col("ability").cast(pl.Int64) + (_luck(21).cast(pl.Int64) - 500) * 30 // 1000
    past = pl.col("year") == 2021
    rank = pl.when(good >= 45).then(0).when((good >= 30) | past).then(1).when(good >= 18).then(2).otherwise(3)
    old = pl.col("regime").is_in(["tt58-2011", "qd02-2007"])
    rated = pl.col("regime").is_in(["tt22-2021", "tt58-2011", "tt43-2021", "qd02-2007"])
    conduct = pl.lit("")
    for place, (new_word, old_word) in enumerate(zip(NEW_CONDUCT, OLD_CONDUCT, strict=True)):
        word = pl.when(old).then(pl.lit(old_word)).otherwise(pl.lit(new_word))
        conduct = pl.when(rated & (rank == place)).then(word).otherwise(conduct)
    return frame.select(
        keys(RECORD, pl.col("n")).alias("id"),
        pl.lit(str(school.plan.id)).alias("school_id"),
        "person_id",
        "enrolment_id",
        "school_class_id",
        "term",
        conduct.alias("conduct"),
        pl.when(pl.col("term") == 0).then(0).otherwise(_luck(22) % 4).alias("absent_excused"),
        pl.when((pl.col("term") == 0) | (_luck(23) < 900)).then(0).otherwise(_luck(24) % 5).alias("absent_unexcused"),
        _qualities(frame).alias("qualities"),
        pl.when((_luck(25) < 150) & pl.col("regime").str.starts_with("tt27"))
        .then(pl.lit("subject"))
        .otherwise(pl.lit(""))
        .alias("recognition"),
        pl.when(_luck(26) < 200)
        .then(pl.lit("Ngoan, có ý thức tham gia hoạt động của lớp."))
        .otherwise(pl.lit(""))
        .alias("remark"),
        pl.lit("{}").alias("versions"),
        pl.lit(1).alias("version"),
    )


def _qualities(frame: pl.DataFrame) -> pl.Expr:
    """JSON of qualities and competences for primary pupils: all T for the able, all Đ below, a few C."""
    expression = pl.lit("{}")
    for regime, grade in frame.select("regime", "grade").unique().sort("regime", "grade").rows():
        if regime not in ("tt27-2020", "tt30-2014"):
            continue
        traits = [trait.key for trait in rules.traits_for(regime, int(grade))]
        here = (pl.col("regime") == regime) & (pl.col("grade") == grade)
        good, fair = (json.dumps(dict.fromkeys(traits, level), ensure_ascii=False) for level in ("T", "Đ"))
        rated = pl.when(pl.col("ability") >= 60).then(pl.lit(good)).otherwise(pl.lit(fair))
        expression = pl.when(here).then(rated).otherwise(expression)
    return expression


def sheet_rows(school: School, frame: pl.DataFrame) -> pl.DataFrame:
    """The sheet frame in the columns of its table."""
    return frame.select(
        pl.col("sheet_id").alias("id"),
        pl.lit(str(school.plan.id)).alias("school_id"),
        pl.col("class_id").alias("school_class_id"),
        "class_subject_id",
        "year",
        "term",
        pl.when(pl.col("locked"))
        .then(pl.concat_str((pl.col("year") + pl.col("term") - 1).cast(pl.String), pl.lit("-12-31 10:00:00+07")))
        .alias("locked_at"),
    )
