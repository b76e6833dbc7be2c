"""What pupils and parents see: the own child alone, marks at once, results after the lock, as the school decides."""

import pytest

from sen.core.curriculum.tests.factories import PlacementFactory
from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import Role
from sen.core.people.models import Guardianship, Person
from sen.school.gradebook.models import SheetLine, TermRecord
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.services.publishing import set_publishing
from sen.school.gradebook.services.sheets import open_sheets
from sen.school.gradebook.tests.factories import ReadyClass, full_class, ready_class
from sen.school.gradebook.tests.pages import browser, derive, names_in, parent_of, pupil_account, role_at

pytestmark = pytest.mark.django_db


def name_pupils(c: ReadyClass) -> None:
    """Names that no other person of the test bears."""
    for number, enrolment in enumerate(c.enrolments):
        person = Person.objects.get(pk=enrolment.person_id)
        person.full_name = f"Vừ Thị Mẫu {'ABCDEFGH'[number]}{str(c.school_class.pk)[-4:]}"
        person.save()


def lock(c: ReadyClass, *terms: int) -> None:
    for term in terms:
        lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=term)


def test_a_parent_sees_the_own_child_and_no_other():
    c = full_class(pupils=3)
    name_pupils(c)
    derive(c)
    page = parent_of(c.enrolments[0].person).get("/so-diem/ket-qua/?ki=1").content.decode()
    names = Person.objects.in_bulk([e.person_id for e in c.enrolments])
    assert names[c.enrolments[0].person_id].full_name in page
    for other in c.enrolments[1:]:
        assert names[other.person_id].full_name not in page


def test_a_pupil_sees_the_own_marks():
    c = full_class(pupils=2)
    name_pupils(c)
    derive(c)
    page = pupil_account(c.enrolments[1].person).get("/so-diem/ket-qua/?ki=1").content.decode()
    assert "Giữa kì" in page and "8,5" in page
    assert Person.objects.get(pk=c.enrolments[1].person_id).full_name in page
    assert Person.objects.get(pk=c.enrolments[0].person_id).full_name not in page


def test_marks_show_as_they_are_entered_averages_when_all_are_there():
    c = ready_class(pupils=1)
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "9,3", "nx": "Chăm chỉ, cẩn thận."}))
    page = parent_of(c.enrolments[0].person).get("/so-diem/ket-qua/?ki=1").content.decode()
    assert "9,3" in page and "Chăm chỉ, cẩn thận." in page and "Chưa có điểm" in page
    assert SheetLine.objects.get(sheet=c.sheets["toan", 1]).average is None


def test_results_wait_for_the_lock_and_then_show():
    c = full_class(pupils=1)
    TermRecord.objects.filter(term=1).update(remark="Ngoan, lễ phép.")
    derive(c)
    client = parent_of(c.enrolments[0].person)
    before = client.get("/so-diem/ket-qua/?ki=1").content.decode()
    assert "hiện khi nhà trường khóa sổ" in before and "Ngoan, lễ phép." not in before
    lock(c, 1)
    after = client.get("/so-diem/ket-qua/?ki=1").content.decode()
    assert "Kết quả rèn luyện" in after and "Ngoan, lễ phép." in after


def test_the_school_may_show_results_at_once_and_marks_after_the_lock():
    c = full_class(pupils=1)
    derive(c)
    client = parent_of(c.enrolments[0].person)
    set_publishing(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, marks="locked", results="entered")
    page = client.get("/so-diem/ket-qua/?ki=1").content.decode()
    assert "Kết quả rèn luyện" in page and "8,5" not in page
    assert "Điểm các môn hiện khi nhà trường khóa sổ" in page
    lock(c, 1)
    assert "8,5" in client.get("/so-diem/ket-qua/?ki=1").content.decode()


def test_the_year_shows_outcome_only_when_locked():
    c = full_class(pupils=1)
    derive(c)
    client = parent_of(c.enrolments[0].person)
    assert "Được lên lớp" not in client.get("/so-diem/ket-qua/?ki=nam").content.decode()
    lock(c, 1, 2, 0)
    assert "Được lên lớp" in client.get("/so-diem/ket-qua/?ki=nam").content.decode()


def test_several_children_stand_on_one_screen_for_the_same_queries(django_assert_max_num_queries):
    c, primary = full_class(pupils=2), full_class("tt27-2020", pupils=1)
    for room in (c, primary):
        name_pupils(room)
    derive(c, primary)
    client = parent_of(c.enrolments[0].person)
    mother = Guardianship.objects.get(pupil=c.enrolments[0].person_id).adult
    with django_assert_max_num_queries(45):
        client.get("/so-diem/ket-qua/?ki=1")
    sibling = primary.enrolments[0].person_id
    Guardianship.objects.create(pupil_id=sibling, adult=mother, kind="mother")
    with django_assert_max_num_queries(45):
        page = client.get("/so-diem/ket-qua/?ki=1").content.decode()
    for person in (c.enrolments[0].person_id, sibling):
        assert Person.objects.get(pk=person).full_name in page
    assert Person.objects.get(pk=c.enrolments[1].person_id).full_name not in page


def test_a_restricted_parent_sees_nothing():
    c = full_class(pupils=1)
    name_pupils(c)
    client = parent_of(c.enrolments[0].person)
    Guardianship.objects.update(may_read=False, restricted_by="Quyết định của tòa án")
    assert names_in(client.get("/so-diem/ket-qua/?ki=1").content.decode(), c) == set()


def test_staff_and_officers_have_no_family_page():
    c = full_class(pupils=1)
    name_pupils(c)
    for client in (browser(c.teacher), browser(c.actor(Role.PRINCIPAL)), role_at(Role.OPERATOR, c.school)):
        answer = client.get("/so-diem/ket-qua/?ki=1")
        assert answer.status_code == 403
        assert Person.objects.get(pk=c.enrolments[0].person_id).full_name not in answer.content.decode()


def test_who_changed_class_is_shown_in_the_class_of_today():
    c = full_class(pupils=1)
    other = ready_class(pupils=0, school=c.school)
    placement = c.enrolments[0].placements.get()
    placement.until = placement.since.replace(month=11)
    placement.save()
    PlacementFactory(school_class=other.school_class, enrolment=c.enrolments[0])
    open_sheets(actor=Actor.system("test"), classes=[other.school_class])
    page = parent_of(c.enrolments[0].person).get("/so-diem/ket-qua/?ki=1").content.decode()
    assert other.school_class.name in page


def test_a_year_without_a_class_says_so():
    c = full_class(pupils=1)
    page = parent_of(c.enrolments[0].person, year=2021).get("/so-diem/ket-qua/?ki=1").content.decode()
    assert "Chưa có lớp học trong năm học này" in page
    assert Account.objects.filter(grants__role=Role.PARENT).count() == Grant.objects.filter(role=Role.PARENT).count()
