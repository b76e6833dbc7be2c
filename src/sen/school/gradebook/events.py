"""What happened in the gradebook, for packages above."""

from django.dispatch import Signal

sheet_saved = Signal()  # sheet_id: UUID
year_locked = Signal()  # school_id: UUID, year: int
year_unlocked = Signal()  # school_id: UUID, year: int
correction_approved = Signal()  # correction_id: UUID, enrolment_id: UUID
result_changed = Signal()  # enrolment_id: UUID, after the year was locked (summer measures, decisions)
