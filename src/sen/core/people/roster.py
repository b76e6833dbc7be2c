"""What identity asks of people: who of a school may have an account, and who is whose pupil."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.identity.links import Candidate
from sen.core.identity.roles import Role
from sen.core.people import class_desk, dictionary
from sen.core.people.models import Enrolment, Guardianship, Person, Posting

_POSITIONS = {"01": Role.PRINCIPAL, "02": Role.VICE_PRINCIPAL, "16": Role.CLERK, "34": Role.CLERK}


def roster(actor: Actor, school_id: UUID, when: When) -> Iterator[Candidate]:
    """Staff first, then class by class the pupils and their parents who may read. Four queries."""
    yield from _staff(school_id)
    enrolments = Enrolment.objects.filter(school=school_id, year=when.year, status=Enrolment.Status.STUDYING)
    people = [row.person for row in enrolments.select_related("person").order_by("person__sort_key")]
    desk = class_desk.desk()
    placed = desk.placed(school_id, when.year) if desk else {}
    order = {ref.id: number for number, ref in enumerate(desk.classes(school_id, when.year))} if desk else {}
    unplaced = _("Chưa xếp lớp")

    def place(person_id: UUID) -> tuple[int, str]:
        ref = placed.get(person_id)
        return (order.get(ref.id, 0), ref.name) if ref else (len(order), unplaced)

    people.sort(key=lambda person: place(person.pk)[0])
    parents: dict[str, list[Candidate]] = {}
    ties = Guardianship.objects.filter(pupil__in=people, may_read=True, restricted_by="").select_related("adult")
    seen: set[UUID] = set()
    by_pupil = {tie.pupil_id: [] for tie in ties}  # type: dict[UUID, list[Person]]
    for tie in ties:
        by_pupil[tie.pupil_id].append(tie.adult)
    for person in people:
        group = place(person.pk)[1]
        yield _candidate(person, Role.PUPIL, _("Lớp %(name)s") % {"name": group} if group != unplaced else group)
        for adult in by_pupil.get(person.pk, ()):
            if adult.pk not in seen:
                seen.add(adult.pk)
                heading = _("Cha mẹ lớp %(name)s") % {"name": group}
                parents.setdefault(heading, []).append(_candidate(adult, Role.PARENT, heading))
    for group_of_parents in parents.values():
        yield from group_of_parents


def _staff(school_id: UUID) -> Iterator[Candidate]:
    postings = Posting.objects.filter(school=school_id, ended_on=None).select_related("person")
    for posting in sorted(postings, key=lambda one: (one.group_code, one.person.sort_key)):
        role = _POSITIONS.get(posting.position_code)
        if role is None and posting.group_code in ("03", "06", "10"):
            role = Role.SUBJECT_TEACHER
        if role is not None:
            yield _candidate(posting.person, role, dictionary.name_of("staff-groups", posting.group_code))


def _candidate(person: Person, role: Role, group: str) -> Candidate:
    return Candidate(
        person_id=person.pk,
        full_name=person.full_name,
        role=role,
        group=group,
        birth_year=person.birth_date.year if person.birth_date else None,
        account_id=person.account_id,
    )


def is_pupil_of_form_teacher(teacher_id: UUID, school_id: UUID, account_id: UUID) -> bool:
    """Is this account a pupil of the class whose form teacher this is?"""
    desk = class_desk.desk()
    pupil = Person.objects.filter(account=account_id, pupil__school=school_id).values_list("pk", flat=True).first()
    return desk is not None and pupil is not None and desk.form_class_of(teacher_id, school_id, pupil)
