"""Accounts of a school: issue, slips, one-time passwords, closing."""

import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import segno
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader

from sen.core.identity import events, links, queries, rules, services
from sen.core.identity.actor import Actor
from sen.core.identity.links import Candidate
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import Role
from sen.core.identity.services import slips
from sen.core.identity.tests.factories import (
    PASSWORD,
    AccountFactory,
    GrantFactory,
    OrganisationFactory,
    actor,
    sign_in,
)
from sen.core.organisations.models import Organisation
from sen.shared.audit.models import Line
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Organisation:
    return OrganisationFactory(code="45000123", parent__name="Trường THCS Lao Bảo")


def pupils(*names: str, group: str = "6A1", year: int = 2011) -> list[Candidate]:
    return [Candidate(uuid4(), name, Role.PUPIL, group, year) for name in names]


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    kept: list[Any] = []

    def listen(school_id: UUID, pairs: list[tuple[UUID, UUID]], **_: Any) -> None:
        kept.append((school_id, dict(pairs)))

    events.accounts_issued.connect(listen)
    yield kept
    events.accounts_issued.disconnect(listen)


# --- login names


@pytest.mark.parametrize(
    ("name", "year", "stem"),
    [
        ("Nguyễn Văn An", 2014, "an.nv.2014"),
        ("Hồ Thị Kăn Lịch", 2011, "lich.htk.2011"),
        ("H’Linh Êban", 2012, "eban.h.2012"),
        ("Đinh Ý", None, "y.d"),
        ("A", 2015, "a.2015"),
        ("’ -", None, "tk"),
    ],
)
def test_a_login_is_the_given_name_the_initials_and_the_year(name: str, year: int | None, stem: str) -> None:
    assert rules.login_stem(name, year) == stem


def test_first_passwords_can_be_typed_on_a_phone_and_differ() -> None:
    made = {rules.first_password() for _ in range(200)}
    assert len(made) == 200
    assert all(word.isascii() and word == word.lower() for word in made)


# --- issue


def test_everybody_of_a_list_gets_an_account_and_a_role_and_the_owner_hears(
    school: Organisation, heard: list[Any]
) -> None:
    people = pupils("Nguyễn Văn An", "Nguyễn Viết An", "Hồ Thị Hường")
    clerk = actor(Role.CLERK, school)
    issued = services.issue_accounts(actor=clerk, school=school, people=people)
    assert (issued.made, issued.roles_added, issued.unchanged) == (3, 0, 0)
    logins = sorted(Account.objects.filter(issued_by_school=school).values_list("username", flat=True))
    assert logins == ["an.nv.2011.01@45000123", "an.nv.2011.02@45000123", "huong.ht.2011.01@45000123"]
    assert Grant.objects.filter(organisation=school, role=Role.PUPIL, given_by_id=clerk.account_id).count() == 3
    [(school_id, pairs)] = heard
    assert (school_id, set(pairs)) == (school.pk, {person.person_id for person in people})
    assert not any(account.has_usable_password() for account in Account.objects.filter(issued_by_school=school))
    assert Line.objects.get(action="identity.accounts_issued").after == {"made": 3}


def test_issuing_twice_makes_nobody_twice_and_numbers_go_on(school: Organisation, heard: list[Any]) -> None:
    clerk = actor(Role.CLERK, school)
    [an] = pupils("Nguyễn Văn An")
    services.issue_accounts(actor=clerk, school=school, people=[an])
    known = Candidate(an.person_id, an.full_name, an.role, an.group, an.birth_year, heard[0][1][an.person_id])
    issued = services.issue_accounts(actor=clerk, school=school, people=[known, *pupils("Nguyễn Viết An")])
    assert (issued.made, issued.roles_added, issued.unchanged) == (1, 0, 1)
    assert Account.objects.filter(username="an.nv.2011.02@45000123").exists()
    assert Grant.objects.filter(organisation=school, role=Role.PUPIL).count() == 2


def test_who_comes_from_another_school_keeps_the_account_and_gets_the_role_here(school: Organisation) -> None:
    account = GrantFactory(role=Role.PUPIL).account
    newcomer = Candidate(uuid4(), account.full_name, Role.PUPIL, "7A", 2010, account.pk)
    issued = services.issue_accounts(actor=actor(Role.CLERK, school), school=school, people=[newcomer])
    assert (issued.made, issued.roles_added) == (0, 1)
    assert {grant.organisation_id for grant in queries.open_grants(account)} >= {school.pk}


