"""The frame of every page: home, search, notices, help, year, role."""

import re
from datetime import date
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sen.core.identity import desk, queries, rules
from sen.core.identity.desk import Entry, Found, When, Work
from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import AccountFactory, GrantFactory, OrganisationFactory, sign_in
from sen.shared.audit.models import Line
from sen.shared.messaging.models import Notice
from sen.shared.messaging.services import notify

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


@pytest.fixture
def teacher(client: Client) -> Grant:
    grant: Grant = GrantFactory(role=Role.SUBJECT_TEACHER)
    sign_in(client, grant)
    return grant


def test_home_says_when_nothing_waits(client: Client, teacher: Grant) -> None:
    assert "Không có việc nào đang chờ" in client.get("/").content.decode()


def test_home_lists_waiting_work_with_count_and_way_urgent_first(client: Client, teacher: Grant) -> None:
    desk.register(
        work=lambda actor, when: [
            Work("bảng điểm còn thiếu", 1234, "/so-diem/"),
            Work("đề nghị sửa điểm", 2, "/sua-diem/", urgent=True),
        ]
    )
    page = client.get("/").content.decode()
    assert page.index("/sua-diem/") < page.index("/so-diem/")
    assert "1.234" in page


def test_home_of_an_account_without_a_role_says_whom_to_ask(client: Client) -> None:
    client.force_login(AccountFactory())
    page = client.get("/").content.decode()
    assert "chưa có vai trò" in page
    assert "phân quyền" in page


def test_home_shows_recent_notices_and_the_bell_counts_them(client: Client, teacher: Grant) -> None:
    notify(account_ids=[teacher.account_id], title="Đã lập xong 45 học bạ lớp 9A1", url="/hoc-ba/")
    page = client.get("/").content.decode()
    assert "Đã lập xong 45 học bạ lớp 9A1" in page
    assert "chưa đọc:" in page


def test_notices_are_marked_read_by_the_button_and_only_ones_own(client: Client, teacher: Grant) -> None:
    stranger = AccountFactory()
    notify(account_ids=[teacher.account_id, stranger.pk], title="Sổ điểm đã khóa")
    assert "Sổ điểm đã khóa" in client.get("/thong-bao/").content.decode()
    assert Notice.objects.filter(read_at=None).count() == 2  # reading the page alone changes nothing
    client.post("/thong-bao/")
    assert list(Notice.objects.filter(read_at=None).values_list("account_id", flat=True)) == [stranger.pk]


def test_notices_say_when_there_are_none(client: Client, teacher: Grant) -> None:
    assert "Chưa có thông báo nào" in client.get("/thong-bao/").content.decode()


def test_the_frame_costs_two_queries_of_its_own(
    client: Client, teacher: Grant, django_assert_max_num_queries: Any
) -> None:
    GrantFactory(account=teacher.account, role=Role.FORM_TEACHER)
    asked: list[Any] = []
    desk.register(years=lambda actor: asked.append(actor) or [2022])
    client.get("/")
    # savepoint; session, account, grants; notices of the page; names, bell; last seen; release
    asked.clear()
    with django_assert_max_num_queries(9):
        client.get("/")
    assert len(asked) == 1


def test_search_finds_pages_without_marks(client: Client, teacher: Grant) -> None:
    desk.register(entries=lambda actor, when: [Entry("Học tập", "Sổ điểm", "/so-diem/", "notebook")])
    found = client.get("/tim", {"q": "so diem"}, headers=JSON).json()
    assert found == {
        "groups": [
            {
                "label": "Trang",
                "items": [{"label": "Sổ điểm", "hint": "Học tập", "url": "/so-diem/", "icon": "notebook"}],
            }
        ]
    }


def test_search_hands_folded_words_to_the_packages_and_groups_their_hits(client: Client, teacher: Grant) -> None:
    asked: list[str] = []

    def provider(actor: Any, when: When, words: str) -> list[Found]:
        asked.append(words)
        return [Found("Học sinh", "Nguyễn Thị Hường", "/hoc-sinh/1/", hint="9A1")]

    desk.register(search=provider)
    found = client.get("/tim", {"q": "  Nguyễn  Thị HƯỜNG "}, headers=JSON).json()
    assert asked == ["nguyen thi huong"]
    assert found["groups"][0]["label"] == "Học sinh"


def test_search_without_words_offers_pages_and_asks_no_package(client: Client, teacher: Grant) -> None:
    desk.register(search=lambda actor, when, words: pytest.fail("asked"))
    assert client.get("/tim", {"q": " "}, headers=JSON).json()["groups"][0]["items"][0]["label"] == "Việc hôm nay"


