"""Invented classes for tests. `SchoolClassFactory(grade="10", level="upper_secondary")` finds programme and regime."""

from datetime import date
from typing import Any

import factory

from sen.core.curriculum import queries
from sen.core.curriculum.models import Assignment, Choice, ClassSubject, Placement, ProgrammeSubject, SchoolClass
from sen.core.people.tests.factories import EnrolmentFactory, SchoolFactory, StaffFactory


class SchoolClassFactory(factory.django.DjangoModelFactory[SchoolClass]):
    """A class of grade 6 in 2022-2023 (programme 2018, Circular 22/2021) without pupils, subjects or teachers."""

    class Meta:
        model = SchoolClass

    school = factory.SubFactory(SchoolFactory)
    year = 2022
    grade = "6"
    level = "lower_secondary"
    name = factory.Sequence(lambda n: f"Lớp {n}")
    programme = factory.LazyAttribute(lambda o: queries.regime_for(o.year, o.level, o.grade)[0])
    regime = factory.LazyAttribute(lambda o: queries.regime_for(o.year, o.level, o.grade)[1])
    position = factory.Sequence(lambda n: n)


class ClassSubjectFactory(factory.django.DjangoModelFactory[ClassSubject]):
    """A subject of a class by its key: `ClassSubjectFactory(school_class=c, key="ngu_van")`; Toán by default."""

    class Meta:
        model = ClassSubject

    class Params:
        key = "toan"

    school_class = factory.SubFactory(SchoolClassFactory)
    school = factory.LazyAttribute(lambda o: o.school_class.school)
    subject = factory.LazyAttribute(
        lambda o: ProgrammeSubject.objects.get(
            programme=o.school_class.programme, level=o.school_class.level, grade=o.school_class.grade, key=o.key
        )
    )
    lessons = factory.LazyAttribute(lambda o: o.subject.lessons)


class AssignmentFactory(factory.django.DjangoModelFactory[Assignment]):
    """A teacher of the school teaches the subject all year; makes the teacher when none is named (`teacher=`)."""

    class Meta:
        model = Assignment

    class_subject = factory.SubFactory(ClassSubjectFactory)
    school = factory.LazyAttribute(lambda o: o.class_subject.school)
    teacher = factory.LazyAttribute(lambda o: StaffFactory(school=o.school).person)


class PlacementFactory(factory.django.DjangoModelFactory[Placement]):
    """A pupil in a class, at the next free row; makes pupil and enrolment when none is named (`enrolment=`)."""

    class Meta:
        model = Placement

    school_class = factory.SubFactory(SchoolClassFactory)
    school = factory.LazyAttribute(lambda o: o.school_class.school)
    enrolment = factory.LazyAttribute(
        lambda o: EnrolmentFactory(
            school=o.school, year=o.school_class.year, grade=o.school_class.grade, level=o.school_class.level
        )
    )
    person = factory.LazyAttribute(lambda o: o.enrolment.person)
    row_number = factory.LazyAttribute(lambda o: o.school_class.placements.count() + 1)
    since = factory.LazyAttribute(lambda o: date(o.school_class.year, 9, 5))


class ChoiceFactory(factory.django.DjangoModelFactory[Choice]):
    """A pupil takes an elective of the class: `ChoiceFactory(enrolment=e, class_subject=s, with_cluster=True)`."""

    class Meta:
        model = Choice

    class_subject = factory.SubFactory(ClassSubjectFactory, chosen_by_some=True)
    school = factory.LazyAttribute(lambda o: o.class_subject.school)
    enrolment = factory.LazyAttribute(lambda o: PlacementFactory(school_class=o.class_subject.school_class).enrolment)
    person = factory.LazyAttribute(lambda o: o.enrolment.person)


def filled_class(*, pupils: int = 3, keys: tuple[str, ...] = ("toan", "ngu_van"), **fields: Any) -> SchoolClass:
    """A class with pupils and with subjects, each taught by a teacher of its own."""
    school_class: SchoolClass = SchoolClassFactory(**fields)
    for key in keys:
        AssignmentFactory(class_subject=ClassSubjectFactory(school_class=school_class, key=key))
    for _ in range(pupils):
        PlacementFactory(school_class=school_class)
    return school_class
