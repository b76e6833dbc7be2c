"""Two at once on a real PostgreSQL: threads with connections of their own, on a database where they may commit."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from sen.core.curriculum.tests.factories import AssignmentFactory
from sen.core.identity.roles import Role
from sen.core.people.models import Person
from sen.school.gradebook.models import Sheet, SheetLine, TermLock
from sen.school.gradebook.services.corrections import request_correction
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.fresh import freshen_stale_classes
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.tests.factories import ReadyClass, full_class, ready_class
from sen.shared.kit import scope
from sen.shared.kit.errors import RuleError


@pytest.fixture
def committing(own_database: Any, django_db_blocker: Any) -> Iterator[None]:
    """The default connection leads to this test's own database; what is written is really committed."""
    from config import environment

    before = dict(settings.DATABASES["default"])
    with django_db_blocker.unblock():
        connections.close_all()
        _point_to(environment.database(own_database.application))
        yield
        connections.close_all()
        _point_to(before)


def _point_to(address: dict[str, Any]) -> None:
    settings.DATABASES["default"].update(address)
    connections.settings["default"].update(address)
    connections["default"].settings_dict.update(address)


@contextmanager
def _a_thread_of_its_own() -> Iterator[None]:
    try:
        with scope.use(scope.whole_system("test", "")):
            yield
    finally:
        connection.close()


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread, all let go at one moment; what they return or raise, in order."""
    gate = threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        with _a_thread_of_its_own():
            gate.wait(timeout=20)
            try:
                found[place] = work()
            except Exception as error:
                found[place] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a thread waits for ever"
    return found


def writer(c: ReadyClass, actor: Any, edits: list[dict[str, Any]]) -> Callable[[], Any]:
    sheet = c.sheets["toan", 1]

    def work() -> Any:
        with transaction.atomic():
            return save_cells(actor=actor, sheet=sheet, edits=edits)

    return work


def second_teacher(c: ReadyClass) -> Any:
    second = c.actor(Role.SUBJECT_TEACHER)
    AssignmentFactory(class_subject=c.subjects["toan"], teacher=Person.objects.get(pk=second.person_id))
    return second


def test_two_write_the_same_cell_and_one_is_told(committing):
    c = ready_class(pupils=2)
    second = second_teacher(c)
    answers = together(
        writer(c, c.teacher, c.edits({"tx1": "8"})),
        writer(c, second, c.edits({"tx1": "7"})),
    )
    states = sorted(answer.cells[0].state for answer in answers)
    assert states == ["conflict", "saved"]
    kept = next(a.cells[0] for a in answers if a.cells[0].state == "saved")
    told = next(a.cells[0] for a in answers if a.cells[0].state == "conflict")
    assert c.line().marks == {"tx1": int(float(kept.value) * 10)}
    assert told.value == kept.value


def test_two_write_the_whole_sheet_and_every_cell_is_somebodys(committing):
    c = ready_class(pupils=20)
    second = second_teacher(c)
    forward = [edit for pupil in range(20) for edit in c.edits({"tx1": "8", "tx2": "8"}, pupil=pupil)]
    backward = [edit for pupil in reversed(range(20)) for edit in c.edits({"tx2": "7", "tx3": "7"}, pupil=pupil)]
    one, two = together(writer(c, c.teacher, forward), writer(c, second, backward))
    assert {cell.state for cell in one.cells} | {cell.state for cell in two.cells} == {"saved", "conflict"}
    for line in SheetLine.objects.filter(sheet=c.sheets["toan", 1]):
        assert (line.marks["tx1"], line.marks["tx3"]) == (80, 70)
        assert line.marks["tx2"] in (70, 80)


def test_many_write_different_cells_of_one_line_and_all_stay(committing):
    c = ready_class(pupils=1)
    marks = {"tx1": "1", "tx2": "2", "tx3": "3", "tx4": "4", "gk": "5", "ck": "6"}
    answers = together(*(writer(c, c.teacher, c.edits({col: value})) for col, value in marks.items()))
    assert {answer.cells[0].state for answer in answers} == {"saved"}
    assert c.line().marks == {col: int(value) * 10 for col, value in marks.items()}
    assert c.line().version == 6
    assert c.line().average == 42  # (1 + 2 + 3 + 4 + 2·5 + 3·6) / 9 = 4,22


def test_a_mark_and_a_lock_at_once_never_leave_a_mark_after_the_lock(committing):
    for _round in range(4):
        c = full_class(pupils=2)
        head = c.actor(Role.PRINCIPAL)
        school = c.school

        def lock(head: Any = head, school: Any = school) -> Any:
            with transaction.atomic():
                return lock_term(actor=head, school=school, year=2022, term=1)

        saved, locked = together(writer(c, c.teacher, c.edits({"ck": "10"})), lock)
        assert isinstance(locked, TermLock), locked
        line = c.line()
        if isinstance(saved, RuleError):
            assert (saved.code, line.marks["ck"]) == ("gradebook.sheet_locked", 85)
        else:
            assert line.marks["ck"] == 100
        result = line.enrolment.results.get(term=1)
        assert result.subjects["toan"] == line.average
        assert not Sheet.objects.filter(school=school, term=1, locked_at=None).exists()


def test_two_ask_to_correct_the_same_cell_and_one_request_stands(committing):
    c = full_class(pupils=1)
    second = second_teacher(c)
    lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=1)
    line = c.line()

    def ask(actor: Any, value: str) -> Callable[[], Any]:
        def work() -> Any:
            with transaction.atomic():
                return request_correction(actor=actor, line=line, column="ck", new=value, reason="Chấm sót một câu.")

        return work

    answers = together(ask(c.teacher, "9"), ask(second, "10"))
    assert sorted(type(answer).__name__ for answer in answers) == ["Correction", "RuleError"]
    assert line.corrections.count() == 1


def test_two_workers_share_the_stale_classes(committing):
    for _number in range(3):
        ready_class(pupils=1)
    rooms = [ready_class(pupils=1) for _number in range(4)]
    for c in rooms:
        save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "8"}))
    taken = together(lambda: freshen_stale_classes(2), lambda: freshen_stale_classes(2))
    assert all(isinstance(number, int) for number in taken), taken
    while freshen_stale_classes(10):
        pass
    assert SheetLine.objects.filter(sheet__school_class__figures__term=1).exists()
