"""Classes, placements and assignments from Excel, and what people learns through the class desk."""

from datetime import date

import pytest

from sen.core.curriculum.imports import Desk, split_classes, subject_keys
from sen.core.curriculum.models import Assignment, ClassSubject, Placement, SchoolClass
from sen.core.curriculum.services.classes import NewClass, bulk_create_classes
from sen.core.curriculum.tests.factories import PlacementFactory, SchoolClassFactory
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import actor
from sen.core.people.imports import runs
from sen.core.people.tests.factories import SchoolFactory, StaffFactory
from sen.core.people.tests.workbooks import HEADINGS, book, pupil_rows, stand_any_content
from sen.shared.kit import scope
from sen.shared.kit.errors import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return SchoolFactory(levels=["lower_secondary"])


@pytest.fixture
def clerk(school):
    return actor(Role.CLERK, school)


def bring_in(clerk, school, kind, *rows, **options):
    with scope.use(clerk.scope()):
        return runs.bring_in(
            actor=clerk, school=school, year=2022, kind=kind, name="a.xlsx", data=book(*rows, **options)
        )


def counts(run):
    return {state: n for state, n in run.preview["counts"].items() if n}


CLASSES = (
    ("STT", "Tên lớp", "Khối", "GVCN", "Buổi học"),
    [1, "6A", 6, "Ngô Thị Ấm", "Sáng"],
    [2, "Lớp 7A", None, None, None],
)


def test_classes_come_in_with_regime_subjects_and_form_teacher(clerk, school):
    teacher = StaffFactory(school=school, person__full_name="Ngô Thị Ấm").person
    assert counts(bring_in(clerk, school, "classes", *CLASSES)) == {"new": 2}
    assert counts(bring_in(clerk, school, "classes", *CLASSES)) == {"unchanged": 2}
    six, seven = SchoolClass.objects.filter(school=school).order_by("name")
    assert (six.name, six.grade, six.level, six.programme, six.form_teacher) == (
        "6A",
        "6",
        "lower_secondary",
        "2018",
        teacher,
    )
    assert six.profile == {"session_code": "1"}
    assert (seven.name, seven.grade, seven.form_teacher) == ("7A", "7", None)
    keys = set(six.subjects.values_list("subject__key", flat=True))
    assert {"toan", "ngu_van", "khoa_hoc_tu_nhien", "lich_su_dia_li"} <= keys
    assert (
        not {"vat_li", "tieng_dtts"} & keys
    )  # a component has no marks of its own, an elective comes with its teacher


def test_a_class_changes_its_teacher_but_not_its_grade(clerk, school):
    bring_in(clerk, school, "classes", ("Lớp", "Khối"), ["6A", 6])
    StaffFactory(school=school, person__full_name="Ngô Thị Ấm")
    run = bring_in(clerk, school, "classes", ("Lớp", "Khối", "Chủ nhiệm"), ["6A", 6, "ngo thi am"], ["6A", 6, None])
    assert counts(run) == {"changed": 1, "faulty": 1}
    assert SchoolClass.objects.get(school=school).form_teacher.full_name == "Ngô Thị Ấm"
    assert counts(bring_in(clerk, school, "classes", ("Lớp", "Khối"), ["6A", 7])) == {"faulty": 1}
    assert SchoolClass.objects.get(school=school).grade == "6"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["6A", 10, None], "grade"),
        (["Lá 1", None, None], "grade"),
        (["6A", 6, "Không Ai Cả"], "form_teacher"),
        ([None, 6, "x"], "class_name"),
    ],
)
def test_wrong_classes_wait(clerk, school, row, column):
    with scope.use(clerk.scope()):
        preview = runs.look(
            actor=clerk, school=school, year=2022, kind="classes", data=book(("Tên lớp", "Khối", "GVCN"), row)
        )
    assert column in {fault.key for fault in preview.faults}
    assert preview.to_write == []


def test_two_teachers_of_one_name_are_told_apart_by_code(clerk, school):
    for number in (1, 2):
        StaffFactory(school=school, person__full_name="Ngô Thị Ấm", posting__local_code=f"GV{number}")
    run = bring_in(clerk, school, "classes", ("Lớp", "GVCN"), ["6A", "Ngô Thị Ấm"])
    assert counts(run) == {"faulty": 1}
    run = bring_in(clerk, school, "classes", ("Lớp", "GVCN", "Mã GVCN"), ["6A", "Ngô Thị Ấm", "gv2"])
    assert counts(run) == {"new": 1}
    assert SchoolClass.objects.get(school=school).form_teacher.postings.get().local_code == "GV2"


