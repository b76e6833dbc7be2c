"""Locking terms and the year, opening them again, and what the database keeps by itself."""

import json

import pytest
from django.db import IntegrityError, connection, transaction

from sen.core.identity.roles import Role
from sen.core.people.tests.factories import SchoolFactory
from sen.school.gradebook import events
from sen.school.gradebook.models import Result, Sheet, SheetLine, TermLock, TermRecord
from sen.school.gradebook.services import locks
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.records import record_term
from sen.school.gradebook.services.results import compute_results
from sen.school.gradebook.services.settings import set_policy
from sen.school.gradebook.tests.factories import ReadyClass, actor_with, full_class, keep_records, ready_class
from sen.shared.audit.models import Line
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db


def lock(c: ReadyClass, term: int, **more) -> TermLock:
    return locks.lock_term(actor=c.actor(Role.VICE_PRINCIPAL), school=c.school, year=2022, term=term, **more)


def test_a_complete_term_locks_and_takes_no_more_marks():
    c = full_class()
    row = lock(c, 1)
    assert row.state == TermLock.State.LOCKED
    assert not Sheet.objects.filter(term=1, locked_at=None).exists()
    assert Sheet.objects.filter(term=2, locked_at=None).count() == 8
    before = c.line().marks
    with pytest.raises(RuleError) as refusal:
        save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "10"}))
    assert refusal.value.code == "gradebook.sheet_locked"
    with pytest.raises(RuleError) as refusal:
        record_term(
            actor=c.form_teacher, school_class=c.school_class, term=1,
            edits=[{"row": c.enrolments[0].pk, "col": "conduct", "value": "Khá", "version": 1}],
        )  # fmt: skip
    assert refusal.value.code == "gradebook.term_locked"
    assert c.line().marks == before
    assert set(TermRecord.objects.filter(term=1).values_list("conduct", flat=True)) == {"Tốt"}
    assert Result.objects.filter(term=1, is_complete=True).count() == 2
    assert Line.objects.filter(action="gradebook.locked", organisation_id=c.school.pk).count() == 1
    assert lock(c, 1).pk == row.pk
    assert Line.objects.filter(action="gradebook.locked", organisation_id=c.school.pk).count() == 1


def test_an_incomplete_term_is_not_locked_and_the_list_says_who_owes_what():
    c = full_class()
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=c.edits({"ck": None}))
    with pytest.raises(locks.StillMissing) as refusal:
        lock(c, 1)
    (owed,) = refusal.value.owed
    assert (owed.class_name, owed.what, owed.missing, owed.who) == (c.school_class.name, "Toán", 1, c.teacher.name)
    assert not Sheet.objects.exclude(locked_at=None).exists()
    assert not TermLock.objects.exists()
    with pytest.raises(Invalid):
        lock(c, 1, despite_missing="vội")
    lock(c, 1, despite_missing="Em nằm viện dài ngày, nhà trường đã họp xét.")
    assert Result.objects.get(enrolment=c.enrolments[0], term=1).is_complete is False


def test_missing_conduct_holds_up_the_lock():
    c = full_class()
    TermRecord.objects.filter(term=1, enrolment=c.enrolments[1]).update(conduct="")
    with pytest.raises(locks.StillMissing) as refusal:
        lock(c, 1)
    assert [(o.what, o.missing, o.who) for o in refusal.value.owed] == [
        ("Kết quả rèn luyện (hạnh kiểm)", 1, c.form_teacher.name)
    ]


@pytest.mark.parametrize("role", [Role.SUBJECT_TEACHER, Role.FORM_TEACHER, Role.CLERK, Role.INSPECTOR])
def test_only_the_heads_lock(role):
    c = full_class()
    with pytest.raises(NotAllowed):
        locks.lock_term(actor=c.actor(role), school=c.school, year=2022, term=1)
    with pytest.raises(NotAllowed):
        locks.lock_term(actor=actor_with(Role.PRINCIPAL, SchoolFactory()), school=c.school, year=2022, term=1)
    assert not Sheet.objects.exclude(locked_at=None).exists()


def test_the_year_locks_after_both_terms_and_says_so():
    c = full_class()
    heard = []
    events.year_locked.connect(
        lambda **event: heard.append((event["school_id"], event["year"])), weak=False, dispatch_uid="t"
    )
    lock(c, 1)
    with pytest.raises(RuleError) as refusal:
        lock(c, 0)
    assert refusal.value.code == "gradebook.terms_open"
    assert heard == []
    lock(c, 2)
    lock(c, 0)
    events.year_locked.disconnect(dispatch_uid="t")
    assert heard == [(c.school.pk, 2022)]
    assert Result.objects.filter(term=0, outcome="PROMOTED", is_complete=True).count() == 2


def test_a_locked_period_is_not_computed_anew_by_the_way():
    c = full_class()
    lock(c, 1)
    Result.objects.filter(term=1).update(level="Khá")
    compute_results(classes=[c.school_class])
    assert set(Result.objects.filter(term=1).values_list("level", flat=True)) == {"Khá"}
    assert set(Result.objects.filter(term=2).values_list("level", flat=True)) == {"Tốt"}


