"""A pupil's years at a school: begin, leave, come back."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people import dictionary, events, rules
from sen.core.people.models import Enrolment, Person, Pupil, Transfer
from sen.core.people.permissions import EDIT_FILES
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, RuleError


@transaction.atomic
def enrol(
    *,
    actor: Actor,
    person: Person,
    school: Organisation,
    year: int,
    grade: str,
    started_on: date,
    entry: Enrolment.Entry = Enrolment.Entry.CONTINUED,
) -> Enrolment:
    """Begin a pupil's year at the school that holds the file. The same again changes nothing."""
    actor.require(EDIT_FILES, school.pk)
    if not Pupil.objects.filter(person=person, school=school).exists():
        raise RuleError("people.not_our_pupil", _("Trường không giữ hồ sơ của em này; xin làm thủ tục chuyển trường."))
    if (level := rules.level_of(grade, school.levels)) is None:
        raise RuleError("people.grade_not_taught", _("Trường không dạy khối này; xin chọn lại khối."))
    if (before := Enrolment.objects.filter(person=person, school=school, year=year).first()) is not None:
        return before
    row = Enrolment.objects.create(
        person=person, school=school, year=year, grade=grade, level=level, started_on=started_on, entry=entry
    )
    events.enrolment_began.send(sender=Enrolment, enrolment_id=row.pk, day=started_on)
    return row


@transaction.atomic
def withdraw(
    *, actor: Actor, enrolment: Enrolment, on: date, reason_code: str, note: str = "", vocational: bool = False
) -> Enrolment:
    """A pupil leaves school (thôi học) on a day, for a reason of the list dropout-reasons."""
    row = _locked(actor, enrolment)
    if row.status == Enrolment.Status.LEFT:
        return row
    _must_study(row)
    if reason_code not in dictionary.codes("dropout-reasons"):
        raise Invalid("people.no_reason", _("Xin chọn lý do thôi học trong danh mục."), place="dropout_reason_code")
    if on < row.started_on:
        raise Invalid("people.leaves_before_start", _("Ngày thôi học trước ngày vào học."), place="on")
    if Transfer.objects.filter(
        person=row.person_id, state__in=[Transfer.State.REQUESTED, Transfer.State.RELEASED]
    ).exists():
        raise RuleError("people.transfer_open", _("Em đang có đề nghị chuyển trường; xin rút đề nghị trước."))
    row.status, row.ended_on = Enrolment.Status.LEFT, on
    row.profile |= {"dropout_reason_code": reason_code, **sector_status("dropout", on)}
    if vocational:
        row.profile["moved_to_vocational"] = True
    with scope.because(note or scope.current().reason):
        row.save()
    events.enrolment_ended.send(sender=Enrolment, enrolment_id=row.pk, day=on)
    return row


@transaction.atomic
def readmit(*, actor: Actor, enrolment: Enrolment, on: date) -> Enrolment:
    """A pupil who left comes back in the same year (nghỉ học xin học lại)."""
    row = _locked(actor, enrolment)
    if row.status == Enrolment.Status.STUDYING:
        return row
    if row.status != Enrolment.Status.LEFT:
        raise RuleError("people.did_not_leave", _("Em không ở trạng thái thôi học trong năm học này."))
    if row.ended_on and on < row.ended_on:
        raise Invalid("people.back_before_leaving", _("Ngày học lại trước ngày thôi học."), place="on")
    # Studying somewhere else meanwhile stands behind the wall: only whether it is so is asked.
    with scope.use(scope.whole_system(scope.current().actor, scope.current().reason)):
        elsewhere = Enrolment.objects.filter(person=row.person_id, year=row.year, status=Enrolment.Status.STUDYING)
        studies_elsewhere = elsewhere.exclude(pk=row.pk).exists()
    if studies_elsewhere:
        raise RuleError("people.studies_elsewhere", _("Em đang học ở một trường khác trong năm học này."))
    row.status, row.ended_on = Enrolment.Status.STUDYING, None
    for key in ("dropout_reason_code", "moved_to_vocational", "leaving_term_code"):
        row.profile.pop(key, None)
    row.profile |= sector_status("readmitted", on)
    row.save()
    events.enrolment_resumed.send(sender=Enrolment, enrolment_id=row.pk, day=on)
    return row


def _locked(actor: Actor, enrolment: Enrolment) -> Enrolment:
    row = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    actor.require(EDIT_FILES, row.school_id)
    return row


def _must_study(row: Enrolment) -> None:
    if row.status != Enrolment.Status.STUDYING:
        raise RuleError("people.not_studying", _("Em không còn học ở trường trong năm học này."))


def sector_status(event: str, day: date) -> dict[str, str]:
    """The sector's status code (list student-statuses) for an event on a day."""
    part = rules.part_of_year(day)
    entries = dictionary.codes("student-statuses").values()
    code = next((e.code for e in entries if e.flags["event"] == event and e.flags["period"] == part), "01")
    return {"status_code": code, "status_date": day.isoformat()}
