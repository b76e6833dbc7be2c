"""Entering marks through the service."""

import pytest

from sen.core.identity.roles import Role
from sen.school.gradebook.models import SheetLine, StaleClass
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.sheets import open_sheets
from sen.school.gradebook.tests.factories import ready_class
from sen.core.identity.actor import Actor
from sen.shared.kit.errors import NotAllowed, RuleError

pytestmark = pytest.mark.django_db


def test_marks_give_the_average_of_the_term():
    c = ready_class()
    saved = save_cells(
        actor=c.teacher, sheet=c.sheets["toan", 1],
        edits=c.edits({"tx1": "8", "tx2": "8,5", "tx3": "9", "tx4": "7", "gk": "6.5", "ck": "7"}),
    )
    assert [(a.col, a.state, a.value, a.version) for a in saved.cells] == [
        ("tx1", "saved", "8", 1), ("tx2", "saved", "8.5", 1), ("tx3", "saved", "9", 1), ("tx4", "saved", "7", 1),
        ("gk", "saved", "6.5", 1), ("ck", "saved", "7", 1),
    ]
    assert [(r.average, r.level) for r in saved.rows] == [("7,4", "")]  # (32,5 + 13 + 21) / 9
    line = c.line()
    assert line.marks == {"tx1": 80, "tx2": 85, "tx3": 90, "tx4": 70, "gk": 65, "ck": 70}
    assert (line.average, line.version, line.updated_by_id) == (74, 1, c.teacher.account_id)
    assert saved.missing == 12
    assert saved.summary == {"mean": "7,4"}
    assert StaleClass.objects.filter(school_class=c.school_class).exists()
