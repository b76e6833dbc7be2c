"""A passkey is added on the device, signs in alone afterwards, and counts as the second factor."""

import pytest
from playwright.sync_api import Page

from config.demo.tour import PASSWORD

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def give_fingerprint_reader(page: Page) -> None:
    """The browser's own pretended authenticator: asks nobody, and always knows the finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def sign_out(page: Page, address: str) -> None:
    page.goto(f"{address}/tai-khoan/dang-xuat/")
    page.click("main button[type=submit]")
    page.wait_for_url("**/tai-khoan/dang-nhap/**")


def test_a_passkey_signs_in_without_password_or_code(visit, site):
    address = site.address.replace("127.0.0.1", "localhost")  # passkeys belong to a name, never to a number
    page = visit()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    give_fingerprint_reader(page)
    page.goto(f"{address}/tai-khoan/dang-nhap/")
    page.fill("input[name=login]", "kiemtoan")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button[type=submit]")
    page.fill("input[name=code]", page.inner_text("#demo-code"))
    page.click("form:has(input[name=code]) button[type=submit]")
    page.wait_for_url(f"{address}/")

    page.goto(f"{address}/tai-khoan/bao-ve/khoa/them/")
    page.fill("input[name=password]", PASSWORD)  # adding a way in is confirmed once more
    page.click("form:has(input[name=password]) button[type=submit]")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/bao-ve/**")

    sign_out(page, address)
    page.click("#passkey_login")
    page.wait_for_url(f"{address}/")
    assert "Kiểm toán nhật ký" in page.inner_text("body")
    assert said == []  # the policy for scripts let everything of ours through
