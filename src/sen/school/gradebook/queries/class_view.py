"""The form teacher's view of a class: every subject, what the form teacher keeps, the result, and what is missing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sen.core.curriculum.models import ClassSubject, SchoolClass
from sen.core.identity.actor import Actor
from sen.school.gradebook import cells, labels
from sen.school.gradebook.labels import YEAR
from sen.school.gradebook.models import ClassFigures, Result, Sheet, StaleClass, TermRecord
from sen.school.gradebook.permissions import READ_ALL_SHEETS, READ_OWN_SHEETS
from sen.school.gradebook.queries.books import SUPPLEMENT, Books, Pupil, Room, gather
from sen.school.gradebook.queries.completion import SheetCompletion, sheets_completion
from sen.school.gradebook.rules import Outcome, Regime, traits_for
from sen.school.gradebook.rules.regimes import PRIMARY

PASS = 50  # tenths: below it a subject may be re-assessed (22/2021 Art. 14, 58/2011 Art. 16)


def classes_visible_to(actor: Actor) -> QuerySet[SchoolClass]:
    """Classes whose whole record the actor may read: one's own as form teacher, the school's for its heads."""
    rooms = SchoolClass.objects.all()
    if actor.is_system:
        return rooms
    if actor.holds(READ_ALL_SHEETS):
        return rooms.filter(school_id__in=actor.schools_with(READ_ALL_SHEETS))
    if actor.person_id and actor.holds(READ_OWN_SHEETS):
        return rooms.filter(school_id__in=actor.schools_with(READ_OWN_SHEETS), form_teacher_id=actor.person_id)
    return rooms.none()


@dataclass(frozen=True)
class SubjectCell:
    """A subject's result of a pupil in a period. state: missing, exempt, not_taken, low (below the line), or empty."""

    text: str
    state: str = ""


@dataclass(frozen=True)
class Due:
    """Something a class still lacks, and who owes it. `sheet_id` leads to the place where it is mended."""

    what: str
    missing: int
    who: str
    sheet_id: UUID | None = None
    is_mine: bool = False  # the form teacher's own


@dataclass
class Row:
    """A pupil's line on the screen of the class."""

    pupil: Pupil
    subjects: list[SubjectCell]
    record: TermRecord | None
    result: Result | None
    grade: str

    @property
    def outcome(self) -> str:
        return labels.outcome_name(self.result.outcome, self.grade) if self.result else ""

    @property
    def outcome_tone(self) -> str:
        return labels.outcome_tone(self.result.outcome) if self.result else "neutral"

    @property
    def average(self) -> str:
        return average_text(self.result)

    @property
    def absences(self) -> str:
        """Sessions absent in the period ("2"), or nothing while nobody has entered any."""
        return str(self.result.absences) if self.result and self.result.absences else ""


@dataclass
class ClassView:
    """All there is to see of a class in a term (1, 2) or the year (0)."""

    books: Books
    room: Room
    term: int
    subjects: list[ClassSubject]
    rows: list[Row]
    dues: list[Due]
    is_locked: bool
    is_stale: bool
    counts: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    sheet_ids: dict[str, UUID] = field(default_factory=dict)  # subject key -> its sheet of the term

    @property
    def columns(self) -> list[tuple[ClassSubject, UUID | None]]:
        """Subjects with the sheet that stands behind their column."""
        return [(subject, self.sheet_ids.get(subject.subject.key)) for subject in self.subjects]

    @property
    def school_class(self) -> SchoolClass:
        return self.room.school_class

    @property
    def missing(self) -> int:
        return sum(due.missing for due in self.dues)

    @property
    def has_average(self) -> bool:
        return self.room.regime in (Regime.TT58, Regime.QD02)

    @property
    def waiting(self) -> list[Row]:
        """Pupils for whom the summer or the head still has to say something, or had to."""
        return [row for row in self.rows if row.result and row.result.outcome_june in labels.WAITING]


def class_view(school_class: SchoolClass, term: int) -> ClassView:
    """Read the screen of a class in a constant number of queries."""
    books = gather([school_class])
    room = books.rooms[school_class.pk]
    subjects = [s for s in room.subjects if term == YEAR or s.only_term in (None, term)]
    rows = []
    for pupil in room.pupils:
        record = books.records.get(pupil.person_id, {}).get(term)
        if record is not None and record.enrolment_id != pupil.enrolment_id:
            record = None  # the record of the school the pupil came from is read, never written here
        result = books.results.get(pupil.enrolment_id, {}).get(term)
        found = [subject_cell(books, room, subject, pupil, term, result) for subject in subjects]
        rows.append(Row(pupil, found, record, result, school_class.grade))
    sheets = _completion(school_class, term)
    view = ClassView(
        books, room, term, subjects, rows, _dues(books, room, term, sheets), books.is_locked(room, term),
        StaleClass.objects.filter(school_class=school_class).exists(),
    )  # fmt: skip
    view.sheet_ids = {} if term == YEAR else {sheet.subject_key: sheet.sheet_id for sheet in sheets}
    view.counts = _counts([row.result for row in rows if row.pupil.is_present and row.result], school_class.grade)
    return view


