"""Everything the results of some classes follow from, read in a constant number of queries."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sen.core.curriculum.models import Choice, ClassSubject, Placement, SchoolClass
from sen.core.people.models import Enrolment
from sen.school.gradebook import cells, rules
from sen.school.gradebook.cells import Book
from sen.school.gradebook.models import Exemption, RegimeSetting, Result, SheetLine, TermLock, TermRecord
from sen.school.gradebook.policies import policy_of
from sen.school.gradebook.rules import Form, Policy, Regime
from sen.school.gradebook.rules.columns import MOMENTS_OF_TERM
from sen.school.gradebook.rules.regimes import PRIMARY
from sen.shared.kit import scope

SUPPLEMENT = "*"
"""Key in `Result.retests` of the supplementary assessment of a primary pupil."""

MIDTERM = "gk_"
"""Prefix in `TermRecord.qualities` of what was given at mid-term."""


class Line(NamedTuple):
    """A pupil's line in the sheet of a subject and term; marks with their corrections."""

    marks: dict[str, Any]
    states: dict[str, str]
    average: int | None
    level: str
    sheet_class_id: UUID


class Pupil(NamedTuple):
    """A pupil in the class in which the year is judged."""

    enrolment_id: UUID
    person_id: UUID
    row_number: int
    name: str
    is_present: bool
    profile: dict[str, Any]


@dataclass
class Room:
    """A class with its subjects in the order of the official form, its pupils by row number, and its policy."""

    school_class: SchoolClass
    policy: Policy
    subjects: list[ClassSubject] = field(default_factory=list)
    pupils: list[Pupil] = field(default_factory=list)

    @property
    def regime(self) -> Regime:
        return Regime(self.school_class.regime)

    @property
    def is_primary(self) -> bool:
        return self.regime in PRIMARY

    def book(self, subject: ClassSubject, term: int) -> Book:
        grade = self.school_class.grade
        return Book(
            self.school_class.regime, subject.subject.form, subject.lessons, int(grade) if grade.isdigit() else 0,
            term, subject.subject.key, subject.has_cluster, self.policy,
        )  # fmt: skip


@dataclass
class Books:
    """The rows of some classes, by class, person, subject and term."""

    rooms: dict[UUID, Room]
    lines: dict[UUID, dict[tuple[str, int], Line]] = field(default_factory=dict)  # person -> (key, term) -> line
    records: dict[UUID, dict[int, TermRecord]] = field(default_factory=dict)  # person -> term -> record
    results: dict[UUID, dict[int, Result]] = field(default_factory=dict)  # enrolment -> term -> result
    exemptions: dict[UUID, dict[UUID, set[int]]] = field(default_factory=dict)  # enrolment -> subject -> terms, 0 year
    choices: dict[UUID, dict[UUID, bool]] = field(default_factory=dict)  # class subject -> enrolment -> with cluster
    locked: set[tuple[UUID, int, int]] = field(default_factory=set)  # (school, year, term)

    def takes(self, subject: ClassSubject, enrolment_id: UUID) -> bool:
        return not subject.chosen_by_some or enrolment_id in self.choices.get(subject.pk, {})

    def takes_cluster(self, subject: ClassSubject, enrolment_id: UUID) -> bool:
        """In a class where nobody's choice names the subject's cluster every pupil takes it."""
        chosen = self.choices.get(subject.pk, {})
        return chosen.get(enrolment_id, False) if any(chosen.values()) else True

    def is_exempt(self, subject: ClassSubject, enrolment_id: UUID, term: int) -> bool:
        terms = self.exemptions.get(enrolment_id, {}).get(subject.pk, set())
        return bool(terms & {0, term})

    def is_locked(self, room: Room, term: int) -> bool:
        return (room.school_class.school_id, room.school_class.year, term) in self.locked