def test_search_is_a_page_too(client: Client, teacher: Grant) -> None:
    page = client.get("/tim", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
    assert "Không tìm thấy gì" in page


# --- year and term


def seen(client: Client) -> When:
    kept: list[When] = []
    desk.register(work=lambda actor, when: kept.append(When(when.year, when.term, when.day)) or [])
    client.get("/")
    return kept[-1]


def test_the_newest_year_with_anything_is_looked_at_first(client: Client, teacher: Grant) -> None:
    desk.register(years=lambda actor: [2020, 2022, 2021])
    assert seen(client) == When(2022, 2, date(2023, 5, 31))


def test_without_any_year_it_is_the_present_one(client: Client, teacher: Grant) -> None:
    today = timezone.localdate()
    year, term = rules.school_year_of(today)
    assert seen(client) == When(year, term, today)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2022, 7, 31), (2021, 2)),
        (date(2022, 8, 1), (2022, 1)),
        (date(2023, 1, 15), (2022, 1)),
        (date(2023, 1, 16), (2022, 2)),
    ],
)
def test_the_school_year_begins_in_august_and_turns_in_mid_january(day: date, expected: tuple[int, int]) -> None:
    assert rules.school_year_of(day) == expected


def test_a_chosen_year_and_term_stay_for_the_session(client: Client, teacher: Grant) -> None:
    response = client.get(reverse("identity:when"), {"year": "2021", "term": "1"})
    assert response["Location"] == "/"
    assert seen(client) == When(2021, 1, date(2022, 5, 31))
    client.post(reverse("identity:when"), {"year": "2020", "next": "/thong-bao/"})
    assert seen(client) == When(2020, 2, date(2021, 5, 31))


@pytest.mark.parametrize(
    "query", [{}, {"year": "x"}, {"year": "1800"}, {"year": "2022", "term": "3"}, {"year": "9" * 30}]
)
def test_a_wrong_year_is_refused_and_nothing_changes(client: Client, teacher: Grant, query: dict[str, str]) -> None:
    response = client.get(reverse("identity:when"), query)
    assert response.status_code == 400
    assert "không hợp lệ" in response.content.decode()
    assert "year" not in client.session


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://testserver/lop-hoc/?trang=2", "/lop-hoc/"),
        ("http://testserver/so-diem/0190a0b0-0000-7000-8000-000000000001/", "/"),
        ("https://ke-xau.example/lop-hoc/", "/"),
        ("", "/"),
    ],
)
def test_changing_the_year_leads_back_but_not_to_one_thing_of_another_year(
    client: Client, teacher: Grant, before: str, after: str
) -> None:
    response = client.get(reverse("identity:when"), {"year": "2021"}, headers={"referer": before})
    assert response["Location"] == after


@pytest.mark.parametrize("evil", ["https://ke-xau.example/", "//ke-xau.example/", "javascript:alert(1)"])
def test_changing_the_year_never_leads_out_of_the_house(client: Client, teacher: Grant, evil: str) -> None:
    assert client.get(reverse("identity:when"), {"year": "2021", "next": evil})["Location"] == "/"


def test_the_frame_shows_place_and_year_and_offers_others(client: Client) -> None:
    first = GrantFactory(
        role=Role.SUBJECT_TEACHER, organisation=OrganisationFactory(parent__name="Trường THCS Lao Bảo")
    )
    GrantFactory(
        account=first.account,
        role=Role.SUBJECT_TEACHER,
        organisation=OrganisationFactory(parent__name="Trường THCS Khe Sanh"),
    )
    desk.register(years=lambda actor: [2022, 2021])
    sign_in(client, first)
    page = client.get("/").content.decode()
    assert "Trường THCS Lao Bảo" in page
    assert "Trường THCS Khe Sanh" in page
    assert "HK II · 2022–2023" in page
    assert "/nam-hoc/?year=2021&amp;term=1" in page


# --- role


def test_another_role_is_taken_without_signing_in_again_and_noted(client: Client) -> None:
    first = GrantFactory(role=Role.FORM_TEACHER)
    second = GrantFactory(account=first.account, role=Role.SUBJECT_TEACHER)
    sign_in(client, first)
    client.get(reverse("identity:when"), {"year": "2021"})
    assert client.post(reverse("identity:roles"), {"grant": str(second.pk)})["Location"] == "/"
    assert client.session["grant"] == str(second.pk)
    assert "year" not in client.session  # the other place has its own years
    line = Line.objects.get(action="identity.role_chosen")
    assert (line.organisation_id, line.subject_id) == (second.organisation_id, second.pk)
    assert line.actor.startswith(str(first.account.pk))


def test_nobody_takes_anothers_role(client: Client, teacher: Grant) -> None:
    others = GrantFactory(role=Role.PRINCIPAL)
    assert client.post(reverse("identity:roles"), {"grant": str(others.pk)}).status_code == 404
    assert client.session["grant"] == str(teacher.pk)


