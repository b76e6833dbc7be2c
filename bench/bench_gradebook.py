"""The gradebook's hot paths: a whole class sheet saved, one cell saved, the page of a sheet.

Runs on an embedded PostgreSQL of its own (durable: fsync on), through the same services and middleware as a school.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import Row
from bench.database import own_database

PUPILS = 45
ROUNDS = 25
COLUMNS = ("tx1", "tx2", "tx3", "tx4", "cd", "gk", "ck")


def timed(work: Callable[[int], Any], rounds: int = ROUNDS) -> float:
    """Median of seconds; the first rounds warm up and are not counted."""
    seconds = []
    for number in range(rounds + 3):
        started = time.perf_counter()
        work(number)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[3:])


def sheet_of_45() -> Any:
    """A class of 45 in grade 10 with the study-topic cluster: eight columns, remark among them, a full book."""
    from sen.core.curriculum.models import ClassSubject
    from sen.school.gradebook.tests.factories import ready_class

    ready = ready_class("tt43-2021", pupils=PUPILS, keys=("toan", "ngu_van", "lich_su", "dia_li", "vat_li", "hoa_hoc"))
    ClassSubject.objects.filter(pk=ready.subjects["toan"].pk).update(has_cluster=True)
    return ready


def edits(ready: Any, number: int, versions: dict[Any, dict[str, int]]) -> list[Any]:
    """Eight cells of every pupil, all with a new value."""
    from sen.school.gradebook.services.entry import CellEdit

    found = []
    for place, enrolment in enumerate(ready.enrolments):
        known = versions.get(enrolment.pk, {})
        for offset, code in enumerate(COLUMNS):
            value = f"{(place * 7 + offset * 13 + number * 11) % 101 / 10:.1f}"
            found.append(CellEdit(enrolment.pk, code, value, known.get(code, 0)))
        found.append(CellEdit(enrolment.pk, "nx", f"Nhận xét lần {number}.", known.get("nx", 0)))
    return found


def save_sheet(ready: Any) -> Callable[[int], Any]:
    """Saving 360 cells with history, version check and new averages, committed."""
    from django.db import transaction

    from sen.school.gradebook.services.entry import save_cells

    versions: dict[Any, dict[str, int]] = {}

    def work(number: int) -> None:
        wanted = edits(ready, number, versions)
        with transaction.atomic():
            saved = save_cells(actor=ready.teacher, sheet=ready.sheets["toan", 2], edits=wanted)
        for cell in saved.cells:
            assert cell.state == "saved", cell
            versions.setdefault(cell.row, {})[cell.col] = cell.version

    return work


def bare_upsert(rows: int) -> Callable[[int], Any]:
    """One multi-row upsert by psycopg into a table without triggers, walls or history, committed."""
    import psycopg
    from django.db import connection

    connection.ensure_connection()
    bare = psycopg.connect(os.environ["DATABASE_URL"])
    bare.execute("CREATE TEMP TABLE bare_cell (line int, col text, value int, PRIMARY KEY (line, col))")
    bare.commit()
    places = ", ".join(["(%s, %s, %s)"] * rows)
    sql = f"INSERT INTO bare_cell VALUES {places} ON CONFLICT (line, col) DO UPDATE SET value = EXCLUDED.value"

    def work(number: int) -> None:
        values: list[Any] = []
        for place in range(rows):
            values += [place // 8, f"c{place % 8}", (place + number) % 101]
        bare.execute(sql, values)
        bare.commit()

    return work


def client_of(ready: Any) -> Any:
    from django.test import Client

    from sen.core.identity.models import Grant
    from sen.core.identity.tests.factories import sign_in

    client = Client()
    sign_in(client, Grant.objects.select_related("account").get(account=ready.teacher.account_id))
    session = client.session
    session["year"], session["term"] = 2022, 2
    session.save()
    return client


def constant_pages(size: int) -> tuple[str, str]:
    """Two pages behind the same middleware that show a constant of this size: in the frame every page of Sen has
    (navigation, school year, notices), and bare. Returns their addresses."""
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.urls import clear_url_caches, path

    from config import urls

    framed = engines["django"].from_string(
        '{% extends "ui/base.html" %}{% block content %}{{ constant }}{% endblock %}'
    )
    bare = engines["django"].from_string("{{ constant }}")
    constant = "x" * size

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(framed.render({"constant": constant}, request))

    def nothing_else(request: HttpRequest) -> HttpResponse:
        return HttpResponse(bare.render({"constant": constant}, request))

    urls.urlpatterns += [path("hang-so/", page), path("hang-so-tran/", nothing_else)]
    clear_url_caches()
    return "/hang-so/", "/hang-so-tran/"


def run() -> Iterator[Row]:
    with own_database():
        from django.conf import settings

        from sen.shared.kit import scope

        settings.ALLOWED_HOSTS = ["testserver"]
        with scope.use(scope.whole_system("bench", "")):
            ready = sheet_of_45()
            bare = timed(bare_upsert(PUPILS * 8))
            whole = timed(save_sheet(ready))
            what = "whole class sheet, 360 cells, history, versions, averages"
            yield Row(what, whole * 1000, bare * 1000, "ms", "<= 10x, < 100 ms")
            from django.urls import reverse

            client = client_of(ready)
            address = reverse("gradebook:sheet", args=[ready.sheets["toan", 2].pk])
            page = client.get(address)
            assert page.status_code == 200, page.status_code
            assert page.content.count(b"data-row=") == PUPILS * 8
            framed, bare_page = constant_pages(len(page.content))
            addresses = (address, framed, bare_page)
            assert all(client.get(one).status_code == 200 for one in addresses)
            # Turn by turn, so that a busy moment of the machine falls on all three.
            seconds: dict[str, list[float]] = {one: [] for one in addresses}
            for _number in range(60):
                for one in addresses:
                    started = time.perf_counter()
                    client.get(one)
                    seconds[one].append(time.perf_counter() - started)
            ours, frame, bare_frame = (statistics.median(seconds[one][5:]) for one in addresses)
            note = f"{len(page.content):,} bytes; a bare view behind the same sign-in: {1 / bare_frame:.3g} req/s"
            yield Row("gradebook page, 45 pupils x 12 columns", 1 / ours, 1 / frame, "req/s", ">= 0.5x", note)
