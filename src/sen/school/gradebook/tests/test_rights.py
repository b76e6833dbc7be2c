"""Who may write: refusals, each with the proof that nothing changed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sen.core.curriculum.models import Assignment
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.people.models import Person
from sen.core.people.tests.factories import SchoolFactory
from sen.school.gradebook.models import Sheet, SheetLine, TermRecord
from sen.school.gradebook.queries.facts import facts_of, may_open
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.records import record_term
from sen.school.gradebook.tests.factories import actor_with, ready_class
from sen.shared.kit.errors import NotAllowed

pytestmark = pytest.mark.django_db


def refused_for(actor: Actor, c, code: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        save_cells(actor=actor, sheet=c.sheets["toan", 1], edits=c.edits({"tx1": "8"}))
    assert refusal.value.code == code
    assert not SheetLine.objects.exclude(marks={}).exists()


def test_a_stranger_from_another_school_enters_nothing():
    c = ready_class()
    refused_for(actor_with(Role.SUBJECT_TEACHER, SchoolFactory()), c, "gradebook.enter_marks.not_allowed")


def test_a_colleague_who_does_not_teach_the_class_enters_nothing():
    c = ready_class()
    refused_for(c.actor(Role.SUBJECT_TEACHER), c, "gradebook.not_your_subject")


def test_the_form_teacher_enters_nothing_in_a_subject_of_others():
    c = ready_class()
    refused_for(c.form_teacher, c, "gradebook.not_your_subject")


def test_the_principal_enters_nothing_for_a_teacher():
    c = ready_class()
    refused_for(c.actor(Role.PRINCIPAL), c, "gradebook.not_your_subject")


@pytest.mark.parametrize("role", [Role.CLERK, Role.INSPECTOR, Role.PARENT, Role.PUPIL, Role.DEPARTMENT_OFFICER])
def test_a_role_that_does_not_teach_enters_nothing(role):
    c = ready_class()
    refused_for(c.actor(role), c, "gradebook.enter_marks.not_allowed")


def test_who_teaches_another_subject_of_the_class_enters_nothing():
    c = ready_class()
    colleague = c.actor(Role.SUBJECT_TEACHER)
    Assignment.objects.create(
        school=c.school, class_subject=c.subjects["ngu_van"], teacher=Person.objects.get(pk=colleague.person_id)
    )
    refused_for(colleague, c, "gradebook.not_your_subject")


@pytest.mark.parametrize(
    "period",
    [
        {"until": timezone.localdate()},
        {"since": timezone.localdate() + timedelta(days=1)},
        {"term": 2},
    ],
)
def test_an_assignment_counts_only_in_its_time(period):
    c = ready_class()
    Assignment.objects.filter(class_subject=c.subjects["toan"]).update(**period)
    refused_for(c.teacher, c, "gradebook.not_your_subject")


def test_only_the_form_teacher_keeps_the_record_of_the_class():
    c = ready_class()
    edit = {"row": c.enrolments[0].pk, "col": "conduct", "value": "Tốt"}
    for actor in (
        c.teacher,
        c.actor(Role.FORM_TEACHER),
        c.actor(Role.PRINCIPAL),
        actor_with(Role.FORM_TEACHER, SchoolFactory()),
    ):
        with pytest.raises(NotAllowed):
            record_term(actor=actor, school_class=c.school_class, term=1, edits=[edit])
    assert not TermRecord.objects.exists()
    record_term(actor=c.form_teacher, school_class=c.school_class, term=1, edits=[edit])
    assert TermRecord.objects.get().conduct == "Tốt"


def test_one_sheet_opens_for_the_same_people_as_the_list_shows_it_to():
    c = ready_class()
    other = c.actor(Role.SUBJECT_TEACHER)
    Assignment.objects.create(
        school=c.school, class_subject=c.subjects["ngu_van"], teacher=Person.objects.get(pk=other.person_id),
        until=timezone.localdate() - timedelta(days=30), since="2022-09-05",
    )  # fmt: skip
    actors = [c.teacher, c.form_teacher, other, *(c.actor(role) for role in Role), Actor.system("test")]
    actors.append(actor_with(Role.PRINCIPAL, SchoolFactory()))
    for actor in actors:
        listed = set(Sheet.objects.visible_to(actor).values_list("pk", flat=True))
        for sheet in c.sheets.values():
            facts = facts_of(sheet.pk, person_id=actor.person_id)
            assert may_open(actor, facts) is (sheet.pk in listed), (actor.role, sheet)
