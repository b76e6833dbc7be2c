"""Classes and their subjects: what comes by itself, what is chosen, what is refused."""

import pytest

from sen.core.curriculum import queries, services
from sen.core.curriculum.models import Choice, ClassSubject, SchoolClass
from sen.core.curriculum.services import NewClass
from sen.core.curriculum.tests.actors import of_school
from sen.core.curriculum.tests.factories import (
    AssignmentFactory,
    ClassSubjectFactory,
    PlacementFactory,
    SchoolClassFactory,
)
from sen.core.identity.roles import Role
from sen.core.people.tests.factories import EnrolmentFactory, SchoolFactory
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db
NATURE = frozenset({"vat_li", "hoa_hoc", "sinh_hoc", "tin_hoc"})


@pytest.fixture
def school():
    return SchoolFactory(levels=["primary", "lower_secondary", "upper_secondary"])


def create(school, year=2022, role=Role.CLERK, **fields):
    return services.create_class(actor=of_school(school, role), school=school, year=year, new=NewClass(**fields))


def keys(school_class):
    return set(school_class.subjects.values_list("subject__key", flat=True))


def test_a_class_gets_regime_programme_and_compulsory_subjects(school):
    made = create(school, name="6A1", grade="6")
    assert (made.level, made.programme, made.regime) == ("lower_secondary", "2018", "tt22-2021")
    assert {"toan", "khoa_hoc_tu_nhien", "nghe_thuat", "hdtn_hn"} <= keys(made)


@pytest.mark.parametrize(
    ("grade", "absent"),
    [
        ("6", {"am_nhac", "mi_thuat", "ngoai_ngu_2"}),
        ("3", {"tin_hoc", "cong_nghe", "am_nhac"}),
        ("9", {"giao_duc_tap_the"}),
    ],
)
def test_parts_of_subjects_ceremonies_and_electives_are_left_out(school, grade, absent):
    assert not absent & keys(create(school, name=f"{grade}A", grade=grade))


def test_the_year_decides_the_programme_of_a_grade(school):
    assert create(school, year=2022, name="8A", grade="8").programme == "2006"
    assert create(school, year=2023, name="8A", grade="8").programme == "2018"


def test_electives_of_all_and_of_some_and_clusters(school):
    made = create(
        school, name="10A1", grade="10", electives=NATURE - {"tin_hoc"}, by_choice=frozenset({"tin_hoc", "dia_li"}),
        clusters=frozenset({"toan", "vat_li", "hoa_hoc"}),
    )  # fmt: skip
    some = set(made.subjects.filter(chosen_by_some=True).values_list("subject__key", flat=True))
    assert some == {"tin_hoc", "dia_li"}
    assert set(made.subjects.filter(has_cluster=True).values_list("subject__key", flat=True)) == {
        "toan",
        "vat_li",
        "hoa_hoc",
    }
    assert "cum_chuyen_de" not in keys(made)
    assert keys(made) >= NATURE


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": "6a1", "grade": "6"}, "name"),
        ({"name": "  ", "grade": "6"}, "name"),
        ({"name": "13A", "grade": "13"}, "grade"),
        ({"name": "6B", "grade": "6", "level": "continuing_lower"}, "grade"),
        ({"name": "10B", "grade": "10", "electives": frozenset({"than_hoc"})}, "electives"),
        ({"name": "10B", "grade": "10", "clusters": frozenset({"vat_li"})}, "clusters"),
    ],
)
def test_bad_classes_are_refused(school, fields, place):
    create(school, name="6A1", grade="6")
    with pytest.raises(Invalid) as refused:
        create(school, **fields)
    assert refused.value.place == place
    assert SchoolClass.objects.filter(school=school).count() == 1


@pytest.mark.parametrize("role", [Role.SUBJECT_TEACHER, Role.FORM_TEACHER, Role.DEPARTMENT_OFFICER, Role.PARENT])
def test_teachers_officers_and_families_open_no_class(school, role):
    with pytest.raises(NotAllowed):
        create(school, role=role, name="6A1", grade="6")
    assert not SchoolClass.objects.filter(school=school).exists()


def test_many_classes_take_a_constant_number_of_statements(school, django_assert_max_num_queries):
    wanted = [NewClass(f"{grade}A{number}", str(grade)) for grade in range(1, 13) for number in range(1, 6)]
    with django_assert_max_num_queries(10):
        made = services.bulk_create_classes(actor=of_school(school), school=school, year=2022, wanted=wanted)
    assert len(made) == 60
    assert ClassSubject.objects.filter(school=school).count() > 500


