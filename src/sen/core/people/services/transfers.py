"""Moving to another school (chuyển trường): one asks, the sending school releases, the receiving school accepts.

Decision 51/2002/QĐ-BGDĐT as amended by Circular 50/2021 (secondary), Circular 28/2020 Article 36 (primary). Either
side may ask. With the acceptance the record goes along; the sending school keeps reading its own years.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.models import Grant
from sen.core.organisations.models import Organisation
from sen.core.people import events, rules
from sen.core.people.models import Enrolment, Guardianship, Person, Pupil, Transfer
from sen.core.people.permissions import MOVE_PUPILS
from sen.core.people.services.enrolments import sector_status
from sen.shared.audit import services as audit
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError
from sen.shared.messaging import services as messaging

OPEN = (Transfer.State.REQUESTED, Transfer.State.RELEASED)


def _across() -> scope.Scope:
    """The scope of a move: rows of both schools. Used after the right at one of them has been checked."""
    return replace(scope.current(), schools=scope.EVERYTHING, members=scope.EVERYTHING)


@transaction.atomic
def request_transfer(
    *, actor: Actor, enrolment: Enrolment, receiving_school: Organisation, reason: str, effective_on: date | None = None
) -> Transfer:
    """The sending school asks for one of its pupils."""
    actor.require(MOVE_PUPILS, enrolment.school_id)
    return _request(actor, enrolment.pk, enrolment.school_id, receiving_school, reason, effective_on)


@transaction.atomic
def ask_for_pupil(
    *,
    actor: Actor,
    receiving_school: Organisation,
    code: str,
    birth_date: date,
    year: int,
    reason: str,
    effective_on: date | None = None,
) -> Transfer:
    """The receiving school asks for a pupil of another school, known by code (sector code or number) and birth date.

    Both must agree, so that nobody finds out by guessing who goes where; nothing of the file is shown.
    """
    actor.require(MOVE_PUPILS, receiving_school.pk)
    code = code.strip()
    number = rules.personal_id_digits(code) or ""
    with scope.use(_across()):
        by_code = Enrolment.objects.filter(year=year, status=Enrolment.Status.STUDYING, person__birth_date=birth_date)
        found = by_code.filter(person__pupil__code=code).first() if code else None
        if found is None and len(number) == 12:
            found = by_code.filter(person__personal_id=number).first()
    if found is None:
        raise RuleError(
            "people.no_such_pupil",
            _("Không có em nào đang học trong năm với mã và ngày sinh này; xin so lại giấy tờ của gia đình."),
        )
    return _request(actor, found.pk, receiving_school.pk, receiving_school, reason, effective_on)


def _request(
    actor: Actor,
    enrolment_id: UUID,
    asked_by: UUID,
    receiving_school: Organisation,
    reason: str,
    effective_on: date | None,
) -> Transfer:
    if not reason.strip():
        raise Invalid("people.no_reason", _("Xin ghi lý do chuyển trường."), place="reason")
    if receiving_school.kind != Organisation.Kind.SCHOOL:
        raise Invalid("people.not_a_school", _("Nơi nhận phải là một trường."), place="receiving_school")
    if actor.account_id is None:
        raise NotAllowed("people.no_account", _("Việc này phải do một người có tài khoản làm."))
    with scope.use(_across()):
        row = Enrolment.objects.select_for_update().get(pk=enrolment_id)
        _must_study(row)
        if row.school_id == receiving_school.pk:
            raise Invalid("people.same_school", _("Em đang học ở chính trường này."), place="receiving_school")
        if rules.level_of(row.grade, receiving_school.levels) is None:
            raise RuleError("people.grade_not_taught", _("Trường nhận không dạy khối của em."))
        try:
            with transaction.atomic():
                transfer = Transfer.objects.create(
                    person_id=row.person_id,
                    enrolment=row,
                    sending_school_id=row.school_id,
                    receiving_school=receiving_school,
                    requested_by_school_id=asked_by,
                    reason=reason.strip(),
                    requested_by_id=actor.account_id,
                    effective_on=effective_on,
                )
        except IntegrityError:
            raise RuleError("people.transfer_open", _("Em đã có một đề nghị chuyển trường chưa xong.")) from None
    _note(transfer, "requested")
    _tell(transfer, row.school_id, _("Đề nghị chuyển trường: chờ trường đồng ý cho đi"))
    return transfer


@transaction.atomic
def release_transfer(*, actor: Actor, transfer: Transfer, note: str = "") -> Transfer:
    """The sending school consents."""
    row = _locked(transfer)
    actor.require(MOVE_PUPILS, row.sending_school_id)
    if row.state == Transfer.State.RELEASED:
        return row
    if row.state != Transfer.State.REQUESTED:
        raise _closed(row)
    row.state, row.released_by_id = Transfer.State.RELEASED, actor.account_id
    row.decided_note = note.strip() or row.decided_note
    row.save()
    _note(row, "released")
    _tell(row, row.receiving_school_id, _("Chuyển trường: trường đi đã đồng ý, chờ tiếp nhận"))
    return row


@transaction.atomic
def accept_transfer(*, actor: Actor, transfer: Transfer, effective_on: date | None = None) -> Transfer:
    """The receiving school takes the pupil: the file moves, the old enrolment ends, a new one begins, in one step."""
    row = _locked(transfer)
    actor.require(MOVE_PUPILS, row.receiving_school_id)
    if row.state == Transfer.State.ACCEPTED:
        return row
    if row.state == Transfer.State.REQUESTED:
        raise RuleError("people.not_released", _("Trường đi chưa đồng ý cho chuyển."))
    if row.state != Transfer.State.RELEASED:
        raise _closed(row)
    day = effective_on or row.effective_on or timezone.localdate()
    with scope.use(_across()):
        row.new_enrolment = _move(row, day)
        row.state, row.accepted_by_id, row.effective_on = Transfer.State.ACCEPTED, actor.account_id, day
        row.save()
        _note(row, "accepted")
        events.pupil_transferred.send(sender=Transfer, transfer_id=row.pk)
    _tell(row, row.sending_school_id, _("Chuyển trường: trường đến đã tiếp nhận"))
    return row


def _move(row: Transfer, day: date) -> Enrolment:
    old = Enrolment.objects.select_for_update().get(pk=row.enrolment_id)
    _must_study(old)
    if day < old.started_on:
        raise Invalid(
            "people.leaves_before_start", _("Ngày chuyển trước ngày vào học ở trường đi."), place="effective_on"
        )
    old.status, old.ended_on = Enrolment.Status.TRANSFERRED_OUT, day
    old.profile |= sector_status("transfer_out", day)
    old.save()
    events.enrolment_ended.send(sender=Enrolment, enrolment_id=old.pk, day=day)

    family = list(Guardianship.objects.filter(pupil=row.person_id).values_list("adult_id", flat=True))
    persons = list(Person.objects.select_for_update().filter(pk__in=[row.person_id, *family]))
    for person in persons:
        if row.receiving_school_id not in person.school_ids:
            person.school_ids = [*person.school_ids, row.receiving_school_id]
    Person.objects.bulk_update(persons, ["school_ids"])
    # Numbers of the sending school's own register mean nothing at the next one; the history keeps them.
    Pupil.objects.filter(person=row.person_id).update(school=row.receiving_school_id, local_code="", register_no="")

    receiving = Organisation.objects.get(pk=row.receiving_school_id)
    level = rules.level_of(old.grade, receiving.levels)
    if level is None:
        raise RuleError("people.grade_not_taught", _("Trường nhận không dạy khối của em."))
    leaving = (
        "status_code",
        "status_date",
        "transfer_destination_code",
        "transferred_to_province_code",
        "leaving_term_code",
    )
    profile = {key: one for key, one in old.profile.items() if key not in leaving} | sector_status("transfer_in", day)
    # One row a year and school: a pupil who comes back within the year continues the row of this school.
    new, _created = Enrolment.objects.update_or_create(
        person_id=row.person_id,
        school=receiving,
        year=old.year,
        defaults={
            "grade": old.grade,
            "level": level,
            "status": Enrolment.Status.STUDYING,
            "entry": Enrolment.Entry.TRANSFERRED_IN,
            "ended_on": None,
            "profile": profile,
        },
        create_defaults={
            "grade": old.grade,
            "level": level,
            "entry": Enrolment.Entry.TRANSFERRED_IN,
            "started_on": day,
            "profile": profile,
        },
    )
    events.enrolment_began.send(sender=Enrolment, enrolment_id=new.pk, day=day)
    return new


@transaction.atomic
def refuse_transfer(*, actor: Actor, transfer: Transfer, note: str) -> Transfer:
    """Either school refuses, with a reason that the other one reads."""
    row = _locked(transfer)
    if not (actor.holds(MOVE_PUPILS, row.sending_school_id) or actor.holds(MOVE_PUPILS, row.receiving_school_id)):
        actor.require(MOVE_PUPILS, row.sending_school_id)
    if not note.strip():
        raise Invalid("people.no_reason", _("Xin ghi lý do từ chối."), place="note")
    return _close(row, Transfer.State.REFUSED, note, _("Chuyển trường: đề nghị bị từ chối"))


@transaction.atomic
def cancel_transfer(*, actor: Actor, transfer: Transfer, note: str = "") -> Transfer:
    """The school that asked takes its request back."""
    row = _locked(transfer)
    actor.require(MOVE_PUPILS, row.requested_by_school_id or row.sending_school_id)
    return _close(row, Transfer.State.CANCELLED, note, _("Chuyển trường: đề nghị đã được rút"))


def _close(row: Transfer, state: Transfer.State, note: str, title: str) -> Transfer:
    if row.state == state:
        return row
    if row.state not in OPEN:
        raise _closed(row)
    row.state, row.decided_note = state, note.strip()
    row.save()
    _note(row, state.value)
    for school_id in (row.sending_school_id, row.receiving_school_id):
        _tell(row, school_id, title)
    return row


def _locked(transfer: Transfer) -> Transfer:
    # Two at once: the second waits here and then finds the state that the first has left.
    return Transfer.objects.select_for_update().get(pk=transfer.pk)


def _closed(row: Transfer) -> RuleError:
    return RuleError(
        "people.transfer_closed", _("Đề nghị này đã kết thúc (%(state)s).") % {"state": row.get_state_display()}
    )


def _must_study(row: Enrolment) -> None:
    if row.status != Enrolment.Status.STUDYING:
        raise RuleError("people.not_studying", _("Em không còn học ở trường đi trong năm học này."))


def _note(row: Transfer, what: str) -> None:
    for school_id in (row.sending_school_id, row.receiving_school_id):
        audit.record(
            action=f"people.transfer_{what}", organisation_id=school_id, table="people_transfer", subject_id=row.pk
        )


def _tell(row: Transfer, school_id: UUID, title: str) -> None:
    """A notice to those who may act at a school; names of pupils are not in it."""
    holders = Grant.objects.on(timezone.localdate()).filter(organisation=school_id, role__in=MOVE_PUPILS.roles)
    account_ids = set(holders.values_list("account_id", flat=True))
    messaging.notify(account_ids=account_ids, title=title, url=reverse("people:transfers"))