def test_a_teacher_who_is_a_parent_too_has_one_account(school: Organisation) -> None:
    person = uuid4()
    both = [
        Candidate(person, "Lê Thị Mẫu", Role.SUBJECT_TEACHER, "Giáo viên", 1985),
        Candidate(person, "Lê Thị Mẫu", Role.PARENT, "6A1", 1985),
    ]
    services.issue_accounts(actor=actor(Role.CLERK, school), school=school, people=both)
    account = Account.objects.get(issued_by_school=school)
    assert {grant.role for grant in queries.open_grants(account)} == {Role.SUBJECT_TEACHER, Role.PARENT}


@pytest.mark.parametrize("role", [Role.FORM_TEACHER, Role.SUBJECT_TEACHER, Role.PUPIL, Role.INSPECTOR, Role.OPERATOR])
def test_only_the_office_issues_accounts(school: Organisation, role: Role) -> None:
    someone = actor(role, school)
    before = Account.objects.count()
    with pytest.raises(NotAllowed):
        services.issue_accounts(actor=someone, school=school, people=pupils("Nguyễn Văn An"))
    assert Account.objects.count() == before


def test_a_clerk_issues_nothing_at_another_school_and_makes_no_leaders(school: Organisation) -> None:
    clerk = actor(Role.CLERK, school)
    elsewhere = OrganisationFactory()
    before = Account.objects.count()
    with pytest.raises(NotAllowed):
        services.issue_accounts(actor=clerk, school=elsewhere, people=pupils("Nguyễn Văn An"))
    with pytest.raises(NotAllowed):
        leader = Candidate(uuid4(), "Lê Thị Mẫu", Role.PRINCIPAL, "Ban giám hiệu", 1980)
        services.issue_accounts(actor=clerk, school=school, people=[leader])
    assert Account.objects.count() == before
    assert not Grant.objects.filter(organisation=elsewhere).exists()


def test_one_account_by_hand_and_a_taken_login_is_refused(school: Organisation) -> None:
    clerk = actor(Role.CLERK, school)
    made = services.create_account(actor=clerk, organisation=school, full_name="  Hồ  Văn Thới ", username="Thoi@45")
    assert (made.full_name, made.username, made.name_folded) == ("Hồ Văn Thới", "thoi@45", "ho van thoi")
    with pytest.raises(Invalid):
        services.create_account(actor=clerk, organisation=school, full_name="Hồ Văn Khác", username="THOI@45")
    assert Account.objects.filter(username="thoi@45").count() == 1


# --- slips


def issued_to(school: Organisation, *names: str) -> tuple[Actor, list[Account]]:
    clerk = actor(Role.CLERK, school)
    services.issue_accounts(actor=clerk, school=school, people=pupils(*names))
    return clerk, list(queries.school_accounts(school.pk, role=Role.PUPIL))


