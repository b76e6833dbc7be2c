"""Killing the server at any moment loses no mark that the screen had shown as saved."""

import random
import threading
import time

import psycopg
import pytest

from config.demo.tour import PASSWORD
from tests.journeys.http import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

CUTS = 20
WRITERS = 4
OPEN_SHEET = """
SELECT s.id::text, array_agg(l.enrolment_id::text ORDER BY l.id)
  FROM gradebook_sheet s JOIN gradebook_sheetline l ON l.sheet_id = s.id
  JOIN curriculum_assignment a ON a.class_subject_id = s.class_subject_id
  JOIN people_person p ON p.id = a.teacher_id JOIN identity_account c ON c.id = p.account_id
  JOIN curriculum_classsubject cs ON cs.id = s.class_subject_id
  JOIN curriculum_programmesubject ps ON ps.id = cs.subject_id
 WHERE c.username = 'giaovien' AND s.year = 2022 AND s.term = 2 AND s.locked_at IS NULL AND ps.form = 'marks'
 GROUP BY s.id ORDER BY s.id LIMIT 1
"""


class Writer(threading.Thread):
    """A teacher who types without pause; remembers what the screen showed as saved and what was on its way."""

    def __init__(self, visitor: Visitor, sheet: str, row: str, version: int) -> None:
        super().__init__(daemon=True)
        self.visitor, self.sheet, self.row, self.version = visitor, sheet, row, version
        self.saved: int | None = None
        self.under_way: int | None = None
        self.count = 0

    def run(self) -> None:
        while True:
            tenths = random.randrange(10, 101)
            self.under_way = tenths
            try:
                cell = self.visitor.save_mark(
                    self.sheet, self.row, "tx1", f"{tenths / 10:.1f}", self.version, timeout=5
                )
            except OSError:
                return  # the cut
            assert cell["state"] == "saved", cell
            self.saved, self.under_way, self.version = tenths, None, cell["version"]
            self.count += 1


def stored(admin_url: str, sheet: str) -> dict[str, tuple[int | None, int]]:
    """Row -> (mark in tenths, version of the cell), as the database has it."""
    with psycopg.connect(admin_url) as connection:
        rows = connection.execute(
            "SELECT enrolment_id::text, (marks ->> 'tx1')::int, coalesce((versions ->> 'tx1')::int, 0)"
            "  FROM gradebook_sheetline WHERE sheet_id = %s",
            [sheet],
        ).fetchall()
    return {row: (mark, version) for row, mark, version in rows}


def test_no_mark_shown_as_saved_is_lost_by_twenty_power_cuts(site):
    with psycopg.connect(site.admin_url) as connection:
        found = connection.execute(OPEN_SHEET).fetchone()
    assert found, "the demo has an open sheet for the teacher"
    sheet, rows = found
    visitor = Visitor(site.address, "giaovien", PASSWORD)
    saved = 0
    for _ in range(CUTS):
        before = stored(site.admin_url, sheet)
        writers = [Writer(visitor, sheet, row, before[row][1]) for row in rows[:WRITERS]]
        for writer in writers:
            writer.start()
        time.sleep(random.uniform(0.3, 0.9))
        site.kill()
        for writer in writers:
            writer.join(10)
        after = stored(site.admin_url, sheet)
        for writer in writers:
            known = {before[writer.row][0] if writer.saved is None else writer.saved, writer.under_way}
            assert after[writer.row][0] in known, "a mark shown as saved is gone"
        saved += sum(writer.count for writer in writers)
        site.start()
    assert saved > CUTS, "there was no load"
