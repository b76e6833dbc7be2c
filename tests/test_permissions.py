"""One table for every address and role; and no id of another school opens anything, by any address."""

import json
from copy import copy
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.addresses import Address, addresses
from tests.permission_table import BODIES, IDS, OPEN, ROWS, WORDS
from tests.world import PEOPLE, SchoolWorld, World, build

INSIDERS = ("principal", "clerk", "form_teacher", "subject_teacher", "pupil", "parent")


def test_every_address_has_a_row() -> None:
    named = {address.name for address in addresses()}
    assert named - set(ROWS) == set(), "add a row to tests/permission_table.py"
    assert set(ROWS) - named == set(), "these rows have no address any more"


def path_of(address: Address, school: SchoolWorld) -> str:
    values = {}
    for part in address.parts:
        key = f"{address.name} {part}"
        if key in WORDS or (part in WORDS and part not in address.ids):
            values[part] = WORDS.get(key, WORDS.get(part))
        else:
            values[part] = school.ids[IDS.get(key, part)]
    return reverse(address.name, kwargs=values)


def body_of(address: Address) -> dict[str, Any]:
    body = BODIES.get(address.name)
    return {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}


def ask(browser: Client, method: str, path: str, **extra: Any) -> Any:
    """One request whose effects are undone, cookies too, so that the next one finds the same world."""
    cookies = copy(browser.cookies)
    with transaction.atomic():
        response = browser.generic(method, path, **extra)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    browser.cookies = cookies
    return response


def status(browser: Client, method: str, path: str, **extra: Any) -> str:
    try:
        return str(ask(browser, method, path, **extra).status_code)
    except Exception as error:  # the table shows every address that crashes, not the first one only
        return f"{type(error).__name__}: {error}"[:60]


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400  # on a slow machine the walk takes longer than five minutes
    return build()


def test_each_address_answers_each_role_as_the_table_says(world: World) -> None:
    browsers = {who: world.browser(who) for who in PEOPLE}
    wrong = []
    for address in addresses():
        if address.name not in ROWS:
            continue  # the test above says so
        method, *expected = ROWS[address.name].split()
        path = path_of(address, world.ours)
        got = [status(browsers[who], method, path, **body_of(address)) for who in PEOPLE]
        if got != expected:
            wrong.append(f'    "{address.name}":'.ljust(43) + f'"{method:5} ' + "  ".join(got) + '",  # ' + path)
    assert not wrong, "answers that differ from the table:\n" + "\n".join(wrong)


def test_no_id_of_another_school_opens_anything(world: World) -> None:
    """Walks every address with an id, reading and writing, as people of our school with the ids of theirs."""
    browsers = {who: world.browser(who) for who in INSIDERS}
    opened = []
    asked = 0
    for address in addresses():
        if not address.ids or address.name in OPEN:
            continue
        path = path_of(address, world.theirs)
        for who, browser in browsers.items():
            for method in ("GET", "POST", *(("PUT",) if address.name.startswith("api:") else ())):
                response = ask(browser, method, path, **body_of(address))
                asked += 1
                refused = response.status_code in (403, 404, 405)
                text = "" if response.streaming else response.content.decode(errors="replace")
                named = [name for name in world.theirs.names if name in text]
                if not refused or named:
                    opened.append(f"{who} {method} {path} ({address.name}): {response.status_code} {named}")
    assert asked > 100
    assert not opened, "ids of another school that opened something:\n" + "\n".join(opened)
