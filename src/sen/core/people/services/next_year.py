"""Many pupils into a new school year at once, for the roll-over: a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people import events, rules
from sen.core.people.models import Enrolment, Pupil
from sen.core.people.permissions import EDIT_FILES
from sen.shared.kit.errors import RuleError


@dataclass(frozen=True)
class NextYear:
    """A pupil's grade in the new year; `repeats`: the same grade again."""

    person_id: UUID
    grade: str
    repeats: bool = False


@transaction.atomic
def bulk_enrol(
    *, actor: Actor, school: Organisation, year: int, wanted: Sequence[NextYear], started_on: date
) -> dict[UUID, Enrolment]:
    """Enrol pupils whose files the school holds; person id -> enrolment of the year. Who is enrolled already stays so.

    Refused when the school does not hold a file, or does not teach a grade; then nothing is written.
    """
    actor.require(EDIT_FILES, school.pk)
    ids = [one.person_id for one in wanted]
    if Pupil.objects.filter(school=school, person__in=ids).count() != len(set(ids)):
        raise RuleError("people.not_our_pupil", _("Có em mà trường không giữ hồ sơ; xin xem lại danh sách."))
    levels = {one.grade: rules.level_of(one.grade, school.levels) for one in wanted}
    if missing := sorted(grade for grade, level in levels.items() if level is None):
        raise RuleError("people.grade_not_taught", _("Trường không dạy khối %(grade)s.") % {"grade": missing[0]})
    known = {row.person_id: row for row in Enrolment.objects.filter(school=school, year=year, person__in=ids)}
    new = [
        Enrolment(
            person_id=one.person_id,
            school=school,
            year=year,
            grade=one.grade,
            level=levels[one.grade] or "",
            started_on=started_on,
            entry=Enrolment.Entry.REPEATED if one.repeats else Enrolment.Entry.CONTINUED,
        )
        for one in {one.person_id: one for one in wanted}.values()
        if one.person_id not in known
    ]
    Enrolment.objects.bulk_create(new, batch_size=2_000)
    for row in new:
        known[row.person_id] = row
        events.enrolment_began.send(sender=Enrolment, enrolment_id=row.pk, day=started_on)
    return known
