"""What the gradebook tells: rows are written that say which transcripts are needed. Loaded in AppConfig.ready."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from sen.school.gradebook import events
from sen.school.gradebook.models import Correction
from sen.school.transcripts import services


@receiver(events.year_locked, dispatch_uid="transcripts.queue_year")
def queue_when_a_year_is_locked(school_id: UUID, year: int, **_: Any) -> None:
    services.queue_year(school_id=school_id, year=year)


@receiver(events.year_unlocked, dispatch_uid="transcripts.hold_year")
def hold_when_a_year_is_unlocked(school_id: UUID, year: int, **_: Any) -> None:
    services.hold_year(school_id=school_id, year=year)


@receiver(events.correction_approved, dispatch_uid="transcripts.requeue_corrected")
def requeue_after_a_correction(correction_id: UUID, enrolment_id: UUID, **_: Any) -> None:
    """Only a transcript that exists is made anew: a term can be corrected long before the year's transcript."""
    correction = Correction.objects.select_related("line__sheet__class_subject__subject").get(pk=correction_id)
    subject = correction.line.sheet.class_subject.subject.name
    services.requeue(
        enrolment_id=enrolment_id, reason=f"Sửa điểm môn {subject}: {correction.reason}", only_existing=True
    )


@receiver(events.result_changed, dispatch_uid="transcripts.requeue_result")
def requeue_after_a_result(enrolment_id: UUID, **_: Any) -> None:
    services.requeue(enrolment_id=enrolment_id, reason="Kết quả cả năm được xác định lại sau khi khóa sổ điểm")
