"""The officers' pages: figures of every school of the area, constant queries, and never a name."""

from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook

from sen.core.curriculum.tests.factories import SchoolClassFactory
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import GrantFactory, OrganisationFactory
from sen.core.organisations.models import Organisation
from sen.core.people.tests.factories import SchoolFactory
from sen.school.gradebook.models import ClassFigures
from sen.school.gradebook.queries import region
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.tests.factories import ReadyClass, full_class, ready_class
from sen.school.gradebook.tests.pages import browser, browser_of, derive, names_in, office_over, parent_of, role_at
from sen.shared.audit.models import Line

pytestmark = pytest.mark.django_db

OFFICER_PAGES = ("khu-vuc/", "khu-vuc/?ki=nam&sort=-diem", "khu-vuc/?cap=lower_secondary&q=thu")


def two_schools() -> tuple[ReadyClass, ReadyClass]:
    full, empty = full_class(pupils=2), ready_class(pupils=3)
    derive(full, empty)
    return full, empty


def officer(*rooms: ReadyClass, role: Role = Role.OFFICE_OFFICER):
    return role_at(role, office_over(*(room.school for room in rooms)))


def test_an_officer_sees_completion_and_results_of_the_schools_of_the_area():
    full, empty = two_schools()
    page = officer(full, empty).get("/so-diem/khu-vuc/?ki=1").content.decode()
    for room in (full, empty):
        assert room.school.spans.get().name in page
    assert "100%" in page and "0%" in page
    assert "Tổng 2 trường" in page


def test_no_page_of_an_officer_carries_a_name():
    full, empty = two_schools()
    client = officer(full, empty)
    pages = [*OFFICER_PAGES, f"khu-vuc/{full.school.pk}/?ki=1", f"khu-vuc/{full.school.pk}/?ki=nam"]
    for page in pages:
        answer = client.get(f"/so-diem/{page}")
        assert answer.status_code == 200
        assert names_in(answer.content.decode(), full, empty) == set()
    book = load_workbook(BytesIO(client.get("/so-diem/khu-vuc/excel/?ki=1").content))
    text = " ".join(str(value) for row in book.active.iter_rows(values_only=True) for value in row)
    assert full.school.spans.get().name in text and names_in(text, full, empty) == set()


def test_named_pages_are_shut_for_officers():
    full, _empty = two_schools()
    client = officer(full)
    for page in (f"lop/{full.school_class.pk}/?ki=1", f"lop/{full.school_class.pk}/hoc-sinh/{full.enrolments[0].pk}/"):
        answer = client.get(f"/so-diem/{page}")
        assert answer.status_code == 404 and names_in(answer.content.decode(), full) == set()
    assert client.get("/so-diem/truong/").status_code == 403


@pytest.mark.parametrize("page", ["khu-vuc/", "khu-vuc/excel/"])
def test_schools_and_families_have_no_area(page):
    full, _empty = two_schools()
    clients = (browser(full.actor(Role.PRINCIPAL)), browser(full.teacher), parent_of(full.enrolments[0].person))
    for client in clients:
        assert client.get(f"/so-diem/{page}").status_code == 403


def test_a_school_of_another_area_is_not_there():
    mine, other = two_schools()
    client = officer(mine)
    assert str(other.school.pk) not in client.get("/so-diem/khu-vuc/").content.decode()
    assert client.get(f"/so-diem/khu-vuc/{other.school.pk}/").status_code == 404
    assert client.get(f"/so-diem/khu-vuc/{UUID(int=5)}/").status_code == 404


def test_the_department_sees_through_its_offices_and_the_ministry_everything():
    full, empty = two_schools()
    ministry = Organisation.objects.get(kind="ministry")
    department = OrganisationFactory(kind="department", parent=ministry)
    office_over(full.school, parent=department)
    empty.school.spans.update(parent=department)
    for role, place in ((Role.DEPARTMENT_OFFICER, department), (Role.MINISTRY_OFFICER, ministry)):
        page = role_at(role, place).get("/so-diem/khu-vuc/?q=thu+nghiem").content.decode()
        assert full.school.spans.get().name in page and empty.school.spans.get().name in page


def test_the_tree_is_read_as_of_the_year_one_looks_at():
    full, _empty = two_schools()
    office = office_over(full.school)
    full.school.spans.update(valid_from=date(2024, 1, 1))
    client = role_at(Role.OFFICE_OFFICER, office, year=2022)
    assert full.school.spans.get().name not in client.get("/so-diem/khu-vuc/").content.decode()


