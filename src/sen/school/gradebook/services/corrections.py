"""Correcting a cell of a locked sheet: the teacher asks, the form teacher confirms, the head approves.

Three accounts (58/2011 Art. 20-21; 22/2021 Art. 18, 20). The book's value never changes: the correction lies over it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.school.gradebook import cells, events
from sen.school.gradebook.models import Correction, SheetLine
from sen.school.gradebook.permissions import APPROVE, ENTER_MARKS, KEEP_CLASS_RECORD
from sen.school.gradebook.queries.books import classes_of
from sen.school.gradebook.queries.facts import Facts, facts_of
from sen.school.gradebook.rules import Column, InvalidMark
from sen.school.gradebook.services.results import compute_results, mark_stale
from sen.shared.audit import services as audit
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

OPEN = (Correction.State.REQUESTED, Correction.State.CONFIRMED)
SHORTEST_REASON = 10

Signer = Callable[[bytes], Mapping[str, Any]]
"""Signs the canonical bytes of an entry with the approver's key and returns the detached signature as JSON."""


@transaction.atomic
def request_correction(*, actor: Actor, line: SheetLine, column: str, new: str | None, reason: str) -> Correction:
    """The subject's teacher asks for a cell of a locked sheet to be corrected; `new` as typed, None to empty it."""
    facts = _facts(actor, line, hold=True)
    actor.require(ENTER_MARKS, facts.school_id)
    account = _account(actor)
    if not facts.is_assigned:
        raise NotAllowed("gradebook.not_your_subject", _("Chỉ giáo viên dạy môn này mới đề nghị sửa điểm được."))
    if facts.locked_at is None:
        raise RuleError("gradebook.sheet_open", _("Sổ chưa khóa: thầy/cô sửa thẳng trong bảng điểm."))
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid("gradebook.no_reason", _("Xin ghi rõ lí do sửa điểm (từ 10 ký tự)."), place="reason")
    row = SheetLine.objects.select_for_update().get(pk=line.pk)
    cell = _column(facts, column)
    try:
        value = cells.read(new, cell, facts.regime)
    except InvalidMark as error:
        raise Invalid("gradebook.invalid_mark", str(error), place="new") from error
    old = row.effective.get(column)
    if value == old:
        raise Invalid("gradebook.same_value", _("Giá trị mới bằng giá trị đang có."), place="new")
    if value is None:
        raise Invalid("gradebook.no_value", _("Xin ghi giá trị đúng của ô."), place="new")
    if row.corrections.filter(column=column, state__in=OPEN).exists():
        raise RuleError("gradebook.correction_open", _("Ô này đang có một đề nghị sửa chưa giải quyết."))
    return Correction.objects.create(
        school_id=row.school_id, person_id=row.person_id, line=row, column=column, old=old, new=value,
        reason=reason.strip(), requested_by_id=account,
    )  # fmt: skip


def _column(facts: Facts, code: str) -> Column:
    cell = facts.book.column(code)
    if cell is None or cell.kind == "remark":
        raise Invalid("gradebook.no_such_column", _("Bảng điểm không có cột này."), place="column")
    return cell


@transaction.atomic
def confirm_correction(*, actor: Actor, correction: Correction) -> Correction:
    """The form teacher confirms; where it was the form teacher who asked, a vice-principal or the principal does."""
    row, facts = _held(actor, correction)
    if row.state != Correction.State.REQUESTED:
        raise RuleError("gradebook.correction_not_waiting", _("Đề nghị này không chờ xác nhận."))
    account = _account(actor)
    if row.requested_by_id == account:
        raise NotAllowed("gradebook.second_person", _("Người đề nghị không được tự xác nhận."))
    if not may_confirm(actor, row, facts):
        raise NotAllowed(
            "gradebook.not_form_teacher",
            _("Giáo viên chủ nhiệm xác nhận; nếu chủ nhiệm đề nghị thì hiệu trưởng hoặc phó hiệu trưởng xác nhận."),
        )
    row.state, row.confirmed_by_id = Correction.State.CONFIRMED, account
    row.save(update_fields=["state", "confirmed_by"])
    return row


def may_confirm(actor: Actor, correction: Correction, facts: Facts) -> bool:
    """Whether the actor is the one whose confirmation is asked for."""
    form_teacher = facts.form_teacher_id
    asked_himself = form_teacher is not None and _person_of(correction) == form_teacher
    if form_teacher is None or asked_himself:
        return actor.holds(APPROVE, correction.school_id)
    return actor.holds(KEEP_CLASS_RECORD, correction.school_id) and actor.person_id == form_teacher


def _person_of(correction: Correction) -> Any:
    return getattr(getattr(correction.requested_by, "person", None), "pk", None)