def test_pupils_come_into_their_classes_in_the_order_of_the_file(clerk, school):
    bring_in(clerk, school, "classes", ("Lớp", "Khối"), ["6A", 6])
    rows = pupil_rows(50, per_class=25, grades=(6, 7))
    assert counts(bring_in(clerk, school, "pupils", HEADINGS, *rows)) == {"new": 50}
    assert counts(bring_in(clerk, school, "pupils", HEADINGS, *rows)) == {"unchanged": 50}
    placements = Placement.objects.filter(school=school, school_class__name="6A").order_by("row_number")
    assert [p.row_number for p in placements] == list(range(1, 26))
    assert [p.person.full_name for p in placements] == [row[2] for row in rows[:25]]
    made = SchoolClass.objects.get(school=school, name="7A")  # named in the file, made by the import
    assert (made.grade, made.placements.count(), made.subjects.count() > 5) == ("7", 25, True)


def test_a_pupil_moves_to_another_class_and_keeps_the_first_row(clerk, school):
    rows = pupil_rows(2, grades=(6,))
    bring_in(clerk, school, "pupils", HEADINGS, *rows)
    rows[0][7] = "6B"
    run = bring_in(clerk, school, "pupils", HEADINGS, *rows)
    assert counts(run) == {"changed": 1, "unchanged": 1}
    first, second = Placement.objects.filter(person__pupil__local_code="HS00001").order_by("id")
    assert (first.school_class.name, first.row_number, first.until is not None) == ("6A", 1, True)
    assert (second.school_class.name, second.row_number, second.until) == ("6B", 1, None)


def test_grade_and_class_must_agree(clerk, school):
    SchoolClassFactory(school=school, name="6A", grade="6")
    run = bring_in(clerk, school, "pupils", ("Họ tên", "Ngày sinh", "Lớp", "Khối"), ["Vừ A Sùng", "9/3/2011", "6A", 7])
    assert counts(run) == {"faulty": 1}
    assert not Placement.objects.exists()


ASSIGNMENTS = ("STT", "Họ và tên giáo viên", "Môn", "Lớp")


@pytest.fixture
def staffed(school):
    wanted = [NewClass(name, grade) for name, grade in (("6A1", "6"), ("6A2", "6"), ("7A1", "7"))]
    bulk_create_classes(actor=Actor.system("test"), school=school, year=2022, wanted=wanted)
    return [StaffFactory(school=school, person__full_name=name).person for name in ("Ngô Thị Ấm", "Lò Văn Ích")]


def taught(school):
    rows = Assignment.objects.filter(school=school, until=None)
    return {(a.class_subject.school_class.name, a.class_subject.subject.key): a.teacher.full_name for a in rows}


def test_assignments_come_in_once(clerk, school, staffed):
    rows = (
        ASSIGNMENTS,
        [1, "Ngô Thị Ấm", "Toán", "6A1, 2; 7A1"],
        [2, "Lò Văn Ích (Sinh)", "KHTN", "6A1 và 6A2"],
        [3, "Lò Văn Ích", "Tiếng dân tộc", "6A1"],
    )
    assert counts(bring_in(clerk, school, "assignments", *rows)) == {"new": 3}
    assert counts(bring_in(clerk, school, "assignments", *rows)) == {"unchanged": 3}
    assert taught(school) == {
        ("6A1", "toan"): "Ngô Thị Ấm", ("6A2", "toan"): "Ngô Thị Ấm", ("7A1", "toan"): "Ngô Thị Ấm",
        ("6A1", "khoa_hoc_tu_nhien"): "Lò Văn Ích", ("6A2", "khoa_hoc_tu_nhien"): "Lò Văn Ích",
        ("6A1", "tieng_dtts"): "Lò Văn Ích",
    }  # fmt: skip
    assert ClassSubject.objects.filter(school=school, subject__key="tieng_dtts").count() == 1


def test_a_new_teacher_follows_the_former_one(clerk, school, staffed):
    bring_in(clerk, school, "assignments", ASSIGNMENTS, [1, "Ngô Thị Ấm", "Toán", "6A1"])
    run = bring_in(clerk, school, "assignments", ASSIGNMENTS, [1, "Lò Văn Ích", "Toán", "6A1"])
    assert counts(run) == {"changed": 1}
    assert taught(school) == {("6A1", "toan"): "Lò Văn Ích"}
    former = Assignment.objects.exclude(until=None).get(school=school)
    assert (former.teacher.full_name, former.until) == ("Ngô Thị Ấm", date(2023, 5, 31))  # the year 2022-2023 is over


def test_a_teacher_for_one_term_leaves_the_other_term_as_it_was(clerk, school, staffed):
    headings = (*ASSIGNMENTS, "Học kỳ")
    bring_in(clerk, school, "assignments", headings, [1, "Ngô Thị Ấm", "Toán", "6A1", None])
    rows = (headings, [1, "Lò Văn Ích", "Toán", "6A1", "HK2"])
    assert counts(bring_in(clerk, school, "assignments", *rows)) == {"changed": 1}
    found = Assignment.objects.filter(school=school, until=None).values_list("term", "teacher__full_name")
    assert dict(found) == {1: "Ngô Thị Ấm", 2: "Lò Văn Ích"}
    assert counts(bring_in(clerk, school, "assignments", *rows)) == {"unchanged": 1}