def test_chips_and_sorting_stand_in_the_address():
    full, empty = two_schools()
    client = officer(full, empty)
    lock_term(actor=full.actor(Role.PRINCIPAL), school=full.school, year=2022, term=1)
    names = [room.school.spans.get().name for room in (full, empty)]

    def shown(query: str) -> list[bool]:
        page = client.get(f"/so-diem/khu-vuc/?ki=1{query}").content.decode()
        return [f">{name}</a></th>" in page for name in names]

    assert shown("") == [True, True]
    assert shown("&tinh-trang=da-khoa") == [True, False]
    assert shown("&tinh-trang=chua-khoa") == [False, True]
    assert shown("&tinh-trang=chua-du") == [False, True]
    assert shown("&cap=primary") == [False, False]
    page = client.get("/so-diem/khu-vuc/?ki=1&sort=-diem").content.decode()
    assert page.index(f">{names[0]}</a></th>") < page.index(f">{names[1]}</a></th>")
    assert 'aria-sort="descending"' in page


def test_a_column_of_another_package_is_shown_summed_and_exported(monkeypatch):
    full, empty = two_schools()
    monkeypatch.setattr(region, "_extra", [])
    region.register_column("Học bạ đã ký", lambda ids, year: {full.school.pk: 7, empty.school.pk: 5})
    region.register_column("Học bạ đã ký", lambda ids, year: {})  # the same title again changes nothing
    page = officer(full, empty).get("/so-diem/khu-vuc/?ki=1").content.decode()
    assert "Học bạ đã ký" in page and ">12</td>" in page


def many_schools(number: int) -> Organisation:
    """An office with schools of two classes each, figures as a job would have left them."""
    office = OrganisationFactory(kind="office")
    rows = []
    for _ in range(number):
        school = SchoolFactory()
        school.spans.update(parent=office)
        for _class in range(2):
            room = SchoolClassFactory(school=school)
            rows.append(
                ClassFigures(
                    school=school, school_class=room, year=2022, term=1, pupils=40, cells_expected=100, cells_filled=75,
                    sheets=10, sheets_locked=0, levels={"Tốt": 10, "Khá": 20, "Đạt": 8, "Chưa đạt": 2},
                )
            )  # fmt: skip
    ClassFigures.objects.bulk_create(rows)
    return office


def test_any_number_of_schools_costs_the_same_and_totals_run_over_all(django_assert_max_num_queries):
    small, large = many_schools(2), many_schools(105)
    counted = []
    for office in (small, large):
        client = role_at(Role.OFFICE_OFFICER, office)
        client.get("/so-diem/khu-vuc/?ki=1")
        with django_assert_max_num_queries(40) as captured:
            answer = client.get("/so-diem/khu-vuc/?ki=1")
        counted.append(len(captured))
    assert counted[0] == counted[1]
    page = answer.content.decode()
    assert page.count('<a href="/so-diem/khu-vuc/') >= 100 and "Trang 1/2" in page
    assert "Tổng 105 trường" in page and "8.400" in page  # pupils of all pages


def test_the_bands_of_levels_are_shares_of_those_with_a_result():
    office = many_schools(1)
    grant = GrantFactory(role=Role.OFFICE_OFFICER, organisation=office)
    page = browser_of(grant).get("/so-diem/khu-vuc/?ki=1").content.decode()
    assert "25,0%" in page and "5,0%" in page and "75%" in page


def test_the_export_is_noted_with_its_count():
    full, empty = two_schools()
    officer(full, empty).get("/so-diem/khu-vuc/excel/?ki=1")
    line = Line.objects.get(action="gradebook.area_exported")
    assert line.after["count"] == 2 and line.after["purpose"]


def test_home_tells_an_officer_how_many_schools_have_not_locked():
    full, empty = two_schools()
    client = officer(full, empty)
    assert "trường chưa khóa sổ học kì" in client.get("/").content.decode()
    for room in (full, empty):
        lock_term(
            actor=room.actor(Role.PRINCIPAL), school=room.school, year=2022, term=1, despite_missing="Kiểm thử tổng số"
        )
    assert "trường chưa khóa sổ học kì" not in client.get("/").content.decode()
