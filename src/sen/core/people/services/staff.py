"""Writing the file of a member of staff: person, professional fields, postings."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people import events, keeping
from sen.core.people.keeping import Holders
from sen.core.people.models import Person, Posting, Staff
from sen.core.people.permissions import EDIT_FILES
from sen.core.people.services.files import InvalidFile, checked
from sen.shared.audit import services as audit
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, RuleError

NOBODY = UUID(int=0)


@transaction.atomic
def create_staff(*, actor: Actor, school: Organisation, values: Mapping[str, Any], posting: Mapping[str, Any]) -> Staff:
    """A new file with an open posting. `posting` needs group_code and started_on."""
    actor.require(EDIT_FILES, school.pk)
    kept = checked("staff", values)
    if not kept.get("full_name"):
        raise InvalidFile({"full_name": _("chưa có họ và tên.")})
    refuse_taken(kept.get("staff_code", ""))
    person = Person(full_name=kept["full_name"], school_ids=[school.pk])
    staff = Staff(person=person)
    keeping.put_all("staff", kept, Holders(person, staff=staff))
    person.save()
    staff.save()
    _post(person, school, posting)
    return staff


def refuse_taken(code: str, but: UUID | None = None) -> None:
    """Refuse a sector code that another member of staff bears, wherever."""
    # Unique in the whole database: only whether it is taken leaves the wall.
    with scope.use(scope.whole_system(scope.current().actor, scope.current().reason)):
        taken = Staff.objects.filter(code=code).exclude(person=but).exists() if code else False
    if taken:
        raise RuleError(
            "people.staff_code_taken",
            _("Mã cán bộ này đã thuộc về một hồ sơ khác; nếu thầy/cô từ trường khác đến, xin dùng “Tiếp nhận”."),
        )


def _post(person: Person, school: Organisation, values: Mapping[str, Any]) -> Posting:
    kept = checked("posting", values)
    if not kept.get("group_code"):
        raise InvalidFile({"group_code": _("xin chọn nhóm vị trí.")})
    if not kept.get("started_on"):
        raise InvalidFile({"started_on": _("xin ghi ngày bắt đầu làm việc tại trường.")})
    refuse_taken_locally(school.pk, kept.get("local_code", ""))
    posting = Posting(person=person, school=school)
    keeping.put_all("posting", kept, Holders(person, posting=posting))
    posting.save()
    return posting


def refuse_taken_locally(school_id: UUID, local_code: str, but: UUID = NOBODY) -> None:
    """Refuse a staff number of the school that another open posting bears."""
    taken = Posting.objects.filter(school=school_id, local_code=local_code, ended_on=None).exclude(pk=but)
    if local_code and taken.exists():
        raise RuleError("people.staff_local_code_taken", _("Mã nhân sự của trường đã dùng cho một người khác."))


@transaction.atomic
def update_staff(*, actor: Actor, person: Person, values: Mapping[str, Any]) -> set[str]:
    """Change fields of a staff file. Returns the tables that changed."""
    staff = Staff.objects.select_for_update().select_related("person").get(person=person)
    require_edit(actor, staff)
    holders = Holders(staff.person, staff=staff)
    kept = checked("staff", values, {**keeping.context(holders), **keeping.values("staff", holders)})
    if kept.get("staff_code", staff.code) != staff.code:
        refuse_taken(kept["staff_code"], but=person.pk)
    changed = keeping.put_all("staff", kept, holders)
    if "person" in changed:
        staff.person.save()
    if "staff" in changed:
        staff.save()
    return changed


def require_edit(actor: Actor, staff: Staff) -> None:
    """The right at a school where the person has an open posting, or had the last one."""
    postings = list(Posting.objects.filter(person=staff.person_id).order_by("-started_on"))
    schools = {p.school_id for p in postings if p.ended_on is None} or {p.school_id for p in postings[:1]}
    if not any(actor.holds(EDIT_FILES, school_id) for school_id in schools):
        actor.require(EDIT_FILES, next(iter(schools), UUID(int=0)))


@transaction.atomic
def update_posting(*, actor: Actor, posting: Posting, values: Mapping[str, Any]) -> bool:
    row = Posting.objects.select_for_update().select_related("person").get(pk=posting.pk)
    actor.require(EDIT_FILES, row.school_id)
    kept = checked("posting", values)
    for key in ("group_code", "started_on"):
        if key in kept and not kept[key]:
            raise InvalidFile({key: _("không được để trống.")})
    refuse_taken_locally(row.school_id, kept.get("local_code", ""), but=row.pk)
    if not keeping.put_all("posting", kept, Holders(row.person, posting=row)):
        return False
    row.save()
    return True


@transaction.atomic
def end_posting(*, actor: Actor, posting: Posting, on: date, reason: str) -> Posting:
    """The person leaves the school (chuyển đi, nghỉ hưu, thôi việc)."""
    row = Posting.objects.select_for_update().get(pk=posting.pk)
    actor.require(EDIT_FILES, row.school_id)
    if row.ended_on is not None:
        return row
    if on < row.started_on:
        raise Invalid("people.leaves_before_start", _("Ngày rời trường trước ngày bắt đầu làm việc."), place="on")
    if not reason.strip():
        raise Invalid("people.no_reason", _("Xin ghi lý do rời trường."), place="reason")
    row.ended_on = on
    with scope.because(reason.strip()):
        row.save(update_fields=["ended_on"])
    events.posting_ended.send(
        sender=Posting, posting_id=row.pk, person_id=row.person_id, school_id=row.school_id, day=on
    )
    return row


@transaction.atomic
def receive_staff(
    *, actor: Actor, school: Organisation, code: str, birth_date: date, posting: Mapping[str, Any]
) -> Posting:
    """Take in a person who has a file elsewhere, known by sector code and birth date together.

    A posting at the former school stays as it is: teaching at two schools is usual; the former school ends its own.
    """
    actor.require(EDIT_FILES, school.pk)
    # The file stands behind the wall until the school is among its holders.
    with scope.use(replace(scope.current(), schools=scope.EVERYTHING)):
        staff = Staff.objects.select_related("person").filter(code=code.strip(), person__birth_date=birth_date).first()
        if staff is None or not code.strip():
            raise RuleError("people.no_such_staff", _("Không có hồ sơ nào với mã cán bộ và ngày sinh này."))
        person = Person.objects.select_for_update().get(pk=staff.person_id)
        if Posting.objects.filter(person=person, school=school, ended_on=None).exists():
            raise RuleError("people.already_posted", _("Thầy/cô này đang làm việc tại trường."))
        if school.pk not in person.school_ids:
            person.school_ids = [*person.school_ids, school.pk]
            person.save(update_fields=["school_ids"])
        row = _post(person, school, posting)
    audit.record(action="people.staff_received", organisation_id=school.pk, table="people_person", subject_id=person.pk)
    return row
