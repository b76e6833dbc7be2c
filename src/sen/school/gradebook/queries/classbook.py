"""The official class book of a term or the year (sổ theo dõi và đánh giá học sinh): subject pages, summary."""

from dataclasses import dataclass, field
from uuid import UUID

from sen.core.curriculum.models import SchoolClass
from sen.school.gradebook import cells
from sen.school.gradebook.models import Correction, Result, Sheet
from sen.school.gradebook.queries.books import Books, Pupil, Room, gather
from sen.school.gradebook.queries.facts import Facts, facts_of
from sen.school.gradebook.queries.grid import Row, rows_of, year_result
from sen.school.gradebook.rules import Column


@dataclass(frozen=True)
class PrintedCell:
    """A cell on paper: where it was corrected the old value is struck through and the new one stands beside it."""

    value: str
    corrected: str = ""


@dataclass(frozen=True)
class PrintedRow:
    number: int
    name: str
    cells: list[PrintedCell]
    result: str
    year: str
    note: str = ""


@dataclass(frozen=True)
class SubjectPage:
    """One subject of one term."""

    name: str
    teachers: str
    columns: tuple[Column, ...]
    rows: list[PrintedRow]
    corrections: int
    has_year: bool


@dataclass(frozen=True)
class SummaryRow:
    number: int
    name: str
    subjects: list[str]
    result: Result | None


@dataclass
class Summary:
    """The page of results of the class: every subject, level, conduct, absences, title, promotion."""

    subjects: list[tuple[str, str]] = field(default_factory=list)  # key, name
    rows: list[SummaryRow] = field(default_factory=list)


def subject_pages(room: SchoolClass, term: int) -> list[SubjectPage]:
    """Every subject of the class in a term. Two statements a subject: paper is printed a few times a year."""
    sheets = Sheet.objects.filter(school_class=room, term=term).order_by("class_subject__subject__position")
    corrected: dict[UUID, int] = {}
    for sheet_id in Correction.objects.filter(line__sheet__in=sheets, state=Correction.State.APPROVED).values_list(
        "line__sheet_id", flat=True
    ):
        corrected[sheet_id] = corrected.get(sheet_id, 0) + 1
    teachers = _teachers(room)
    pages = []
    for sheet_id in sheets.values_list("pk", flat=True):
        facts = facts_of(sheet_id)
        if facts is not None:
            pages.append(
                _page(facts, rows_of(facts), teachers.get(facts.class_subject_id, ""), corrected.get(sheet_id, 0))
            )
    return pages


def _teachers(room: SchoolClass) -> dict[UUID, str]:
    from sen.core.curriculum.models import Assignment

    found: dict[UUID, list[str]] = {}
    rows = Assignment.objects.filter(class_subject__school_class=room, until=None).order_by("-is_responsible", "pk")
    for subject, name in rows.values_list("class_subject_id", "teacher__full_name"):
        found.setdefault(subject, []).append(name)
    return {subject: ", ".join(dict.fromkeys(names)) for subject, names in found.items()}


def _page(facts: Facts, rows: list[Row], teachers: str, corrections: int) -> SubjectPage:
    columns = tuple(column for column in facts.book.columns if column.kind != "remark")
    printed = []
    for row in rows:
        note = "Miễn" if row.is_exempt else f"Rời lớp {row.until:%d/%m/%Y}" if row.until else ""
        values = [] if row.is_exempt else [_printed(row, column) for column in columns]
        year = year_result(facts, (row.term1_average, row.term1_level), (row.average, row.level))
        printed.append(PrintedRow(row.number, row.name, values, row.result, year, note))
    return SubjectPage(facts.subject_name, teachers, columns, printed, corrections, facts.term == 2)


def _printed(row: Row, column: Column) -> PrintedCell:
    value = cells.show(row.value(column.code), column)
    if column.code in row.corrected:
        return PrintedCell(value, cells.show(row.corrected[column.code], column))
    return PrintedCell(value or ("0" if row.states.get(column.code) == cells.ABSENT else ""))


def summary(room: SchoolClass, term: int) -> Summary:
    """Results of the class in a term (1, 2) or the year (0)."""
    books = gather([room])
    kept = books.rooms[room.pk]
    found = Summary([(s.subject.key, s.subject.name) for s in kept.subjects])
    for pupil in kept.pupils:
        found.rows.append(_summary_row(books, kept, pupil, term))
    return found


def _summary_row(books: Books, room: Room, pupil: Pupil, term: int) -> SummaryRow:
    result = books.results.get(pupil.enrolment_id, {}).get(term)
    values = []
    for subject in room.subjects:
        value = (result.subjects if result else {}).get(subject.subject.key)
        if value is None and not books.takes(subject, pupil.enrolment_id):
            values.append("")
        elif value is None and books.is_exempt(subject, pupil.enrolment_id, term or 2):
            values.append("Miễn")
        elif isinstance(value, int):
            values.append(cells.mark_text(value, short=False))
        else:
            values.append({"Đạt": "Đ", "Chưa đạt": "CĐ"}.get(str(value), str(value or "")))
    return SummaryRow(pupil.row_number, pupil.name, values, result)
