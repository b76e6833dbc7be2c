"""A teacher fills a sheet as in Excel, loses the line for a while, and finds every mark again."""

import re

import psycopg
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE
from tests.journeys.test_power_cut import OPEN_SHEET

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def sheet(site):
    """(path of the sheet, its id, enrolments in order): a sheet of `giaovien` that is open."""
    with psycopg.connect(site.admin_url) as connection:
        found = connection.execute(OPEN_SHEET).fetchone()
    assert found
    return f"/so-diem/bang/{found[0]}/", *found


def stored(site, sheet_id: str, enrolment: str, column: str):
    with psycopg.connect(site.admin_url) as connection:
        row = connection.execute(
            "SELECT marks -> %s FROM gradebook_sheetline WHERE sheet_id = %s AND enrolment_id = %s",
            [column, sheet_id, enrolment],
        ).fetchone()
    return row[0] if row else None


def test_a_mark_typed_saves_by_itself_and_is_there_after_reload(visit, site, sheet):
    path, sheet_id, _ = sheet
    page = visit("giaovien")
    page.goto(path)
    cell = page.locator("td[data-col=tx2]").first
    row = cell.get_attribute("data-row")
    cell.locator("input").click()
    page.keyboard.type("6,5")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)
    assert stored(site, sheet_id, row, "tx2") == 65
    page.reload()
    expect(page.locator("td[data-col=tx2]").first.locator("input")).to_have_value(re.compile("6,5"))


def test_marks_typed_without_a_line_are_sent_when_it_is_back(visit, site, sheet):
    path, sheet_id, _ = sheet
    page = visit("giaovien")
    page.goto(path)
    cell = page.locator("td[data-col=tx2]").nth(2)
    row = cell.get_attribute("data-row")
    page.context.set_offline(True)
    cell.locator("input").click()
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1200)
    assert stored(site, sheet_id, row, "tx2") != 90
    page.context.set_offline(False)
    for _ in range(20):
        page.wait_for_timeout(500)
        if stored(site, sheet_id, row, "tx2") == 90:
            return
    raise AssertionError("the mark typed offline never arrived")


def test_the_sheet_fits_a_phone(visit, sheet):
    page = visit("giaovien", viewport=PHONE)
    page.goto(sheet[0])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert page.locator("td[data-col] input:visible").first.is_visible()
