"""The API's part of the gradebook: the same answers and refusals as the page, whatever is sent."""

import json
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.api import api
from sen.core.identity.roles import Role
from sen.school.gradebook.models import SheetLine
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.tests.factories import full_class, ready_class
from sen.school.gradebook.tests.test_pages import browser

pytestmark = pytest.mark.django_db
NAMES = st.sampled_from(["row", "col", "value", "version", "state"])


def put(client, c, cells, key="toan", **more):
    url = f"/api/gradebook/sheets/{c.sheets[key, 1].pk}/cells"
    return client.put(url, json.dumps({"cells": cells, **more}), content_type="application/json")


def test_cells_are_saved_and_the_sheet_is_read():
    c = ready_class(pupils=1)
    client = browser(c.teacher)
    row = str(c.enrolments[0].pk)
    answer = put(client, c, [{"row": row, "col": "tx1", "value": "8,5", "version": 0}], request_id="a").json()
    assert answer["cells"] == [
        {"row": row, "col": "tx1", "state": "saved", "value": "8.5", "version": 1, "message": "", "by": ""}
    ]
    assert answer["missing"] == 5
    sheet = client.get(f"/api/gradebook/sheets/{c.sheets['toan', 1].pk}").json()
    assert (sheet["subject"], sheet["is_writable"], sheet["missing"]) == ("Toán", True, 5)
    assert sheet["rows"][0]["cells"][0] == {"col": "tx1", "value": "8.5", "corrected": None, "state": "", "version": 1}


def test_refusals_are_json_with_a_sentence_and_change_nothing():
    c = full_class(pupils=1)
    cell = {"row": str(c.enrolments[0].pk), "col": "tx1", "value": "3", "version": 1}
    assert put(Client(), c, [cell]).status_code == 401
    refused = put(browser(c.actor(Role.SUBJECT_TEACHER)), c, [cell])
    assert (refused.status_code, refused.json()["code"]) == (403, "gradebook.not_your_subject")
    lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=1)
    refused = put(browser(c.teacher), c, [cell])
    assert (refused.status_code, refused.json()["code"]) == (409, "gradebook.sheet_locked")
    assert c.line().marks["tx1"] == 85
    unknown = browser(c.teacher).get(f"/api/gradebook/sheets/{uuid4()}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


def test_writing_wants_the_token_against_forged_requests():
    c = ready_class(pupils=1)
    client = browser(c.teacher)
    client.handler.enforce_csrf_checks = True
    assert put(client, c, []).status_code == 403


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
        max_leaves=12,
    )
)  # fmt: skip
def test_nothing_that_is_sent_breaks_it(cells):
    c = ready_class(pupils=1, keys=("toan",))
    client = browser(c.teacher)
    assert put(client, c, cells).status_code in (200, 400)
    page = client.post(
        f"/so-diem/bang/{c.sheets['toan', 1].pk}/o/", json.dumps({"cells": cells}), content_type="application/json",
        headers={"accept": "application/json"},
    )  # fmt: skip
    assert page.status_code in (200, 400)
    assert not SheetLine.objects.exclude(marks={}).exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["tx1", "ck", "nx", "cd", "x"]), st.text(max_size=12), st.integers()), max_size=6
    )
)
def test_no_value_breaks_a_cell(values):
    c = ready_class(pupils=1, keys=("toan",))
    row = str(c.enrolments[0].pk)
    cells = [{"row": row, "col": col, "value": value, "version": version} for col, value, version in values]
    assert put(browser(c.teacher), c, cells).status_code in (200, 400)


def test_the_contract_is_written_down():
    paths = api.get_openapi_schema()["paths"]
    assert set(paths["/api/gradebook/sheets/{sheet_id}/cells"]) == {"put"}
    assert set(paths["/api/gradebook/sheets/{sheet_id}"]) == {"get"}
