"""The summer after a locked year: re-assessment, summer conduct, supplementary assessment, decisions, August's outcome.

22/2021 Art. 13-14; 58/2011 Art. 16; 27/2020 Art. 11. The year's own results stay; these stand beside them.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.school.gradebook import events, rules
from sen.school.gradebook.models import Result
from sen.school.gradebook.permissions import APPROVE, ENTER_MARKS, KEEP_CLASS_RECORD
from sen.school.gradebook.queries.books import SUPPLEMENT, classes_of
from sen.school.gradebook.rules import InvalidMark, Outcome, Regime
from sen.school.gradebook.rules.regimes import CONDUCT_58, LEVELS_22, PRIMARY
from sen.school.gradebook.services.locks import is_term_locked
from sen.school.gradebook.services.results import compute_results, mark_stale
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

SHORTEST_NOTE = 10
PASS = 50  # tenths: subjects under 5,0 may be re-assessed


@transaction.atomic
def record_retest(*, actor: Actor, result: Result, subject_key: str, value: str | None) -> Result:
    """Write the re-assessment of a subject ("6,5" or "Đ"/"CĐ"; None takes it back). The original result stays.

    By a teacher assigned to the subject, or the head. Only subjects below the line of a pupil who is to be re-assessed.
    """
    row = _held(result)
    if not actor.holds(APPROVE, row.school_id):
        actor.require(ENTER_MARKS, row.school_id)
        _require_teacher(actor, row, subject_key)
    if row.outcome_june != Outcome.RETEST:
        raise RuleError("gradebook.no_retest", _("Học sinh này không thuộc diện đánh giá lại."))
    original = row.subjects.get(subject_key)
    if original is None or (isinstance(original, int) and original >= PASS) or original == "Đạt":
        raise Invalid("gradebook.not_to_retest", _("Môn này không phải đánh giá lại."), place="subject")
    retests = {key: old for key, old in row.retests.items() if key != subject_key}
    if value is not None and value.strip():
        retests[subject_key] = _read(value, original, row.regime)
    row.retests = retests
    return _after(row, ["retests"])


def _read(value: str, original: int | str, regime: str) -> int | str:
    if isinstance(original, int):
        try:
            return int(rules.read_mark(value, regime) * 10)
        except InvalidMark as error:
            raise Invalid("gradebook.invalid_mark", str(error), place="value") from error
    typed = value.strip().casefold()
    if typed in ("đ", "đạt"):
        return "Đạt"
    if typed in ("cđ", "chưa đạt"):
        return "Chưa đạt"
    raise Invalid("gradebook.invalid_mark", _("Xin ghi Đ (Đạt) hoặc CĐ (Chưa đạt)."), place="value")


def _require_teacher(actor: Actor, row: Result, subject_key: str) -> None:
    taught = row.school_class.subjects.filter(subject__key=subject_key, assignments__teacher=actor.person_id)
    if actor.person_id is None or not taught.exists():
        raise NotAllowed("gradebook.not_your_subject", _("Chỉ giáo viên dạy môn này mới ghi kết quả đánh giá lại."))


@transaction.atomic
def record_summer_conduct(*, actor: Actor, result: Result, conduct: str) -> Result:
    """The conduct after training in the summer; the form teacher proposes, the head writes or lets write."""
    row = _held(result)
    if not actor.holds(APPROVE, row.school_id):
        actor.require(KEEP_CLASS_RECORD, row.school_id)
        if actor.person_id is None or row.school_class.form_teacher_id != actor.person_id:
            raise NotAllowed("gradebook.not_form_teacher", _("Chỉ giáo viên chủ nhiệm ghi được phần này."))
    if row.outcome_june != Outcome.SUMMER_CONDUCT:
        raise RuleError("gradebook.no_summer_conduct", _("Học sinh này không phải rèn luyện trong hè."))
    scale = CONDUCT_58 if row.regime in (Regime.TT58, Regime.QD02) else LEVELS_22
    if conduct and conduct not in scale:
        raise Invalid("gradebook.unknown_level", _("Mức rèn luyện không hợp lệ."), place="conduct")
    row.summer_conduct = conduct
    return _after(row, ["summer_conduct"])


@transaction.atomic
def record_supplement(*, actor: Actor, result: Result, passed: bool | None) -> Result:
    """Result of a primary pupil's supplementary assessment (27/2020 Art. 11); None takes it back."""
    row = _held(result)
    actor.require(KEEP_CLASS_RECORD if not actor.holds(APPROVE) else APPROVE, row.school_id)
    if not actor.holds(APPROVE) and row.school_class.form_teacher_id != actor.person_id:
        raise NotAllowed("gradebook.not_form_teacher", _("Chỉ giáo viên chủ nhiệm ghi được phần này."))
    if row.regime not in PRIMARY or row.outcome_june != Outcome.SUPPLEMENT:
        raise RuleError("gradebook.no_supplement", _("Học sinh này không thuộc diện đánh giá bổ sung."))
    row.retests = {} if passed is None else {SUPPLEMENT: passed}
    return _after(row, ["retests"])


