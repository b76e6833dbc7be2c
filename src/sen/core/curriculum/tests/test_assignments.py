"""Teaching assignment: one teacher answers for the marks, changes are dated, strangers change nothing."""

from datetime import date

import pytest

from sen.core.curriculum import queries, services
from sen.core.curriculum.models import Assignment
from sen.core.curriculum.tests.actors import of_school
from sen.core.curriculum.tests.factories import AssignmentFactory, ClassSubjectFactory, SchoolClassFactory
from sen.core.identity.roles import Role
from sen.core.people.events import posting_ended
from sen.core.people.models import Posting
from sen.core.people.tests.factories import SchoolFactory, StaffFactory
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db
DAY = date(2022, 11, 1)


@pytest.fixture
def subject():
    return ClassSubjectFactory()


@pytest.fixture
def head(subject):
    return of_school(subject.school, Role.VICE_PRINCIPAL)


def teacher_of(subject):
    return StaffFactory(school=subject.school).person


def test_a_teacher_is_assigned_once(subject, head):
    teacher = teacher_of(subject)
    one = services.assign(actor=head, class_subject=subject, teacher=teacher)
    assert services.assign(actor=head, class_subject=subject, teacher=teacher) == one
    assert subject.assignments.count() == 1


def test_a_second_one_who_answers_is_refused_but_may_help(subject, head):
    AssignmentFactory(class_subject=subject)
    other = teacher_of(subject)
    with pytest.raises(RuleError) as refused:
        services.assign(actor=head, class_subject=subject, teacher=other)
    assert refused.value.code == "curriculum.already_responsible"
    assert subject.assignments.count() == 1
    services.assign(actor=head, class_subject=subject, teacher=other, is_responsible=False)
    assert subject.assignments.count() == 2


def test_terms_may_have_their_own_teachers(subject, head):
    one, two = teacher_of(subject), teacher_of(subject)
    services.assign(actor=head, class_subject=subject, teacher=one, term=1)
    services.assign(actor=head, class_subject=subject, teacher=two, term=2)
    with pytest.raises(RuleError):
        services.assign(actor=head, class_subject=subject, teacher=two)
    assert subject.assignments.count() == 2


def test_a_change_on_a_day_ends_the_one_before(subject, head):
    before, new = AssignmentFactory(class_subject=subject), teacher_of(subject)
    services.set_teacher(actor=head, class_subject=subject, teacher=new, on=DAY)
    before.refresh_from_db()
    assert before.until == DAY
    assert subject.assignments.get(until=None).teacher == new


def test_a_plan_is_corrected_without_a_trace_of_what_never_held(subject, head):
    AssignmentFactory(class_subject=subject)
    services.set_teacher(actor=head, class_subject=subject, teacher=None)
    assert not subject.assignments.exists()


def test_a_substitute_has_dates_and_does_not_answer_for_marks(subject, head):
    AssignmentFactory(class_subject=subject)
    stand_in = services.substitute(
        actor=head, class_subject=subject, teacher=teacher_of(subject), since=DAY, until=date(2022, 11, 15)
    )
    assert not stand_in.is_responsible
    with pytest.raises(Invalid):
        services.substitute(actor=head, class_subject=subject, teacher=teacher_of(subject), since=DAY, until=DAY)
    assert subject.assignments.count() == 2


def test_only_teachers_of_the_school_are_taken(subject, head):
    stranger = StaffFactory(school=SchoolFactory()).person
    gone = teacher_of(subject)
    Posting.objects.filter(person=gone).update(ended_on=DAY)
    for teacher in (stranger, gone):
        with pytest.raises(RuleError):
            services.assign(actor=head, class_subject=subject, teacher=teacher)
        with pytest.raises(RuleError):
            services.set_form_teacher(actor=head, school_class=subject.school_class, teacher=teacher)
    assert not subject.assignments.exists()
    assert subject.school_class.form_teacher is None


@pytest.mark.parametrize("role", [Role.SUBJECT_TEACHER, Role.FORM_TEACHER, Role.DEPARTMENT_OFFICER, Role.INSPECTOR])
def test_who_may_not_assign_changes_nothing(subject, role):
    actor, teacher = of_school(subject.school, role), teacher_of(subject)
    for act in (
        lambda: services.assign(actor=actor, class_subject=subject, teacher=teacher),
        lambda: services.set_teacher(actor=actor, class_subject=subject, teacher=teacher),
        lambda: services.substitute(
            actor=actor, class_subject=subject, teacher=teacher, since=DAY, until=date(2023, 1, 1)
        ),
        lambda: services.set_form_teacher(actor=actor, school_class=subject.school_class, teacher=teacher),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not Assignment.objects.filter(class_subject=subject).exists()


def test_bulk_assignment_replaces_and_keeps(subject, head):
    kept = AssignmentFactory(class_subject=ClassSubjectFactory(school_class=subject.school_class, key="ngu_van"))
    old, new = AssignmentFactory(class_subject=subject), teacher_of(subject)
    wanted = {(subject.pk, None): new.pk, (kept.class_subject_id, None): kept.teacher_id}
    assert services.bulk_assign(actor=head, school_id=subject.school_id, wanted=wanted, on=DAY) == 1
    old.refresh_from_db()
    assert old.until == DAY
    assert services.bulk_assign(actor=head, school_id=subject.school_id, wanted=wanted, on=DAY) == 0


def test_a_teacher_who_leaves_leaves_the_assignments_of_the_running_year():
    this_year = ClassSubjectFactory(school_class=SchoolClassFactory(year=2022))
    last_year = ClassSubjectFactory(school_class=SchoolClassFactory(year=2021, school=this_year.school))
    teacher = teacher_of(this_year)
    for subject in (this_year, last_year):
        AssignmentFactory(class_subject=subject, teacher=teacher)
    posting_ended.send(sender=Posting, posting_id=None, person_id=teacher.pk, school_id=this_year.school_id, day=DAY)
    assert this_year.assignments.get().until == DAY
    assert last_year.assignments.get().until is None


def test_my_classes_are_those_i_lead_or_teach(subject):
    teacher = AssignmentFactory(class_subject=subject).teacher
    led = SchoolClassFactory(school=subject.school, form_teacher=teacher)
    SchoolClassFactory(school=subject.school)
    assert set(queries.classes_of_teacher(teacher.pk, 2022)) == {subject.school_class, led}


def test_teachers_of_one_name_carry_different_labels(subject):
    same = [StaffFactory(school=subject.school) for _ in range(2)]
    for staff in same:
        staff.person.full_name = "Nguyễn Văn Lâm"
        staff.person.save()
    labels = [teacher.label for teacher in queries.teachers_of(subject.school_id, 2022)]
    assert len(set(labels)) == 2