def gather(classes: Collection[SchoolClass]) -> Books:
    """Read the books of classes of one or more schools: fewer than a dozen queries, whatever their number.

    Raises ValueError for classes of several school years: marks and records are kept by person and term here, so the
    years of one pupil would mix.
    """
    if len({room.year for room in classes}) > 1:
        raise ValueError("books are read one school year at a time")
    settings = {
        (school, year): policy_of(values)
        for school, year, values in RegimeSetting.objects.filter(
            school__in={room.school_id for room in classes}
        ).values_list("school_id", "year", "values")
    }
    books = Books({room.pk: Room(room, settings.get((room.school_id, room.year), policy_of(None))) for room in classes})
    subjects = ClassSubject.objects.filter(school_class__in=books.rooms).exclude(subject__form="none")
    for subject in subjects.exclude(subject__kind="component").select_related("subject").order_by("subject__position"):
        books.rooms[subject.school_class_id].subjects.append(subject)
    _read_pupils(books)
    enrolments = {pupil.enrolment_id: pupil.person_id for room in books.rooms.values() for pupil in room.pupils}
    _read_marks(books, enrolments)
    for result in Result.objects.filter(enrolment__in=enrolments):
        books.results.setdefault(result.enrolment_id, {})[result.term] = result
    for enrolment, subject_id, term in Exemption.objects.filter(enrolment__in=enrolments).values_list(
        "enrolment_id", "class_subject_id", "term"
    ):
        books.exemptions.setdefault(enrolment, {}).setdefault(subject_id, set()).add(term or 0)
    for subject_id, enrolment, cluster in Choice.objects.filter(
        class_subject__school_class__in=books.rooms
    ).values_list("class_subject_id", "enrolment_id", "with_cluster"):
        books.choices.setdefault(subject_id, {})[enrolment] = cluster
    books.locked = set(
        TermLock.objects.filter(school__in={room.school_id for room in classes})
        .exclude(state=TermLock.State.OPEN)
        .values_list("school_id", "year", "term")
    )
    return books


def _read_pupils(books: Books) -> None:
    """Pupils whose last class of the year this is; who moved on to another class is judged there."""
    rows = (
        Placement.objects.filter(school_class__in=books.rooms)
        .order_by("row_number")
        .values_list(
            "school_class_id",
            "enrolment_id",
            "person_id",
            "row_number",
            "person__full_name",
            "until",
            "enrolment__profile",
            "enrolment__status",
        )
    )
    for room, enrolment, person, number, name, until, profile, status in rows:
        is_present = until is None and status in (Enrolment.Status.STUDYING, Enrolment.Status.COMPLETED)
        books.rooms[room].pupils.append(Pupil(enrolment, person, number, name, is_present, profile))


def _read_marks(books: Books, enrolments: dict[UUID, UUID]) -> None:
    """Lines and records of the pupils, with those of the school they came from within the year."""
    came = Enrolment.objects.filter(pk__in=enrolments, entry=Enrolment.Entry.TRANSFERRED_IN)
    everywhere: dict[UUID, UUID] = dict(enrolments)
    transferred = list(came.values_list("person_id", "year"))
    if transferred:
        # The marks of the running year go along (Circular 22/2021; Decision 51/2002): they stand behind the old
        # school's wall, and only those of pupils of ours are read.
        with scope.use(replace(scope.current(), schools=scope.EVERYTHING)):
            others = Enrolment.objects.filter(person__in=[person for person, _ in transferred], year=transferred[0][1])
            everywhere |= dict(others.values_list("pk", "person_id"))
            _read_rows(books, everywhere)
    else:
        _read_rows(books, everywhere)


def _read_rows(books: Books, enrolments: dict[UUID, UUID]) -> None:
    rows = SheetLine.objects.filter(enrolment__in=list(enrolments)).values_list(
        "person_id", "sheet__class_subject__subject__key", "sheet__term", "sheet__school_class_id",
        "marks", "corrected", "states", "average", "level",
    )  # fmt: skip
    for person, key, term, room, marks, corrected, states, average, level in rows:
        line = Line({**marks, **corrected} if corrected else marks, states, average, level, room)
        known = books.lines.setdefault(person, {})
        other = known.get((key, term))
        # Who changed class or school has two lines: the fuller one is the subject's.
        if other is None or len(line.marks) > len(other.marks):
            known[key, term] = line
    for record in TermRecord.objects.filter(enrolment__in=list(enrolments)).order_by("school_class__year", "pk"):
        books.records.setdefault(record.person_id, {})[record.term] = record


def classes_of(school_ids: Iterable[UUID], year: int) -> list[SchoolClass]:
    return list(SchoolClass.objects.filter(school__in=list(school_ids), year=year))


def year_input(books: Books, room: Room, pupil: Pupil) -> rules.YearInput:
    """The pupil's year as the rules take it."""
    return _primary(books, room, pupil) if room.is_primary else _secondary(books, room, pupil)


def _secondary(books: Books, room: Room, pupil: Pupil) -> rules.SecondaryYear:
    records = books.records.get(pupil.person_id, {})
    year = books.results.get(pupil.enrolment_id, {}).get(0)
    subjects = tuple(
        _subject(books, room, subject, pupil) for subject in room.subjects if books.takes(subject, pupil.enrolment_id)
    )
    conducts = (_conduct(records, 1), _conduct(records, 2), _conduct(records, 0))
    return rules.SecondaryYear(
        int(room.school_class.grade),
        subjects,
        *conducts,
        absences=absences(records, (1, 2)),
        retest=retests_of(year),
        summer_conduct=(year.summer_conduct or None) if year else None,
        summer_closed=_is_closed(year),
        specialised=room.school_class.specialised_subject or None,
        individual_plan=bool(pupil.profile.get("disabled_not_assessed")),
        principal_promotes=_decision(year),
    )


