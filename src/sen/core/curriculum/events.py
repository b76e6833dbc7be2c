"""Facts others may hear, sent inside the transaction that made them. Receivers write rows of their own only."""

from django.dispatch import Signal

class_created = Signal()  # school_class_id: UUID
subjects_changed = Signal()  # school_class_id: UUID
pupils_placed = Signal()  # school_class_ids: list[UUID], enrolment_ids: list[UUID]
pupil_left_class = Signal()  # placement_id: UUID, school_class_id: UUID, enrolment_id: UUID, day: date
choices_changed = Signal()  # school_class_id: UUID, enrolment_ids: list[UUID]
teacher_changed = Signal()  # class_subject_id: UUID, school_class_id: UUID
