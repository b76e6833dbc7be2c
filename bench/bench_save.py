"""Saving one mark through HTTP, 50 teachers at once, beside the bare upsert by 50 connections at once.

The server runs as `sen run` starts it (granian, two workers) on a database of its own with the tiny demo. The teachers
are threads of one process on the same machine, so the figure includes what sending costs.
"""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import Row
from bench.database import own_database

TEACHERS = 50
MARKS = 12  # saved by each teacher, counted after the first two

SHEETS = """
SELECT c.username, s.id::text, l.enrolment_id::text
  FROM gradebook_sheet s JOIN gradebook_sheetline l ON l.sheet_id = s.id
  JOIN curriculum_assignment a ON a.class_subject_id = s.class_subject_id
  JOIN people_person p ON p.id = a.teacher_id JOIN identity_account c ON c.id = p.account_id
  JOIN curriculum_classsubject cs ON cs.id = s.class_subject_id
  JOIN curriculum_programmesubject ps ON ps.id = cs.subject_id
 WHERE s.year = 2022 AND s.term = 2 AND s.locked_at IS NULL AND ps.form = 'marks'
"""


@contextmanager
def server() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    granian = str(Path(sys.executable).with_name("granian"))
    options = ["--interface", "wsgi", "--port", str(port), "--workers", "2", "--blocking-threads", "4"]
    process = subprocess.Popen([granian, *options, "--log-level", "error", "config.wsgi:application"])
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def at_once(work: list[Callable[[], list[float]]]) -> float:
    """p95 in seconds of all calls of all threads, started together."""
    seconds: list[float] = []
    failures: list[BaseException] = []
    gate = threading.Barrier(len(work))

    def run(act: Callable[[], list[float]]) -> None:
        gate.wait()
        try:
            seconds.extend(act())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    return statistics.quantiles(seconds, n=20)[-1]


def teacher(address: str, login: str, sheet: str, row: str) -> Callable[[], list[float]]:
    from config.demo.tour import PASSWORD
    from tests.journeys.http import Visitor

    visitor = Visitor(address, login, PASSWORD)

    def act() -> list[float]:
        seconds, version = [], 0
        for number in range(MARKS):
            started = time.perf_counter()
            cell = visitor.save_mark(sheet, row, "tx1", f"{(number % 10) + 0.5:.1f}", version)
            seconds.append(time.perf_counter() - started)
            if cell["state"] == "conflict":  # the demo's own mark: seen once, then ours
                version = cell["version"]
                continue
            assert cell["state"] == "saved", cell
            version = cell["version"]
        return seconds[2:]

    return act


def bare(url: str, number: int) -> Callable[[], list[float]]:
    """The same shape of transaction without anything else: begin, settings, one upsert, commit."""
    connection = psycopg.connect(url)
    scope = "SELECT " + ", ".join(
        f"set_config('sen.{name}', %s, true)"
        for name in ("schools", "members", "persons", "actor", "reason", "request")
    )

    def act() -> list[float]:
        seconds = []
        for round_ in range(MARKS):
            started = time.perf_counter()
            connection.execute(scope, ["x"] * 6)
            connection.execute(
                "INSERT INTO bare_mark VALUES (%s, 'tx1', %s)"
                " ON CONFLICT (line, col) DO UPDATE SET value = excluded.value",
                [number, round_],
            )
            connection.commit()
            seconds.append(time.perf_counter() - started)
        connection.close()
        return seconds[2:]

    return act


def run() -> Iterator[Row]:
    with own_database():
        made = [sys.executable, "-m", "config", "demo", "--size", "tiny"]
        subprocess.run(made, check=True, capture_output=True)
        admin = os.environ["SEN_LOADER_URL"]
        with psycopg.connect(admin, autocommit=True) as connection:
            rows = connection.execute(SHEETS).fetchall()
            connection.execute("CREATE TABLE bare_mark (line int, col text, value int, PRIMARY KEY (line, col))")
        picked: dict[str, tuple[str, str, str]] = {}
        for login, sheet, row in rows:
            picked.setdefault(row, (login, sheet, row))
        work = list(picked.values())[:TEACHERS]
        assert len(work) == TEACHERS
        with server() as address:
            figure = at_once([teacher(address, *place) for place in work])
        yardstick = at_once([bare(admin, number) for number in range(TEACHERS)])
        yield Row(
            "one mark through HTTP, 50 teachers at once, p95", figure * 1e3, yardstick * 1e3, "ms", "<= 6x, no error"
        )
