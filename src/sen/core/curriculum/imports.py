"""Excel files about classes and teaching assignment, and the class desk of people: registered when curriculum is ready.

`register()` is called by `CurriculumConfig.ready`.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.core.curriculum import events, queries, services
from sen.core.curriculum.models import Assignment, ClassSubject, Placement, ProgrammeSubject, SchoolClass
from sen.core.curriculum.permissions import ASSIGN_TEACHERS, EDIT_CLASSES
from sen.core.curriculum.services.classes import NewClass as Opened
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation
from sen.core.organisations.queries import campuses
from sen.core.people import class_desk, dictionary, rules
from sen.core.people.class_desk import ClassRef, NewClass
from sen.core.people.imports import judging, targets
from sen.core.people.imports.targets import CHANGED, FAULTY, NEW, UNCHANGED, Column, Judged, Place, Row, columns_of
from sen.core.people.models import Enrolment, Person, Posting
from sen.shared.documents.headings import folded
from sen.shared.kit.errors import Invalid
from sen.shared.kit.names import clean, fold


def register() -> None:
    """Tell people about classes, and the import about the kinds of file that change what curriculum owns."""
    class_desk.register(Desk())
    targets.register_target(ClassTarget())
    targets.register_target(AssignmentTarget())


class Desk:
    """See `people.class_desk.ClassDesk`."""

    def classes(self, school_id: UUID, year: int) -> Sequence[ClassRef]:
        found = SchoolClass.objects.filter(school=school_id, year=year)
        return [ClassRef(one.pk, one.name, one.grade, one.level) for one in sorted(found, key=_in_order)]

    def placed(self, school_id: UUID, year: int, person_ids: Iterable[UUID] | None = None) -> Mapping[UUID, ClassRef]:
        found = Placement.objects.filter(school=school_id, school_class__year=year, until=None)
        if person_ids is not None:
            found = found.filter(person__in=list(person_ids))
        rows = found.values_list(
            "person_id", "school_class_id", "school_class__name", "school_class__grade", "school_class__level"
        )
        return {person: ClassRef(key, name, grade, level) for person, key, name, grade, level in rows}

    def persons_in(self, class_id: UUID) -> Sequence[UUID]:
        return list(Placement.objects.filter(school_class=class_id, until=None).values_list("person_id", flat=True))

    def own_classes(self, actor: Actor, year: int) -> Sequence[UUID] | None:
        if actor.role not in (Role.FORM_TEACHER, Role.SUBJECT_TEACHER):
            return None
        own = SchoolClass.objects.filter(school=actor.organisation_id, year=year)
        led = own.filter(form_teacher=actor.person_id)
        taught = own.filter(subjects__assignments__teacher=actor.person_id, subjects__assignments__until=None)
        return [*{*led.values_list("pk", flat=True), *taught.values_list("pk", flat=True)}]

    def form_class_of(self, teacher_id: UUID, school_id: UUID, person_id: UUID) -> bool:
        year = school_year_of(timezone.localdate())
        placed = Placement.objects.filter(person=person_id, school=school_id, until=None)
        # The newest year in which the pupil has a class: a demo may stand in an earlier year than today.
        newest = placed.order_by("-school_class__year").values_list("school_class__year", flat=True).first()
        return placed.filter(school_class__year__in=[year, newest], school_class__form_teacher=teacher_id).exists()

    def create(
        self, *, actor: Actor, school: Organisation, year: int, wanted: Sequence[NewClass]
    ) -> Sequence[ClassRef]:
        asked = [Opened(one.name, one.grade) for one in wanted]
        made = services.bulk_create_classes(actor=actor, school=school, year=year, wanted=asked)
        return [ClassRef(one.pk, one.name, one.grade, one.level) for one in made]

    def place(self, *, actor: Actor, school: Organisation, year: int, wanted: Sequence[tuple[Enrolment, UUID]]) -> None:
        classes = {one.pk: one for one in SchoolClass.objects.filter(school=school, year=year)}
        day = day_within(year)
        target = {enrolment.pk: class_id for enrolment, class_id in wanted}
        before = Placement.objects.filter(enrolment__in=target, until=None)
        leaving = [row for row in before if row.school_class_id != target[row.enrolment_id]]
        services.bulk_place(
            actor=actor, wanted=[(classes[class_id], enrolment) for enrolment, class_id in wanted], moved_on=day
        )
        for row in leaving:
            events.pupil_left_class.send(
                sender=Placement,
                placement_id=row.pk,
                school_class_id=row.school_class_id,
                enrolment_id=row.enrolment_id,
                day=max(row.since, day),
            )


def day_within(year: int) -> date:
    """Today, or the nearest day of the school year: a file may be about a year that is over or not yet begun."""
    return min(max(timezone.localdate(), date(year, 8, 1)), date(year + 1, 5, 31))


def school_year_of(day: date) -> int:
    """The school year of a day: it turns on 1 August."""
    return day.year if day.month >= 8 else day.year - 1


def _in_order(one: SchoolClass) -> tuple[int, list[tuple[int, int, str]]]:
    """Preschool first, then by grade; in a grade 6A2 before 6A10."""
    grade = int(one.grade) if one.grade.isdigit() else 0
    parts = re.findall(r"\d+|\D+", fold(one.name))
    return grade, [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


@dataclass
class Teachers:
    """Staff of the school by name and by code."""

    by_name: dict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    by_code: dict[str, UUID] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)

    @staticmethod
    def of(school_id: UUID) -> "Teachers":
        found = Teachers()
        for posting in Posting.objects.filter(school=school_id, ended_on=None).select_related("person__staff"):
            person = posting.person
            found.by_name[person.name_folded].append(person.pk)
            found.names[person.pk] = person.full_name
            for code in (posting.local_code, getattr(person, "staff", None) and person.staff.code):
                if code:
                    found.by_code[fold(code)] = person.pk
        return found

    def find(self, one: Judged, name_key: str, code_key: str) -> UUID | None:
        """The teacher a row names, by code before name; a fault when there is none or there are two."""
        code, name = _text(one, code_key), _text(one, name_key)
        if code:
            if (found := self.by_code.get(fold(code))) is None:
                one.fail(
                    code_key,
                    _("trường không có nhân sự nào mang mã “%(code)s”; xin nhập nhân sự trước.") % {"code": code[:30]},
                )
            return found
        if not name:
            return None
        # Lists write "Nguyễn Thị Hường (KHTN)" and "Hường (Toán)": what stands in brackets is no name.
        plain = fold(re.sub(r"\(.*?\)", " ", name))
        same = self.by_name.get(plain, [])
        if len(same) == 1:
            return same[0]
        if not same:
            one.fail(
                name_key,
                _("trường không có nhân sự nào tên “%(name)s”; xin so lại họ tên hoặc nhập nhân sự trước.")
                % {"name": name[:60]},
            )
        else:
            one.fail(
                name_key,
                _("có %(n)d người cùng tên “%(name)s”; xin thêm cột “Mã giáo viên”.")
                % {"n": len(same), "name": name[:60]},
            )
        return None


def _text(one: Judged, key: str) -> str:
    cell = one.row.cells.get(key, "")
    return clean(str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell))


def class_name(text: str) -> str:
    """ "Lớp 6A" -> "6A": the word before the name says nothing."""
    text = clean(text)
    return clean(text[4:]) if fold(text).startswith("lop ") else text


_CLASS_TEMPLATE = (
    "row_number", "class_name", "grade", "form_teacher", "form_teacher_code", "campus", "session_code",
    "first_language_code", "is_day_boarding", "day_boarding_ground_code",
)  # fmt: skip
# Columns of the class's own row; they are read here, not through the dictionary.
_OF_THE_ROW = ("class_name", "grade", "homeroom_teacher", "campus_code", "display_order")


class ClassTarget:
    """The kind "classes"."""

    kind = "classes"
    columns: Sequence[Column] = [
        one
        for one in columns_of("classes", ("class",), _CLASS_TEMPLATE)
        if one.key not in ("homeroom_teacher", "campus_code")
    ]
    required: Sequence[tuple[str, ...]] = (("class_name",),)

    def require(self, place: Place) -> None:
        place.actor.require(EDIT_CLASSES, place.school.pk)

    def choices(self, place: Place) -> Mapping[str, Sequence[str]]:
        grades = [grade for grade in rules.GRADES if rules.level_of(grade, place.school.levels)]
        return {"grade": grades, "campus": [span.name for span in campuses(place.school.pk)]}

    def judge(self, place: Place, rows: Sequence[Row]) -> list[Judged]:
        reader = judging.Reader(self.columns, ("class",))
        known = {fold(one.name): one for one in SchoolClass.objects.filter(school=place.school, year=place.year)}
        teachers = Teachers.of(place.school.pk)
        sites = {folded(span.name): span.organisation_id for span in campuses(place.school.pk)}
        judged = [reader.read(row) for row in rows]
        for one in judged:
            _read_class(one, place, teachers, sites)
        judging.refuse_twice(judged, lambda one: [("class_name", fold(one.title))] if one.title else [])
        for position, one in enumerate(judged, 1):
            _compare_class(one, known.get(fold(one.title)), position, teachers)
        return judged

    def write(self, place: Place, judged: Sequence[Judged]) -> None:
        new = [_opened(one) for one in judged if one.state == NEW]
        services.bulk_create_classes(actor=place.actor, school=place.school, year=place.year, wanted=new)
        changed = [one for one in judged if one.state == CHANGED]
        teachers = Person.objects.in_bulk([one.extra["teacher"] for one in changed if one.extra["teacher"]])
        sites = Organisation.objects.in_bulk([one.extra["campus"] for one in changed if one.extra["campus"]])
        for one in changed:
            services.update_class(
                actor=place.actor,
                school_class=one.found,
                campus=sites.get(one.extra["campus"]),
                position=one.extra["position"] if "display_order" in one.row.cells else None,
                profile={**one.found.profile, **_profile(one)},
            )
            if (teacher := teachers.get(one.extra["teacher"])) is not None and teacher.pk != one.found.form_teacher_id:
                services.set_form_teacher(actor=place.actor, school_class=one.found, teacher=teacher)


def _read_class(one: Judged, place: Place, teachers: Teachers, sites: Mapping[str, UUID]) -> None:
    one.title = class_name(_text(one, "class_name"))
    if not one.title:
        one.fail("class_name", _("chưa có tên lớp."))
        return
    if len(one.title) > 40:
        one.fail("class_name", _("tên lớp dài quá 40 ký tự; xin viết gọn lại."))
    grade = one.values["class"].pop("grade", None) or (
        None if "grade" in one.row.cells else rules.grade_of_class(one.title)
    )
    if grade is None and one.state != FAULTY:
        one.fail("grade", _("chưa rõ khối của lớp; xin thêm cột “Khối”."))
    elif grade is not None:
        level = rules.level_of(grade, place.school.levels)
        if level is None:
            one.fail("grade", _("trường không dạy khối %(grade)s.") % {"grade": grade})
        else:
            try:
                queries.regime_for(place.year, level, grade)
            except Invalid as invalid:
                one.fail("grade", str(invalid))
    one.extra |= {"grade": grade, "teacher": teachers.find(one, "form_teacher", "form_teacher_code")}
    site = _text(one, "campus")
    one.extra["campus"] = sites.get(folded(site)) if site else None
    if site and one.extra["campus"] is None:
        one.fail("campus", _("trường không có điểm trường “%(name)s”.") % {"name": site[:60]})


def _compare_class(one: Judged, known: SchoolClass | None, position: int, teachers: Teachers) -> None:
    one.extra["position"] = one.values["class"].pop("display_order", None) or position
    if one.state == FAULTY:
        return
    one.found = known
    if known is None:
        one.state = NEW
        return
    if one.extra["grade"] != known.grade:
        one.fail(
            "grade",
            _("lớp %(name)s đã có ở khối %(grade)s; không đổi khối của lớp đang có.")
            % {"name": known.name, "grade": known.grade},
        )
        return
    if (teacher := one.extra["teacher"]) and teacher != known.form_teacher_id:
        before = teachers.names.get(known.form_teacher_id, "") if known.form_teacher_id else ""
        one.changes.append((_("Giáo viên chủ nhiệm"), before, teachers.names[teacher]))
    if (site := one.extra["campus"]) and site != known.campus_id:
        one.changes.append((_("Điểm trường"), "", _text(one, "campus")))
    if "display_order" in one.row.cells and one.extra["position"] != known.position:
        one.changes.append((_("Thứ tự"), str(known.position), str(one.extra["position"])))
    for key, value in one.values["class"].items():
        spec = dictionary.by_key("class")[key]
        if spec.in_profile and known.profile.get(key) != value:
            one.changes.append(
                (spec.label, dictionary.shown(spec, known.profile.get(key)), dictionary.shown(spec, value))
            )
    one.state = CHANGED if one.changes else UNCHANGED


def _profile(one: Judged) -> dict[str, Any]:
    return {key: value for key, value in one.values["class"].items() if key not in _OF_THE_ROW}


def _opened(one: Judged) -> Opened:
    extra = one.extra
    return Opened(
        one.title,
        extra["grade"],
        campus_id=extra["campus"],
        form_teacher_id=extra["teacher"],
        profile=_profile(one),
        position=extra["position"],
    )


@dataclass(frozen=True)
class Wanted:
    """A teacher for a subject of a class. `term` None: both terms."""

    class_id: UUID
    subject: ProgrammeSubject
    teacher_id: UUID
    term: int | None = None

    @property
    def terms(self) -> tuple[int, ...]:
        return (self.term,) if self.term else (1, 2)


_ASSIGNMENT_TEMPLATE = ("row_number", "teacher", "teacher_code", "subject", "class_names", "term")


class AssignmentTarget:
    """The kind "assignments": a teacher, a subject, one or several classes in a row."""

    kind = "assignments"
    columns: Sequence[Column] = [
        one for one in columns_of("assignments", (), _ASSIGNMENT_TEMPLATE) if one.key != "lessons_per_week"
    ]
    required: Sequence[tuple[str, ...]] = (("teacher", "teacher_code"), ("subject",), ("class_names",))

    def require(self, place: Place) -> None:
        place.actor.require(ASSIGN_TEACHERS, place.school.pk)

    def choices(self, place: Place) -> Mapping[str, Sequence[str]]:
        teachers = Teachers.of(place.school.pk)
        levels = list(place.school.levels)
        subjects = ProgrammeSubject.objects.filter(level__in=levels).exclude(form=ProgrammeSubject.Form.NONE)
        names = sorted({one.name for one in subjects if "(" not in one.name})
        return {"teacher": sorted(teachers.names.values()), "subject": names, "term": ["1", "2", "Cả năm"]}

    def judge(self, place: Place, rows: Sequence[Row]) -> list[Judged]:
        school = _AssignmentSchool.of(place)
        judged = [Judged(row) for row in rows]
        for one in judged:
            _read_assignment(one, school)
        judging.refuse_twice(
            judged,
            lambda one: [("class_names", (w.class_id, w.subject.pk, w.term)) for w in one.extra.get("wanted", ())],
        )
        for one in judged:
            _compare_assignment(one, school)
        return judged

    def write(self, place: Place, judged: Sequence[Judged]) -> None:
        wanted: list[Wanted] = [one for row in judged for one in row.extra["wanted"]]
        _offer_electives(place, wanted)
        subjects = {
            (one.school_class_id, one.subject_id): one.pk
            for one in ClassSubject.objects.filter(school=place.school, school_class__in={w.class_id for w in wanted})
        }
        taken = {key for row in judged for key in row.extra["replaces"]}
        first: dict[tuple[UUID, int | None], UUID] = {}
        later: dict[tuple[UUID, int | None], UUID] = {}
        for one in wanted:
            followed = (one.class_id, one.subject.pk, one.term) in taken
            (later if followed else first)[subjects[one.class_id, one.subject.pk], one.term] = one.teacher_id
        for row in judged:
            for (class_id, subject_id, term), teacher in row.extra["stays"].items():
                key = (subjects[class_id, subject_id], term)
                if key not in first and key not in later:
                    later[key] = teacher
        # Who is the first to be named teaches from the beginning; who follows somebody teaches from today.
        services.bulk_assign(actor=place.actor, school_id=place.school.pk, wanted=first)
        services.bulk_assign(actor=place.actor, school_id=place.school.pk, wanted=later, on=day_within(place.year))


def _offer_electives(place: Place, wanted: Sequence[Wanted]) -> None:
    """A teacher for an elective that the class does not have yet says that the class takes it."""
    classes = SchoolClass.objects.filter(school=place.school, pk__in={one.class_id for one in wanted})
    for school_class in classes.prefetch_related("subjects__subject"):
        has = {one.subject.key: one for one in school_class.subjects.all()}
        missing = {w.subject.key for w in wanted if w.class_id == school_class.pk} - set(has)
        if missing:
            electives = {key: one for key, one in has.items() if queries.is_elective(one.subject)}
            services.set_electives(
                actor=place.actor,
                school_class=school_class,
                for_all={key for key, one in electives.items() if not one.chosen_by_some} | missing,
                by_choice={key for key, one in electives.items() if one.chosen_by_some},
                clusters={key for key, one in has.items() if one.has_cluster},
            )


@dataclass
class _AssignmentSchool:
    classes: dict[str, SchoolClass]
    teachers: Teachers
    subjects: dict[tuple[str, str, str], dict[str, ProgrammeSubject]]
    present: dict[tuple[UUID, UUID, int | None], UUID]
    has: frozenset[tuple[UUID, UUID]]  # (class, subject) that stand in the year

    @staticmethod
    def of(place: Place) -> "_AssignmentSchool":
        classes = {fold(one.name): one for one in SchoolClass.objects.filter(school=place.school, year=place.year)}
        subjects: dict[tuple[str, str, str], dict[str, ProgrammeSubject]] = defaultdict(dict)
        programmes = {one.programme for one in classes.values()}
        for subject in ProgrammeSubject.objects.filter(programme__in=programmes).exclude(
            form=ProgrammeSubject.Form.NONE
        ):
            if queries.is_for_all(subject) or queries.is_elective(subject):
                subjects[subject.programme, subject.level, subject.grade][subject.key] = subject
        rows = Assignment.objects.filter(
            school=place.school, class_subject__school_class__year=place.year, until=None, is_responsible=True
        ).values_list("class_subject__school_class_id", "class_subject__subject_id", "term", "teacher_id")
        present = {(class_id, subject_id, term): teacher for class_id, subject_id, term, teacher in rows}
        rows_of_classes = ClassSubject.objects.filter(school=place.school, school_class__year=place.year)
        has = frozenset(rows_of_classes.values_list("school_class_id", "subject_id"))
        return _AssignmentSchool(classes, Teachers.of(place.school.pk), subjects, present, has)

    def teacher(self, class_id: UUID, subject_id: UUID, term: int) -> UUID | None:
        """Who answers for the subject in a term now."""
        return self.present.get((class_id, subject_id, term)) or self.present.get((class_id, subject_id, None))

    def subject(self, school_class: SchoolClass, keys: Sequence[str]) -> ProgrammeSubject | None:
        """The first of these that the class has, or else an elective that it can take up."""
        taught = self.subjects[school_class.programme, school_class.level, school_class.grade]
        offered = [taught[key] for key in keys if key in taught]
        has = [one for one in offered if (school_class.pk, one.pk) in self.has]
        return next(iter([*has, *(one for one in offered if queries.is_elective(one))]), None)


@cache
def _subject_words() -> Mapping[str, tuple[str, ...]]:
    """Folded way to write a subject -> keys, the likeliest first (people/data/subject-words.csv)."""
    with (dictionary.DATA / "subject-words.csv").open(encoding="utf-8", newline="") as stream:
        return {
            folded(word): tuple(row["keys"].split("|"))
            for row in csv.DictReader(stream)
            for word in row["words"].split("|")
        }


def subject_keys(text: str) -> tuple[str, ...]:
    """Keys of the subject that people mean by "Toán", "Anh văn", "Lý", "KHTN"; none when it is none."""
    return _subject_words().get(folded(text), ())


def split_classes(text: str, known: Iterable[str]) -> tuple[list[str], list[str]]:
    """("6A1, 6A2", "6A1,2,3", "6A-6B") as folded class names, and what is no class of the school.

    A part that is no class by itself continues the one before it: after 6A1 the part "2" is 6A2.
    """
    names = set(known)
    found: list[str] = []
    unknown: list[str] = []
    for part in re.split(r"[,;+\n]|\s-\s|\bvà\b", text):
        name = fold(class_name(part))
        if not name:
            continue
        if name not in names and found and len(name) < len(found[-1]):
            continued = found[-1][: -len(name)] + name
            name = continued if continued in names else name
        (found if name in names else unknown).append(name)
    return list(dict.fromkeys(found)), unknown


_TERMS = {"": None, "ca nam": None, "cn": None, "1": 1, "i": 1, "hk1": 1, "hki": 1, "hoc ky 1": 1, "hoc ky i": 1,
          "2": 2, "ii": 2, "hk2": 2, "hkii": 2, "hoc ky 2": 2, "hoc ky ii": 2, "hoc ki 1": 1, "hoc ki i": 1,
          "hoc ki 2": 2, "hoc ki ii": 2}  # fmt: skip


def _read_assignment(one: Judged, school: _AssignmentSchool) -> None:
    teacher = school.teachers.find(one, "teacher", "teacher_code")
    subject, classes = _text(one, "subject"), _text(one, "class_names")
    one.title = " · ".join(
        part
        for part in (school.teachers.names.get(teacher, "") if teacher else _text(one, "teacher"), subject, classes)
        if part
    )
    if teacher is None and one.state != FAULTY:
        one.fail("teacher", _("chưa có giáo viên."))
    keys = subject_keys(subject)
    if not subject:
        one.fail("subject", _("chưa có môn."))
    elif not keys:
        one.fail(
            "subject",
            _("không nhận ra môn “%(name)s”; xin ghi tên môn như trong chương trình.") % {"name": subject[:40]},
        )
    term = fold(_text(one, "term"))
    if term not in _TERMS:
        one.fail("term", _("học kỳ chỉ ghi 1, 2 hoặc để trống (cả năm)."))
    names, unknown = split_classes(classes, school.classes)
    if unknown:
        one.fail(
            "class_names",
            _("năm học này chưa có lớp %(names)s; xin nhập danh sách lớp trước.") % {"names": ", ".join(unknown)[:80]},
        )
    elif not names:
        one.fail("class_names", _("chưa có lớp."))
    wanted = []
    for name in names if keys else ():
        school_class = school.classes[name]
        found = school.subject(school_class, keys)
        if found is None:
            one.fail("subject", _("lớp %(name)s không học môn này trong năm học.") % {"name": school_class.name})
        elif teacher is not None:
            wanted.append(Wanted(school_class.pk, found, teacher, _TERMS.get(term)))
    one.extra["wanted"] = wanted


def _compare_assignment(one: Judged, school: _AssignmentSchool) -> None:
    if one.state == FAULTY:
        return
    by_id = {school_class.pk: school_class.name for school_class in school.classes.values()}
    replaces, stays = [], {}
    for wanted in one.extra["wanted"]:
        former = {term: school.teacher(wanted.class_id, wanted.subject.pk, term) for term in (1, 2)}
        if all(former[term] == wanted.teacher_id for term in wanted.terms):
            continue
        key = (wanted.class_id, wanted.subject.pk)
        before = [teacher for term in wanted.terms if (teacher := former[term]) and teacher != wanted.teacher_id]
        replaces += [(*key, wanted.term)] if before else []
        if wanted.term and (*key, None) in school.present and (other := former[3 - wanted.term]):
            stays[*key, 3 - wanted.term] = other  # a year is split: the former teacher keeps the other term
        names = ", ".join(dict.fromkeys(school.teachers.names.get(teacher, "") for teacher in before))
        label = f"{wanted.subject.name} {by_id[wanted.class_id]}"
        one.changes.append((label, names, school.teachers.names[wanted.teacher_id]))
    one.extra |= {"replaces": replaces, "stays": stays}
    every = len(one.changes) == len(one.extra["wanted"])
    one.state = UNCHANGED if not one.changes else NEW if every and not replaces else CHANGED
