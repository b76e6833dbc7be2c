"""What curriculum hears from people: who leaves the school leaves the class, or the assignments."""

from datetime import date
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from sen.core.curriculum import events
from sen.core.curriculum.models import Assignment, Placement, SchoolClass
from sen.core.people import events as people


@receiver(people.enrolment_ended)
def leave_class(enrolment_id: UUID, day: date, **_: Any) -> None:
    """The row stays in the list of the class with its number; it ends with the enrolment."""
    for row in Placement.objects.select_for_update().filter(enrolment=enrolment_id, until=None):
        row.until = max(row.since, day)
        row.save(update_fields=["until"])
        events.pupil_left_class.send(
            sender=Placement,
            placement_id=row.pk,
            school_class_id=row.school_class_id,
            enrolment_id=enrolment_id,
            day=day,
        )


@receiver(people.enrolment_resumed)
def come_back_to_class(enrolment_id: UUID, day: date, **_: Any) -> None:
    """Who comes back finds the old row again: the latest one of the year opens."""
    row = Placement.objects.select_for_update().filter(enrolment=enrolment_id).order_by("since", "pk").last()
    if row is not None and row.until is not None:
        row.until = None
        row.save(update_fields=["until"])


@receiver(people.posting_ended)
def leave_assignments(person_id: UUID, school_id: UUID, day: date, **_: Any) -> None:
    """Open assignments of the teacher end on the day; classes of years still running lose their form teacher."""
    year = day.year if day.month >= 7 else day.year - 1
    Assignment.objects.filter(
        teacher=person_id, school=school_id, until=None, class_subject__school_class__year__gte=year
    ).update(until=day)
    SchoolClass.objects.filter(form_teacher=person_id, school=school_id, year__gte=year).update(form_teacher=None)