def subject_cell(
    books: Books, room: Room, subject: ClassSubject, pupil: Pupil, term: int, result: Result | None
) -> SubjectCell:
    """A term's cell comes from the line itself (fresh at once), the year's from the computed result."""
    if not books.takes(subject, pupil.enrolment_id):
        return SubjectCell("–", "not_taken")
    if books.is_exempt(subject, pupil.enrolment_id, term):
        return SubjectCell(_("Miễn"), "exempt")
    value: Any
    if term == YEAR:
        value = result.subjects.get(subject.subject.key) if result else None
    else:
        line = books.lines.get(pupil.person_id, {}).get((subject.subject.key, term))
        value = None if line is None else line.level if line.average is None else line.average
    if value is None or value == "":
        return SubjectCell("", "missing" if pupil.is_present else "")
    return SubjectCell(subject_text(value), "low" if is_low(value) else "")


def subject_text(value: int | str) -> str:
    """A subject's result as people read it: 85 -> "8,5", "Đạt", "T"."""
    return cells.mark_text(value, short=False) if isinstance(value, int) else value


def is_low(value: int | str) -> bool:
    return value < PASS if isinstance(value, int) else value in ("Chưa đạt", "C")


def retest_keys(result: Result | None) -> list[str]:
    """Subjects to be assessed again in the summer of a pupil whose June outcome is that."""
    if result is None or result.outcome_june != Outcome.RETEST:
        return []
    return [key for key, value in result.subjects.items() if is_low(value)]


def supplement_of(result: Result | None) -> bool | None:
    """Whether a primary pupil passed the supplementary assessment; None before it."""
    return result.retests.get(SUPPLEMENT) if result else None


def _completion(school_class: SchoolClass, term: int) -> list[SheetCompletion]:
    """How full the sheets of a class are in a term, or (0) in both."""
    terms = (1, 2) if term == YEAR else (term,)
    return sheets_completion(
        Sheet.objects.filter(school_class=school_class, term__in=terms)
        .select_related("school_class", "class_subject__subject")
        .order_by("term", "class_subject__subject__position")
    )


def _dues(books: Books, room: Room, term: int, sheets: list[SheetCompletion]) -> list[Due]:
    """What a class lacks in a period: cells per subject and teacher, then what the form teacher owes."""
    terms = (1, 2) if term == YEAR else (term,)
    dues = []
    for sheet in sheets:
        if sheet.missing:
            name = sheet.subject_name if term else f"{sheet.subject_name} ({labels.term_name(sheet.term)})"
            dues.append(Due(name, sheet.missing, ", ".join(sheet.teachers), sheet.sheet_id))
    return dues + [due for one in terms for due in _own_dues(books, room, one, name_term=term == YEAR)]


def _own_dues(books: Books, room: Room, term: int, *, name_term: bool) -> list[Due]:
    if room.regime is Regime.PRESCHOOL:
        return []
    present = [pupil for pupil in room.pupils if pupil.is_present]
    records = [books.records.get(pupil.person_id, {}).get(term) for pupil in present]
    primary = room.regime in PRIMARY
    words = _("Phẩm chất, năng lực") if primary else labels.conduct_heading(room.regime)
    lacking = sum(1 for record in records if not is_kept(room.school_class, record))
    remarks = sum(1 for record in records if record is None or not record.remark)
    after = f" ({labels.term_name(term)})" if name_term else ""
    found = []
    if lacking:
        found.append(Due(words + after, lacking, "", is_mine=True))
    if remarks:
        found.append(Due(_("Nhận xét chung") + after, remarks, "", is_mine=True))
    return found


def is_kept(school_class: SchoolClass, record: TermRecord | None) -> bool:
    """Has the form teacher entered what a period cannot be closed without?"""
    if record is None:
        return False
    if school_class.regime in PRIMARY:
        wanted = traits_for(school_class.regime, int(school_class.grade))
        return all(record.qualities.get(trait.key) for trait in wanted)
    return bool(record.conduct)


