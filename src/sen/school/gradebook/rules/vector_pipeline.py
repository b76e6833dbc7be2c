"""Vector tables that start from the raw marks of the book: both terms and the year of one pupil in one line.

Marks: `subject:regular marks|mid-term|end-of-term` joined by `;`, regular marks separated by spaces. The names of the
columns are not fixed: a name is a subject matter ("dtb", "ht", "rl", ...) and a period ("hk1", "hk2", "cn", "june",
"august") in any order. A blank expected cell claims nothing.
"""

from sen.school.gradebook.rules.marks import TermBook
from sen.school.gradebook.rules.policy import DEFAULT_POLICY
from sen.school.gradebook.rules.regimes import Exemption, Form, Regime
from sen.school.gradebook.rules.results import SecondaryYear, SubjectInput, TermResult, YearResult
from sen.school.gradebook.rules.secondary import year_result
from sen.school.gradebook.rules.selection import level_of_grade, regime_for
from sen.school.gradebook.rules.vector_reading import (
    NOTHING,
    Row,
    cell,
    first_year,
    is_verdict_text,
    load_of,
    mapping,
    number,
    result,
    shown,
)

PERIODS = {
    "hk1": "hk1",
    "hki": "hk1",
    "term1": "hk1",
    "hk2": "hk2",
    "hkii": "hk2",
    "term2": "hk2",
    "cn": "cn",
    "year": "cn",
    "june": "june",
    "august": "august",
}
MARKS = frozenset(
    {"marks", "mark", "diem", "raw", "raw_marks", "marks_raw", "subject_marks", "scores", "cells", "so_diem"}
)
COMMENTS = frozenset({"comments", "comment", "raw_comments", "comments_raw", "nhan_xet", "nx"})
CONDUCT = frozenset({"rl", "hk", "hanh_kiem", "conduct", "ren_luyen"})
SUMMER_CONDUCT = frozenset({"summer_rl", "summer_hanh_kiem", "summer_conduct"})
LEVEL = frozenset({"ht", "hl", "learning", "level", "hoc_luc", "hoc_tap", "learning_level"})
AVERAGE = frozenset(
    {"dtb", "avg", "average", "averages", "dtbm", "dtb_mon", "subject_averages", "avg_subjects", "marks"}
)
HONOUR = frozenset({"honour", "honor", "title", "award", "danh_hieu"})
SPECIALISED = frozenset({"chuyen_subject", "chuyen", "specialised", "specialised_subject"})
RETEST = frozenset({"retest", "retests", "reassessment", "kiem_tra_lai"})
SHORT_VERDICT = {"Đạt": "Đ", "Chưa đạt": "CĐ"}
ABSENCES = frozenset({"absences", "absent", "sessions_absent"})
Split = tuple[str, str]


def split_name(column: str) -> Split:
    """(subject matter, period) of a column name: "expected_dtb_hk1" and "expected_hk1_dtb" are ("dtb", "hk1")."""
    words = column.lower().removeprefix("expected_").replace("term_1", "term1").replace("term_2", "term2").split("_")
    period = next((PERIODS[word] for word in words if word in PERIODS), "")
    return "_".join(word for word in words if word not in PERIODS), period


def is_pipeline(columns: frozenset[str]) -> bool:
    """Whether a table gives the marks of both terms."""
    given = {split_name(column) for column in columns if not column.startswith("expected_")}
    return all(any((matter, term) in given for matter in MARKS) for term in ("hk1", "hk2"))


def find(row: Row, matters: frozenset[str], *periods: str) -> str:
    """The first given cell that speaks of this in one of these periods; blank if none does."""
    for period in periods:
        for column, text in row.items():
            if not column.startswith("expected_") and text:
                matter, when = split_name(column)
                if matter in matters and when == period:
                    return text
    return ""


def raw_books(text: str) -> dict[str, tuple[str, str, str]]:
    """Subject -> (regular, mid-term, end-of-term) as written; what is left off at the end is empty."""
    books = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        subject, colon, cells = part.partition(":")
        columns = [column.strip() for column in cells.split("|")]
        if not colon or len(columns) > 3:
            raise ValueError(f"“{part}” không có dạng môn:thường xuyên|giữa kì|cuối kì.")
        regular, midterm, final = [*columns, "", ""][:3]
        books[subject.strip()] = (regular, midterm, final)
    return books


def comment_books(row: Row, term: str) -> dict[str, tuple[str, str, str]]:
    """Comment subjects of a term: raw (`:`), or only the result (`=`), which is then the verdict of every cell."""
    text = find(row, COMMENTS, term, "", "cn")
    if "=" not in text:
        return raw_books(text)
    short = {subject: SHORT_VERDICT.get(verdict, verdict) for subject, verdict in mapping(text).items()}
    return {subject: (f"{verdict} " * 4, verdict, verdict) for subject, verdict in short.items()}


def is_waiver(texts: tuple[str, str, str]) -> bool:
    """Whether a subject is written as waived instead of with cells."""
    return any(text.strip().startswith("EXEMPT") for text in texts)


def book(texts: tuple[str, str, str] | None, cluster: str) -> TermBook | None:
    """The cells of a term; nothing written at all means not taught."""
    if texts is None or not any(texts) or is_waiver(texts):
        return None
    regular = tuple(cell(text) for text in texts[0].split())
    return TermBook(regular, cell(texts[1]), cell(texts[2]), cell(cluster) if cluster else None)


