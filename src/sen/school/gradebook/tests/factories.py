"""Classes ready to be marked: `ready_class("tt22-2021")` has pupils, teachers with accounts, sheets and lines."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import factory

from sen.core.curriculum.models import ClassSubject, SchoolClass
from sen.core.curriculum.tests.factories import (
    AssignmentFactory,
    ClassSubjectFactory,
    PlacementFactory,
    SchoolClassFactory,
)
from sen.core.identity import queries as identity
from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment, Person
from sen.core.people.tests.factories import AccountFactory, SchoolFactory, StaffFactory
from sen.school.gradebook.models import Sheet, SheetLine
from sen.school.gradebook.queries.facts import facts_of
from sen.school.gradebook.rules import traits_for
from sen.school.gradebook.rules.regimes import PRIMARY
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.records import OLD_CONDUCT, record_term
from sen.school.gradebook.services.sheets import open_sheets

# Regime -> level, grade of 2022-2023, and the subjects of a small class of it.
REGIMES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "tt22-2021": (
        "lower_secondary", "7",
        ("ngu_van", "toan", "ngoai_ngu_1", "gdcd", "lich_su_dia_li", "khoa_hoc_tu_nhien", "tin_hoc", "gdtc"),
    ),
    "tt58-2011": (
        "lower_secondary", "9", ("ngu_van", "toan", "vat_li", "hoa_hoc", "sinh_hoc", "lich_su", "dia_li", "the_duc")
    ),
    "tt27-2020": ("primary", "3", ("tieng_viet", "toan", "dao_duc", "tu_nhien_xa_hoi")),
    "tt30-2014": ("primary", "5", ("tieng_viet", "toan", "dao_duc", "khoa_hoc")),
    "tt43-2021": ("continuing_upper", "10", ("ngu_van", "toan", "lich_su", "dia_li", "vat_li", "hoa_hoc")),
    "qd02-2007": ("continuing_upper", "12", ("ngu_van", "toan", "lich_su", "dia_li", "vat_li", "hoa_hoc")),
    "preschool-followup": ("preschool", "mau_giao", ()),
}  # fmt: skip


class SheetFactory(factory.django.DjangoModelFactory[Sheet]):
    """The sheet of one subject and term 1, without lines; `ready_class` makes a full class."""

    class Meta:
        model = Sheet

    class_subject = factory.SubFactory(ClassSubjectFactory)
    school_class = factory.LazyAttribute(lambda o: o.class_subject.school_class)
    school = factory.LazyAttribute(lambda o: o.class_subject.school)
    year = factory.LazyAttribute(lambda o: o.school_class.year)
    term = 1


def account_of(person: Person, role: Role, school: Organisation) -> Account:
    """The account of a person with one open grant at the school (the person's account, made when there is none)."""
    account = person.account
    if account is None:
        account = person.account = AccountFactory(full_name=person.full_name)
        person.save()
    Grant.objects.get_or_create(
        account=account, role=role, organisation=school, valid_to=None, defaults={"valid_from": date(2020, 1, 1)}
    )
    return account


def actor_with(role: Role, school: Organisation, person: Person | None = None) -> Actor:
    """An actor of the school in a role; makes the member of staff when none is named."""
    who = person or StaffFactory(school=school).person
    account = account_of(who, role, school)
    grant = Grant.objects.select_related("organisation").get(
        account=account, role=role, organisation=school, valid_to=None
    )
    return identity.actor_for(account, grant, second_factor=True)


@dataclass
class ReadyClass:
    """A class with everybody in it. `teacher` teaches every subject; the form teacher is somebody else."""

    school_class: SchoolClass
    teacher: Actor
    form_teacher: Actor
    subjects: dict[str, ClassSubject]
    enrolments: list[Enrolment]
    sheets: dict[tuple[str, int], Sheet] = field(default_factory=dict)

    @property
    def school(self) -> Organisation:
        return self.school_class.school

    def actor(self, role: Role) -> Actor:
        """Somebody new in this role at the school."""
        return actor_with(role, self.school)

    def line(self, key: str = "toan", term: int = 1, pupil: int = 0) -> SheetLine:
        return SheetLine.objects.get(sheet=self.sheets[key, term], enrolment=self.enrolments[pupil])

    def edits(
        self, marks: dict[str, str | None], key: str = "toan", term: int = 1, pupil: int = 0
    ) -> list[dict[str, Any]]:
        """Edits of one pupil's row on the versions that stand in the table."""
        versions = self.line(key, term, pupil).versions
        return [
            {"row": self.enrolments[pupil].pk, "col": col, "value": value, "version": versions.get(col, 0)}
            for col, value in marks.items()
        ]


def ready_class(regime: str = "tt22-2021", *, pupils: int = 3, keys: tuple[str, ...] = (), **fields: Any) -> ReadyClass:
    """A class of the regime in 2022-2023, its sheets open for both terms."""
    level, grade, usual = REGIMES[regime]
    fields.setdefault("school", SchoolFactory(levels=[level]))
    room = SchoolClassFactory(**{"level": level, "grade": grade, **fields})
    assert room.regime == regime, (room.regime, regime)
    form_teacher = actor_with(Role.FORM_TEACHER, room.school)
    teacher = actor_with(Role.SUBJECT_TEACHER, room.school)
    SchoolClass.objects.filter(pk=room.pk).update(form_teacher=form_teacher.person_id)
    room.form_teacher_id = form_teacher.person_id
    subjects = {key: ClassSubjectFactory(school_class=room, key=key) for key in keys or usual}
    for subject in subjects.values():
        AssignmentFactory(class_subject=subject, teacher=Person.objects.get(pk=teacher.person_id))
    enrolments = [PlacementFactory(school_class=room).enrolment for _ in range(pupils)]
    open_sheets(actor=Actor.system("test"), classes=[room])
    ready = ReadyClass(room, teacher, form_teacher, subjects, enrolments)
    for sheet in Sheet.objects.filter(school_class=room).select_related("class_subject__subject"):
        ready.sheets[sheet.class_subject.subject.key, sheet.term] = sheet
    return ready


VALUES = {"mark": "8.5", "verdict": "Đ", "level": "T", "whole_mark": "9", "text": None}


def fill(c: ReadyClass, terms: tuple[int, ...] = (1, 2), *, pupils: int | None = None, **values: str | None) -> None:
    """Every cell of every sheet filled by its teacher, by default with a good value (`mark="5"` for another)."""
    for (_key, term), sheet in c.sheets.items():
        facts = facts_of(sheet.pk)
        if term not in terms or facts is None:
            continue
        edits = [
            {"row": enrolment.pk, "col": column.code, "value": {**VALUES, **values}[column.entry]}
            for enrolment in c.enrolments[:pupils]
            for column in facts.book.columns
        ]
        save_cells(actor=c.teacher, sheet=sheet, edits=edits)


def keep_records(
    c: ReadyClass, conduct: str = "Tốt", trait: str = "T", absent: str = "0", terms: tuple[int, ...] = (1, 2)
) -> None:
    """Conduct or qualities of every pupil, as the form teacher keeps them."""
    room = c.school_class
    for term in terms:
        if room.regime in PRIMARY:
            traits = traits_for(room.regime, int(room.grade))
            kept = {f"q_{part}{t.key}": trait for t in traits for part in ("", "gk_")}
        else:
            kept = {"conduct": conduct, "absent_excused": absent}
        edits = [{"row": e.pk, "col": col, "value": value} for e in c.enrolments for col, value in kept.items()]
        record_term(actor=c.form_teacher, school_class=room, term=term, edits=edits)
    if room.regime in OLD_CONDUCT and terms == (1, 2):
        edits = [{"row": e.pk, "col": "conduct", "value": conduct} for e in c.enrolments]
        record_term(actor=c.form_teacher, school_class=room, term=0, edits=edits)


def full_class(regime: str = "tt22-2021", *, pupils: int = 2, **values: Any) -> ReadyClass:
    """A class whose books are complete for both terms."""
    c = ready_class(regime, pupils=pupils)
    fill(c, **values)
    keep_records(c)
    return c


__all__ = [
    "REGIMES",
    "ReadyClass",
    "SheetFactory",
    "account_of",
    "actor_with",
    "fill",
    "full_class",
    "keep_records",
    "ready_class",
]
