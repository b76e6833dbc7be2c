"""The tree as roles meet it: who may change it, and its pages. Here, because organisations knows no roles."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from sen.core.identity import tree
from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import Role
from sen.core.organisations import permissions, queries
from sen.core.organisations.loading import organisation_id
from sen.core.organisations.models import Change, Organisation

pytestmark = pytest.mark.django_db
QUANG_TRI, THAI_NGUYEN = organisation_id("department", "45"), organisation_id("department", "19")
SCHOOL = organisation_id("school", "45461501")
MINISTRY = organisation_id("ministry", "BGDDT")
DAY = date(2026, 3, 1)


def actor(role: Role, place) -> Actor:
    return Actor(account_id=None, name="Người thử", role=role, organisation_id=place)


@pytest.mark.parametrize(
    ("role", "place", "allowed"),
    [
        (Role.DEPARTMENT_OFFICER, QUANG_TRI, True),
        (Role.MINISTRY_OFFICER, MINISTRY, True),
        (Role.DEPARTMENT_OFFICER, THAI_NGUYEN, False),
        (Role.OPERATOR, MINISTRY, False),
        (Role.OFFICE_OFFICER, organisation_id("office", "461"), False),
        (Role.INSPECTOR, QUANG_TRI, False),
        (Role.PRINCIPAL, SCHOOL, False),
    ],
)
@pytest.mark.parametrize("day", [date(2022, 12, 1), DAY])
def test_who_may_change_a_school_of_quang_tri(role, place, allowed, day):
    assert permissions.may_change(actor(role, place), SCHOOL, day) is allowed


def test_a_department_does_not_change_itself():
    assert not permissions.may_change(actor(Role.DEPARTMENT_OFFICER, QUANG_TRI), QUANG_TRI, DAY)
    assert permissions.may_change(actor(Role.MINISTRY_OFFICER, MINISTRY), QUANG_TRI, DAY)


def sign_in(client, role: Role, place, *, factor: bool = True) -> Account:
    account = Account.objects.create(username=f"thu-{role}-{place}", full_name="Người Thử Nghiệm")
    Grant.objects.create(account=account, role=role, organisation_id=place, valid_from=date(2020, 1, 1))
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 1.0, "id": "x"}] if factor else []
    session["year"], session["term"] = 2022, 1
    session.save()
    return account


def look(client, year: int) -> None:
    session = client.session
    session["year"] = year
    session.save()


@pytest.fixture
def officer(client, monkeypatch):
    """A signed-in officer of Sở Quảng Trị whose second factor is proved."""
    monkeypatch.setattr("sen.core.identity.queries._has_second_factor", lambda *_: True)
    sign_in(client, Role.DEPARTMENT_OFFICER, QUANG_TRI)
    return client


def test_the_browse_page_shows_offices_then_and_schools_now(officer):
    then = officer.get(reverse("organisations:browse")).content.decode()
    assert "Phòng Giáo dục và Đào tạo thành phố Đông Hà" in then
    look(officer, 2026)
    now = officer.get(reverse("organisations:browse")).content.decode()
    assert "Phòng Giáo dục và Đào tạo thành phố Đông Hà" not in now.split("Lịch sử thay đổi")[0]
    assert "Trường trực thuộc" in now


def test_search_and_level_filter_narrow_the_list(officer):
    page = officer.get(reverse("organisations:browse"), {"q": "nguyen trai", "cap": "lower_secondary"}).content.decode()
    assert str(SCHOOL) in page
    assert (
        "Không tìm thấy" in officer.get(reverse("organisations:browse"), {"q": "khong co truong nay"}).content.decode()
    )


@pytest.mark.parametrize("place", [MINISTRY, QUANG_TRI, organisation_id("office", "461"), SCHOOL])
def test_pages_take_a_constant_number_of_queries(officer, django_assert_max_num_queries, place):
    with django_assert_max_num_queries(32):
        assert officer.get(reverse("organisations:node", args=[place])).status_code == 200


def test_a_school_page_tells_its_history(officer):
    page = officer.get(reverse("organisations:node", args=[SCHOOL])).content.decode()
    assert "Nghị quyết 203/2025/QH15" in page
    assert "Phòng Giáo dục và Đào tạo thành phố Đông Hà" in page


def test_an_officer_renames_a_school_on_the_page(officer):
    look(officer, 2026)
    url = reverse("organisations:operate", args=[SCHOOL, "doi-ten"])
    assert officer.get(url).status_code == 200
    day = date(2026, 4, 1)
    answer = officer.post(url, {"name": "Trường THCS Đổi Mới", "day": "2026-04-01", "decision": "1/QĐ", "reason": ""})
    assert answer.status_code == 302
    assert queries.name_on(SCHOOL, day) == "Trường THCS Đổi Mới"
    assert queries.name_on(SCHOOL, day - timedelta(days=1)) != "Trường THCS Đổi Mới"


def test_a_refused_day_is_said_at_the_form_and_changes_nothing(officer):
    look(officer, 2026)
    url = reverse("organisations:operate", args=[SCHOOL, "doi-ten"])
    before = Change.objects.count()
    answer = officer.post(url, {"name": "Tên", "day": "2021-04-01", "decision": "1/QĐ", "reason": ""})
    assert answer.status_code == 200
    assert "Xin chọn ngày muộn hơn" in answer.content.decode()
    assert Change.objects.count() == before


@pytest.mark.parametrize("slug", ["doi-ten", "chuyen-co-quan", "sap-nhap", "chia-tach", "diem-truong", "giai-the"])
def test_an_officer_of_another_province_gets_no_form(client, monkeypatch, slug):
    monkeypatch.setattr("sen.core.identity.queries._has_second_factor", lambda *_: True)
    sign_in(client, Role.DEPARTMENT_OFFICER, THAI_NGUYEN)
    look(client, 2026)
    before = Organisation.objects.count(), Change.objects.count()
    url = reverse("organisations:operate", args=[SCHOOL, slug])
    assert client.get(url).status_code == 403
    assert client.post(url, {"name": "Tên", "day": "2026-04-01", "decision": "1/QĐ"}).status_code == 403
    assert (Organisation.objects.count(), Change.objects.count()) == before


@pytest.mark.parametrize("slug", ["doi-ten", "chuyen-co-quan", "sap-nhap", "chia-tach", "diem-truong", "giai-the"])
def test_every_form_opens_for_the_officer(officer, slug):
    look(officer, 2026)
    assert officer.get(reverse("organisations:operate", args=[SCHOOL, slug])).status_code == 200


def test_schools_are_on_the_desk_for_officers_and_not_for_families():
    when = When(2022, 1, date(2022, 12, 1))
    hits = tree.search(actor(Role.DEPARTMENT_OFFICER, QUANG_TRI), when, "thcs nguyen trai")
    assert reverse("organisations:node", args=[SCHOOL]) in {hit.url for hit in hits}
    assert not list(tree.search(actor(Role.PARENT, SCHOOL), when, "nguyen trai"))
    assert not list(tree.entries(actor(Role.PUPIL, SCHOOL), when))


@pytest.mark.parametrize(
    "query", [{"q": "\x00"}, {"cap": "\x00"}, {"cap": "khong-co"}, {"q": "%_'\"" * 50}, {"page": "x"}]
)
def test_odd_addresses_are_no_errors(officer, query):
    assert officer.get(reverse("organisations:browse"), query).status_code == 200