@pytest.mark.parametrize("value", ["", "x", "0190a0b0-0000-7000-8000-000000000001"])
def test_a_role_that_is_none_is_not_found(client: Client, teacher: Grant, value: str) -> None:
    assert client.post(reverse("identity:roles"), {"grant": value}).status_code == 404


def test_an_ended_role_is_refused_and_falls_back_at_the_next_request(client: Client) -> None:
    first = GrantFactory(role=Role.FORM_TEACHER)
    second = GrantFactory(account=first.account, role=Role.SUBJECT_TEACHER, valid_to=date(2022, 6, 1))
    sign_in(client, first)
    assert client.post(reverse("identity:roles"), {"grant": str(second.pk)}).status_code == 403
    assert client.session["grant"] == str(first.pk)
    first.valid_to = date(2022, 6, 1)
    first.save()
    assert "chưa có vai trò" in client.get("/").content.decode()


# --- the tree of the chosen year


def test_an_officer_covers_the_schools_of_the_year_looked_at() -> None:
    department = OrganisationFactory(kind="department")
    office = OrganisationFactory(kind="office", parent=department, parent__valid_to=date(2025, 7, 1))
    school = OrganisationFactory(parent=office, parent__valid_to=date(2025, 7, 1))
    school.spans.create(name="Trường", name_folded="truong", parent=department, valid_from=date(2025, 7, 1))
    grant = GrantFactory(role=Role.OFFICE_OFFICER, organisation=office)
    assert queries.actor_for(grant.account, grant, year=2022).covered == {school.pk}
    # The office ended: what it had on its last day is what its grant still reaches.
    assert queries.actor_for(grant.account, grant).covered == {school.pk}
    above = GrantFactory(role=Role.DEPARTMENT_OFFICER, organisation=department)
    assert queries.actor_for(above.account, above).covered == {school.pk}
    stranger = GrantFactory(role=Role.DEPARTMENT_OFFICER, organisation=OrganisationFactory(kind="department"))
    assert queries.actor_for(stranger.account, stranger, year=2022).covered == frozenset()


# --- help


def test_a_page_with_a_help_text_links_it_and_others_do_not(client: Client, teacher: Grant) -> None:
    assert reverse("identity:help", args=["identity.home"]) in client.get("/").content.decode()
    assert "tro-giup/identity.help" not in client.get("/tro-giup/").content.decode()


def test_help_opens_without_sign_in_and_an_unknown_text_is_not_found(client: Client) -> None:
    page = client.get(reverse("identity:help", args=["account_login"])).content.decode()
    assert "Đăng nhập" in page
    assert client.get("/tro-giup/").status_code == 200
    assert client.get("/tro-giup/../../settings/").status_code == 404
    assert client.get("/tro-giup/khong.co/").status_code == 404


# --- headers


def every_inline(page: str) -> list[str]:
    """What the policy would block: scripts in the page, handlers and styles in attributes."""
    scripts = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag and "application/json" not in tag]
    handlers = re.findall(r"<[^>]+\son[a-z]+=", page)
    styles = re.findall(r"<[^>]+\sstyle=|<style", page)
    return scripts + handlers + styles


@pytest.mark.parametrize("path", ["/", "/thong-bao/", "/tim?q=a", "/vai-tro/", "/tro-giup/", "/tai-khoan/dang-nhap/"])
def test_every_page_carries_the_policy_and_nothing_it_would_block(client: Client, path: str) -> None:
    if not path.endswith("dang-nhap/"):
        sign_in(client, GrantFactory(role=Role.SUBJECT_TEACHER))
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert every_inline(response.content.decode()) == []


def test_pages_of_a_signed_in_person_are_not_kept_by_the_browser(client: Client, teacher: Grant) -> None:
    assert client.get("/")["Cache-Control"] == "private, no-store"


def test_a_refusal_undoes_what_the_view_wrote_but_not_the_session(client: Client, teacher: Grant) -> None:
    from django.contrib.auth.decorators import login_not_required
    from django.test import override_settings
    from django.urls import path

    from config import urls
    from sen.shared.kit.errors import RuleError

    @login_not_required
    def refused(request: HttpRequest) -> HttpResponse:
        request.session["seen"] = True
        notify(account_ids=[teacher.account_id], title="không được còn lại")
        raise RuleError("test.refused", "Không được.")

    class Addresses:
        urlpatterns = [path("tu-choi/", refused), *urls.urlpatterns]

    with override_settings(ROOT_URLCONF=Addresses):
        response = client.post("/tu-choi/")
        answer = client.post("/tu-choi/", headers=JSON)
    assert response.status_code == 409
    assert "Không được." in response.content.decode()
    assert answer.json() == {"code": "test.refused", "message": "Không được."}
    assert not Notice.objects.exists()
    assert client.session["seen"] is True
