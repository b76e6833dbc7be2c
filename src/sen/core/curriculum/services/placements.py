"""Pupils in classes (xếp lớp). A row number is for life of the class: late comers go to the end."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from sen.core.curriculum import events, links
from sen.core.curriculum.models import Placement, SchoolClass
from sen.core.curriculum.permissions import EDIT_CLASSES
from sen.core.curriculum.services import choices
from sen.core.identity.actor import Actor
from sen.core.people.models import Enrolment
from sen.shared.kit.errors import Invalid, RuleError

_ASIDE = 10_000  # row numbers are lifted out of the way while a class is numbered anew


def place(*, actor: Actor, school_class: SchoolClass, enrolment: Enrolment, since: date | None = None) -> Placement:
    """Put a pupil who is in no class into one, at the end of the list. The same again changes nothing."""
    bulk_place(actor=actor, wanted=[(school_class, enrolment)], since=since)
    return Placement.objects.get(enrolment=enrolment, until=None)


@transaction.atomic
def bulk_place(
    *,
    actor: Actor,
    wanted: Sequence[tuple[SchoolClass, Enrolment]],
    since: date | None = None,
    moved_on: date | None = None,
) -> int:
    """Place pupils in the order given, each at the end of the class; returns how many rows were added.

    Who is there already stays. Who is in another class is refused, or moves on the day `moved_on`. `since`: else the
    first day of the enrolment. Set-wise: a handful of statements for a whole school.
    """
    classes = _locked(actor, {school_class.pk for school_class, _enrolment in wanted})
    placed = {
        row.enrolment_id: row
        for row in Placement.objects.select_for_update().filter(
            enrolment__in=[enrolment.pk for _class, enrolment in wanted], until=None
        )
    }
    numbers = _last_numbers(classes)
    rows, leaving = [], []
    for school_class, enrolment in wanted:
        _must_fit(classes[school_class.pk], enrolment)
        now = placed.get(enrolment.pk)
        if now is not None and now.school_class_id == school_class.pk:
            continue
        if now is not None:
            if moved_on is None:
                raise RuleError(
                    "curriculum.already_placed", _("Có em đã ở một lớp khác; xin dùng chức năng chuyển lớp.")
                )
            leaving.append(now)
        numbers[school_class.pk] += 1
        began = since or enrolment.started_on
        if now is not None and moved_on is not None:
            began = now.until = max(now.since, moved_on)
        rows.append(
            Placement(
                school_id=classes[school_class.pk].school_id,
                person_id=enrolment.person_id,
                enrolment=enrolment,
                school_class_id=school_class.pk,
                row_number=numbers[school_class.pk],
                since=began,
            )
        )
        placed[enrolment.pk] = rows[-1]
    Placement.objects.bulk_update(leaving, ["until"], batch_size=2_000)
    Placement.objects.bulk_create(rows, batch_size=2_000)
    choices.give_default_choices(rows)
    if rows:
        events.pupils_placed.send(
            sender=Placement,
            school_class_ids=sorted({row.school_class_id for row in rows}),
            enrolment_ids=[row.enrolment_id for row in rows],
        )
    return len(rows)


@transaction.atomic
def move(*, actor: Actor, enrolment: Enrolment, to: SchoolClass, on: date) -> Placement:
    """Move a pupil to another class of the grade: the old row ends and stays, a new one begins at the end."""
    now = Placement.objects.select_for_update().filter(enrolment=enrolment, until=None).first()
    if now is None:
        return place(actor=actor, school_class=to, enrolment=enrolment, since=on)
    if now.school_class_id == to.pk:
        return now
    if on < now.since:
        raise Invalid("curriculum.move_before_start", _("Ngày chuyển lớp trước ngày em vào lớp cũ."), "on")
    bulk_place(actor=actor, wanted=[(to, enrolment)], moved_on=on)
    events.pupil_left_class.send(
        sender=Placement, placement_id=now.pk, school_class_id=now.school_class_id, enrolment_id=enrolment.pk, day=on
    )
    return Placement.objects.get(enrolment=enrolment, until=None)


@transaction.atomic
def end_placement(*, actor: Actor, enrolment: Enrolment, on: date) -> None:
    """Take a pupil out of the class from a day on; the row stays in the list with its number."""
    row = Placement.objects.select_for_update().filter(enrolment=enrolment, until=None).first()
    if row is None:
        return
    actor.require(EDIT_CLASSES, row.school_id)
    row.until = max(row.since, on)
    row.save(update_fields=["until"])
    events.pupil_left_class.send(
        sender=Placement, placement_id=row.pk, school_class_id=row.school_class_id, enrolment_id=enrolment.pk, day=on
    )


@transaction.atomic
def renumber(*, actor: Actor, school_class: SchoolClass) -> int:
    """Number the class by Vietnamese name order. Refused once the class book is open or somebody has left the class."""
    [row] = _locked(actor, {school_class.pk}).values()
    if row.pk in set(links.with_open_book([row.pk])):
        raise RuleError(
            "curriculum.book_open", _("Sổ điểm của lớp đã mở: số thứ tự giữ nguyên, em mới vào xếp cuối danh sách.")
        )
    if row.placements.exclude(until=None).exists():
        raise RuleError("curriculum.rows_fixed", _("Lớp đã có em chuyển đi hoặc chuyển lớp: số thứ tự giữ nguyên."))
    placements = list(row.placements.select_related("person").order_by("person__sort_key", "person_id"))
    row.placements.update(row_number=F("row_number") + _ASIDE)
    for number, placement in enumerate(placements, start=1):
        placement.row_number = number
    Placement.objects.bulk_update(placements, ["row_number"])
    return len(placements)


def _locked(actor: Actor, class_ids: Iterable[UUID]) -> dict[UUID, SchoolClass]:
    rows = SchoolClass.objects.select_for_update().filter(pk__in=class_ids).order_by("pk")
    found = {row.pk: row for row in rows}
    for school_id in {row.school_id for row in found.values()}:
        actor.require(EDIT_CLASSES, school_id)
    return found


def _last_numbers(classes: dict[UUID, SchoolClass]) -> dict[UUID, int]:
    rows = Placement.objects.filter(school_class__in=classes).values_list("school_class").annotate(Max("row_number"))
    return defaultdict(int, dict(rows))


def _must_fit(school_class: SchoolClass, enrolment: Enrolment) -> None:
    if enrolment.school_id != school_class.school_id or enrolment.year != school_class.year:
        raise Invalid("curriculum.other_school_or_year", _("Em này không học ở trường của lớp trong năm học đó."))
    if enrolment.grade != school_class.grade:
        raise Invalid(
            "curriculum.other_grade",
            _("Lớp %(name)s là lớp khối %(grade)s, em đang học khối %(own)s.")
            % {"name": school_class.name, "grade": school_class.grade, "own": enrolment.grade},
        )
    if enrolment.status != Enrolment.Status.STUDYING:
        raise RuleError("curriculum.not_studying", _("Em không còn học ở trường trong năm học này."))