def test_electives_may_change_while_nobody_teaches_them(school):
    made = create(school, name="10A1", grade="10", electives=NATURE)
    services.set_electives(
        actor=of_school(school),
        school_class=made,
        for_all={"dia_li", "vat_li", "tin_hoc", "gdktpl"},
        clusters={"dia_li"},
    )
    assert "hoa_hoc" not in keys(made)
    assert {"dia_li", "gdktpl"} <= keys(made)


def test_an_elective_with_a_teacher_stays(school):
    made = create(school, name="10A1", grade="10", electives=NATURE)
    AssignmentFactory(class_subject=made.subjects.get(subject__key="hoa_hoc"))
    before = keys(made)
    with pytest.raises(RuleError, match="đã phân công"):
        services.set_electives(actor=of_school(school), school_class=made, for_all={"vat_li"})
    assert keys(made) == before


@pytest.mark.parametrize("lessons", [0, -5, 601])
def test_a_load_stays_within_reason(school, lessons):
    subject = create(school, name="6A", grade="6").subjects.get(subject__key="toan")
    with pytest.raises(Invalid):
        services.set_load(actor=of_school(school), class_subject=subject, lessons=lessons)
    subject.refresh_from_db()
    assert subject.lessons == 140


def test_a_class_keeps_its_name_when_another_has_it(school):
    one, two = create(school, name="6A", grade="6"), create(school, name="6B", grade="6")
    with pytest.raises(Invalid):
        services.update_class(actor=of_school(school), school_class=two, name="6a")
    two.refresh_from_db()
    assert (one.name, two.name) == ("6A", "6B")


def test_visible_classes_are_those_of_the_own_school():
    mine, other = SchoolClassFactory(), SchoolClassFactory()
    visible = SchoolClass.objects.visible_to(of_school(mine.school, Role.SUBJECT_TEACHER))
    assert mine in visible
    assert other not in visible


# Choices


@pytest.fixture
def upper(school):
    made = create(
        school, name="10A1", grade="10", electives=frozenset({"vat_li", "hoa_hoc", "sinh_hoc"}),
        by_choice=frozenset({"tin_hoc", "dia_li"}), clusters=frozenset({"toan", "vat_li", "hoa_hoc"}),
    )  # fmt: skip
    PlacementFactory(school_class=made)
    return made


def test_choices_are_set_and_counted(school, upper):
    enrolment = upper.placements.get().enrolment_id
    subject = {row.subject.key: row.pk for row in upper.subjects.select_related("subject")}
    chosen = {subject["tin_hoc"]: False, **{subject[key]: True for key in ("toan", "vat_li", "hoa_hoc")}}
    wanted = {enrolment: chosen}
    assert services.set_choices(actor=of_school(school), school_class=upper, wanted=wanted) == 1
    assert services.set_choices(actor=of_school(school), school_class=upper, wanted=wanted) == 0
    assert queries.choice_faults(upper) == {}
    services.set_choices(actor=of_school(school), school_class=upper, wanted={enrolment: {subject["toan"]: True}})
    assert len(queries.choice_faults(upper)[enrolment]) == 2


@pytest.mark.parametrize("spoil", ["stranger", "cluster", "subject"])
def test_bad_choices_change_nothing(school, upper, spoil):
    enrolment = upper.placements.get().enrolment_id
    subject = {row.subject.key: row.pk for row in upper.subjects.select_related("subject")}
    wanted = {
        "stranger": {PlacementFactory().enrolment_id: {subject["tin_hoc"]: False}},
        "cluster": {enrolment: {subject["tin_hoc"]: True}},
        "subject": {enrolment: {ClassSubjectFactory().pk: False}},
    }[spoil]  # fmt: skip
    with pytest.raises(Invalid):
        services.set_choices(actor=of_school(school), school_class=upper, wanted=wanted)
    assert not Choice.objects.filter(class_subject__school_class=upper).exists()


def test_a_new_pupil_of_a_fixed_combination_takes_its_clusters(school):
    made = create(school, name="10A2", grade="10", electives=NATURE, clusters=frozenset({"toan", "vat_li", "hoa_hoc"}))
    enrolment = EnrolmentFactory(school=school, grade="10", level="upper_secondary")
    services.place(actor=of_school(school), school_class=made, enrolment=enrolment)
    assert Choice.objects.filter(enrolment=enrolment, with_cluster=True).count() == 3
