"""Results of terms and years through the services, for every regime."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from sen.core.curriculum.tests.factories import PlacementFactory
from sen.core.people.models import Enrolment
from sen.core.people.tests.factories import EnrolmentFactory
from sen.school.gradebook.models import ClassFigures, Result, SheetLine, StaleClass
from sen.school.gradebook.queries.facts import facts_of
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.figures import refresh_figures
from sen.school.gradebook.services.fresh import freshen_stale_classes
from sen.school.gradebook.services.results import compute_results
from sen.school.gradebook.tests.factories import ReadyClass, fill, keep_records, ready_class

pytestmark = pytest.mark.django_db


def year_of(c: ReadyClass, pupil=0) -> Result:
    return Result.objects.get(enrolment=c.enrolments[pupil], term=0)


@pytest.mark.parametrize(
    ("regime", "level", "average", "honour", "outcome"),
    [
        ("tt22-2021", "Tốt", None, "Học sinh Giỏi", "PROMOTED"),
        ("tt58-2011", "Giỏi", 85, "Học sinh giỏi", "PROMOTED"),
        ("tt43-2021", "Tốt", None, "Học viên Giỏi", "PROMOTED"),
        ("qd02-2007", "Giỏi", 85, "Học viên giỏi", "PROMOTED"),
        ("tt27-2020", "Hoàn thành xuất sắc", None, "Học sinh Xuất sắc", "COMPLETED"),
        ("tt30-2014", "", None, "Hoàn thành xuất sắc các nội dung học tập và rèn luyện", "COMPLETED_PRIMARY"),
    ],
)
def test_a_full_book_gives_terms_and_year(regime, level, average, honour, outcome):
    c = ready_class(regime, pupils=2)
    fill(c)
    keep_records(c)
    done = compute_results(classes=[c.school_class])
    assert (done.results, done.changed, done.missing) == (6, 6, [])
    year = year_of(c)
    assert (year.level, year.average, year.honour, year.outcome, year.is_complete) == (
        level,
        average,
        honour,
        outcome,
        True,
    )
    assert Result.objects.filter(is_complete=True).count() == 6
    assert set(year.subjects) == set(c.subjects)
    assert compute_results(classes=[c.school_class]).changed == 0


def test_a_gap_leaves_the_pupil_incomplete_and_says_what_is_missing():
    c = ready_class(pupils=2)
    fill(c)
    keep_records(c)
    save_cells(actor=c.teacher, sheet=c.sheets["toan", 2], edits=c.edits({"ck": None}, term=2))
    done = compute_results(classes=[c.school_class])
    assert {(m.enrolment_id, m.term) for m in done.missing} == {(c.enrolments[0].pk, 2), (c.enrolments[0].pk, 0)}
    year = year_of(c)
    assert (year.is_complete, year.level, year.outcome) == (False, "", "PENDING")
    assert "Toán: Thiếu đánh giá cuối kì." in year.reasons
    assert year_of(c, 1).is_complete


def test_a_term_without_conduct_is_not_complete():
    c = ready_class(pupils=1)
    fill(c)
    compute_results(classes=[c.school_class])
    assert not Result.objects.filter(is_complete=True).exists()
    assert any("rèn luyện" in reason for reason in year_of(c).reasons)


def test_absences_of_both_terms_bar_promotion():
    c = ready_class(pupils=1)
    fill(c)
    keep_records(c, absent="23")
    compute_results(classes=[c.school_class])
    year = year_of(c)
    assert (year.absences, year.outcome, year.honour) == (46, "RETAINED", "")


def test_results_take_the_same_queries_for_one_pupil_and_for_many():
    counts = []
    for pupils in (1, 5):
        c = ready_class(pupils=pupils)
        fill(c)
        keep_records(c)
        with CaptureQueriesContext(connection) as queries:
            compute_results(classes=[c.school_class])
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_marks_of_the_school_a_pupil_came_from_count():
    c = ready_class(pupils=1)
    there = ready_class(pupils=1)
    fill(c)
    fill(there)
    keep_records(there)
    person = there.enrolments[0].person
    Enrolment.objects.filter(pk=there.enrolments[0].pk).update(status="transferred_out", ended_on="2023-01-10")
    here = EnrolmentFactory(
        person=person,
        school=c.school,
        year=2022,
        grade="7",
        entry=Enrolment.Entry.TRANSFERRED_IN,
        started_on="2023-01-11",
    )
    PlacementFactory(school_class=c.school_class, enrolment=here)
    compute_results(classes=[c.school_class])
    term1 = Result.objects.get(enrolment=here, term=1)
    assert (term1.level, term1.conduct, term1.is_complete) == ("Tốt", "Tốt", True)


def test_figures_count_cells_and_levels_without_names():
    c = ready_class(pupils=2)
    fill(c, pupils=1)
    keep_records(c)
    compute_results(classes=[c.school_class])
    refresh_figures(classes=[c.school_class])
    year = ClassFigures.objects.get(school_class=c.school_class, term=0)
    required = sum(len(facts_of(sheet.pk).book.required) for sheet in c.sheets.values())
    assert (year.pupils, year.cells_expected, year.cells_filled) == (2, 2 * required, required)
    assert (year.sheets, year.sheets_locked) == (16, 0)
    assert (year.levels, year.outcomes) == ({"Tốt": 1}, {"PROMOTED": 1, "PENDING": 1})


def test_a_saved_mark_reaches_the_figures_by_the_job():
    c = ready_class(pupils=1)
    fill(c, terms=(1,))
    assert StaleClass.objects.filter(school_class=c.school_class).exists()
    assert freshen_stale_classes() == 1
    assert not StaleClass.objects.exists()
    assert ClassFigures.objects.get(school_class=c.school_class, term=1).cells_filled > 0
    assert Result.objects.filter(enrolment=c.enrolments[0], term=1).exists()
    assert freshen_stale_classes() == 0


def test_lines_hold_only_what_the_rules_know():
    c = ready_class()
    for marks in ({"tx1": 101}, {"tx1": -1}, {"tx1": 8.5}, {"tx1": {"a": 1}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SheetLine.objects.filter(pk=c.line().pk).update(marks=marks)
