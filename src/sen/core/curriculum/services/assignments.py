"""Who teaches what (phân công giảng dạy). One teacher answers for the marks of a subject of a class in a term."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from sen.core.curriculum import events
from sen.core.curriculum.models import Assignment, ClassSubject, SchoolClass
from sen.core.curriculum.permissions import ASSIGN_TEACHERS
from sen.core.identity.actor import Actor
from sen.core.people.models import Person, Posting
from sen.shared.kit.errors import Invalid, RuleError


@transaction.atomic
def assign(
    *, actor: Actor, class_subject: ClassSubject, teacher: Person, term: int | None = None, since: date | None = None,
    is_responsible: bool = True,
) -> Assignment:  # fmt: skip
    """Give a subject of a class to a teacher of the school, for a term or (None) the year. The same again is no change.

    Refused when another teacher already answers for the marks in that term: end that assignment, or `set_teacher`.
    """
    subject = _locked(actor, class_subject)
    _must_work_here(subject.school_id, [teacher.pk])
    open_rows = list(subject.assignments.filter(until=None))
    for row in open_rows:
        if row.teacher_id == teacher.pk and row.term == term:
            return row
        if is_responsible and row.is_responsible and (term is None or row.term in (None, term)):
            raise RuleError(
                "curriculum.already_responsible",
                _("Môn này đã có %(name)s phụ trách; xin kết thúc phân công đó trước.")
                % {"name": row.teacher.full_name},
            )
    made = Assignment.objects.create(
        school_id=subject.school_id, class_subject=subject, teacher=teacher, term=term, since=since,
        is_responsible=is_responsible,
    )  # fmt: skip
    _tell(subject)
    return made


@transaction.atomic
def set_teacher(
    *,
    actor: Actor,
    class_subject: ClassSubject,
    teacher: Person | None,
    on: date | None = None,
    term: int | None = None,
) -> Assignment | None:
    """Make this teacher the one who answers for the subject; whoever did before ends on the day `on`.

    Teacher None leaves the subject without one. Without a day the plan itself is corrected: what stood there before
    never held and goes (its change stays in the history), as does an assignment that began on or after the day.
    """
    subject = _locked(actor, class_subject)
    if teacher is not None:
        _must_work_here(subject.school_id, [teacher.pk])
    same_time = Q() if term is None else Q(term__in=[term]) | Q(term=None)
    kept: Assignment | None = None
    for row in subject.assignments.filter(same_time, until=None, is_responsible=True):
        if teacher is not None and row.teacher_id == teacher.pk and row.term == term:
            kept = row
        else:
            _close(row, on)
    if teacher is not None and kept is None:
        kept = Assignment.objects.create(
            school_id=subject.school_id, class_subject=subject, teacher=teacher, term=term, since=on
        )
    _tell(subject)
    return kept


@transaction.atomic
def end_assignment(*, actor: Actor, assignment: Assignment, on: date) -> None:
    """End an assignment; `on` is the first day it no longer holds."""
    _locked(actor, assignment.class_subject)
    row = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if row.until is None:
        if row.since and on < row.since:
            raise Invalid("curriculum.ends_before_start", _("Ngày kết thúc trước ngày bắt đầu phân công."), "on")
        row.until = on
        row.save(update_fields=["until"])
        _tell(row.class_subject)


@transaction.atomic
def substitute(*, actor: Actor, class_subject: ClassSubject, teacher: Person, since: date, until: date) -> Assignment:
    """Let a teacher stand in from one day to (excluding) another (dạy thay); the one responsible stays."""
    subject = _locked(actor, class_subject)
    _must_work_here(subject.school_id, [teacher.pk])
    if until <= since:
        raise Invalid("curriculum.ends_before_start", _("Ngày kết thúc phải sau ngày bắt đầu dạy thay."), "until")
    made = Assignment.objects.create(
        school_id=subject.school_id,
        class_subject=subject,
        teacher=teacher,
        is_responsible=False,
        since=since,
        until=until,
    )
    _tell(subject)
    return made


@transaction.atomic
def bulk_assign(
    *, actor: Actor, school_id: UUID, wanted: Mapping[tuple[UUID, int | None], UUID], on: date | None = None
) -> int:
    """Set responsible teachers for many subjects: (class subject id, term or None) -> teacher's person id.

    Set-wise, for imports and copies; others keep theirs. Returns how many assignments are new.
    """
    actor.require(ASSIGN_TEACHERS, school_id)
    _must_work_here(school_id, list(wanted.values()))
    subjects = {
        row.pk: row
        for row in ClassSubject.objects.select_for_update().filter(
            pk__in={key for key, _term in wanted}, school=school_id
        )
    }
    if missing := {key for key, _term in wanted} - set(subjects):
        raise Invalid("curriculum.no_such_subject", _("Có %(n)s môn không thuộc lớp của trường.") % {"n": len(missing)})
    has: dict[UUID, list[Assignment]] = {}
    for row in Assignment.objects.filter(class_subject__in=subjects, until=None, is_responsible=True):
        has.setdefault(row.class_subject_id, []).append(row)
    new, ended = [], []
    for (subject_id, term), teacher_id in wanted.items():
        rows = has.get(subject_id, [])
        if any(row.teacher_id == teacher_id and row.term == term for row in rows):
            continue
        ended += [row for row in rows if term is None or row.term in (None, term)]
        new.append(
            Assignment(school_id=school_id, class_subject_id=subject_id, teacher_id=teacher_id, term=term, since=on)
        )
    for row in {row.pk: row for row in ended}.values():
        _close(row, on)
    Assignment.objects.bulk_create(new, batch_size=2_000)
    for subject_id in {row.class_subject_id for row in new}:
        _tell(subjects[subject_id])
    return len(new)


@transaction.atomic
def set_form_teacher(*, actor: Actor, school_class: SchoolClass, teacher: Person | None) -> None:
    """Make a teacher of the school the form teacher of a class (chủ nhiệm), or leave it without one."""
    row = SchoolClass.objects.select_for_update().get(pk=school_class.pk)
    actor.require(ASSIGN_TEACHERS, row.school_id)
    if teacher is not None:
        _must_work_here(row.school_id, [teacher.pk])
    row.form_teacher = teacher
    row.save(update_fields=["form_teacher"])


def _locked(actor: Actor, class_subject: ClassSubject) -> ClassSubject:
    row = ClassSubject.objects.select_for_update().get(pk=class_subject.pk)
    actor.require(ASSIGN_TEACHERS, row.school_id)
    return row


def _must_work_here(school_id: UUID, person_ids: Sequence[UUID]) -> None:
    here = set(
        Posting.objects.filter(school=school_id, person__in=person_ids, ended_on=None).values_list(
            "person_id", flat=True
        )
    )
    if set(person_ids) - here:
        raise RuleError("curriculum.not_our_teacher", _("Thầy/cô được chọn không còn công tác tại trường."))


def _close(row: Assignment, on: date | None) -> None:
    """End a row; one that began that very day, or has no dates at all, never held and goes."""
    if on is None or (row.since is not None and row.since >= on):
        row.delete()
        return
    row.until = on
    row.save(update_fields=["until"])


def _tell(subject: ClassSubject) -> None:
    events.teacher_changed.send(sender=Assignment, class_subject_id=subject.pk, school_class_id=subject.school_class_id)
