"""A correction after the lock: three persons, both values visible, results computed anew."""

import pytest
from django.db import IntegrityError, transaction

from sen.core.curriculum.models import SchoolClass
from sen.core.curriculum.tests.factories import AssignmentFactory
from sen.core.identity.roles import Role
from sen.core.people.models import Person
from sen.school.gradebook import events
from sen.school.gradebook.models import Correction, Result
from sen.school.gradebook.queries.facts import facts_of
from sen.school.gradebook.queries.history import cell_changes
from sen.school.gradebook.services import corrections
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.tests.factories import ReadyClass, full_class
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db
REASON = "Chấm sót câu 5 của bài cuối kì."


@pytest.fixture
def c() -> ReadyClass:
    ready = full_class()
    for term in (1, 2, 0):
        lock_term(actor=ready.actor(Role.VICE_PRINCIPAL), school=ready.school, year=2022, term=term)
    return ready


def ask(c: ReadyClass, column="ck", new="10", reason=REASON, actor=None) -> Correction:
    return corrections.request_correction(
        actor=actor or c.teacher, line=c.line(), column=column, new=new, reason=reason
    )


def test_an_approved_correction_lies_over_the_book_and_counts(c):
    heard = []
    events.correction_approved.connect(lambda **e: heard.append(e["enrolment_id"]), weak=False, dispatch_uid="t")
    row = ask(c)
    corrections.confirm_correction(actor=c.form_teacher, correction=row)
    principal = c.actor(Role.PRINCIPAL)
    assert c.line().average == 85
    with scope.use(principal.scope()):
        corrections.approve_correction(actor=principal, correction=row)
    events.correction_approved.disconnect(dispatch_uid="t")
    line = c.line()
    assert (line.marks["ck"], line.corrected, line.average) == (85, {"ck": 100}, 90)
    assert Result.objects.get(enrolment=c.enrolments[0], term=1).subjects["toan"] == 90
    assert Result.objects.get(enrolment=c.enrolments[0], term=0).subjects["toan"] == 87
    assert Result.objects.get(enrolment=c.enrolments[1], term=1).subjects["toan"] == 85
    assert heard == [c.enrolments[0].pk]
    columns = facts_of(line.sheet_id).book.columns
    newest = cell_changes(line, columns)["ck"][0]
    assert (newest.before, newest.after, newest.reason, newest.is_correction) == ("8,5", "10", REASON, True)
    assert newest.by == principal.name


def test_the_approver_signs_the_entry_where_there_is_a_key(c):
    row = ask(c)
    corrections.confirm_correction(actor=c.form_teacher, correction=row)
    signed = []

    def sign(entry: bytes) -> dict[str, str]:
        signed.append(entry)
        return {"signature": "x"}

    approved = corrections.approve_correction(actor=c.actor(Role.PRINCIPAL), correction=row, sign=sign)
    assert approved.signature == {"signature": "x"}
    assert str(row.pk).encode() in signed[0]
    assert signed[0] == corrections.entry_bytes(approved)


def test_three_different_persons_are_needed(c):
    row = ask(c)
    with pytest.raises(NotAllowed):
        corrections.confirm_correction(actor=c.teacher, correction=row)
    with pytest.raises(NotAllowed):
        corrections.confirm_correction(actor=c.actor(Role.PRINCIPAL), correction=row)
    with pytest.raises(RuleError):
        corrections.approve_correction(actor=c.actor(Role.PRINCIPAL), correction=row)
    corrections.confirm_correction(actor=c.form_teacher, correction=row)
    with pytest.raises(NotAllowed):
        corrections.approve_correction(actor=c.form_teacher, correction=row)
    assert c.line().corrected == {}
    assert Correction.objects.get().state == "confirmed"