def lessons_in(row: Row, subject: str) -> int | None:
    """Lessons a year if the table gives them, as one number or as a map."""
    text = row.get("lessons_per_year") or row.get("lessons") or ""
    if "=" in text:
        text = mapping(text).get(subject, "")
    return int(text) if text else None


def exemption_of(text: str, subject: str) -> Exemption:
    """The waiver of a subject: `subject=hk1` for a term, the bare name for the year."""
    named = {part: f"{part}={Exemption.YEAR}" for part in text.split(";") if "=" not in part and part.strip()}
    return Exemption(mapping(";".join(named.get(part, part) for part in text.split(";"))).get(subject, ""))


def filled(regular: str) -> int:
    """Regular assessments written in a cell of the table."""
    return sum(1 for text in regular.split() if text not in NOTHING)


def subject_input(
    row: Row, regime: Regime, grade: int, subject: str, terms: tuple[tuple[str, str, str] | None, ...]
) -> SubjectInput:
    """One subject; where neither table nor catalogue knows its load, the fuller term shows the number required."""
    texts = [text for term in terms if term is not None for text in term]
    known = load_of(regime, grade, subject)
    lessons = lessons_in(row, subject) or (known[1] if known else None)
    is_comment = is_verdict_text(*texts) or (known is not None and known[0] is Form.COMMENTS)
    clusters = [mapping(find(row, frozenset({"cluster", "cum_chuyen_de"}), term)) for term in ("hk1", "hk2")]
    waived = [term is not None and is_waiver(term) for term in terms]
    waiver = exemption_of(row.get("exempt", ""), subject)
    if any(waived):
        waiver = Exemption.YEAR if all(waived) else Exemption.TERM1 if waived[0] else Exemption.TERM2
    return SubjectInput(
        subject,
        Form.COMMENTS if is_comment else Form.MARKS,
        lessons or 0,
        book(terms[0], clusters[0].get(subject, "")),
        book(terms[1], clusters[1].get(subject, "")),
        waiver,
        required=None if lessons else max(filled(term[0]) for term in terms if term is not None),
    )


def regime_of_row(row: Row, grade: int) -> Regime:
    """The regime named, or the one of the school year and grade."""
    if row.get("regime"):
        return Regime(row["regime"])
    level = row.get("level") or level_of_grade(grade)
    return regime_for(first_year(row["school_year"]), level, grade).regime


def pupil_year(row: Row, regime: Regime, grade: int) -> SecondaryYear:
    """The pupil's year as the table tells it, after the summer."""
    terms = [{**raw_books(find(row, MARKS, term)), **comment_books(row, term)} for term in ("hk1", "hk2")]
    retest = mapping(find(row, RETEST, "", "august"))
    return SecondaryYear(
        grade,
        tuple(
            subject_input(row, regime, grade, subject, (terms[0].get(subject), terms[1].get(subject)))
            for subject in dict.fromkeys([*terms[0], *terms[1]])
        ),
        find(row, CONDUCT, "hk1") or None,
        find(row, CONDUCT, "hk2") or None,
        find(row, CONDUCT, "cn") or None,
        int(number(find(row, ABSENCES, "", "cn") or "0")),
        {key: result(text) for key, text in retest.items()},
        find(row, SUMMER_CONDUCT, "", "august") or None,
        summer_closed=True,
        make_ups_closed=True,
        specialised=find(row, SPECIALISED, "") or None,
    )


def level_shown(period: TermResult | YearResult, level: str | None) -> str:
    """A level, or the word for why there is none."""
    return level or period.status.value


def averages_shown(period: TermResult | YearResult, *, one_number: bool) -> str:
    """The mean of all subjects, or every subject's result as a map."""
    if one_number:
        return "" if period.average is None else str(period.average)
    return ";".join(f"{key}={shown(subject)}" for key, subject in period.subjects.items())


def period_value(matter: str, expected: str, period: TermResult | YearResult) -> str | None:
    """What came out for one subject matter of a term or of the year; None if the matter is unknown."""
    if matter in AVERAGE or matter in COMMENTS:
        return averages_shown(period, one_number=matter in AVERAGE and "=" not in expected)
    if matter in LEVEL:
        return level_shown(period, period.learning)
    if matter.removesuffix("_base") in LEVEL or matter.removeprefix("base_") in LEVEL:
        return level_shown(period, period.learning_base)
    if matter in CONDUCT:
        return period.conduct or ""
    if matter == "adjusted_by":
        return period.adjusted_by or ""
    if matter in HONOUR:
        return period.title if isinstance(period, TermResult) else period.honour
    return None


def value_of(column: str, expected: str, year: YearResult) -> str | None:
    """What came out for one expected column; None if its name is not understood."""
    matter, when = split_name(column)
    if matter == "outcome":
        return (year.outcome_august if when == "august" else year.outcome_june).value
    if when == "august":
        if matter in LEVEL:
            return level_shown(year, year.learning_final)
        return (year.conduct_final or "") if matter in CONDUCT else None
    if when == "june":
        return None
    period = year if when in ("", "cn") else year.terms[0 if when == "hk1" else 1]
    return period_value(matter, expected, period)


def run_pipeline(row: Row) -> dict[str, str]:
    """Every expected column of the line that is understood, computed from the raw marks."""
    grade = int(row["grade"])
    regime = regime_of_row(row, grade)
    year = year_result(regime, DEFAULT_POLICY, pupil_year(row, regime, grade))
    found = {column: value_of(column, text, year) for column, text in row.items() if column.startswith("expected_")}
    return {column: value for column, value in found.items() if value is not None}
