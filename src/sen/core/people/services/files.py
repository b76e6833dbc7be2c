"""Writing a pupil's file: person, pupil, parents, the fields of a year."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation
from sen.core.people import class_desk, dictionary, keeping, rules
from sen.core.people.keeping import Holders
from sen.core.people.models import Enrolment, Guardianship, Person, Posting, Pupil
from sen.core.people.permissions import EDIT_FILES, READ_FILES
from sen.core.people.services.enrolments import enrol
from sen.shared.audit import services as audit
from sen.shared.kit import names, scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError


class InvalidFile(Invalid):
    """Values that the dictionary does not take; `errors` are sentences by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        key, sentence = next(iter(errors.items()))
        super().__init__("people.invalid_file", f"{_label(key)}: {sentence}", place=key)
        self.errors = dict(errors)


def _label(key: str) -> str:
    for entity in ("pupil", "enrolment", "staff", "posting"):
        if found := dictionary.by_key(entity).get(key):
            return found.label
    return key


def checked(entity: str, values: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The values as they are kept, or `InvalidFile`."""
    kept, errors = dictionary.read(entity, values, context)
    if errors:
        raise InvalidFile(errors)
    return kept


@transaction.atomic
def create_pupil(
    *,
    actor: Actor,
    school: Organisation,
    year: int,
    grade: str,
    values: Mapping[str, Any],
    started_on: date,
    enrolment: Mapping[str, Any] | None = None,
    entry: Enrolment.Entry = Enrolment.Entry.NEW,
) -> Enrolment:
    """A new file (person, pupil, parents) and its enrolment in a year. Refuses codes that another file bears."""
    actor.require(EDIT_FILES, school.pk)
    kept = checked("pupil", values)
    if not kept.get("full_name"):
        raise InvalidFile({"full_name": _("chưa có họ và tên.")})
    refuse_taken(school_id=school.pk, code=kept.get("student_code", ""), local_code=kept.get("local_code", ""))
    person = Person(full_name=kept["full_name"], school_ids=[school.pk])
    holders = Holders(person, pupil=Pupil(person=person, school=school))
    keeping.put_all("pupil", kept, holders)
    person.save()
    assert holders.pupil is not None
    holders.pupil.save()
    for kind, family in keeping.family_values(kept).items():
        _write_guardian(holders, kind, family)
    started = enrol(
        actor=actor, person=person, school=school, year=year, grade=grade, started_on=started_on, entry=entry
    )
    if enrolment:
        update_enrolment(actor=actor, enrolment=started, values=enrolment)
    return started


def refuse_taken(*, school_id: UUID, code: str = "", local_code: str = "", but: UUID | None = None) -> None:
    """Refuse a sector code or a school code that another pupil bears (`but`: the person being edited)."""
    # The sector code is unique in the whole database; whether it is taken must be known even where the bearer
    # stands behind the wall. Only that fact is used.
    with scope.use(scope.whole_system(scope.current().actor, scope.current().reason)):
        taken = Pupil.objects.filter(code=code).exclude(person=but).exists() if code else False
    if taken:
        raise RuleError(
            "people.code_taken",
            _("Mã học sinh này đã thuộc về một hồ sơ khác; nếu em từ trường khác đến, xin làm thủ tục chuyển trường."),
        )
    if local_code and Pupil.objects.filter(school=school_id, local_code=local_code).exclude(person=but).exists():
        raise RuleError("people.local_code_taken", _("Mã học sinh của trường đã dùng cho một em khác."))


@transaction.atomic
def update_pupil(*, actor: Actor, person: Person, values: Mapping[str, Any]) -> set[str]:
    """Change fields of a pupil's file (dictionary keys). Returns the tables that changed; empty: nothing did."""
    pupil = Pupil.objects.select_for_update().select_related("person").get(person=person)
    actor.require(EDIT_FILES, pupil.school_id)
    holders = Holders(pupil.person, pupil=pupil, ties=keeping.load_ties([person.pk]).get(person.pk, {}))
    around = {**keeping.context(holders), **keeping.values("pupil", holders)}
    kept = checked("pupil", values, around)
    code, local_code = kept.get("student_code", ""), kept.get("local_code", "")
    if code != pupil.code or local_code != pupil.local_code:
        refuse_taken(school_id=pupil.school_id, code=code, local_code=local_code, but=person.pk)
    changed = keeping.put_all("pupil", kept, holders)
    for kind in dictionary.FAMILY:
        family = {key: one for key, one in kept.items() if dictionary.by_key("pupil")[key].table == kind}
        if not family:
            continue
        if family.get(f"{kind}_name") == "" and kind in holders.ties:
            holders.ties[kind].delete()  # the adult's own file stays
            changed.add(kind)
        elif kind not in holders.ties and family.get(f"{kind}_name"):
            _write_guardian(holders, kind, family)
            changed.add(kind)
        elif changed & {kind, f"{kind}.tie"}:
            holders.ties[kind].save()
            holders.ties[kind].adult.save()
    if "person" in changed:
        pupil.person.save()
    if "pupil" in changed:
        pupil.save()
    return changed


def _write_guardian(holders: Holders, kind: str, family: Mapping[str, Any]) -> Guardianship:
    """A new parent of a pupil; a parent whom the school already knows (brother, sister) is the same person."""
    child = holders.person
    adult = known_adult(
        child.school_ids, family[f"{kind}_name"], family.get(f"{kind}_phone", ""), family.get(f"{kind}_personal_id", "")
    )
    if adult is None or adult == child:
        adult = Person(
            full_name=family[f"{kind}_name"],
            gender={"father": Person.Gender.MALE, "mother": Person.Gender.FEMALE}.get(kind, ""),
            school_ids=list(child.school_ids),
        )
    tie = Guardianship(pupil=child, adult=adult, kind=kind)
    holders.ties[kind] = tie
    keeping.put_all("pupil", family, holders, keep_filled=True)
    adult.school_ids = sorted({*adult.school_ids, *child.school_ids}, key=str)
    adult.save()
    if (before := Guardianship.objects.filter(pupil=child, adult=adult).first()) is not None:
        before.kind = kind
        before.save(update_fields=["kind"])
        return before
    tie.save()
    return tie


def known_adult(school_ids: list[UUID], name: str, phone: str, personal_id: str) -> Person | None:
    """An adult of these schools with the same name and the same phone or personal number."""
    same_name = Person.objects.filter(name_folded=names.fold(name), school_ids__overlap=school_ids, pupil=None)
    if personal_id and (found := same_name.filter(personal_id=personal_id).first()):
        return found
    return same_name.filter(phone=phone).first() if phone else None


@transaction.atomic
def set_guardian(*, actor: Actor, guardianship: Guardianship, may_read: bool, restricted_by: str = "") -> Guardianship:
    """Give or take a parent's right to read. Taking it needs the paper that says so (quyết định, bản án)."""
    pupil = Pupil.objects.select_related("school").get(person=guardianship.pupil_id)
    actor.require(EDIT_FILES, pupil.school_id)
    tie = Guardianship.objects.select_for_update().get(pk=guardianship.pk)
    if not may_read and not restricted_by.strip():
        raise Invalid(
            "people.restriction_without_paper",
            _("Hạn chế quyền của cha, mẹ phải có căn cứ; xin ghi số quyết định hoặc bản án."),
            place="restricted_by",
        )
    tie.may_read, tie.restricted_by = may_read, "" if may_read else names.clean(restricted_by)
    tie.save(update_fields=["may_read", "restricted_by"])
    return tie


@transaction.atomic
def update_enrolment(*, actor: Actor, enrolment: Enrolment, values: Mapping[str, Any]) -> bool:
    """Change the fields of a year. A year that ended stays as it was."""
    row = Enrolment.objects.select_for_update().select_related("person").get(pk=enrolment.pk)
    actor.require(EDIT_FILES, row.school_id)
    if row.status == Enrolment.Status.COMPLETED:
        raise RuleError("people.year_completed", _("Năm học này đã kết thúc; thông tin của năm không sửa được nữa."))
    holders = Holders(row.person, enrolment=row)
    kept = checked("enrolment", values, {**keeping.context(holders), **keeping.values("enrolment", holders)})
    if "grade" in kept and kept["grade"] != row.grade:
        school = Organisation.objects.get(pk=row.school_id)
        row.level = level_at(school, kept["grade"])
    if "entered_on" in kept and kept["entered_on"] is None:
        raise InvalidFile({"entered_on": _("chưa có ngày vào học.")})
    if not keeping.put_all("enrolment", kept, holders):
        return False
    row.save()
    return True


def level_at(school: Organisation, grade: str) -> str:
    """The level of a grade at this school; refused when the school does not teach it."""
    level = rules.level_of(grade, school.levels)
    if level is None:
        raise RuleError("people.grade_not_taught", _("Trường không dạy khối này; xin chọn lại khối."))
    return level


def note_read(*, actor: Actor, person: Person, year: int, what: str = "file") -> None:
    """Log the reading of a file beyond one's own pupils; refused for a stranger. `what="number"`: always logged.

    One's own: the school that holds the file now, the classes a teacher has to do with, oneself, one's children.
    Inspectors and a former school leave a line each time.
    """
    if not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
        raise NotAllowed("people.read_files.not_allowed", _("Thầy/cô không có quyền xem hồ sơ này."))
    if what == "file" and _is_own(actor, person, year):
        return
    audit.record(
        action=f"people.{what}_read", organisation_id=actor.organisation_id, table="people_person", subject_id=person.pk
    )


def _is_own(actor: Actor, person: Person, year: int) -> bool:
    if actor.is_system or person.pk == actor.person_id or person.pk in actor.family:
        return True
    if not actor.holds(READ_FILES) or actor.role == Role.INSPECTOR or actor.organisation_id is None:
        return False
    if Posting.objects.filter(person=person, school=actor.organisation_id, ended_on=None).exists():
        return True
    if not Pupil.objects.filter(person=person, school=actor.organisation_id).exists():
        return False
    desk = class_desk.desk()
    own = desk.own_classes(actor, year) if desk else None
    if desk is None or own is None:
        return True
    placed = desk.placed(actor.organisation_id, year, [person.pk]).get(person.pk)
    return placed is not None and placed.id in own
