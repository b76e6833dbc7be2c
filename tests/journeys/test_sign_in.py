"""A head signs in with the second factor and finds the day's work."""

import pytest

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def test_a_principal_signs_in_with_a_second_factor_and_sees_the_home_page(visit):
    page = visit("hieutruong")
    assert page.url.endswith("/")
    assert "Trường THCS Nguyễn Trãi" in page.inner_text("body")


def test_a_wrong_passphrase_is_refused_in_plain_words(visit):
    page = visit()
    page.goto("/tai-khoan/dang-nhap/")
    page.fill("input[name=login]", "giaovien")
    page.fill("input[name=password]", "khong-phai-mat-khau")
    page.click("form:has(input[name=password]) button[type=submit]")
    assert "/dang-nhap" in page.url
    assert page.locator("[role=alert], .invalid-feedback, .alert").first.is_visible()
