"""From one year to the next: copy of classes and assignment, roll-over by results."""

from datetime import date

import pytest

from sen.core.curriculum import links, rollover, services
from sen.core.curriculum.links import Outcome
from sen.core.curriculum.models import Assignment, Placement, SchoolClass
from sen.core.curriculum.tests.actors import of_school
from sen.core.curriculum.tests.factories import PlacementFactory, SchoolClassFactory, filled_class
from sen.core.identity.roles import Role
from sen.core.people.models import Enrolment, Posting
from sen.core.people.tests.factories import EnrolmentFactory, SchoolFactory
from sen.shared.kit.errors import NotAllowed, RuleError

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return SchoolFactory(levels=["lower_secondary"])


@pytest.fixture
def clerk(school):
    return of_school(school)


def teacher(school, year, name, key):
    rows = Assignment.objects.filter(
        class_subject__school_class__school=school, class_subject__school_class__year=year,
        class_subject__school_class__name=name, class_subject__subject__key=key, until=None,
    )  # fmt: skip
    return rows.get().teacher_id if rows.exists() else None


def test_a_copy_has_the_same_classes_and_teachers_and_twice_is_once(school, clerk):
    filled_class(school=school, name="6A", grade="6")
    plan = services.copy_year(actor=clerk, school=school, year=2023)
    assert (plan.new, plan.assignments) == (1, 2)
    assert teacher(school, 2023, "6A", "toan") == teacher(school, 2022, "6A", "toan")
    before = Assignment.objects.count()
    services.copy_year(actor=clerk, school=school, year=2023)
    assert (SchoolClass.objects.filter(school=school, year=2023).count(), Assignment.objects.count()) == (1, before)


def test_moving_up_takes_teachers_along_with_their_pupils(school, clerk):
    filled_class(school=school, name="6A", grade="6")
    filled_class(school=school, name="7A", grade="7")
    services.copy_year(actor=clerk, school=school, year=2023, move_up=True)
    assert teacher(school, 2023, "7A", "toan") == teacher(school, 2022, "6A", "toan")
    assert teacher(school, 2023, "6A", "toan") is None


def test_a_copy_takes_the_programme_of_the_new_year(school, clerk):
    filled_class(school=school, name="8A", grade="8")  # programme 2006 in 2022, 2018 in 2023
    services.copy_year(actor=clerk, school=school, year=2023)
    copied = SchoolClass.objects.get(school=school, year=2023, name="8A")
    assert copied.programme == "2018"
    assert copied.subjects.filter(subject__key="khoa_hoc_tu_nhien").exists()


def test_teachers_who_left_are_named_and_not_copied(school, clerk):
    room = filled_class(school=school, name="6A", grade="6")
    gone = room.subjects.get(subject__key="toan").assignments.get().teacher
    Posting.objects.filter(person=gone).update(ended_on=date(2023, 6, 1))
    plan = services.copy_year(actor=clerk, school=school, year=2023)
    assert plan.gone == [gone.full_name]
    assert teacher(school, 2023, "6A", "toan") is None


def test_electives_are_copied(school):
    school.levels = ["upper_secondary"]
    school.save()
    services.create_class(
        actor=of_school(school), school=school, year=2022,
        new=services.NewClass("10A1", "10", electives=frozenset({"vat_li", "tin_hoc"}), clusters=frozenset({"toan"})),
    )  # fmt: skip
    services.copy_year(actor=of_school(school), school=school, year=2023)
    copied = SchoolClass.objects.get(school=school, year=2023)
    assert {"vat_li", "tin_hoc"} <= set(copied.subjects.values_list("subject__key", flat=True))
    assert copied.subjects.get(has_cluster=True).subject.key == "toan"


def test_a_stranger_copies_nothing(school):
    filled_class(school=school, name="6A", grade="6")
    with pytest.raises(NotAllowed):
        services.copy_year(actor=of_school(SchoolFactory()), school=school, year=2023)
    assert not SchoolClass.objects.filter(school=school, year=2023).exists()


# Roll-over