def _conduct(records: dict[int, TermRecord], term: int) -> str | None:
    return (records[term].conduct or None) if term in records else None


def _subject(books: Books, room: Room, subject: ClassSubject, pupil: Pupil) -> rules.SubjectInput:
    lines = books.lines.get(pupil.person_id, {})
    terms: dict[int, rules.TermBook | None] = {}
    for term in (1, 2):
        line = lines.get((subject.subject.key, term))
        if line is None or subject.only_term not in (None, term):
            terms[term] = None
            continue
        cluster = books.takes_cluster(subject, pupil.enrolment_id)
        terms[term] = cells.term_book(room.book(subject, term), line.marks, line.states, cluster=cluster)
    waived = books.exemptions.get(pupil.enrolment_id, {}).get(subject.pk, set())
    exemption = (
        rules.Exemption.YEAR
        if 0 in waived or waived >= {1, 2}
        else rules.Exemption.TERM1 if 1 in waived else rules.Exemption.TERM2 if 2 in waived else rules.Exemption.NONE
    )  # fmt: skip
    return rules.SubjectInput(
        subject.subject.key,
        Form(subject.subject.form),
        subject.lessons,
        terms[1],
        terms[2],
        exemption,
        optional=subject.subject.kind == "elective",
        name=subject.subject.name,
    )


def _primary(books: Books, room: Room, pupil: Pupil) -> rules.PrimaryYear:
    records = books.records.get(pupil.person_id, {})
    lines = books.lines.get(pupil.person_id, {})
    year = books.results.get(pupil.enrolment_id, {}).get(0)
    subjects = []
    for subject in room.subjects:
        if not books.takes(subject, pupil.enrolment_id):
            continue
        key = subject.subject.key
        marks = {
            **(lines[key, 1].marks if (key, 1) in lines else {}),
            **(lines[key, 2].marks if (key, 2) in lines else {}),
        }
        levels = {code[4:]: str(value) for code, value in marks.items() if code.startswith("muc_")}
        tests = {code[3:]: Decimal(value) / 10 for code, value in marks.items() if code.startswith("kt_")}
        subjects.append(
            rules.PrimarySubject(
                key,
                Form(subject.subject.form),
                levels,
                tests,
                books.is_exempt(subject, pupil.enrolment_id, 2),
                subject.subject.name,
            )
        )
    traits: dict[str, dict[str, str]] = {}
    for term, (middle, end) in MOMENTS_OF_TERM.items():
        given = records[term].qualities if term in records else {}
        traits[middle] = {k[len(MIDTERM) :]: v for k, v in given.items() if k.startswith(MIDTERM)}
        traits[end] = {k: v for k, v in given.items() if not k.startswith((MIDTERM, "nx_"))}
    recognition = next(
        (records[term].recognition for term in (0, 2) if term in records and records[term].recognition), None
    )
    return rules.PrimaryYear(
        int(room.school_class.grade),
        tuple(subjects),
        traits,
        recognition,
        year.retests.get(SUPPLEMENT) if year else None,
        _decision(year),
    )


def absences(records: dict[int, TermRecord], terms: Iterable[int]) -> int:
    """Sessions absent, excused or not, in the terms."""
    return sum(records[t].absent_excused + records[t].absent_unexcused for t in terms if t in records)


def retests_of(year: Result | None) -> dict[str, Decimal | bool]:
    """Re-assessment results as the rules take them."""
    if year is None:
        return {}
    return {
        key: value == "Đạt" if isinstance(value, str) else Decimal(value) / 10
        for key, value in year.retests.items()
        if key != SUPPLEMENT
    }


def _decision(year: Result | None) -> bool | None:
    """The principal's decision, where one was made: it shows in the outcome."""
    if year is None or year.decided_by_id is None:
        return None
    return year.outcome != rules.Outcome.RETAINED


def _is_closed(year: Result | None) -> bool:
    """Whether the summer of this pupil has been closed: then a final outcome stands."""
    open_in_june = (rules.Outcome.RETEST, rules.Outcome.SUMMER_CONDUCT)
    return year is not None and year.outcome_june in open_in_june and year.outcome == rules.Outcome.RETAINED
