"""Roles given and ended: who may, where, and what must stay apart."""

from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sen.core.identity import queries, services
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import SCHOOL_ROLES, Role
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
def tree() -> dict[str, Organisation]:
    ministry = OrganisationFactory(kind="ministry")
    department = OrganisationFactory(kind="department", parent=ministry)
    office = OrganisationFactory(kind="office", parent=department)
    school = OrganisationFactory(parent=office)
    other = OrganisationFactory(parent=OrganisationFactory(kind="department", parent=ministry))
    return {"ministry": ministry, "department": department, "office": office, "school": school, "other": other}


def give(giver: Role, at: Organisation, role: Role, where: Organisation, account: Account | None = None) -> Grant:
    return services.grant_role(
        actor=actor(giver, at), account=account or AccountFactory(), role=role, organisation=where, basis="QĐ 12/2022"
    )


GIVEN = [
    (Role.OPERATOR, "ministry", Role.MINISTRY_OFFICER, "ministry"),
    (Role.OPERATOR, "ministry", Role.DEPARTMENT_OFFICER, "department"),
    (Role.OPERATOR, "ministry", Role.OFFICE_OFFICER, "office"),
    (Role.OPERATOR, "ministry", Role.AUDITOR, "department"),
    (Role.DEPARTMENT_OFFICER, "department", Role.PRINCIPAL, "school"),
    (Role.DEPARTMENT_OFFICER, "department", Role.INSPECTOR, "department"),
    (Role.OFFICE_OFFICER, "office", Role.PRINCIPAL, "school"),
    (Role.PRINCIPAL, "school", Role.VICE_PRINCIPAL, "school"),
    (Role.PRINCIPAL, "school", Role.CLERK, "school"),
    (Role.PRINCIPAL, "school", Role.FORM_TEACHER, "school"),
    (Role.CLERK, "school", Role.SUBJECT_TEACHER, "school"),
]
REFUSED = [
    (Role.OPERATOR, "ministry", Role.PRINCIPAL, "school"),
    (Role.DEPARTMENT_OFFICER, "department", Role.PRINCIPAL, "other"),
    (Role.DEPARTMENT_OFFICER, "department", Role.CLERK, "school"),
    (Role.DEPARTMENT_OFFICER, "department", Role.DEPARTMENT_OFFICER, "department"),
    (Role.MINISTRY_OFFICER, "ministry", Role.DEPARTMENT_OFFICER, "department"),
    (Role.PRINCIPAL, "school", Role.PRINCIPAL, "school"),
    (Role.PRINCIPAL, "school", Role.CLERK, "other"),
    (Role.VICE_PRINCIPAL, "school", Role.CLERK, "school"),
    (Role.CLERK, "school", Role.CLERK, "school"),
    (Role.CLERK, "school", Role.VICE_PRINCIPAL, "school"),
    (Role.FORM_TEACHER, "school", Role.PUPIL, "school"),
    (Role.INSPECTOR, "school", Role.SUBJECT_TEACHER, "school"),
    (Role.AUDITOR, "department", Role.INSPECTOR, "department"),
    (Role.PARENT, "school", Role.PARENT, "school"),
]


@pytest.mark.parametrize(("giver", "at", "role", "where"), GIVEN)
def test_each_level_appoints_the_one_below(
    tree: dict[str, Organisation], giver: Role, at: str, role: Role, where: str
) -> None:
    grant = give(giver, tree[at], role, tree[where])
    assert (grant.role, grant.organisation_id, grant.basis) == (role, tree[where].pk, "QĐ 12/2022")
    line = Line.objects.get(action="identity.role_granted")
    assert (line.organisation_id, line.subject_id) == (tree[where].pk, grant.pk)


@pytest.mark.parametrize(("giver", "at", "role", "where"), REFUSED)
def test_nobody_appoints_beyond_level_or_place(
    tree: dict[str, Organisation], giver: Role, at: str, role: Role, where: str
) -> None:
    account = AccountFactory()
    with pytest.raises(NotAllowed):
        give(giver, tree[at], role, tree[where], account)
    assert not account.grants.exists()