def test_a_teacher_merged_over_several_rows_counts_for_each(clerk, school, staffed):
    rows = (ASSIGNMENTS, [1, "Ngô Thị Ấm", "Toán", "6A1"], [None, None, "Tin", "6A1"])
    assert counts(bring_in(clerk, school, "assignments", *rows, merges=("B2:B3",))) == {"new": 2}
    assert set(taught(school).values()) == {"Ngô Thị Ấm"}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ([1, "Ngô Thị Ấm", "Bói toán", "6A1"], "subject"),
        ([1, "Ngô Thị Ấm", "Toán", "9Z"], "class_names"),
        ([1, "Không Ai Cả", "Toán", "6A1"], "teacher"),
        ([1, "Ngô Thị Ấm", "Vật lí", "6A1"], "subject"),  # the 2018 programme has no such subject in grade 6
        ([1, None, "Toán", "6A1"], "teacher"),
    ],
)
def test_wrong_assignments_wait(clerk, school, staffed, row, column):
    run = bring_in(clerk, school, "assignments", ASSIGNMENTS, row, [2, "Lò Văn Ích", "Toán", "7A1"])
    assert counts(run) == {"new": 1, "faulty": 1}
    assert taught(school) == {("7A1", "toan"): "Lò Văn Ích"}


def test_a_subject_of_a_class_has_one_teacher_in_a_file(clerk, school, staffed):
    run = bring_in(
        clerk, school, "assignments", ASSIGNMENTS, [1, "Ngô Thị Ấm", "Toán", "6A1"], [2, "Lò Văn Ích", "Toán", "6A1"]
    )
    assert counts(run) == {"new": 1, "faulty": 1}


def test_only_who_may_assign_assigns(school, staffed):
    teacher = actor(Role.SUBJECT_TEACHER, school)
    for kind, rows in (("assignments", (ASSIGNMENTS, [1, "Ngô Thị Ấm", "Toán", "6A1"])), ("classes", CLASSES)):
        with pytest.raises(NotAllowed):
            bring_in(teacher, school, kind, *rows)
    assert not Assignment.objects.exists()
    assert SchoolClass.objects.filter(school=school).count() == 3


@pytest.mark.parametrize(
    ("text", "found", "unknown"),
    [
        ("6A1, 6A2", ["6a1", "6a2"], []),
        ("6A1,2", ["6a1", "6a2"], []),
        ("Lớp 6A1; lớp 7A1", ["6a1", "7a1"], []),
        ("6A1 và 7A1", ["6a1", "7a1"], []),
        ("6A1, 9", ["6a1"], ["9"]),
        ("", [], []),
    ],
)
def test_lists_of_classes_are_read_as_people_write_them(text, found, unknown):
    assert split_classes(text, ["6a1", "6a2", "7a1"]) == (found, unknown)


@pytest.mark.parametrize(
    ("text", "key"),
    [("Toán", "toan"), ("toan hoc", "toan"), ("Anh văn", "ngoai_ngu_1"), ("LÝ", "vat_li"), ("Bói toán", None)],
)
def test_subjects_are_read_as_people_write_them(text, key):
    assert next(iter(subject_keys(text)), None) == key


@pytest.mark.parametrize("kind", ["classes", "assignments"])
def test_no_content_crashes_the_import_and_what_was_written_is_found_again(kind, monkeypatch):
    school = SchoolFactory(levels=["lower_secondary", "upper_secondary"])
    StaffFactory(school=school, person__full_name="Ngô Thị Ấm")
    wanted = [NewClass("6Z", "6"), NewClass("6Y", "6")]
    bulk_create_classes(actor=Actor.system("test"), school=school, year=2022, wanted=wanted)
    stand_any_content(school, kind, monkeypatch)


def test_a_teacher_has_to_do_with_the_classes_led_or_taught(school):
    from dataclasses import replace

    from sen.core.curriculum.tests.factories import AssignmentFactory

    teacher = StaffFactory(school=school).person
    led = SchoolClassFactory(school=school, form_teacher=teacher)
    AssignmentFactory(class_subject__school_class=(taught := SchoolClassFactory(school=school)), teacher=teacher)
    SchoolClassFactory(school=school)
    desk = Desk()
    one = replace(actor(Role.SUBJECT_TEACHER, school), person_id=teacher.pk)
    assert set(desk.own_classes(one, 2022)) == {led.pk, taught.pk}
    assert desk.own_classes(actor(Role.CLERK, school), 2022) is None


def test_a_form_teacher_is_known_for_the_pupils_of_the_class(school):
    teacher = StaffFactory(school=school).person
    placement = PlacementFactory(school_class=SchoolClassFactory(school=school, form_teacher=teacher))
    other = PlacementFactory(school_class=SchoolClassFactory(school=school))
    desk = Desk()
    assert desk.form_class_of(teacher.pk, school.pk, placement.person_id)
    assert not desk.form_class_of(teacher.pk, school.pk, other.person_id)
    assert not desk.form_class_of(other.person_id, school.pk, placement.person_id)