@transaction.atomic
def decide(*, actor: Actor, result: Result, promote: bool, note: str) -> Result:
    """Decide on a pupil whom the rules leave to the head, with the reason (22/2021 Art. 11, 27/2020 Art. 11)."""
    row = _held(result)
    actor.require(APPROVE, row.school_id)
    if actor.account_id is None:
        raise NotAllowed("gradebook.needs_person", _("Việc này phải do một người có tài khoản thực hiện."))
    if row.outcome != Outcome.PRINCIPAL_DECIDES and row.decided_by_id is None:
        raise RuleError("gradebook.nothing_to_decide", _("Học sinh này không chờ hiệu trưởng quyết định."))
    if len(note.strip()) < SHORTEST_NOTE:
        raise Invalid("gradebook.no_reason", _("Xin ghi căn cứ quyết định (từ 10 ký tự)."), place="note")
    row.decided_by_id, row.decided_note = actor.account_id, note.strip()
    # The computation reads the decision back from the outcome.
    row.outcome = Outcome.PROMOTED if promote else Outcome.RETAINED
    with scope.because(note.strip()):
        return _after(row, ["decided_by", "decided_note", "outcome"])


@transaction.atomic
def close_summer(*, actor: Actor, school: Organisation, year: int) -> int:
    """No further retest or training is awaited: who has not passed stays in the grade. Returns how many."""
    actor.require(APPROVE, school.pk)
    _require_locked(school.pk, year)
    waiting = Result.objects.filter(
        school=school, year=year, term=0, outcome__in=[Outcome.RETEST, Outcome.SUMMER_CONDUCT]
    )
    enrolments = set(waiting.values_list("enrolment_id", flat=True))
    if enrolments:
        classes = classes_of([school.pk], year)
        compute_results(classes=classes, terms=(0,), locked_too=True, only=enrolments, summer_closes=True)
        mark_stale(classes)
        for enrolment in enrolments:
            events.result_changed.send(sender=Result, enrolment_id=enrolment)
    return len(enrolments)


def _held(result: Result) -> Result:
    row = Result.objects.select_for_update(of=("self",)).select_related("school_class").get(pk=result.pk)
    if row.term != 0:
        raise RuleError("gradebook.not_a_year", _("Chỉ kết quả cả năm có phần hè."))
    _require_locked(row.school_id, row.year)
    return row


def _require_locked(school_id: Any, year: int) -> None:
    if not is_term_locked(school_id, year, 0):
        raise RuleError("gradebook.year_open", _("Phải khóa sổ cả năm trước khi ghi kết quả trong hè."))


def _after(row: Result, fields: list[str]) -> Result:
    """Keep what was entered and compute August's outcome from it."""
    row.save(update_fields=fields)
    rooms = list(SchoolClass.objects.filter(pk=row.school_class_id))
    compute_results(classes=rooms, terms=(0,), locked_too=True, only={row.enrolment_id})
    mark_stale(rooms)
    events.result_changed.send(sender=Result, enrolment_id=row.enrolment_id)
    row.refresh_from_db()
    return row
