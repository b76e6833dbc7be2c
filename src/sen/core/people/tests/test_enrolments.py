from datetime import date

import pytest

from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import actor
from sen.core.people import events, services
from sen.core.people.models import Enrolment
from sen.core.people.tests.factories import EnrolmentFactory, PupilFactory, SchoolFactory
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What the signals of enrolments said, in order."""
    said = []
    signals = {"began": events.enrolment_began, "ended": events.enrolment_ended, "resumed": events.enrolment_resumed}
    receivers = {
        name: (lambda n: lambda enrolment_id, day, **_: said.append((n, enrolment_id, day)))(name) for name in signals
    }
    for name, signal in signals.items():
        signal.connect(receivers[name], weak=False)
    yield said
    for name, signal in signals.items():
        signal.disconnect(receivers[name])


def test_a_pupil_is_enrolled_once_a_year(heard):
    pupil = PupilFactory()
    clerk = actor(Role.CLERK, pupil.school)
    given = {
        "actor": clerk,
        "person": pupil.person,
        "school": pupil.school,
        "year": 2022,
        "grade": "7",
        "started_on": date(2022, 9, 5),
    }
    first, second = services.enrol(**given), services.enrol(**given)
    assert first == second
    assert heard == [("began", first.pk, date(2022, 9, 5))]


def test_a_school_enrols_only_pupils_whose_file_it_holds():
    pupil, other = PupilFactory(), SchoolFactory()
    with pytest.raises(RuleError) as refused:
        services.enrol(
            actor=actor(Role.CLERK, other),
            person=pupil.person,
            school=other,
            year=2022,
            grade="7",
            started_on=date(2022, 9, 5),
        )
    assert refused.value.code == "people.not_our_pupil"
    with pytest.raises(NotAllowed):
        services.enrol(
            actor=actor(Role.CLERK, other),
            person=pupil.person,
            school=pupil.school,
            year=2022,
            grade="7",
            started_on=date(2022, 9, 5),
        )
    assert not Enrolment.objects.exists()


def test_a_pupil_leaves_with_a_reason_and_comes_back(heard):
    enrolment = EnrolmentFactory()
    clerk = actor(Role.CLERK, enrolment.school)
    services.withdraw(actor=clerk, enrolment=enrolment, on=date(2022, 11, 2), reason_code="01")
    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.ended_on) == ("left", date(2022, 11, 2))
    assert enrolment.profile["dropout_reason_code"] == "01"
    assert enrolment.profile["status_code"] == "05"  # thôi học kỳ 1
    services.readmit(actor=clerk, enrolment=enrolment, on=date(2023, 2, 6))
    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.ended_on) == ("studying", None)
    assert enrolment.profile == {"status_code": "07", "status_date": "2023-02-06"}  # xin học lại kỳ 2
    assert [name for name, *_ in heard] == ["ended", "resumed"]


@pytest.mark.parametrize(
    ("on", "reason", "error"),
    [(date(2022, 11, 2), "99", Invalid), (date(2022, 11, 2), "", Invalid), (date(2022, 9, 1), "01", Invalid)],
)
def test_leaving_without_reason_or_before_the_start_is_refused(on, reason, error, heard):
    enrolment = EnrolmentFactory()
    with pytest.raises(error):
        services.withdraw(actor=actor(Role.CLERK, enrolment.school), enrolment=enrolment, on=on, reason_code=reason)
    enrolment.refresh_from_db()
    assert (enrolment.status, heard) == ("studying", [])


def test_a_teacher_may_not_send_a_pupil_away():
    enrolment = EnrolmentFactory()
    for one in (actor(Role.FORM_TEACHER, enrolment.school), actor(Role.CLERK, SchoolFactory())):
        with pytest.raises(NotAllowed):
            services.withdraw(actor=one, enrolment=enrolment, on=date(2022, 11, 2), reason_code="01")
    enrolment.refresh_from_db()
    assert enrolment.status == "studying"


def test_nobody_studies_at_two_schools_after_coming_back():
    enrolment = EnrolmentFactory(status="left", ended_on=date(2022, 11, 2))
    EnrolmentFactory(person=enrolment.person, school=SchoolFactory())
    with pytest.raises(RuleError) as refused:
        services.readmit(actor=actor(Role.CLERK, enrolment.school), enrolment=enrolment, on=date(2022, 12, 1))
    assert refused.value.code == "people.studies_elsewhere"
    enrolment.refresh_from_db()
    assert enrolment.status == "left"


def test_only_who_left_comes_back_and_not_before_leaving():
    moved = EnrolmentFactory(status="transferred_out", ended_on=date(2022, 11, 2))
    with pytest.raises(RuleError):
        services.readmit(actor=actor(Role.CLERK, moved.school), enrolment=moved, on=date(2022, 12, 1))
    left = EnrolmentFactory(status="left", ended_on=date(2022, 11, 2))
    with pytest.raises(Invalid):
        services.readmit(actor=actor(Role.CLERK, left.school), enrolment=left, on=date(2022, 11, 1))
    assert {row.status for row in Enrolment.objects.all()} == {"transferred_out", "left"}
