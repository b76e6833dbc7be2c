"""Sign-in with the real client: password, lock-out, first password, second factor, sessions."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from sen.core.identity import rules, services
from sen.core.identity.models import Account
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import PASSWORD, AccountFactory, GrantFactory, OrganisationFactory
from sen.shared.audit.models import Line

pytestmark = pytest.mark.django_db
NEW = "hoa-dao-no-som-0412"


def try_password(client: Client, account: Account, password: str = PASSWORD) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": account.username, "password": password})


def code_now(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def acts(account: Account) -> list[str]:
    return [line.action for line in Line.objects.filter(subject_id=account.pk, op="N").order_by("id")]


def teacher() -> Account:
    return GrantFactory(role=Role.SUBJECT_TEACHER).account


def principal() -> Account:
    return GrantFactory(role=Role.PRINCIPAL).account


def test_a_teacher_signs_in_with_name_and_password_in_any_case(client: Client) -> None:
    account = teacher()
    response = client.post(reverse("account_login"), {"login": account.username.upper(), "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.get("/").status_code == 200
    assert acts(account) == ["identity.signed_in"]


def test_a_wrong_password_is_said_in_vietnamese_and_noted_without_name_or_password(client: Client) -> None:
    account = teacher()
    response = try_password(client, account, "khong-phai-mat-khau")
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in response.content.decode()
    line = Line.objects.get(subject_id=account.pk, op="N")
    assert line.action == "identity.sign_in_failed"
    text = f"{line.actor}{line.reason}{line.after}"
    assert account.username not in text
    assert account.full_name not in text
    assert "khong-phai" not in text
    assert client.get("/").status_code == 302  # still outside


def test_an_unknown_name_gets_the_same_words_as_a_wrong_password(client: Client) -> None:
    known = try_password(client, teacher(), "sai-mat-khau-roi").content.decode()
    unknown = client.post(reverse("account_login"), {"login": "khong.co@98", "password": "sai-mat-khau-roi"})
    sentence = "Tên đăng nhập hoặc mật khẩu chưa đúng."
    assert sentence in known
    assert sentence in unknown.content.decode()
    assert Line.objects.filter(action="identity.sign_in_failed", subject_id=None).count() == 1


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client: Client) -> None:
    account, colleague = teacher(), teacher()
    for _ in range(5):
        try_password(client, account, "doan-mo-mat-khau")
    response = try_password(client, account)
    assert "tạm khóa 5 phút" in response.content.decode()
    assert client.get("/").status_code == 302
    assert acts(account)[-1] == "identity.sign_in_locked_out"
    assert try_password(client, colleague).status_code == 302  # the next desk is not locked


def test_the_lock_does_not_depend_on_the_name_of_the_server(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    account = teacher()
    for number in range(5):
        form = {"login": account.username, "password": "x" * 9}
        client.post(reverse("account_login"), form, headers={"host": f"h{number}.vn"})
    assert "tạm khóa" in try_password(client, account).content.decode()


def test_a_flood_of_other_names_does_not_lift_the_lock(client: Client) -> None:
    account = teacher()
    for _ in range(5):
        try_password(client, account, "doan-mo-mat-khau")
    for number in range(700):  # as many tries at names nobody has leave as many entries behind
        cache.set(f"z{number:04d}", [time.time()], 300)
    assert "tạm khóa" in try_password(client, account).content.decode()


def test_a_new_one_time_password_lifts_the_lock(client: Client) -> None:
    grant = GrantFactory(role=Role.PUPIL)
    for _ in range(5):
        try_password(client, grant.account, "doan-mo-mat-khau")
    password = services.reset_password(actor=services_actor(), account=grant.account, school=grant.organisation)
    assert try_password(client, grant.account, password).status_code == 302


def services_actor() -> Any:
    from sen.core.identity.actor import Actor

    return Actor.system("test")


def test_forty_five_pupils_sign_in_behind_one_address() -> None:
    school = OrganisationFactory()
    pupils = [GrantFactory(role=Role.PUPIL, organisation=school).account for _ in range(45)]
    for number, pupil in enumerate(pupils):
        browser = Client(REMOTE_ADDR="10.9.8.7")
        if number % 3 == 0:
            try_password(browser, pupil, "go-nham-mat-khau")
        assert try_password(browser, pupil).status_code == 302


def test_a_closed_account_does_not_sign_in(client: Client) -> None:
    account = teacher()
    account.is_active = False
    account.save()
    response = try_password(client, account)
    assert response["Location"] == reverse("account_inactive")
    assert "không còn được dùng" in client.get(reverse("account_inactive")).content.decode()
    assert client.get("/").status_code == 302


def first_password(account: Account, valid_for: timedelta = timedelta(days=14)) -> Account:
    account.must_change_password = True
    account.password_valid_until = timezone.now() + valid_for
    account.save()
    return account


def test_a_first_password_must_be_changed_before_anything_else(client: Client) -> None:
    account = first_password(teacher())
    try_password(client, account)
    change = reverse("account_change_password")
    for page in ("/", "/vai-tro/", "/thong-bao/", reverse("mfa_index"), reverse("usersessions_list")):
        assert client.get(page)["Location"] == change
    answer = client.get("/tim", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.first_password")
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post(change, form)["Location"] == "/"
    assert client.get("/").status_code == 200
    account.refresh_from_db()
    assert (account.must_change_password, account.password_valid_until) == (False, None)
    assert acts(account)[-1] == "identity.password_changed"


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (NEW, NEW + "x", "chưa giống nhau"),
        (PASSWORD, PASSWORD, "phải khác mật khẩu hiện tại"),
        ("hocsinh123", "hocsinh123", "dễ đoán trong trường học"),
        ("12345", "12345", "ký tự"),
    ],
)
def test_a_poor_new_password_is_refused_and_the_first_one_stays(
    client: Client, first: str, second: str, sentence: str
) -> None:
    account = first_password(teacher())
    try_password(client, account)
    form = {"oldpassword": PASSWORD, "password1": first, "password2": second}
    response = client.post(reverse("account_change_password"), form)
    assert sentence in response.content.decode()
    account.refresh_from_db()
    assert account.must_change_password
    assert account.check_password(PASSWORD)


def test_an_expired_one_time_password_is_refused_but_only_to_who_knows_it(client: Client) -> None:
    account = first_password(teacher(), timedelta(minutes=-1))
    assert "chưa đúng" in try_password(client, account, "sai-mat-khau-roi").content.decode()
    assert "đã hết hạn" in try_password(client, account).content.decode()
    assert client.get("/").status_code == 302


def test_a_principal_without_a_second_factor_is_led_to_add_one_and_goes_on_in_the_same_session(client: Client) -> None:
    account = principal()
    try_password(client, account)
    where = client.get("/")["Location"]
    assert where == reverse("mfa_index") + "?required=1"
    assert "cần một lớp bảo vệ" in client.get(where).content.decode()
    add = reverse("mfa_activate_totp")
    again = client.get(add)["Location"]  # adding one asks for the password once more
    assert again.startswith(reverse("account_reauthenticate"))
    assert client.post(again, {"password": PASSWORD, "next": add})["Location"] == add
    secret = re.search(r'id="totp-secret">(\w+)<', client.get(add).content.decode())
    assert secret is not None
    response = client.post(add, {"code": code_now(secret[1])})
    assert response["Location"] == reverse("mfa_view_recovery_codes")
    assert client.get(response["Location"]).status_code == 200
    assert client.get("/").status_code == 200
    assert acts(account) == ["identity.signed_in", "identity.factor_added"]


def test_a_wrong_code_adds_no_factor(client: Client) -> None:
    account = principal()
    try_password(client, account)
    add = reverse("mfa_activate_totp")
    client.post(client.get(add)["Location"], {"password": PASSWORD, "next": add})
    client.get(add)
    assert "Mã chưa đúng" in client.post(add, {"code": "000000"}).content.decode()
    assert not Authenticator.objects.exists()
    assert client.get("/").status_code == 302


def enrolled() -> tuple[Account, str]:
    account, secret = principal(), totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    return account, secret


def test_the_second_step_asks_for_the_code_and_only_then_lets_in(client: Client) -> None:
    account, secret = enrolled()
    assert try_password(client, account)["Location"] == reverse("mfa_authenticate")
    assert client.get("/")["Location"].startswith(reverse("account_login"))
    assert "Mã chưa đúng" in client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_code_is_good_only_once(client: Client) -> None:
    account, secret = enrolled()
    code = code_now(secret)
    try_password(client, account)
    client.post(reverse("mfa_authenticate"), {"code": code})
    thief = Client()
    try_password(thief, account)
    assert "đã dùng" in thief.post(reverse("mfa_authenticate"), {"code": code}).content.decode()
    assert thief.get("/").status_code == 302


def test_wrong_codes_lock_the_second_step_too(client: Client) -> None:
    account, secret = enrolled()
    try_password(client, account)
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    response = client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert "tạm khóa 5 phút" in response.content.decode()
    assert client.get("/").status_code == 302


def test_a_session_from_before_the_factor_must_prove_it_and_cannot_remove_it(client: Client) -> None:
    account = principal()
    try_password(client, account)
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)  # added on another device meanwhile
    proof = client.get("/")["Location"]
    assert proof.startswith(reverse("mfa_reauthenticate"))
    assert client.get(reverse("mfa_deactivate_totp"))["Location"].startswith(reverse("mfa_reauthenticate"))
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert Authenticator.objects.filter(user_id=account.pk).exists()
    assert client.post(proof, {"code": code_now(secret)})["Location"] == "/"
    assert client.get("/").status_code == 200


def test_the_last_factor_of_a_principal_stays(client: Client) -> None:
    account, secret = enrolled()
    try_password(client, account)
    client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    remove = reverse("mfa_deactivate_totp")
    client.post(client.get(remove)["Location"], {"password": PASSWORD, "next": remove})
    assert "ít nhất một lớp bảo vệ" in client.get(remove).content.decode()
    assert "ít nhất một lớp bảo vệ" in client.post(remove).content.decode()
    assert Authenticator.objects.filter(user_id=account.pk, type="totp").exists()


def test_a_teacher_may_remove_a_factor_again(client: Client) -> None:
    account, secret = teacher(), totp.generate_totp_secret()
    totp.TOTP.activate(account, secret)
    try_password(client, account)
    client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    remove = reverse("mfa_deactivate_totp")
    client.post(client.get(remove)["Location"], {"password": PASSWORD, "next": remove})
    assert client.post(remove)["Location"] == reverse("mfa_index")
    assert not Authenticator.objects.filter(user_id=account.pk).exists()
    assert acts(account)[-1] == "identity.factor_removed"


def test_a_demo_shows_the_code_of_a_demo_account_and_it_works(client: Client, settings: Any) -> None:
    settings.DEMO = True
    account = principal()
    services.enrol_demo_second_factor(account)
    services.enrol_demo_second_factor(account)  # twice does no harm
    try_password(client, account)
    page = client.get(reverse("mfa_authenticate")).content.decode()
    shown = re.search(r'id="demo-code">(\d{6})<', page)
    assert shown is not None
    assert client.post(reverse("mfa_authenticate"), {"code": shown[1]})["Location"] == "/"
    second = Client()
    try_password(second, account)
    another = re.search(r'id="demo-code">(\d{6})<', second.get(reverse("mfa_authenticate")).content.decode())
    assert another is not None
    assert another[1] != shown[1]  # the next visitor gets a code that is not used up
    assert second.post(reverse("mfa_authenticate"), {"code": another[1]})["Location"] == "/"


def test_outside_a_demo_no_code_is_ever_shown(client: Client, settings: Any) -> None:
    settings.DEMO = False
    account = principal()
    services.enrol_demo_second_factor(account)
    try_password(client, account)
    page = client.get(reverse("mfa_authenticate")).content.decode()
    assert "demo-code" not in page
    assert not re.search(r"\b\d{6}\b", page.partition("<main")[2].partition("<footer")[0])


def test_even_a_demo_shows_no_code_of_a_factor_somebody_added(client: Client, settings: Any) -> None:
    settings.DEMO = True
    account, _ = enrolled()
    try_password(client, account)
    assert "demo-code" not in client.get(reverse("mfa_authenticate")).content.decode()


def test_the_secret_of_an_authenticator_is_not_kept_in_clear() -> None:
    account, secret = enrolled()
    stored = Authenticator.objects.get(user_id=account.pk).data["secret"]
    assert secret not in stored


@pytest.mark.parametrize(
    "name",
    ["account_signup", "account_email", "account_reset_password", "account_set_password", "account_confirm_email"],
)
def test_pages_for_self_registration_and_e_mail_do_not_exist(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_one_device_can_be_signed_out_from_another(client: Client) -> None:
    account = teacher()
    phone = Client(headers={"user-agent": "Điện thoại"})
    try_password(client, account)
    try_password(phone, account)
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Điện thoại" in page
    chosen = re.search(r'name="session" value="(\d+)"', page)
    assert chosen is not None
    client.post(reverse("usersessions_list"), {"session": chosen[1]})
    assert phone.get("/").status_code == 302
    assert client.get("/").status_code == 200


def test_a_stranger_cannot_sign_out_somebody_elses_device(client: Client) -> None:
    account, stranger = teacher(), teacher()
    try_password(client, account)
    try_password(other := Client(), stranger)
    from allauth.usersessions.models import UserSession

    pk = UserSession.objects.get(user_id=account.pk).pk
    assert other.post(reverse("usersessions_list"), {"session": str(pk)}).status_code == 404
    assert client.get("/").status_code == 200


def test_all_other_devices_are_signed_out_at_once(client: Client) -> None:
    account = teacher()
    try_password(client, account)
    others = [Client() for _ in range(3)]
    for other in others:
        try_password(other, account)
    client.post(reverse("usersessions_list"))
    assert [other.get("/").status_code for other in others] == [302, 302, 302]
    assert client.get("/").status_code == 200


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client: Client) -> None:
    account, other = teacher(), Client()
    try_password(client, account)
    try_password(other, account)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client.post(reverse("account_change_password"), form)
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_ending_sessions_ends_even_one_no_list_knows(client: Client) -> None:
    account = teacher()
    client.force_login(account)  # leaves no entry in the list
    assert client.get("/").status_code == 200
    services.end_sessions(account)
    assert client.get("/").status_code == 302


def test_signing_out_ends_the_session(client: Client) -> None:
    try_password(client, teacher())
    assert client.get(reverse("account_logout")).status_code == 200  # asks first
    client.post(reverse("account_logout"))
    assert client.get("/").status_code == 302


def test_a_fetch_of_a_signed_out_page_gets_an_answer_it_can_read(client: Client) -> None:
    answer = client.get("/tim", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.signed_out")
    fragment = client.get("/", headers={"hx-request": "true"})
    assert fragment["HX-Redirect"] == reverse("account_login")


def test_the_slips_address_fills_in_the_login(client: Client) -> None:
    page = client.get(reverse("account_login"), {"ten": "an.nv.2014.01@98"}).content.decode()
    assert 'value="an.nv.2014.01@98"' in page


def test_the_language_follows_the_account_to_the_next_device(client: Client) -> None:
    account = teacher()
    try_password(client, account)
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    account.refresh_from_db()
    assert account.language == "en"
    other = Client()
    response = try_password(other, account)
    assert response.cookies["django_language"].value == "en"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    account = teacher()
    try_password(client, account)
    client.post(reverse("set_language"), {"language": "xx", "next": "/"})
    account.refresh_from_db()
    assert account.language == "vi"


def test_factories_use_real_passwords() -> None:
    assert AccountFactory().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        ("Mozilla/5.0 (Linux; Android 9; A12) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120 Safari/537.36 Edg/120.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Version/16.0 Safari/604.1", "Safari, iPhone"),
        ("Máy của thầy", "Máy của thầy"),
        ("", ""),
    ],
)
def test_a_device_is_named_as_its_owner_knows_it(user_agent: str, shown: str) -> None:
    assert rules.device(user_agent) == shown
