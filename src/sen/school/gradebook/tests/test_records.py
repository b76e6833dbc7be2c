"""The form teacher's record, and what closed years say to the roll-over."""

from datetime import date

import pytest

from sen.core.curriculum import links
from sen.core.curriculum.events import pupils_placed
from sen.core.curriculum.models import SchoolClass
from sen.core.curriculum.tests.factories import PlacementFactory
from sen.school.gradebook.models import Result, Sheet, SheetLine, StaleClass, TermRecord
from sen.school.gradebook.rules import Outcome
from sen.school.gradebook.services.fresh import freshen_stale_classes
from sen.school.gradebook.services.records import record_columns, record_term
from sen.school.gradebook.tests.factories import REGIMES, full_class, ready_class

pytestmark = pytest.mark.django_db


def record(c, col, value, version=0, term=1, pupil=0):
    edit = {"row": c.enrolments[pupil].pk, "col": col, "value": value, "version": version}
    (cell,) = record_term(actor=c.form_teacher, school_class=c.school_class, term=term, edits=[edit]).cells
    return cell


def test_conduct_absences_and_remarks_are_kept_by_cell():
    c = ready_class()
    assert record(c, "conduct", "tốt").value == "Tốt"
    assert record(c, "absent_excused", "03").value == "3"
    assert record(c, "remark", " Ngoan. ").value == "Ngoan."
    row = TermRecord.objects.get()
    assert (row.conduct, row.absent_excused, row.remark, row.version) == ("Tốt", 3, "Ngoan.", 3)
    assert row.versions == {"conduct": 1, "absent_excused": 2, "remark": 3}
    assert row.updated_by_id == c.form_teacher.account_id


def test_the_second_of_two_is_told_and_a_repeated_request_is_not():
    c = ready_class()
    record(c, "conduct", "Tốt")
    assert record(c, "conduct", "Tốt").state == "saved"
    told = record(c, "conduct", "Khá")
    assert (told.state, told.value, told.version, told.by) == ("conflict", "Tốt", 1, c.form_teacher.name)
    assert record(c, "conduct", "Khá", version=1).state == "saved"
    assert record(c, "remark", "Ngoan.").state == "saved"


@pytest.mark.parametrize(
    ("regime", "col", "value"),
    [
        ("tt22-2021", "conduct", "Trung bình"),
        ("tt58-2011", "conduct", "Chưa đạt"),
        ("tt22-2021", "absent_excused", "1,5"),
        ("tt22-2021", "absent_excused", "999"),
        ("tt22-2021", "q_cham_chi", "T"),
        ("tt27-2020", "conduct", "Tốt"),
        ("tt22-2021", "remark", "x" * 1001),
        ("preschool-followup", "conduct", "Tốt"),
    ],
)
def test_what_the_regime_does_not_know_is_refused(regime, col, value):
    c = ready_class(regime)
    cell = record(c, col, value)
    assert cell.state == "refused" and cell.message
    assert not TermRecord.objects.exists()


def test_qualities_of_a_primary_pupil_at_both_moments():
    c = ready_class("tt27-2020")
    rated = [column.code for column in record_columns("tt27-2020", "3", 1) if column.choices]
    middle = next(code for code in rated if code.startswith("q_gk_"))
    assert record(c, middle, "đ").value == "Đ"
    assert record(c, middle.replace("gk_", ""), "T").value == "T"
    assert record(c, middle, None, version=1).value is None
    assert TermRecord.objects.get().qualities == {middle[5:]: "T"}


@pytest.mark.parametrize("regime", list(REGIMES))
def test_every_regime_says_what_its_form_teacher_keeps(regime):
    grade = REGIMES[regime][1]
    for term in (0, 1, 2):
        codes = [column.code for column in record_columns(regime, grade, term)]
        assert len(codes) == len(set(codes))
    assert record_columns(regime, grade, 1)


def test_the_roll_over_hears_what_the_year_says():
    c = full_class(pupils=2)
    a, b = c.enrolments
    for enrolment, outcome in ((a, Outcome.PROMOTED), (b, Outcome.RETEST)):
        Result.objects.create(
            school=c.school, person=enrolment.person, enrolment=enrolment, school_class=c.school_class, year=2022,
            term=0, regime="tt22-2021", outcome=outcome,
        )  # fmt: skip
    said = links.outcomes(c.school.pk, 2022)
    assert (said[a.pk].step, said[a.pk].next_grade, said[b.pk].step) == ("promoted", "8", "waiting")
    Result.objects.filter(enrolment=b).update(outcome=Outcome.RETAINED)
    assert links.outcomes(c.school.pk, 2022)[b.pk].step == "repeat"
    SchoolClass.objects.filter(pk=c.school_class.pk).update(grade="12")
    assert links.outcomes(c.school.pk, 2022)[a.pk].step == "finished"
    assert links.with_open_book([c.school_class.pk]) == {c.school_class.pk}


def test_preschool_children_move_up_by_age():
    c = ready_class("preschool-followup", pupils=2)
    for enrolment, born in zip(c.enrolments, (date(2017, 3, 1), date(2019, 3, 1)), strict=True):
        enrolment.person.birth_date = born
        enrolment.person.save()
    said = links.outcomes(c.school.pk, 2022)
    assert [said[e.pk].step for e in c.enrolments] == ["finished", "promoted"]


def test_a_late_joiner_gets_lines_by_the_job_where_the_book_is_open():
    c = ready_class(pupils=1)
    StaleClass.objects.all().delete()
    late = PlacementFactory(school_class=c.school_class).enrolment
    pupils_placed.send(sender=None, school_class_ids=[c.school_class.pk], enrolment_ids=[late.pk])
    assert not SheetLine.objects.filter(enrolment=late).exists()
    assert freshen_stale_classes() == 1
    assert SheetLine.objects.filter(enrolment=late).count() == Sheet.objects.count()