def test_nobody_gives_a_role_to_oneself(tree: dict[str, Organisation]) -> None:
    grant = GrantFactory(role=Role.PRINCIPAL, organisation=tree["school"])
    me = queries.actor_for(grant.account, grant)
    with pytest.raises(NotAllowed, match="tự cấp vai trò"):
        services.grant_role(actor=me, account=grant.account, role=Role.CLERK, organisation=tree["school"], basis="x")
    assert grant.account.grants.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():  # the table refuses it even past the service
        Grant.objects.create(
            account=grant.account, role="clerk", organisation=tree["school"], valid_from=date(2022, 1, 1),
            given_by=grant.account,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (Role.AUDITOR, Role.PRINCIPAL),
        (Role.OPERATOR, Role.PRINCIPAL),
        (Role.PRINCIPAL, Role.INSPECTOR),
        (Role.PUPIL, Role.PRINCIPAL),
        (Role.INSPECTOR, Role.PRINCIPAL),
    ],
)
def test_duties_that_watch_each_other_stay_apart(tree: dict[str, Organisation], held: Role, wanted: Role) -> None:
    account = GrantFactory(role=held, organisation=tree["school"]).account
    with pytest.raises(RuleError, match="cùng lúc"):
        give(Role.DEPARTMENT_OFFICER, tree["department"], wanted, tree["school"], account)
    assert account.grants.count() == 1


def test_a_role_is_held_once_and_only_where_it_makes_sense(tree: dict[str, Organisation]) -> None:
    account = give(Role.PRINCIPAL, tree["school"], Role.CLERK, tree["school"]).account
    with pytest.raises(RuleError, match="đã giữ"):
        give(Role.PRINCIPAL, tree["school"], Role.CLERK, tree["school"], account)
    with pytest.raises(Invalid, match="không thuộc loại đơn vị"):
        give(Role.OPERATOR, tree["ministry"], Role.DEPARTMENT_OFFICER, tree["office"])
    with pytest.raises(Invalid, match="không thuộc loại đơn vị"):
        give(Role.DEPARTMENT_OFFICER, tree["department"], Role.PRINCIPAL, tree["department"])
    assert account.grants.count() == 1


def test_a_closed_account_gets_no_role_and_dates_must_be_in_order(tree: dict[str, Organisation]) -> None:
    closed = AccountFactory(is_active=False)
    with pytest.raises(RuleError, match="đã đóng"):
        give(Role.PRINCIPAL, tree["school"], Role.CLERK, tree["school"], closed)
    account = AccountFactory()
    with pytest.raises(Invalid, match="sau ngày bắt đầu"):
        services.grant_role(
            actor=actor(Role.PRINCIPAL, tree["school"]), account=account, role=Role.CLERK, organisation=tree["school"],
            basis="x", last_day=timezone.localdate() - timedelta(days=1),
        )  # fmt: skip
    assert not Grant.objects.filter(account__in=[closed, account]).exists()


def test_a_role_holds_to_the_end_of_its_last_day(tree: dict[str, Organisation]) -> None:
    today = timezone.localdate()
    grant = services.grant_role(
        actor=actor(Role.PRINCIPAL, tree["school"]), account=AccountFactory(), role=Role.CLERK,
        organisation=tree["school"], basis="x", last_day=today,
    )  # fmt: skip
    assert queries.open_grants(grant.account, today)
    assert not queries.open_grants(grant.account, today + timedelta(days=1))


def test_a_new_principal_gets_account_role_and_one_time_password(tree: dict[str, Organisation]) -> None:
    grant, password = services.grant_role_to_new_person(
        actor=actor(Role.DEPARTMENT_OFFICER, tree["department"]), full_name="Lê Thị Mẫu", birth_year=1979,
        role=Role.PRINCIPAL, organisation=tree["school"], basis="QĐ 5",
    )  # fmt: skip
    account = Account.objects.get(pk=grant.account_id)
    assert account.username == f"mau.lt.1979.01@{tree['school'].code}"
    assert account.check_password(password)
    assert account.must_change_password


def test_a_stranger_makes_no_new_person(tree: dict[str, Organisation]) -> None:
    clerk = actor(Role.CLERK, tree["other"])
    before = Account.objects.count()
    with pytest.raises(NotAllowed):
        services.grant_role_to_new_person(
            actor=clerk, full_name="Lê Thị Mẫu", birth_year=1979, role=Role.SUBJECT_TEACHER,
            organisation=tree["school"], basis="x",
        )  # fmt: skip
    assert Account.objects.count() == before


def test_an_ended_role_is_out_of_force_at_once_and_ends_sessions(client: Client, tree: dict[str, Organisation]) -> None:
    grant = GrantFactory(role=Role.SUBJECT_TEACHER, organisation=tree["school"])
    client.force_login(grant.account)
    services.end_grant(actor=actor(Role.PRINCIPAL, tree["school"]), grant=grant, reason="Chuyển công tác")
    assert not queries.open_grants(grant.account)
    assert client.get("/").status_code == 302
    assert Line.objects.get(action="identity.role_ended").reason == "Chuyển công tác"


