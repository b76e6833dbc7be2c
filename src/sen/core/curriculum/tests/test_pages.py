"""The pages as a clerk, a teacher and a stranger meet them; constant numbers of queries."""

from datetime import date

import pytest
from django.urls import reverse

from sen.core.curriculum import links, services
from sen.core.curriculum.links import Outcome
from sen.core.curriculum.models import Assignment, Choice, Placement, SchoolClass, YearDates
from sen.core.curriculum.tests.actors import of_school
from sen.core.curriculum.tests.factories import AssignmentFactory, ClassSubjectFactory, SchoolClassFactory, filled_class
from sen.core.identity import desk
from sen.core.identity.desk import When
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import GrantFactory, sign_in
from sen.core.people.tests.factories import EnrolmentFactory, SchoolFactory, StaffFactory

pytestmark = pytest.mark.django_db
WHEN = When(2022, 1, date(2022, 12, 1))


@pytest.fixture
def school():
    return SchoolFactory(levels=["lower_secondary", "upper_secondary"])


def browse(client, school, role, year=2022):
    sign_in(client, GrantFactory(role=role, organisation=school))
    session = client.session
    session["year"], session["term"] = year, 1
    session.save()
    return client


@pytest.fixture
def clerk(client, school):
    return browse(client, school, Role.CLERK)


@pytest.fixture
def room(school):
    return filled_class(school=school, name="6A1", pupils=3)


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_list_shows_size_form_teacher_and_what_is_missing(clerk, school, room):
    ClassSubjectFactory(school_class=room, key="gdcd")
    page = text(clerk.get(reverse("curriculum:classes")))
    assert "6A1" in page
    assert "Thiếu 1 môn" in page
    assert "Chưa có" in page


def test_an_empty_year_offers_the_copy(clerk):
    page = text(clerk.get(reverse("curriculum:classes")))
    assert reverse("curriculum:copy") in page


def test_a_teacher_finds_the_own_classes_and_no_buttons(client, school, room):
    page = text(browse(client, school, Role.SUBJECT_TEACHER).get(reverse("curriculum:classes")))
    assert "6A1" in page
    assert reverse("curriculum:class_new") not in page


@pytest.mark.parametrize("more", [0, 12])
def test_lists_take_a_constant_number_of_queries(clerk, school, room, django_assert_max_num_queries, more):
    for number in range(more):
        filled_class(school=school, name=f"6B{number}", pupils=2)
    for name, most in (("classes", 22), ("assignments", 24), ("unplaced", 22), ("copy", 26), ("rollover", 26)):
        with django_assert_max_num_queries(most):
            assert clerk.get(reverse(f"curriculum:{name}")).status_code == 200


def test_a_class_page_takes_a_constant_number_of_queries(clerk, school, django_assert_max_num_queries):
    room = filled_class(school=school, pupils=12, keys=("toan", "ngu_van", "gdcd", "tin_hoc"))
    with django_assert_max_num_queries(24):
        page = text(clerk.get(reverse("curriculum:class", args=[room.pk])))
    assert page.count("chuyen-lop") == 12


def test_a_clerk_opens_a_class_on_the_page(clerk, school):
    answer = clerk.post(
        reverse("curriculum:class_new"), {"name": "7A1", "grade": "lower_secondary/7", "form_teacher": ""}
    )
    made = SchoolClass.objects.get(school=school)
    assert answer.url == reverse("curriculum:class", args=[made.pk])
    assert made.subjects.filter(subject__key="toan").exists()


def test_a_name_in_use_is_said_at_the_field(clerk, school, room):
    page = text(clerk.post(reverse("curriculum:class_new"), {"name": "6a1", "grade": "lower_secondary/6"}))
    assert "Năm học này đã có lớp 6a1" in page
    assert SchoolClass.objects.filter(school=school).count() == 1