def test_a_policy_is_fixed_by_the_first_lock():
    c = full_class()
    principal = c.actor(Role.PRINCIPAL)
    set_policy(actor=principal, school=c.school, year=2022, values={"few_lessons_up_to": 34})
    set_policy(actor=principal, school=c.school, year=2022, values={})
    lock(c, 1)
    with pytest.raises(RuleError) as refusal:
        set_policy(actor=principal, school=c.school, year=2022, values={"rounding": "ROUND_HALF_EVEN"})
    assert refusal.value.code == "gradebook.policy_fixed"


def test_opening_again_needs_a_second_person():
    c = full_class()
    row = lock(c, 1)
    asker, other = c.actor(Role.VICE_PRINCIPAL), c.actor(Role.PRINCIPAL)
    with pytest.raises(Invalid):
        locks.ask_unlock(actor=asker, lock=row, reason="sửa")
    with pytest.raises(RuleError):
        locks.approve_unlock(actor=other, lock=row)
    locks.ask_unlock(actor=asker, lock=row, reason="Nhập nhầm cột điểm cả lớp.")
    with pytest.raises(NotAllowed) as refusal:
        locks.approve_unlock(actor=asker, lock=row)
    assert refusal.value.code == "gradebook.second_person"
    with pytest.raises(NotAllowed):
        locks.approve_unlock(actor=c.teacher, lock=row)
    assert not Sheet.objects.filter(term=1, locked_at=None).exists()
    locks.approve_unlock(actor=other, lock=row)
    assert Sheet.objects.filter(term=1, locked_at=None).count() == 8
    edits = c.edits({"tx1": "10"})
    assert save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=edits).cells[0].state == "saved"
    assert lock(c, 1).unlocked_by is None


def test_a_term_of_a_locked_year_is_not_opened():
    c = full_class()
    row = lock(c, 1)
    lock(c, 2)
    year = lock(c, 0)
    principal = c.actor(Role.PRINCIPAL)
    with pytest.raises(RuleError) as refusal:
        locks.ask_unlock(actor=principal, lock=row, reason="Nhập nhầm cột điểm cả lớp.")
    assert refusal.value.code == "gradebook.year_locked"
    heard = []
    events.year_unlocked.connect(lambda **event: heard.append(event["year"]), weak=False, dispatch_uid="t")
    locks.ask_unlock(actor=principal, lock=year, reason="Nhập nhầm cột điểm cả lớp.")
    locks.approve_unlock(actor=c.actor(Role.VICE_PRINCIPAL), lock=year)
    events.year_unlocked.disconnect(dispatch_uid="t")
    assert heard == [2022]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE gradebook_sheetline SET marks = '{\"tx1\": 100}' WHERE id = %(line)s",
        'UPDATE gradebook_sheetline SET states = \'{"tx1": "absent"}\' WHERE id = %(line)s',
        "UPDATE gradebook_sheetline SET remark = 'khác' WHERE id = %(line)s",
        "UPDATE gradebook_sheetline SET sheet_id = %(other)s WHERE id = %(line)s",
        "DELETE FROM gradebook_sheetline WHERE id = %(line)s",
        "UPDATE gradebook_sheet SET locked_at = NULL WHERE id = %(sheet)s",
        "UPDATE gradebook_termrecord SET conduct = 'Khá' WHERE enrolment_id = %(enrolment)s AND term = 1",
        "DELETE FROM gradebook_termrecord WHERE enrolment_id = %(enrolment)s AND term = 1",
    ],
)
@pytest.mark.parametrize("members", ["*", ""])
def test_the_database_itself_keeps_what_is_locked(statement, members):
    c = full_class()
    other = ready_class(school=c.school).sheets["toan", 1]
    lock(c, 1, despite_missing="Lớp kia chưa có điểm, chỉ để thử.")
    Sheet.objects.filter(pk=other.pk)
    places = {
        "line": c.line().pk, "other": ready_class().sheets["toan", 1].pk, "sheet": c.sheets["toan", 1].pk,
        "enrolment": c.enrolments[0].pk,
    }  # fmt: skip
    before = list(SheetLine.objects.order_by("pk").values()), list(TermRecord.objects.order_by("pk").values())
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == "sen_app"
        if not members and "gradebook_sheet " not in statement:
            cursor.execute("SELECT set_config('sen.members', '', true)")
        cursor.execute(statement, places)
    assert "gradebook:" in str(refusal.value)
    assert before == (list(SheetLine.objects.order_by("pk").values()), list(TermRecord.objects.order_by("pk").values()))


def test_what_a_correction_writes_is_let_through():
    c = full_class()
    lock(c, 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE gradebook_sheetline SET corrected = %s, average = 90, version = version + 1 WHERE id = %s",
            [json.dumps({"tx1": 100}), c.line().pk],
        )
    assert c.line().effective["tx1"] == 100


def test_a_term_that_is_open_changes_freely():
    c = full_class()
    lock(c, 1)
    keep_records(c, conduct="Khá", terms=())
    assert TermRecord.objects.filter(term=2).update(conduct="Khá") == 2