@transaction.atomic
def approve_correction(*, actor: Actor, correction: Correction, sign: Signer | None = None) -> Correction:
    """A third person, principal or vice-principal, approves: the correction counts from now on.

    Average, level and results are computed anew. `sign` makes a detached signature over the entry where the approver
    has a key; without it the chain of the history alone proves the entry.
    """
    row, facts = _held(actor, correction)
    actor.require(APPROVE, row.school_id)
    account = _account(actor)
    if row.state != Correction.State.CONFIRMED:
        raise RuleError("gradebook.correction_not_confirmed", _("Đề nghị này chưa được giáo viên chủ nhiệm xác nhận."))
    if account in (row.requested_by_id, row.confirmed_by_id):
        raise NotAllowed(
            "gradebook.third_person", _("Người đề nghị, người xác nhận và người duyệt phải là ba người khác nhau.")
        )
    with scope.because(row.reason):
        row.state, row.approved_by_id, row.approved_at = Correction.State.APPROVED, account, timezone.now()
        row.signature = dict(sign(entry_bytes(row))) if sign else {}
        row.save()
        _lay_over(actor, row, facts)
        _compute(row, facts)
    audit.record(
        action="gradebook.correction_approved", organisation_id=row.school_id, table="gradebook_correction",
        subject_id=row.pk, line=str(row.line_id), column=row.column,
    )  # fmt: skip
    events.correction_approved.send(sender=Correction, correction_id=row.pk, enrolment_id=row.line.enrolment_id)
    return row


def entry_bytes(correction: Correction) -> bytes:
    """What is signed: the entry in canonical form (who is who stands in it by account)."""
    from sen.shared.documents.canonical import canonical_json

    return canonical_json(
        {
            "correction": str(correction.pk), "line": str(correction.line_id), "column": correction.column,
            "old": correction.old, "new": correction.new, "reason": correction.reason,
            "requested_by": str(correction.requested_by_id), "confirmed_by": str(correction.confirmed_by_id),
            "approved_by": str(correction.approved_by_id),
            "approved_at": correction.approved_at.isoformat() if correction.approved_at else "",
        }
    )  # fmt: skip


def _lay_over(actor: Actor, correction: Correction, facts: Facts) -> None:
    line = SheetLine.objects.select_for_update().get(pk=correction.line_id)
    line.corrected = {**line.corrected, correction.column: correction.new}
    line.version += 1
    line.versions = {**line.versions, correction.column: line.version}
    chosen = line.enrolment.choices.filter(class_subject=facts.class_subject_id, with_cluster=True).exists()
    cluster = chosen or not facts.clusters_chosen
    # A cell that was excused or absent and now has a value counts by its value.
    line.average, line.level = cells.line_result(facts.book, line.effective, line.states, cluster=cluster)
    line.updated_by_id = actor.account_id
    line.save(update_fields=["corrected", "version", "versions", "average", "level", "updated_by", "updated_at"])


def _compute(correction: Correction, facts: Facts) -> None:
    """Results of this pupil for the term and, if there is one yet, for the year, locked or not."""
    enrolment = correction.line.enrolment_id
    classes = [room for room in classes_of([facts.school_id], facts.year) if room.pk == facts.class_id]
    placed = SchoolClass.objects.filter(placements__enrolment=enrolment, placements__until=None)
    rooms = list(placed) or classes
    compute_results(classes=rooms, terms=(facts.term, 0), locked_too=True, only={enrolment})
    mark_stale(rooms)


@transaction.atomic
def refuse_correction(*, actor: Actor, correction: Correction, note: str) -> Correction:
    """Whoever would confirm or approve refuses, with a word why; the one who asked may take it back."""
    row, facts = _held(actor, correction)
    if row.state not in OPEN:
        raise RuleError("gradebook.correction_closed", _("Đề nghị này đã được giải quyết."))
    own = row.requested_by_id == actor.account_id
    decides = actor.holds(APPROVE, row.school_id) or (
        row.state == Correction.State.REQUESTED and may_confirm(actor, row, facts)
    )
    if not (own or decides):
        raise NotAllowed("gradebook.not_your_decision", _("Thầy/cô không có quyền giải quyết đề nghị này."))
    if not note.strip() and not own:
        raise Invalid("gradebook.no_reason", _("Xin ghi lí do không duyệt."), place="note")
    row.state, row.refused_note = Correction.State.REFUSED, note.strip() or _("Người đề nghị rút lại.")
    row.save(update_fields=["state", "refused_note"])
    return row


def _held(actor: Actor, correction: Correction) -> tuple[Correction, Facts]:
    row = (
        Correction.objects.select_for_update(of=("self",))
        .select_related("line", "requested_by__person")
        .get(pk=correction.pk)
    )
    return row, _facts(actor, row.line)


def _facts(actor: Actor, line: SheetLine, *, hold: bool = False) -> Facts:
    facts = facts_of(line.sheet_id, person_id=actor.person_id, hold=hold)
    if facts is None:
        raise NotAllowed("gradebook.no_such_sheet", _("Không có bảng điểm này hoặc thầy/cô không được xem."))
    return facts


def _account(actor: Actor) -> Any:
    if actor.account_id is None:
        raise NotAllowed("gradebook.needs_person", _("Việc này phải do một người có tài khoản thực hiện."))
    return actor.account_id