@pytest.fixture(autouse=True)
def printed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What went onto paper: the data of every PDF that was really made (no library here reads text from a PDF)."""
    kept: list[dict[str, Any]] = []
    real = slips.pdf.render_pdf

    def render(template: Path, data: dict[str, Any]) -> bytes:
        content = real(template, data)
        kept.append(data)
        return content

    monkeypatch.setattr(slips.pdf, "render_pdf", render)
    return kept


def pages(content: bytes) -> int:
    return int(PdfFileReader(io.BytesIO(content)).root["/Pages"]["/Count"])


def on_paper(data: dict[str, Any]) -> list[dict[str, str]]:
    return [slip for group in data["groups"] for slip in group["slips"]]


def make(clerk: Actor, school: Organisation, accounts: list[Account]) -> tuple[bytes, int]:
    return services.make_slips(
        actor=clerk,
        school=school,
        school_name="Trường THCS Lao Bảo",
        groups=[("6A1", accounts)],
        sign_in_url="http://localhost:8000/tai-khoan/dang-nhap/",
    )


def password_on(text: str) -> list[str]:
    return re.findall(r"\b[a-z]+-[a-z]+-[a-z]+-\d{4}\b", text)


def test_a_slip_carries_name_login_and_a_password_that_works_once(
    client: Client, school: Organisation, printed: list[dict[str, Any]]
) -> None:
    clerk, accounts = issued_to(school, "Rơ Châm H’Nhung", "Vừ A Sùng")
    content, count = make(clerk, school, accounts)
    assert content.startswith(b"%PDF")
    assert count == 2
    assert [group["name"] for group in printed[0]["groups"]] == ["6A1"]
    found = [(slip["name"], slip["login"]) for slip in on_paper(printed[0])]
    assert found == [(account.full_name, account.username) for account in accounts]
    first = on_paper(printed[0])[0]["password"]
    for account, slip in zip(accounts, on_paper(printed[0]), strict=True):
        password = slip["password"]
        account.refresh_from_db()
        assert account.check_password(password)
        assert account.must_change_password
        left = account.password_valid_until - timezone.now()
        assert timedelta(days=13) < left <= timedelta(days=14)
    response = client.post(reverse("account_login"), {"login": accounts[0].username, "password": first})
    assert response["Location"] == "/"
    assert client.get("/")["Location"] == reverse("account_change_password")


def test_the_qr_holds_the_login_and_never_the_password(school: Organisation, printed: list[dict[str, Any]]) -> None:
    clerk, accounts = issued_to(school, "Vừ A Sùng")
    make(clerk, school, accounts)
    [slip] = on_paper(printed[0])
    address = "http://localhost:8000/tai-khoan/dang-nhap/?ten=sung.va.2011.01%4045000123"
    wanted = io.BytesIO()
    segno.make(address, error="m", micro=False, mask=2).save(wanted, kind="svg", xmldecl=False, border=0, omitsize=True)
    assert slip["qr"] == wanted.getvalue().decode()


def test_eight_slips_fill_a_page_and_every_class_begins_a_new_one(school: Organisation) -> None:
    clerk, accounts = issued_to(school, *[f"Trần Thị Mẫu {letter}" for letter in "ABCDEFGHIJKL"])
    content, count = services.make_slips(
        actor=clerk, school=school, school_name="T", sign_in_url="http://x/",
        groups=[("6A1", accounts[:11]), ("6A2", accounts[11:])],
    )  # fmt: skip
    assert (count, pages(content)) == (12, 3)


def test_the_password_of_a_slip_stands_nowhere_in_the_database(
    school: Organisation, printed: list[dict[str, Any]]
) -> None:
    clerk, accounts = issued_to(school, "Vừ A Sùng")
    make(clerk, school, accounts)
    [password] = password_on(json.dumps(printed))
    account = Account.objects.get(pk=accounts[0].pk)
    assert password not in account.password
    history = " ".join(str(line.before) + str(line.after) for line in Line.objects.all())
    assert password not in history
    assert "argon2" not in history  # not even its hash


def test_a_slip_printed_again_ends_the_lost_one(school: Organisation, printed: list[dict[str, Any]]) -> None:
    clerk, accounts = issued_to(school, "Vừ A Sùng")
    make(clerk, school, accounts)
    make(clerk, school, accounts)
    [lost, found] = password_on(json.dumps(printed))
    account = Account.objects.get(pk=accounts[0].pk)
    assert account.check_password(found)
    assert not account.check_password(lost)


def test_who_has_signed_in_gets_no_slip(school: Organisation, printed: list[dict[str, Any]]) -> None:
    clerk, accounts = issued_to(school, "Vừ A Sùng", "Lò Văn Ún")
    used, waiting = accounts
    used.set_password(PASSWORD)
    used.last_login = timezone.now()
    used.save()
    assert make(clerk, school, accounts)[1] == 1
    assert [slip["name"] for slip in on_paper(printed[0])] == [waiting.full_name]
    used.refresh_from_db()
    assert used.check_password(PASSWORD)
    with pytest.raises(RuleError, match="Không còn ai cần phiếu"):
        make(clerk, school, [used])


def test_slips_of_another_school_or_of_a_leader_are_refused(school: Organisation) -> None:
    clerk = actor(Role.CLERK, school)
    stranger = GrantFactory(role=Role.PUPIL).account
    leader = GrantFactory(role=Role.PRINCIPAL, organisation=school).account
    for account in (stranger, leader):
        before = account.password
        with pytest.raises(NotAllowed):
            make(clerk, school, [account])
        account.refresh_from_db()
        assert (account.password, account.must_change_password) == (before, False)


# --- one-time passwords


def test_the_office_resets_a_password_and_all_sessions_end(client: Client, school: Organisation) -> None:
    pupil = GrantFactory(role=Role.PUPIL, organisation=school).account
    client.force_login(pupil)
    password = services.reset_password(actor=actor(Role.CLERK, school), account=pupil, school=school)
    assert client.get("/").status_code == 302
    pupil.refresh_from_db()
    assert pupil.check_password(password)
    assert pupil.must_change_password
    assert pupil.password_valid_until <= timezone.now() + timedelta(hours=24)
    line = Line.objects.get(action="identity.password_reset")
    assert (line.organisation_id, line.subject_id) == (school.pk, pupil.pk)


@pytest.mark.parametrize("leader", [Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK, Role.DEPARTMENT_OFFICER])
def test_a_clerk_resets_no_leader_no_clerk_and_no_officer(school: Organisation, leader: Role) -> None:
    account = GrantFactory(role=leader, organisation=school).account
    with pytest.raises(NotAllowed):
        services.reset_password(actor=actor(Role.CLERK, school), account=account, school=school)
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_nobody_resets_oneself_or_an_account_of_another_school(school: Organisation) -> None:
    grant = GrantFactory(role=Role.PRINCIPAL, organisation=school)
    principal = queries.actor_for(grant.account, grant)
    elsewhere = GrantFactory(role=Role.PUPIL).account
    guest = GrantFactory(
        role=Role.SUBJECT_TEACHER, organisation=school, account=AccountFactory(issued_by_school=OrganisationFactory())
    ).account
    for account in (grant.account, elsewhere, guest):
        with pytest.raises(NotAllowed):
            services.reset_password(actor=principal, account=account, school=school)
        account.refresh_from_db()
        assert account.check_password(PASSWORD)


@pytest.fixture
def form_teacher(school: Organisation) -> Iterator[tuple[Actor, Grant, Grant]]:
    """A form teacher, a pupil of the class, a pupil of another class of the school."""
    teacher = GrantFactory(role=Role.FORM_TEACHER, organisation=school)
    own, other = (GrantFactory(role=Role.PUPIL, organisation=school) for _ in range(2))
    person = uuid4()
    links.register_form_class_checker(
        lambda who, where, account: (who, where, account) == (person, school.pk, own.account_id)
    )
    from dataclasses import replace

    yield replace(queries.actor_for(teacher.account, teacher), person_id=person), own, other


def test_a_form_teacher_resets_a_pupil_of_the_class_for_fifteen_minutes(
    form_teacher: tuple[Actor, Grant, Grant],
) -> None:
    teacher, own, _ = form_teacher
    password = services.reset_password_by_form_teacher(actor=teacher, account=own.account)
    own.account.refresh_from_db()
    assert own.account.check_password(password)
    assert own.account.password_valid_until <= timezone.now() + timedelta(minutes=15)


def test_a_form_teacher_resets_nobody_else(form_teacher: tuple[Actor, Grant, Grant], school: Organisation) -> None:
    teacher, own, other = form_teacher
    colleague = GrantFactory(role=Role.SUBJECT_TEACHER, organisation=school).account
    for account in (other.account, colleague):
        with pytest.raises(NotAllowed):
            services.reset_password_by_form_teacher(actor=teacher, account=account)
        account.refresh_from_db()
        assert account.check_password(PASSWORD)
    GrantFactory(account=own.account, role=Role.SUBJECT_TEACHER, organisation=OrganisationFactory())
    with pytest.raises(NotAllowed):  # a pupil's account that is more than that is not a teacher's to reset
        services.reset_password_by_form_teacher(actor=teacher, account=own.account)
    own.account.refresh_from_db()
    assert own.account.check_password(PASSWORD)


def test_a_subject_teacher_resets_no_pupil(form_teacher: tuple[Actor, Grant, Grant], school: Organisation) -> None:
    _, own, _ = form_teacher
    with pytest.raises(NotAllowed):
        services.reset_password_by_form_teacher(actor=actor(Role.SUBJECT_TEACHER, school), account=own.account)
    own.account.refresh_from_db()
    assert own.account.check_password(PASSWORD)


# --- closing


def test_closing_ends_roles_here_and_sessions_everywhere(client: Client, school: Organisation) -> None:
    grant = GrantFactory(role=Role.SUBJECT_TEACHER, organisation=school)
    client.force_login(grant.account)
    services.close_account(actor=actor(Role.CLERK, school), account=grant.account, school=school, reason="Nghỉ hưu")
    grant.refresh_from_db()
    grant.account.refresh_from_db()
    assert grant.valid_to == timezone.localdate()
    assert not grant.account.is_active
    assert client.get("/").status_code == 302
    changed = Line.objects.filter(subject_table="identity_grant", subject_id=grant.pk, op="U").get()
    assert changed.reason == "Nghỉ hưu"


def test_closing_at_one_school_leaves_the_role_at_another(school: Organisation) -> None:
    grant = GrantFactory(role=Role.SUBJECT_TEACHER, organisation=school)
    other = GrantFactory(role=Role.SUBJECT_TEACHER, account=grant.account)
    clerk = actor(Role.CLERK, school)
    services.close_account(actor=clerk, account=grant.account, school=school, reason="Hết biệt phái")
    assert [held.pk for held in queries.open_grants(grant.account)] == [other.pk]
    grant.account.refresh_from_db()
    assert grant.account.is_active


def test_a_clerk_closes_no_principal(school: Organisation) -> None:
    grant = GrantFactory(role=Role.PRINCIPAL, organisation=school)
    with pytest.raises(NotAllowed):
        services.close_account(actor=actor(Role.CLERK, school), account=grant.account, school=school, reason="x")
    grant.account.refresh_from_db()
    assert grant.account.is_active
    assert queries.open_grants(grant.account)


def test_reopening_lets_in_again_without_old_roles(client: Client, school: Organisation) -> None:
    grant = GrantFactory(role=Role.SUBJECT_TEACHER, organisation=school)
    clerk = actor(Role.CLERK, school)
    grant.account.issued_by_school = school
    grant.account.save()
    services.close_account(actor=clerk, account=grant.account, school=school, reason="Nhầm")
    services.reopen_account(actor=clerk, account=grant.account, school=school)
    assert client.login(username=grant.account.username, password=PASSWORD)
    assert queries.open_grants(grant.account) == []
    with pytest.raises(RuleError):
        services.reopen_account(actor=clerk, account=grant.account, school=school)


# --- pages


@pytest.fixture
def clerk_page(client: Client, school: Organisation) -> Grant:
    grant: Grant = GrantFactory(role=Role.CLERK, organisation=school)
    sign_in(client, grant)
    return grant


def test_the_list_finds_without_marks_filters_and_pages(
    client: Client, clerk_page: Grant, school: Organisation, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        GrantFactory(role=Role.PUPIL, organisation=school, account__full_name=f"Trần Thị Mẫu Số{number}")
    GrantFactory(role=Role.PARENT, organisation=school, account__full_name="Nguyễn Thị Hường")
    GrantFactory(role=Role.PUPIL, account__full_name="Người Trường Khác")
    url = reverse("identity:school_accounts")
    page = client.get(url, {"q": "nguyen huong"}).content.decode()
    assert "Nguyễn Thị Hường" in page
    assert "Trần Thị Mẫu" not in page
    assert "Người Trường Khác" not in client.get(url, {"q": "nguoi truong"}).content.decode()
    assert "Nguyễn Thị Hường" not in client.get(url, {"vai-tro": "pupil"}).content.decode()
    assert "Không có tài khoản nào khớp" in client.get(url, {"q": "khongcoai"}).content.decode()
    with django_assert_max_num_queries(14):
        assert "Trang 1/2" in client.get(url).content.decode()


def roster(school: Organisation) -> None:
    """The people above: persons of the school with the accounts they were given."""
    people = pupils("Vừ A Sùng", "Lò Thị Ín") + pupils("Hồ Văn Pỉa", group="6A2")
    accounts: dict[UUID, UUID] = {}
    events.accounts_issued.connect(lambda pairs, **_: accounts.update(pairs), weak=False, dispatch_uid="roster")
    links.register_roster(
        lambda actor, school_id, when: [
            Candidate(p.person_id, p.full_name, p.role, p.group, p.birth_year, accounts.get(p.person_id))
            for p in people
            if school_id == school.pk
        ]
    )


def test_from_the_list_of_classes_to_the_slips_of_one_class(
    client: Client, clerk_page: Grant, school: Organisation, printed: list[dict[str, Any]]
) -> None:
    roster(school)
    assert "6A1" in client.get(reverse("identity:issue")).content.decode()
    response = client.post(reverse("identity:issue"), {"group": ["6A1", "6A2"]})
    assert response["Location"] == reverse("identity:slips")
    assert "Đã cấp 3 tài khoản mới" in client.get(reverse("identity:slips")).content.decode()
    pdf = client.post(reverse("identity:slips"), {"group": ["6A2"]})
    assert pdf["Content-Type"] == "application/pdf"
    assert "no-store" in pdf["Cache-Control"]
    assert pages(pdf.content) == 1
    assert [slip["name"] for slip in on_paper(printed[0])] == ["Hồ Văn Pỉa"]
    events.accounts_issued.disconnect(dispatch_uid="roster")


def test_slips_of_no_group_are_refused_in_words(client: Client, clerk_page: Grant, school: Organisation) -> None:
    roster(school)
    response = client.post(reverse("identity:slips"), {"group": ["khong-co"]})
    assert response.status_code == 409
    assert "Không còn ai cần phiếu" in response.content.decode()
    events.accounts_issued.disconnect(dispatch_uid="roster")


def test_pages_say_when_there_is_nothing(client: Client, clerk_page: Grant) -> None:
    assert "Chưa có danh sách nào" in client.get(reverse("identity:issue")).content.decode()
    assert "Chưa có tài khoản nào cần phiếu" in client.get(reverse("identity:slips")).content.decode()


def test_the_page_of_an_account_shows_the_one_time_password_once(
    client: Client, clerk_page: Grant, school: Organisation
) -> None:
    pupil = GrantFactory(role=Role.PUPIL, organisation=school).account
    page = client.post(reverse("identity:reset", args=[pupil.pk])).content.decode()
    [password] = password_on(page)
    pupil.refresh_from_db()
    assert pupil.check_password(password)
    again = client.get(reverse("identity:account", args=[pupil.pk])).content.decode()
    assert password not in again
    assert "Được cấp mật khẩu dùng một lần" in again


def test_an_account_of_another_school_is_not_found(client: Client, clerk_page: Grant) -> None:
    stranger = GrantFactory(role=Role.PUPIL).account
    assert client.get(reverse("identity:account", args=[stranger.pk])).status_code == 404
    for name in ("reset", "close", "reopen"):
        response = client.post(reverse(f"identity:{name}", args=[stranger.pk]), {"reason": "x"})
        assert response.status_code == 404
    stranger.refresh_from_db()
    assert stranger.is_active
    assert stranger.check_password(PASSWORD)


def test_closing_needs_a_reason(client: Client, clerk_page: Grant, school: Organisation) -> None:
    pupil = GrantFactory(role=Role.PUPIL, organisation=school).account
    client.post(reverse("identity:close", args=[pupil.pk]), {"reason": " "})
    pupil.refresh_from_db()
    assert pupil.is_active
    client.post(reverse("identity:close", args=[pupil.pk]), {"reason": "Thôi học"})
    pupil.refresh_from_db()
    assert not pupil.is_active
    assert "Đã đóng" in client.get(reverse("identity:account", args=[pupil.pk])).content.decode()


def test_the_form_teachers_page_refuses_other_pupils_without_naming_them(client: Client, school: Organisation) -> None:
    sign_in(client, GrantFactory(role=Role.FORM_TEACHER, organisation=school), second_factor=False)
    stranger = GrantFactory(role=Role.PUPIL, organisation=school).account
    for account_id in (stranger.pk, uuid4()):
        response = client.get(reverse("identity:reset_pupil", args=[account_id]))
        assert response.status_code == 403
        assert stranger.username not in response.content.decode()


def test_grants_of_the_past_do_not_open_the_page(client: Client, school: Organisation) -> None:
    sign_in(client, GrantFactory(role=Role.CLERK, organisation=school, valid_to=date(2022, 6, 1)))
    assert client.get(reverse("identity:school_accounts")).status_code == 403
