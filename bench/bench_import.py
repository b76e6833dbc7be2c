"""Bringing 1,200 pupils with their parents in from Excel, against reading the file and copying it into a bare table.

The import reads, recognises the columns, judges every row against the school, writes persons, pupils, parents, years,
classes and placements with their history. The yardstick reads the file with the same reader and sends the same cells
by COPY into a table without keys, walls or history.
"""

import os
import time
from collections.abc import Callable
from typing import Any

import psycopg

from bench import Row
from bench.database import own_database

PUPILS, ROUNDS = 1_200, 5


def timed(*works: Callable[[], Any]) -> list[float]:
    """Best seconds of each, in turns, so that a busy machine burdens all alike; the first round warms up."""
    seconds: list[list[float]] = [[] for _ in works]
    for _round in range(ROUNDS + 1):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            seconds[place].append(time.perf_counter() - started)
    return [min(found[1:]) for found in seconds]


def copy_into_bare_table(data: bytes) -> int:
    """The yardstick: rows of the first sheet as text into a table of their own, committed."""
    from sen.shared.documents.xlsx_in import read_workbook

    rows = read_workbook(data)[0].rows
    columns = ", ".join(f"c{number} text" for number in range(len(rows[0])))
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"]) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(f"CREATE TABLE bare ({columns})")
        with connection.cursor().copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row([str(cell) for cell in row])
    return len(rows)


def run() -> list[Row]:
    with own_database():
        from sen.core.identity.actor import Actor
        from sen.core.organisations.models import Organisation
        from sen.core.people.imports import runs
        from sen.core.people.models import Guardianship, Pupil
        from sen.core.people.tests.factories import SchoolFactory
        from sen.core.people.tests.workbooks import HEADINGS, book, pupil_rows
        from sen.shared.kit import scope

        data = book(HEADINGS, *pupil_rows(PUPILS))
        actor = Actor.system("bench")
        with scope.use(actor.scope()):

            def bring_in(school: Organisation) -> None:
                run = runs.bring_in(actor=actor, school=school, year=2022, kind="pupils", name="a.xlsx", data=data)
                assert run.done in (0, PUPILS), run.message

            def first_time() -> None:
                bring_in(SchoolFactory())

            first_time()
            school = Organisation.objects.filter(pupils__isnull=False).first()
            assert school is not None
            figure, again, yardstick = timed(first_time, lambda: bring_in(school), lambda: copy_into_bare_table(data))
            assert Pupil.objects.filter(school=school).count() == PUPILS
            assert Guardianship.objects.filter(pupil__pupil__school=school).count() == 2 * PUPILS
    return [
        Row("import of 1,200 pupils with parents and classes", figure, yardstick, "s", aim="at most 8x",
            note="yardstick: the same file read + COPY into a bare table"),
        Row("the same file again, nothing changes", again, yardstick, "s", aim="at most 8x"),
    ]  # fmt: skip
