"""Facts others may hear, sent inside the transaction that made them. Receivers write rows of their own only."""

from django.dispatch import Signal

enrolment_began = Signal()  # enrolment_id: UUID, day: date
enrolment_ended = Signal()  # enrolment_id: UUID, day: date
enrolment_resumed = Signal()  # enrolment_id: UUID, day: date
pupil_transferred = Signal()  # transfer_id: UUID
posting_ended = Signal()  # posting_id: UUID, person_id: UUID, school_id: UUID, day: date