def test_a_cell_saves_by_itself_and_says_so(client, school):
    subject = ClassSubjectFactory(school_class=SchoolClassFactory(school=school))
    teacher = StaffFactory(school=school).person
    browser = browse(client, school, Role.VICE_PRINCIPAL)
    url = reverse("curriculum:assignment_cell", args=[subject.pk])
    assert "Đã lưu" in text(browser.post(url, {"teacher": teacher.full_name}, headers={"HX-Request": "true"}))
    assert subject.assignments.get().teacher == teacher
    refused = text(browser.post(url, {"teacher": "Không Có Ai"}))
    assert "Trường không có giáo viên này" in refused
    assert subject.assignments.get().teacher == teacher
    browser.post(url, {"teacher": ""})
    assert not subject.assignments.filter(until=None).exists()


def test_a_change_within_the_year_is_dated(client, school):
    before = AssignmentFactory(class_subject=ClassSubjectFactory(school_class=SchoolClassFactory(school=school)))
    other = StaffFactory(school=school).person
    other.full_name = "Hoàng Thị Mới"
    other.save()
    browser = browse(client, school, Role.PRINCIPAL)
    browser.post(reverse("curriculum:assignment_cell", args=[before.class_subject_id]), {"teacher": "hoang thi moi"})
    before.refresh_from_db()
    assert before.until is not None
    assert Assignment.objects.get(class_subject=before.class_subject, until=None).teacher == other


def test_the_form_teacher_is_set_from_the_grid(client, school, room):
    teacher = StaffFactory(school=school).person
    teacher.full_name = "Lê Thị Chủ Nhiệm"
    teacher.save()
    browser = browse(client, school, Role.PRINCIPAL)
    browser.post(reverse("curriculum:form_teacher", args=[room.pk]), {"teacher": "Lê Thị Chủ Nhiệm"})
    room.refresh_from_db()
    assert room.form_teacher == teacher


def test_pupils_are_placed_from_the_list_of_those_without_a_class(clerk, school):
    room = SchoolClassFactory(school=school)
    waiting = [EnrolmentFactory(school=school) for _ in range(3)]
    assert "3" in text(clerk.get(reverse("curriculum:unplaced")))
    data = {"lop": str(room.pk), "em": [str(one.pk) for one in waiting[:2]]}
    clerk.post(reverse("curriculum:unplaced"), data)
    assert room.placements.count() == 2


def test_a_pupil_moves_on_the_page(clerk, school, room):
    other = SchoolClassFactory(school=school)
    row = room.placements.get(row_number=1)
    url = reverse("curriculum:move", args=[room.pk, row.enrolment_id])
    assert "Chuyển lớp" in text(clerk.get(url))
    clerk.post(url, {"to": str(other.pk), "on": "2022-11-01"})
    assert Placement.objects.get(enrolment=row.enrolment_id, until=None).school_class == other


def test_electives_and_choices_are_set_on_their_pages(clerk, school):
    room = services.create_class(actor=of_school(school), school=school, year=2022, new=services.NewClass("10A1", "10"))
    form = {"mon-vat_li": "all", "mon-hoa_hoc": "all", "mon-sinh_hoc": "all", "mon-tin_hoc": "some", "cum-vat_li": "on"}
    clerk.post(reverse("curriculum:electives", args=[room.pk]), form)
    assert room.subjects.filter(chosen_by_some=True).get().subject.key == "tin_hoc"
    enrolment = EnrolmentFactory(school=school, grade="10", level="upper_secondary")
    services.place(actor=of_school(school), school_class=room, enrolment=enrolment)
    subject = room.subjects.get(subject__key="tin_hoc")
    url = reverse("curriculum:choices", args=[room.pk])
    assert "chưa đúng số môn" in text(clerk.get(url))
    clerk.post(url, {f"{enrolment.pk}/{subject.pk}": "on"})
    assert Choice.objects.get(enrolment=enrolment).class_subject == subject


def test_a_copy_is_shown_first_and_then_made(client, school, room):
    browser = browse(client, school, Role.CLERK, year=2023)
    assert "6A1" in text(browser.get(reverse("curriculum:copy")))
    assert not SchoolClass.objects.filter(year=2023, school=school).exists()
    browser.post(reverse("curriculum:copy"), {"theo-lop": "0", "phan-cong": "on"})
    assert SchoolClass.objects.get(year=2023, school=school).name == "6A1"


