"""Pupils in classes: rows that stay, late comers at the end, moves that keep the old row."""

from datetime import date

import pytest

from sen.core.curriculum import links, services
from sen.core.curriculum.models import Placement
from sen.core.curriculum.tests.actors import of_school
from sen.core.curriculum.tests.factories import SchoolClassFactory, filled_class
from sen.core.identity.roles import Role
from sen.core.people.events import enrolment_ended, enrolment_resumed
from sen.core.people.models import Enrolment
from sen.core.people.tests.factories import EnrolmentFactory, PersonFactory, PupilFactory, SchoolFactory
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db
DAY = date(2022, 11, 1)


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def clerk(school):
    return of_school(school)


def pupil(school, name="Nguyễn Văn Bình", **fields):
    person = PersonFactory(full_name=name, school_ids=[school.pk])
    PupilFactory(school=school, person=person)
    return EnrolmentFactory(school=school, person=person, **fields)


def rows(school_class):
    return list(school_class.placements.order_by("row_number").values_list("row_number", "person__full_name", "until"))


def test_late_comers_go_to_the_end_and_the_same_again_changes_nothing(school, clerk):
    room = filled_class(school=school, pupils=2)
    late = pupil(school, "An An")
    services.place(actor=clerk, school_class=room, enrolment=late, since=DAY)
    services.place(actor=clerk, school_class=room, enrolment=late, since=DAY)
    assert rows(room)[-1] == (3, "An An", None)
    assert room.placements.count() == 3


def test_a_move_keeps_the_old_row_and_its_number(school, clerk):
    one, two = filled_class(school=school, pupils=3), filled_class(school=school, pupils=1)
    moving = one.placements.get(row_number=2)
    services.move(actor=clerk, enrolment=moving.enrolment, to=two, on=DAY)
    moving.refresh_from_db()
    assert (moving.until, moving.row_number) == (DAY, 2)
    new = Placement.objects.get(enrolment=moving.enrolment, until=None)
    assert (new.school_class, new.row_number, new.since) == (two, 2, DAY)
    services.place(actor=clerk, school_class=one, enrolment=pupil(school), since=DAY)
    assert [number for number, _, _ in rows(one)] == [1, 2, 3, 4]


def test_a_pupil_in_another_class_is_not_placed_twice(school, clerk):
    one, two = filled_class(school=school, pupils=1), SchoolClassFactory(school=school)
    with pytest.raises(RuleError) as refused:
        services.place(actor=clerk, school_class=two, enrolment=one.placements.get().enrolment)
    assert refused.value.code == "curriculum.already_placed"
    assert not two.placements.exists()


@pytest.mark.parametrize("spoil", [{"grade": "7"}, {"year": 2021}, {"status": Enrolment.Status.LEFT}])
def test_pupils_of_another_grade_year_or_who_left_do_not_fit(school, clerk, spoil):
    room = SchoolClassFactory(school=school)
    with pytest.raises(RuleError):
        services.place(actor=clerk, school_class=room, enrolment=pupil(school, **spoil))
    assert not room.placements.exists()


def test_a_move_before_the_first_day_is_refused(school, clerk):
    one, two = filled_class(school=school, pupils=1), SchoolClassFactory(school=school)
    enrolment = one.placements.get().enrolment
    with pytest.raises(Invalid):
        services.move(actor=clerk, enrolment=enrolment, to=two, on=date(2022, 9, 1))
    assert Placement.objects.get(enrolment=enrolment).school_class == one


@pytest.mark.parametrize("role", [Role.FORM_TEACHER, Role.SUBJECT_TEACHER, Role.DEPARTMENT_OFFICER, Role.INSPECTOR])
def test_who_only_reads_places_nobody(school, role):
    room, enrolment = SchoolClassFactory(school=school), pupil(school)
    with pytest.raises(NotAllowed):
        services.place(actor=of_school(school, role), school_class=room, enrolment=enrolment)
    assert not room.placements.exists()


def test_a_class_is_numbered_in_the_vietnamese_order_of_names(school, clerk):
    room = SchoolClassFactory(school=school)
    names = ["Trần Thị Ánh", "Nguyễn Văn An", "Lê Đức", "Lê Dũng", "Hoàng Ân"]
    services.bulk_place(actor=clerk, wanted=[(room, pupil(school, name)) for name in names])
    services.renumber(actor=clerk, school_class=room)
    assert [name for _, name, _ in rows(room)] == ["Nguyễn Văn An", "Trần Thị Ánh", "Hoàng Ân", "Lê Dũng", "Lê Đức"]


def test_numbers_stay_once_the_book_is_open(school, clerk, monkeypatch):
    room = SchoolClassFactory(school=school)
    services.bulk_place(actor=clerk, wanted=[(room, pupil(school, name)) for name in ("Lê Yến", "Lê An")])
    monkeypatch.setattr(links, "_books", [lambda ids: set(ids)])
    with pytest.raises(RuleError) as refused:
        services.renumber(actor=clerk, school_class=room)
    assert refused.value.code == "curriculum.book_open"
    assert [name for _, name, _ in rows(room)] == ["Lê Yến", "Lê An"]


def test_numbers_stay_once_somebody_left(school, clerk):
    room = filled_class(school=school, pupils=2)
    services.end_placement(actor=clerk, enrolment=room.placements.get(row_number=1).enrolment, on=DAY)
    before = rows(room)
    with pytest.raises(RuleError):
        services.renumber(actor=clerk, school_class=room)
    assert rows(room) == before


def test_who_leaves_school_leaves_the_class_and_comes_back_to_the_old_row(school):
    room = filled_class(school=school, pupils=2)
    row = room.placements.get(row_number=1)
    enrolment_ended.send(sender=Enrolment, enrolment_id=row.enrolment_id, day=DAY)
    row.refresh_from_db()
    assert row.until == DAY
    enrolment_resumed.send(sender=Enrolment, enrolment_id=row.enrolment_id, day=DAY)
    row.refresh_from_db()
    assert row.until is None


def test_a_whole_school_is_placed_in_a_handful_of_statements(school, clerk, django_assert_max_num_queries):
    rooms = [SchoolClassFactory(school=school) for _ in range(4)]
    wanted = [(rooms[number % 4], pupil(school)) for number in range(60)]
    with django_assert_max_num_queries(12):
        assert services.bulk_place(actor=clerk, wanted=wanted) == 60