def test_a_role_given_today_by_mistake_leaves_only_history(tree: dict[str, Organisation]) -> None:
    principal = actor(Role.PRINCIPAL, tree["school"])
    grant = services.grant_role(
        actor=principal, account=AccountFactory(), role=Role.CLERK, organisation=tree["school"], basis="x"
    )
    pk = grant.pk
    services.end_grant(actor=principal, grant=grant, reason="Cấp nhầm người")
    assert not Grant.objects.filter(pk=pk).exists()
    assert [line.op for line in Line.objects.filter(subject_id=pk).order_by("id")] == ["I", "N", "N", "D"]


def test_nobody_ends_the_role_of_a_leader_of_an_equal_or_of_another_place(tree: dict[str, Organisation]) -> None:
    for role, where in ((Role.PRINCIPAL, "school"), (Role.CLERK, "school"), (Role.SUBJECT_TEACHER, "other")):
        grant = GrantFactory(role=role, organisation=tree[where])
        with pytest.raises(NotAllowed):
            services.end_grant(actor=actor(Role.CLERK, tree["school"]), grant=grant, reason="x")
        grant.refresh_from_db()
        assert grant.valid_to is None
    own = GrantFactory(role=Role.PRINCIPAL, organisation=tree["school"])
    with pytest.raises(NotAllowed):
        services.end_grant(actor=queries.actor_for(own.account, own), grant=own, reason="x")


# --- lost second factors


def with_factor(grant: Grant) -> Account:
    services.enrol_demo_second_factor(grant.account)
    account: Account = grant.account
    return account


def test_the_level_above_frees_who_lost_the_phone_and_sessions_end(
    client: Client, tree: dict[str, Organisation]
) -> None:
    account = with_factor(GrantFactory(role=Role.PRINCIPAL, organisation=tree["school"]))
    client.force_login(account)
    officer = actor(Role.DEPARTMENT_OFFICER, tree["department"])
    assert services.remove_lost_factors(actor=officer, account=account, reason="Đã đối chiếu căn cước") == 1
    assert not Authenticator.objects.filter(user_id=account.pk).exists()
    assert client.get("/").status_code == 302
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    assert Line.objects.get(action="identity.factor_removed").reason == "Đã đối chiếu căn cước"


@pytest.mark.parametrize(
    ("remover", "at", "role"),
    [
        (Role.PRINCIPAL, "school", Role.PRINCIPAL),
        (Role.CLERK, "school", Role.CLERK),
        (Role.DEPARTMENT_OFFICER, "department", Role.CLERK),
        (Role.PRINCIPAL, "other", Role.CLERK),
        (Role.FORM_TEACHER, "school", Role.PUPIL),
    ],
)
def test_nobody_else_removes_a_factor(tree: dict[str, Organisation], remover: Role, at: str, role: Role) -> None:
    account = with_factor(GrantFactory(role=role, organisation=tree["school"]))
    with pytest.raises(NotAllowed):
        services.remove_lost_factors(actor=actor(remover, tree[at]), account=account, reason="x")
    assert Authenticator.objects.filter(user_id=account.pk).exists()


def test_one_who_works_elsewhere_too_is_freed_by_who_gives_every_role(tree: dict[str, Organisation]) -> None:
    account = with_factor(GrantFactory(role=Role.CLERK, organisation=tree["school"]))
    GrantFactory(account=account, role=Role.CLERK, organisation=tree["other"])
    with pytest.raises(NotAllowed):
        services.remove_lost_factors(actor=actor(Role.PRINCIPAL, tree["school"]), account=account, reason="x")
    assert Authenticator.objects.filter(user_id=account.pk).exists()


# --- pages


def signed(client: Client, role: Role, organisation: Organisation) -> Grant:
    grant: Grant = GrantFactory(role=role, organisation=organisation)
    sign_in(client, grant)
    return grant


def confirm(client: Client, url: str, form: dict[str, Any]) -> Any:
    """Post; when one's password is asked for again, give it: the post goes on by itself."""
    response = client.post(url, form)
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    return client.post(response["Location"], {"password": PASSWORD, "next": url})