def _counts(results: Sequence[Result], grade: str) -> dict[str, list[tuple[str, int]]]:
    """Kind -> (word, number of pupils), the best first."""
    found = {}
    for name in ("level", "conduct", "honour", "outcome"):
        counted = Counter(word for result in results if (word := getattr(result, name)))
        found[name] = [
            (labels.outcome_name(word, grade) if name == "outcome" else word, counted[word])
            for word in labels.in_order(counted)
        ]
    return found


@dataclass(frozen=True)
class Stand:
    """How far a class is in a period, for the list of classes."""

    school_class: SchoolClass
    teacher: str
    pupils: int
    expected: int
    filled: int
    sheets: int
    locked: int

    @property
    def share(self) -> float | None:
        return self.filled / self.expected if self.expected else None

    @property
    def empty(self) -> int:
        """Cells that wait."""
        return self.expected - self.filled


def stands(rooms: QuerySet[SchoolClass], term: int) -> list[Stand]:
    """Classes with their figures, in two queries."""
    rows = list(rooms.select_related("form_teacher").order_by("level", "position", "name"))
    figures = {one.school_class_id: one for one in ClassFigures.objects.filter(school_class__in=rows, term=term)}
    found = []
    for room in rows:
        one = figures.get(room.pk)
        found.append(
            Stand(
                room,
                room.form_teacher.full_name if room.form_teacher else "",
                one.pupils if one else 0,
                one.cells_expected if one else 0,
                one.cells_filled if one else 0,
                one.sheets if one else 0,
                one.sheets_locked if one else 0,
            )
        )
    return found


def records_of(school_class: SchoolClass, term: int) -> QuerySet[TermRecord]:
    """Records of a class and period as they stand, for the grid's question "what have others changed"."""
    return TermRecord.objects.filter(school_class=school_class, term=term).select_related("updated_by")


@dataclass(frozen=True)
class SubjectLine:
    """A subject of one pupil over the year: both terms, the year, the result after re-assessment."""

    name: str
    cells: list[SubjectCell]
    retest: str


@dataclass(frozen=True)
class Period:
    """A term or the year of one pupil, with the reasons why the result is not the next one up."""

    term: int
    name: str
    result: Result | None
    record: TermRecord | None
    outcome: str
    outcome_tone: str
    average: str


@dataclass(frozen=True)
class PupilView:
    """Everything the form teacher sees of one pupil of the class."""

    pupil: Pupil
    subjects: list[SubjectLine]
    periods: list[Period]

    @property
    def retests(self) -> bool:
        return any(subject.retest for subject in self.subjects)


def pupil_view(school_class: SchoolClass, enrolment_id: UUID) -> PupilView | None:
    """One pupil of the class; None when nobody of this enrolment is in it."""
    books = gather([school_class])
    room = books.rooms[school_class.pk]
    pupil = next((one for one in room.pupils if one.enrolment_id == enrolment_id), None)
    return None if pupil is None else pupil_of(books, room, pupil)


def pupil_of(books: Books, room: Room, pupil: Pupil) -> PupilView:
    """One pupil out of books that were read already."""
    results = books.results.get(pupil.enrolment_id, {})
    records = books.records.get(pupil.person_id, {})
    year = results.get(YEAR)
    subjects = []
    for subject in room.subjects:
        if not books.takes(subject, pupil.enrolment_id):
            continue
        found = [
            SubjectCell("–", "not_taken")
            if term != YEAR and subject.only_term not in (None, term)
            else subject_cell(books, room, subject, pupil, term, results.get(term))
            for term in (1, 2, YEAR)
        ]
        retest = year.retests.get(subject.subject.key) if year else None
        subjects.append(SubjectLine(subject.subject.name, found, "" if retest is None else subject_text(retest)))
    return PupilView(
        pupil,
        subjects,
        [_period(term, results.get(term), records.get(term), room.school_class.grade) for term in (1, 2, YEAR)],
    )


def _period(term: int, result: Result | None, record: TermRecord | None, grade: str) -> Period:
    outcome = result.outcome if result else ""
    return Period(
        term, labels.term_name(term), result, record, labels.outcome_name(outcome, grade), labels.outcome_tone(outcome),
        average_text(result),
    )  # fmt: skip


def average_text(result: Result | None) -> str:
    """Mean of the subjects (old regime only), "6,8"."""
    return "" if result is None or result.average is None else cells.mark_text(result.average, short=False)


def subjects_taught(school_class: SchoolClass, actor: Actor) -> set[str]:
    """Keys of the subjects of the class that the actor teaches."""
    if actor.person_id is None:
        return set()
    taught = school_class.subjects.filter(assignments__teacher=actor.person_id)
    return set(taught.values_list("subject__key", flat=True))
