"""After the year: re-assessment, summer conduct, supplement, decisions, waivers."""

import pytest

from sen.core.identity.roles import Role
from sen.core.people.models import Enrolment
from sen.school.gradebook import events
from sen.school.gradebook.models import Exemption, Result
from sen.school.gradebook.services import summer
from sen.school.gradebook.services.entry import save_cells
from sen.school.gradebook.services.locks import lock_term
from sen.school.gradebook.services.results import compute_results
from sen.school.gradebook.services.settings import exempt, lift_exemption, set_policy
from sen.school.gradebook.tests.factories import ReadyClass, fill, full_class, keep_records, ready_class
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db


def closed(regime="tt22-2021", *, conduct="Tốt", weak: dict[str, str] | None = None, trait="T", **values) -> ReadyClass:
    """A locked year; `weak` replaces one mark in every column of these subjects for the first pupil."""
    c = ready_class(regime, pupils=2)
    fill(c, **values)
    keep_records(c, conduct=conduct, trait=trait)
    for key, value in (weak or {}).items():
        for term in (1, 2):
            marks = {col: value for col in c.line(key, term).marks if col != "nx"}
            save_cells(actor=c.teacher, sheet=c.sheets[key, term], edits=c.edits(marks, key, term))
    for term in (1, 2, 0):
        lock_term(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, term=term)
    return c


def year_of(c: ReadyClass, pupil=0) -> Result:
    return Result.objects.get(enrolment=c.enrolments[pupil], term=0)


WEAK = {"toan": "3", "ngu_van": "3"}


def test_a_passed_retest_promotes_and_the_original_stays():
    c = closed(weak=WEAK)
    row = year_of(c)
    assert (row.outcome_june, row.outcome, row.level) == ("RETEST", "RETEST", "Chưa đạt")
    heard = []
    events.result_changed.connect(lambda **e: heard.append(e["enrolment_id"]), weak=False, dispatch_uid="t")
    summer.record_retest(actor=c.teacher, result=row, subject_key="toan", value="4")
    assert year_of(c).outcome == "RETEST"
    summer.record_retest(actor=c.teacher, result=row, subject_key="toan", value="6,5")
    row = summer.record_retest(actor=c.teacher, result=row, subject_key="ngu_van", value="5")
    events.result_changed.disconnect(dispatch_uid="t")
    assert (row.outcome_june, row.outcome, row.level, row.subjects["toan"]) == ("RETEST", "PROMOTED", "Chưa đạt", 30)
    assert row.retests == {"toan": 65, "ngu_van": 50}
    assert heard == [c.enrolments[0].pk] * 3


def test_a_retest_is_for_the_weak_subjects_of_those_concerned():
    c = closed(weak=WEAK)
    row = year_of(c)
    with pytest.raises(Invalid):
        summer.record_retest(actor=c.teacher, result=row, subject_key="tin_hoc", value="6")
    with pytest.raises(Invalid):
        summer.record_retest(actor=c.teacher, result=row, subject_key="toan", value="12")
    with pytest.raises(NotAllowed):
        summer.record_retest(actor=c.actor(Role.SUBJECT_TEACHER), result=row, subject_key="toan", value="6")
    with pytest.raises(RuleError):
        summer.record_retest(actor=c.teacher, result=year_of(c, 1), subject_key="toan", value="6")
    assert year_of(c).retests == {}


def test_who_has_not_passed_when_the_summer_closes_stays():
    c = closed(weak=WEAK)
    assert summer.close_summer(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022) == 1
    assert (year_of(c).outcome, year_of(c, 1).outcome) == ("RETAINED", "PROMOTED")
    compute_results(classes=[c.school_class], terms=(0,), locked_too=True)
    assert year_of(c).outcome == "RETAINED"


def test_training_in_the_summer_replaces_the_conduct():
    c = closed(conduct="Chưa đạt")
    row = year_of(c)
    assert row.outcome == "SUMMER_CONDUCT"
    with pytest.raises(Invalid):
        summer.record_summer_conduct(actor=c.form_teacher, result=row, conduct="Giỏi")
    with pytest.raises(NotAllowed):
        summer.record_summer_conduct(actor=c.teacher, result=row, conduct="Đạt")
    row = summer.record_summer_conduct(actor=c.form_teacher, result=row, conduct="Đạt")
    assert (row.conduct, row.summer_conduct, row.outcome) == ("Chưa đạt", "Đạt", "PROMOTED")


