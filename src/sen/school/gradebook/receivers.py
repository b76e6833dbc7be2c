"""What the class lists tell the gradebook: a class changed, so its lines and results are looked at by the job."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from sen.core.curriculum import events
from sen.core.curriculum.models import SchoolClass
from sen.school.gradebook.services.results import mark_stale


@receiver(events.pupils_placed)
def pupils_placed(school_class_ids: Iterable[UUID], **_: Any) -> None:
    _stale(school_class_ids)


@receiver([events.subjects_changed, events.choices_changed, events.pupil_left_class])
def class_changed(school_class_id: UUID, **_: Any) -> None:
    _stale([school_class_id])


def _stale(ids: Iterable[UUID]) -> None:
    mark_stale(SchoolClass.objects.filter(pk__in=list(ids)))