def test_a_roll_over_is_shown_first_and_then_made(clerk, school, room, monkeypatch):
    outcomes = {row.enrolment_id: Outcome("promoted", "7") for row in room.placements.all()}
    monkeypatch.setattr(links, "_outcomes", [lambda *_: outcomes])
    to = SchoolClassFactory(school=school, year=2023, grade="7", name="7A1")
    page = text(clerk.get(reverse("curriculum:rollover")))
    assert "7A1" in page
    assert not to.placements.exists()
    clerk.post(reverse("curriculum:rollover"), {f"lop-{room.pk}": str(to.pk)})
    assert to.placements.count() == 3


def test_a_principal_sets_the_calendar_and_dates_outside_the_frame_are_said_at_the_field(client, school):
    browser = browse(client, school, Role.PRINCIPAL)
    url = reverse("curriculum:calendar")
    data = {
        "starts_on": "2022-09-05",
        "term1_ends_on": "2023-01-13",
        "term2_starts_on": "2023-01-16",
        "decision": "1/QĐ",
    }
    refused = text(browser.post(url, {**data, "ends_on": "2023-06-15"}))
    assert "phải kết thúc trước ngày 31/05/2023" in refused
    assert not YearDates.objects.filter(organisation=school).exists()
    assert browser.post(url, {**data, "ends_on": "2023-05-25"}).status_code == 302
    week = YearDates.objects.get(organisation=school).weeks.order_by("starts_on")[0]
    browser.post(reverse("curriculum:week", args=[week.pk]), {"kind": "holiday"})
    week.refresh_from_db()
    assert week.number is None


PAGES = ("class", "class_edit", "electives", "choices")


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_opens_no_class(client, room, name):
    browser = browse(client, SchoolFactory(), Role.PRINCIPAL)
    assert browser.get(reverse(f"curriculum:{name}", args=[room.pk])).status_code == 404


@pytest.mark.parametrize("role", [Role.SUBJECT_TEACHER, Role.FORM_TEACHER])
def test_a_teacher_changes_nothing(client, school, room, role):
    browser = browse(client, school, role)
    subject = room.subjects.first()
    row = room.placements.get(row_number=1)
    before = Assignment.objects.count(), SchoolClass.objects.count(), Placement.objects.count()
    urls = [
        reverse("curriculum:class_new"),
        reverse("curriculum:copy"),
        reverse("curriculum:rollover"),
        reverse("curriculum:unplaced"),
        reverse("curriculum:calendar"),
        reverse("curriculum:assignment_cell", args=[subject.pk]),
        reverse("curriculum:form_teacher", args=[room.pk]),
        reverse("curriculum:renumber", args=[room.pk]),
        reverse("curriculum:choices", args=[room.pk]),
        reverse("curriculum:move", args=[room.pk, row.enrolment_id]),
    ]
    assert {browser.post(url, {"name": "9Z", "teacher": ""}).status_code for url in urls} == {403}
    assert (Assignment.objects.count(), SchoolClass.objects.count(), Placement.objects.count()) == before


@pytest.mark.parametrize("value", ["", "khong-phai-ma", "00000000-0000-0000-0000-000000000000"])
def test_bad_ids_in_forms_are_no_errors_of_the_server(clerk, value):
    assert clerk.post(reverse("curriculum:unplaced"), {"lop": value, "em": value}).status_code == 404
    assert clerk.post(reverse("curriculum:rollover"), {f"lop-{value}": value}).status_code in (302, 409)


def test_the_desk_has_pages_work_years_and_search(school, room):
    head = of_school(school, Role.PRINCIPAL)
    urls = {entry.url for entry in desk.entries(head, WHEN)}
    assert {reverse("curriculum:classes"), reverse("curriculum:assignments"), reverse("curriculum:calendar")} <= urls
    labels = {work.label for work in desk.work(head, WHEN)}
    assert "lớp chưa có giáo viên chủ nhiệm" in labels
    assert 2022 in desk.years(head)
    assert reverse("curriculum:class", args=[room.pk]) in {hit.url for hit in desk.search(head, WHEN, "lop 6a1")}
    parent = of_school(school, Role.PARENT)
    assert not {entry.url for entry in desk.entries(parent, WHEN)} & {reverse("curriculum:classes")}
