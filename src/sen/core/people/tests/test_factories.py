import pytest

from sen.core.people.models import Person
from sen.core.people.tests.factories import (
    EnrolmentFactory,
    GuardianshipFactory,
    PupilFactory,
    SchoolFactory,
    StaffFactory,
)

pytestmark = pytest.mark.django_db


def test_people_made_for_tests_are_held_by_their_school():
    school = SchoolFactory()
    enrolment = EnrolmentFactory(school=school)
    tie = GuardianshipFactory(pupil=enrolment.person, kind="father")
    staff = StaffFactory(school=school)
    assert enrolment.person.pupil.school == school
    assert {enrolment.person, tie.adult, staff.person} == set(Person.objects.filter(school_ids__contains=[school.pk]))
    assert staff.person.postings.get().school == school
    assert PupilFactory().school != school