def test_a_principal_gives_and_ends_a_role_after_confirming(client: Client, tree: dict[str, Organisation]) -> None:
    signed(client, Role.PRINCIPAL, tree["school"])
    account = AccountFactory()
    url = reverse("identity:grants")
    form = {"role": "clerk", "organisation": str(tree["school"].pk), "username": account.username, "basis": "QĐ 7"}
    assert confirm(client, url, form)["Location"] == url
    grant = account.grants.get()
    assert account.full_name in client.get(url).content.decode()
    assert client.get(reverse("identity:grant", args=[grant.pk])).status_code == 200
    client.post(reverse("identity:end_grant", args=[grant.pk]), {"reason": "Nhầm"})
    assert not account.grants.exists()


def test_a_principal_frees_a_clerk_on_the_page_of_the_role(client: Client, tree: dict[str, Organisation]) -> None:
    signed(client, Role.PRINCIPAL, tree["school"])
    clerk = GrantFactory(role=Role.CLERK, organisation=tree["school"])
    with_factor(clerk)
    url = reverse("identity:remove_factors", args=[clerk.pk])
    assert url in client.get(reverse("identity:grant", args=[clerk.pk])).content.decode()
    assert confirm(client, url, {"reason": "Đã gặp trực tiếp"})["Location"] == reverse("identity:grants")
    assert not Authenticator.objects.filter(user_id=clerk.account_id).exists()


def test_without_confirming_nothing_is_given(client: Client, tree: dict[str, Organisation]) -> None:
    signed(client, Role.PRINCIPAL, tree["school"])
    account = AccountFactory()
    form = {"role": "clerk", "organisation": str(tree["school"].pk), "username": account.username, "basis": "QĐ 7"}
    response = client.post(reverse("identity:grants"), form)
    again = client.post(response["Location"], {"password": "sai-mat-khau", "next": reverse("identity:grants")})
    assert "Mật khẩu chưa đúng" in again.content.decode()
    assert not account.grants.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"username": "khong.co@98"}, "Không có tài khoản nào"),
        ({"username": ""}, "Xin ghi tên đăng nhập"),
        ({"full_name": "Lê Thị Mẫu"}, "Chỉ ghi một trong hai"),
        ({"basis": ""}, "Căn cứ"),
        ({"role": "principal"}, "principal"),
        ({"organisation": "x"}, "Đơn vị"),
    ],
)
def test_a_wrong_form_says_what_to_mend_and_gives_nothing(
    client: Client, tree: dict[str, Organisation], change: dict[str, str], sentence: str
) -> None:
    signed(client, Role.PRINCIPAL, tree["school"])
    account = AccountFactory()
    form = {"role": "clerk", "organisation": str(tree["school"].pk), "username": account.username, "basis": "QĐ 7"}
    before = Grant.objects.count()
    page = confirm(client, reverse("identity:grants"), form | change).content.decode()
    assert "cần sửa" in page
    assert sentence in page
    assert Grant.objects.count() == before


def test_a_school_of_another_place_is_refused_though_the_form_carries_it(
    client: Client, tree: dict[str, Organisation]
) -> None:
    signed(client, Role.PRINCIPAL, tree["school"])
    account = AccountFactory()
    form = {"role": "clerk", "organisation": str(tree["other"].pk), "username": account.username, "basis": "QĐ 7"}
    assert confirm(client, reverse("identity:grants"), form).status_code == 403
    assert not account.grants.exists()


def test_roles_of_another_place_are_not_found(client: Client, tree: dict[str, Organisation]) -> None:
    signed(client, Role.PRINCIPAL, tree["school"])
    elsewhere = GrantFactory(role=Role.CLERK, organisation=tree["other"])
    assert client.get(reverse("identity:grant", args=[elsewhere.pk])).status_code == 404
    page = client.get(reverse("identity:grants"), {"q": elsewhere.account.username}).content.decode()
    assert "Chưa có vai trò nào" in page


@pytest.mark.parametrize("role", sorted(SCHOOL_ROLES - {Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK}))
def test_teachers_have_no_page_of_roles(client: Client, tree: dict[str, Organisation], role: Role) -> None:
    signed(client, role, tree["school"])
    assert client.get(reverse("identity:grants")).status_code == 403


def test_an_officer_sees_the_heads_of_covered_schools_in_few_queries(
    client: Client, tree: dict[str, Organisation], django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        GrantFactory(role=Role.PRINCIPAL, organisation=OrganisationFactory(parent=tree["office"]))
    GrantFactory(role=Role.PRINCIPAL, organisation=tree["other"], account__full_name="Người Tỉnh Khác")
    signed(client, Role.DEPARTMENT_OFFICER, tree["department"])
    with django_assert_max_num_queries(14):
        page = client.get(reverse("identity:grants")).content.decode()
    assert "Trang 1/2" in page
    assert "Người Tỉnh Khác" not in page