@pytest.fixture
def year(school, monkeypatch):
    """6A with five pupils: promoted twice, repeating, gone, waiting; 9A with one who finishes."""
    room = filled_class(school=school, name="6A", grade="6", pupils=5)
    last = filled_class(school=school, name="9A", grade="9", pupils=1)
    pupils = [row.enrolment_id for row in room.placements.order_by("row_number")]
    steps = [Outcome("promoted", "7"), Outcome("promoted", "7"), Outcome("repeat", "6"), Outcome("left")]
    outcomes = dict(zip(pupils, steps, strict=False)) | {last.placements.get().enrolment_id: Outcome("promoted", "10")}
    monkeypatch.setattr(links, "_outcomes", [lambda *_: outcomes])
    for name, grade in (("6A", "6"), ("7A", "7"), ("7B", "7")):
        SchoolClassFactory(school=school, year=2023, name=name, grade=grade)
    return outcomes


def test_a_preview_writes_nothing_and_says_everything(school, year):
    plan = rollover.preview(school, 2022)
    assert dict(plan.counts()) == {"promoted": 2, "repeat": 1, "left": 1, "waiting": 1, "finished": 1}
    assert {row.to.name for row in plan.rows if row.outcome.step == "promoted"} == {"7A"}
    assert (plan.to_enrol, plan.to_place) == (3, 3)
    assert not Enrolment.objects.filter(school=school, year=2023).exists()


def test_pupils_go_where_the_results_send_them(school, clerk, year):
    rollover.roll_over(actor=clerk, school=school, year=2022)
    placed = Placement.objects.filter(school_class__year=2023, school=school)
    assert sorted(placed.values_list("school_class__name", flat=True)) == ["6A", "7A", "7A"]
    repeated = Enrolment.objects.get(school=school, year=2023, grade="6")
    assert repeated.entry == Enrolment.Entry.REPEATED
    in_7a = placed.filter(school_class__name="7A").order_by("row_number")
    assert list(in_7a) == sorted(in_7a, key=lambda row: row.person.sort_key)


def test_rolling_over_twice_changes_nothing_and_takes_late_decisions(school, clerk, year):
    rollover.roll_over(actor=clerk, school=school, year=2022)
    before = list(Placement.objects.filter(school_class__year=2023).order_by("pk").values_list("pk", "row_number"))
    plan = rollover.roll_over(actor=clerk, school=school, year=2022)
    assert (plan.to_enrol, plan.to_place) == (0, 0)
    assert (
        list(Placement.objects.filter(school_class__year=2023).order_by("pk").values_list("pk", "row_number")) == before
    )
    waiting = next(row.enrolment.pk for row in plan.rows if row.outcome.step == "waiting")
    year[waiting] = Outcome("promoted", "7")
    rollover.roll_over(actor=clerk, school=school, year=2022)
    assert Placement.objects.filter(school_class__year=2023).count() == len(before) + 1


def test_a_class_may_be_sent_elsewhere_in_its_grade(school, clerk, year):
    room = SchoolClass.objects.get(school=school, year=2022, name="6A")
    other = SchoolClass.objects.get(school=school, year=2023, name="7B")
    rollover.roll_over(actor=clerk, school=school, year=2022, classes={room.pk: other.pk})
    assert other.placements.count() == 2


def test_a_class_is_not_sent_into_a_wrong_grade(school, clerk, year):
    room = SchoolClass.objects.get(school=school, year=2022, name="6A")
    wrong = SchoolClass.objects.get(school=school, year=2023, name="6A")
    with pytest.raises(RuleError):
        rollover.roll_over(actor=clerk, school=school, year=2022, classes={room.pk: wrong.pk})
    assert not Enrolment.objects.filter(school=school, year=2023).exists()


def test_without_results_nothing_is_rolled_over(school, clerk, monkeypatch):
    monkeypatch.setattr(links, "_outcomes", [])
    with pytest.raises(RuleError):
        rollover.roll_over(actor=clerk, school=school, year=2022)
    assert not Enrolment.objects.filter(school=school, year=2023).exists()


@pytest.mark.parametrize("role", [Role.SUBJECT_TEACHER, Role.DEPARTMENT_OFFICER, Role.PARENT])
def test_who_may_not_edit_classes_rolls_nobody_over(school, year, role):
    with pytest.raises(NotAllowed):
        rollover.roll_over(actor=of_school(school, role), school=school, year=2022)
    assert not Enrolment.objects.filter(school=school, year=2023).exists()


def test_a_preview_takes_a_constant_number_of_queries(school, year, django_assert_num_queries):
    with django_assert_num_queries(6):
        rollover.preview(school, 2022)
    for _ in range(5):
        PlacementFactory(school_class=SchoolClass.objects.get(school=school, year=2022, name="6A"))
    EnrolmentFactory(school=school)
    with django_assert_num_queries(6):
        rollover.preview(school, 2022)