@pytest.mark.parametrize(("promote", "outcome"), [(True, "PROMOTED"), (False, "RETAINED")])
def test_the_principal_decides_on_a_primary_pupil_who_is_still_short(promote, outcome):
    c = closed("tt27-2020", weak={"dao_duc": "C"})
    row = year_of(c)
    assert (row.level, row.outcome) == ("Chưa hoàn thành", "SUPPLEMENT")
    with pytest.raises(RuleError):
        summer.decide(actor=c.actor(Role.PRINCIPAL), result=row, promote=promote, note="Gia đình đề nghị cho lên lớp.")
    row = summer.record_supplement(actor=c.form_teacher, result=row, passed=False)
    assert row.outcome == "PRINCIPAL_DECIDES"
    with pytest.raises(NotAllowed):
        summer.decide(actor=c.form_teacher, result=row, promote=promote, note="Đã kiểm tra bổ sung lần hai.")
    with pytest.raises(Invalid):
        summer.decide(actor=c.actor(Role.PRINCIPAL), result=row, promote=promote, note="")
    row = summer.decide(actor=c.actor(Role.PRINCIPAL), result=row, promote=promote, note="Đã kiểm tra bổ sung lần hai.")
    assert (row.outcome, row.outcome_june) == (outcome, "SUPPLEMENT")
    compute_results(classes=[c.school_class], terms=(0,), locked_too=True)
    assert year_of(c).outcome == outcome


def test_a_passed_supplement_completes_the_class():
    c = closed("tt27-2020", weak={"dao_duc": "C"})
    row = summer.record_supplement(actor=c.form_teacher, result=year_of(c), passed=True)
    assert (row.outcome_june, row.outcome) == ("SUPPLEMENT", "COMPLETED")


def test_nothing_of_the_summer_before_the_year_is_locked():
    c = full_class()
    compute_results(classes=[c.school_class])
    with pytest.raises(RuleError) as refusal:
        summer.record_retest(actor=c.teacher, result=year_of(c), subject_key="toan", value="6")
    assert refusal.value.code == "gradebook.year_open"


def test_a_waived_subject_leaves_the_classification():
    c = full_class("tt58-2011")
    principal = c.actor(Role.PRINCIPAL)
    marks = dict.fromkeys(c.line("the_duc", 2).marks, "CĐ")
    save_cells(actor=c.teacher, sheet=c.sheets["the_duc", 2], edits=c.edits(marks, "the_duc", 2))
    compute_results(classes=[c.school_class])
    assert year_of(c).level != "Giỏi"
    row = exempt(
        actor=principal,
        enrolment=c.enrolments[0],
        class_subject=c.subjects["the_duc"],
        term=None,
        paper="Giấy bệnh viện",
    )
    compute_results(classes=[c.school_class])
    assert (year_of(c).level, "the_duc" in year_of(c).subjects) == ("Giỏi", False)
    lift_exemption(actor=principal, exemption=row)
    compute_results(classes=[c.school_class])
    assert year_of(c).level != "Giỏi"


def test_only_what_the_law_lets_be_waived_by_the_head_on_paper():
    c = ready_class("tt58-2011")
    principal, the_duc = c.actor(Role.PRINCIPAL), c.subjects["the_duc"]
    pupil = c.enrolments[0]
    with pytest.raises(RuleError) as refusal:
        exempt(actor=principal, enrolment=pupil, class_subject=c.subjects["toan"], term=1, paper="Giấy khám")
    assert refusal.value.code == "gradebook.no_such_waiver"
    with pytest.raises(Invalid):
        exempt(actor=principal, enrolment=pupil, class_subject=the_duc, term=1, paper=" ")
    with pytest.raises(NotAllowed):
        exempt(actor=c.form_teacher, enrolment=pupil, class_subject=the_duc, term=1, paper="Giấy khám")
    stranger: Enrolment = ready_class("tt58-2011", school=c.school).enrolments[0]
    with pytest.raises(Invalid):
        exempt(actor=principal, enrolment=stranger, class_subject=the_duc, term=1, paper="Giấy khám")
    assert not Exemption.objects.exists()


def test_a_policy_changes_averages_of_open_sheets():
    c = ready_class(pupils=1)
    marks = {"tx1": "8", "tx2": "8", "tx3": "8", "tx4": "7", "gk": "7", "ck": "7.5"}
    fill(c, terms=(1,))
    save_cells(
        actor=c.teacher, sheet=c.sheets["tin_hoc", 1], edits=c.edits({k: marks[k] for k in ("tx1", "gk")}, "tin_hoc")
    )
    save_cells(actor=c.teacher, sheet=c.sheets["tin_hoc", 1], edits=c.edits({"tx2": "6.5", "ck": "7"}, "tin_hoc"))
    assert c.line("tin_hoc").average == 71  # (8 + 6,5 + 14 + 21) / 7 = 7,07
    set_policy(
        actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, values={"few_lessons_up_to": 20}, decision="Số 12/QĐ"
    )
    assert c.line("tin_hoc").average is None  # three regular marks are wanted now
    for wrong in ({"rounding": "UP"}, {"few_lessons_up_to": "20"}, {"no_such": True}, {"comment_subject_adjusts": 1}):
        with pytest.raises(Invalid):
            set_policy(actor=c.actor(Role.PRINCIPAL), school=c.school, year=2022, values=wrong)
    with pytest.raises(NotAllowed):
        set_policy(actor=c.actor(Role.VICE_PRINCIPAL), school=c.school, year=2022, values={})
