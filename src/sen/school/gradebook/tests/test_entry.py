"""Entering marks through the service: values, states, conflicts, repeated requests."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sen.core.curriculum.models import Choice, ClassSubject, Placement
from sen.core.curriculum.tests.factories import AssignmentFactory, ClassSubjectFactory, PlacementFactory
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.people.models import Person
from sen.school.gradebook.models import Exemption, Sheet, SheetLine, StaleClass
from sen.school.gradebook.queries.facts import facts_of
from sen.school.gradebook.queries.history import cell_changes
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.sheets import open_sheets
from sen.school.gradebook.tests.factories import ReadyClass, ready_class
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid

pytestmark = pytest.mark.django_db

FULL = {"tx1": "8", "tx2": "8,5", "tx3": "9", "tx4": "7", "gk": "6.5", "ck": "7"}


def save(c: ReadyClass, marks, key="toan", term=1, pupil=0, actor=None):
    return save_cells(actor=actor or c.teacher, sheet=c.sheets[key, term], edits=c.edits(marks, key, term, pupil))


def states(saved):
    return [answer.state for answer in saved.cells]


def test_marks_give_the_average_of_the_term():
    c = ready_class()
    saved = save(c, FULL)
    assert [(a.col, a.state, a.value, a.version) for a in saved.cells] == [
        (col, "saved", value.replace(",", "."), 1) for col, value in FULL.items()
    ]
    assert [(r.average, r.level) for r in saved.rows] == [("7,4", "")]  # (32,5 + 2·6,5 + 3·7) / 9 = 7,39
    line = c.line()
    assert line.marks == {"tx1": 80, "tx2": 85, "tx3": 90, "tx4": 70, "gk": 65, "ck": 70}
    assert (line.average, line.version, line.updated_by_id) == (74, 1, c.teacher.account_id)
    assert (saved.missing, saved.summary) == (12, {"mean": "7,4"})
    assert StaleClass.objects.filter(school_class=c.school_class).exists()


@pytest.mark.parametrize(
    ("regime", "key", "marks", "stored", "result"),
    [
        ("tt22-2021", "gdtc", {"tx1": "Đ", "tx2": "đạt", "gk": "Đ", "ck": "D"}, {"tx1": 1, "ck": 1}, (None, "Đạt")),
        ("tt22-2021", "gdtc", {"tx1": "Đ", "tx2": "CĐ", "gk": "Đ", "ck": "Đ"}, {"tx2": 0}, (None, "Chưa đạt")),
        (
            "tt58-2011",
            "the_duc",
            {"tx1": "Đ", "tx2": "CĐ", "tx3": "Đ", "gk": "Đ", "ck": "Đ"},
            {"tx2": 0},
            (None, "Đạt"),
        ),
        ("tt58-2011", "toan", {**FULL}, {"tx2": 85}, (74, "")),
        ("tt43-2021", "toan", {**FULL}, {"tx2": 85}, (74, "")),
        ("qd02-2007", "toan", {**FULL}, {"tx2": 85}, (74, "")),
        (
            "tt27-2020",
            "toan",
            {"muc_GK1": "H", "muc_CK1": "t", "kt_CK1": "9"},
            {"kt_CK1": 90, "muc_CK1": "T"},
            (None, "T"),
        ),
        ("tt30-2014", "toan", {"muc_GK1": "H", "kt_GK1": "7"}, {"kt_GK1": 70}, (None, "H")),
        ("tt27-2020", "toan", {"nx_GK1": "Tính toán nhanh."}, {"nx_GK1": "Tính toán nhanh."}, (None, "")),
    ],
)
def test_every_regime_has_its_own_values(regime, key, marks, stored, result):
    c = ready_class(regime)
    saved = save(c, marks, key)
    assert states(saved) == ["saved"] * len(marks)
    line = c.line(key)
    assert stored.items() <= line.marks.items()
    assert (line.average, line.level) == result


@pytest.mark.parametrize(
    ("regime", "key", "col", "value"),
    [
        ("tt22-2021", "toan", "tx1", "10,5"),
        ("tt22-2021", "toan", "tx1", "7,25"),
        ("tt22-2021", "toan", "tx1", "-1"),
        ("tt22-2021", "toan", "tx1", "tám"),
        ("tt22-2021", "toan", "tx1", "Đ"),
        ("tt22-2021", "toan", "tx1", "١"),
        ("tt22-2021", "toan", "tx5", "8"),
        ("tt22-2021", "gdtc", "tx1", "8"),
        ("tt22-2021", "toan", "nx", "x" * 1001),
        ("tt27-2020", "toan", "kt_CK1", "8,5"),
        ("tt27-2020", "dao_duc", "kt_CK1", "8"),
        ("tt30-2014", "toan", "kt_CK1", "0"),
        ("tt27-2020", "toan", "muc_CK1", "Giỏi"),
    ],
)
def test_a_value_outside_the_regime_is_refused_and_the_rest_is_saved(regime, key, col, value):
    c = ready_class(regime)
    good = "muc_GK1" if regime in ("tt27-2020", "tt30-2014") else "gk"
    good_value = {"muc_GK1": "H", "gk": "Đ" if key == "gdtc" else "8"}[good]
    saved = save(c, {col: value, good: good_value}, key)
    assert states(saved) == ["refused", "saved"]
    assert saved.cells[0].message
    assert set(c.line(key).marks) == {good}


def test_an_emptied_cell_takes_the_average_away():
    c = ready_class()
    save(c, FULL)
    saved = save(c, {"ck": None})
    assert (c.line().average, "ck" in c.line().marks, saved.rows[0].average) == (None, False, "")


def test_zero_is_a_mark_and_not_an_empty_cell():
    c = ready_class()
    save(c, {**FULL, "tx1": "0"})
    assert c.line().marks["tx1"] == 0
    assert c.line().average == 65


def test_an_excused_cell_waits_and_an_absent_one_counts_as_zero():
    c = ready_class()
    save(c, {col: value for col, value in FULL.items() if col != "tx4"})
    row = c.enrolments[0].pk

    def state(word, version):
        return save_cells(
            actor=c.teacher,
            sheet=c.sheets["toan", 1],
            edits=[{"row": row, "col": "tx4", "value": None, "state": word, "version": version}],
        )

    waiting = state("excused", 0)
    assert (c.line().average, c.line().states, waiting.missing) == (None, {"tx4": "excused"}, 13)
    absent = state("absent", 2)
    assert (c.line().average, absent.missing) == (66, 12)
    save(c, {"tx4": "9"})
    assert (c.line().average, c.line().states) == (76, {})


def test_the_second_of_two_writers_is_told_and_nothing_is_overwritten():
    c = ready_class()
    second = c.actor(Role.SUBJECT_TEACHER)
    AssignmentFactory(class_subject=c.subjects["toan"], teacher=Person.objects.get(pk=second.person_id))
    stale = c.edits({"tx1": "7", "tx2": "6"})
    with scope.use(c.teacher.scope()):
        save(c, {"tx1": "8"})
    answer = save_cells(actor=second, sheet=c.sheets["toan", 1], edits=stale)
    assert states(answer) == ["conflict", "saved"]
    assert (answer.cells[0].value, answer.cells[0].version, answer.cells[0].by) == ("8", 1, c.teacher.name)
    assert c.line().marks == {"tx1": 80, "tx2": 60}


def test_the_same_request_again_gets_the_same_answer():
    c = ready_class()
    edits = c.edits({"tx1": "8", "nx": "Chăm học."})
    first = save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=edits, request_id="a")
    again = save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=edits, request_id="a")
    assert again.cells == first.cells
    assert c.line().version == 1


def test_a_waived_subject_a_pupil_gone_and_a_stranger_have_closed_cells():
    c = ready_class("tt58-2011")
    Exemption.objects.create(
        school=c.school,
        person=c.enrolments[0].person,
        enrolment=c.enrolments[0],
        class_subject=c.subjects["the_duc"],
        paper="Giấy khám",
        granted_by_id=c.actor(Role.PRINCIPAL).account_id,
    )
    assert states(save(c, {"tx1": "Đ"}, "the_duc")) == ["refused"]
    Placement.objects.filter(enrolment=c.enrolments[1]).update(until="2022-10-12")
    assert states(save(c, {"tx1": "8"}, pupil=1)) == ["refused"]
    unknown = [{"row": uuid.uuid4(), "col": "tx1", "value": "8"}]
    assert states(save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=unknown)) == ["refused"]
    assert not SheetLine.objects.exclude(marks={}).exists()


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"row": "x", "col": "tx1"},
        {"row": str(uuid.uuid4()), "col": 3},
        {"row": str(uuid.uuid4()), "col": "tx1", "value": 8},
        "x",
        {"row": str(uuid.uuid4()), "col": "tx1", "version": "1"},
        {"row": str(uuid.uuid4()), "col": "tx1", "state": "ill"},
    ],
)
def test_what_is_no_edit_is_refused_as_a_whole(edit):
    c = ready_class()
    with pytest.raises(Invalid):
        save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=[*c.edits({"tx1": "8"}), edit])
    assert not SheetLine.objects.exclude(marks={}).exists()


def test_the_study_topic_cluster_has_a_column_for_those_who_take_it():
    c = ready_class("tt43-2021", keys=("toan",))
    ClassSubject.objects.filter(pk=c.subjects["toan"].pk).update(has_cluster=True)
    taker = c.enrolments[1]
    Choice.objects.create(
        school=c.school, person=taker.person, enrolment=taker, class_subject=c.subjects["toan"], with_cluster=True
    )
    marks = {**FULL, "cd": "10"}
    assert states(save(c, marks, term=2, pupil=0))[-1] == "refused"
    assert states(save(c, marks, term=2, pupil=1)) == ["saved"] * 7
    assert (c.line(term=2, pupil=0).average, c.line(term=2, pupil=1).average) == (74, 77)


def test_one_cell_takes_few_statements_and_a_whole_sheet_no_more():
    c = ready_class(pupils=6)
    with CaptureQueriesContext(connection) as one:
        save(c, {"tx1": "8"})
    edits = [edit for pupil in range(6) for edit in c.edits(FULL, pupil=pupil)]
    with CaptureQueriesContext(connection) as many:
        assert set(states(save_cells(actor=c.teacher, sheet=c.sheets["toan", 1], edits=edits))) == {"saved"}
    assert len(one) <= 8
    assert len(many) <= 6


def test_a_cell_knows_its_history():
    c = ready_class()
    with scope.use(c.teacher.scope()):
        save(c, {"tx1": "8"})
        save(c, {"tx1": "9", "tx2": "5"})
    columns = facts_of(c.sheets["toan", 1].pk).book.columns
    changes = cell_changes(c.line(), columns)
    assert [(x.before, x.after, x.by, x.role) for x in changes["tx1"]] == [
        ("8", "9", c.teacher.name, "Giáo viên bộ môn"),
        ("", "8", c.teacher.name, "Giáo viên bộ môn"),
    ]
    assert [(x.before, x.after) for x in changes["tx2"]] == [("", "5")]


def test_sheets_open_for_everybody_who_takes_the_subject_and_only_once():
    c = ready_class(pupils=2)
    elective = ClassSubjectFactory(school_class=c.school_class, key="cong_nghe", chosen_by_some=True)
    one_term = ClassSubjectFactory(school_class=c.school_class, key="nghe_thuat", only_term=2)
    Choice.objects.create(
        school=c.school, person=c.enrolments[0].person, enrolment=c.enrolments[0], class_subject=elective
    )
    late = PlacementFactory(school_class=c.school_class).enrolment
    opened = open_sheets(actor=Actor.system("test"), classes=[c.school_class])
    assert (opened.sheets, opened.lines) == (3, 2 * 1 + 3 + 8 * 2)
    assert SheetLine.objects.filter(sheet__class_subject=elective, enrolment=c.enrolments[0]).count() == 2
    assert Sheet.objects.filter(class_subject=one_term).count() == 1
    assert SheetLine.objects.filter(enrolment=late).count() == 17
    again = open_sheets(actor=Actor.system("test"), classes=[c.school_class])
    assert (again.sheets, again.lines) == (0, 0)


def test_preschool_has_no_sheets():
    c = ready_class("preschool-followup")
    assert not Sheet.objects.filter(school_class=c.school_class).exists()