def test_where_the_form_teacher_asks_a_deputy_confirms_and_the_principal_approves(c):
    SchoolClass.objects.filter(pk=c.school_class.pk).update(form_teacher=c.teacher.person_id)
    row = ask(c)
    with pytest.raises(NotAllowed):
        corrections.confirm_correction(actor=c.form_teacher, correction=row)
    deputy = c.actor(Role.VICE_PRINCIPAL)
    corrections.confirm_correction(actor=deputy, correction=row)
    with pytest.raises(NotAllowed) as refusal:
        corrections.approve_correction(actor=deputy, correction=row)
    assert refusal.value.code == "gradebook.third_person"
    corrections.approve_correction(actor=c.actor(Role.PRINCIPAL), correction=row)
    assert c.line().corrected == {"ck": 100}


def test_the_database_wants_three_persons_too(c):
    row = ask(c)
    one = c.actor(Role.PRINCIPAL).account_id
    for change in (
        {"confirmed_by": row.requested_by_id},
        {"approved_by": row.requested_by_id},
        {"confirmed_by": one, "approved_by": one},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"new": "11"}, "gradebook.invalid_mark"),
        ({"new": "8,5"}, "gradebook.same_value"),
        ({"new": None}, "gradebook.no_value"),
        ({"column": "tx9"}, "gradebook.no_such_column"),
        ({"column": "nx", "new": "Ngoan."}, "gradebook.no_such_column"),
        ({"reason": "nhầm"}, "gradebook.no_reason"),
    ],
)
def test_a_wrong_request_is_refused(c, change, code):
    with pytest.raises(Invalid) as refusal:
        ask(c, **change)
    assert refusal.value.code == code
    assert not Correction.objects.exists()


def test_only_the_subjects_teacher_asks_and_only_once_at_a_time(c):
    for actor in (c.form_teacher, c.actor(Role.SUBJECT_TEACHER), c.actor(Role.PRINCIPAL)):
        with pytest.raises(NotAllowed):
            ask(c, actor=actor)
    ask(c)
    with pytest.raises(RuleError) as refusal:
        ask(c, new="9")
    assert refusal.value.code == "gradebook.correction_open"
    assert Correction.objects.count() == 1


def test_an_open_sheet_is_changed_directly():
    ready = full_class(pupils=1)
    with pytest.raises(RuleError) as refusal:
        ask(ready)
    assert refusal.value.code == "gradebook.sheet_open"
    assert not Correction.objects.exists()


def test_a_refusal_needs_a_word_and_changes_nothing(c):
    row = ask(c)
    with pytest.raises(Invalid):
        corrections.refuse_correction(actor=c.form_teacher, correction=row, note="")
    with pytest.raises(NotAllowed):
        corrections.refuse_correction(actor=c.actor(Role.SUBJECT_TEACHER), correction=row, note="Không rõ.")
    corrections.refuse_correction(actor=c.form_teacher, correction=row, note="Bài đã chấm đúng.")
    assert (c.line().corrected, c.line().average) == ({}, 85)
    with pytest.raises(RuleError):
        corrections.confirm_correction(actor=c.form_teacher, correction=row)
    again = ask(c)
    corrections.refuse_correction(actor=c.teacher, correction=again, note="")
    assert Correction.objects.filter(state="refused").count() == 2


def test_a_second_correction_of_the_same_cell_starts_from_the_first(c):
    for value in ("10", "9"):
        row = ask(c, new=value)
        corrections.confirm_correction(actor=c.form_teacher, correction=row)
        corrections.approve_correction(actor=c.actor(Role.PRINCIPAL), correction=row)
    assert list(Correction.objects.order_by("requested_at").values_list("old", "new")) == [(85, 100), (100, 90)]
    assert c.line().corrected == {"ck": 90}


def test_a_colleague_who_also_teaches_the_class_may_ask(c):
    second = c.actor(Role.SUBJECT_TEACHER)
    AssignmentFactory(class_subject=c.subjects["toan"], teacher=Person.objects.get(pk=second.person_id))
    assert ask(c, actor=second).requested_by_id == second.account_id
