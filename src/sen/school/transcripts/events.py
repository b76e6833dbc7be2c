"""What happened to transcripts, for packages above."""

from django.dispatch import Signal

transcript_sealed = Signal()  # transcript_id: UUID, after its seal
transcript_superseded = Signal()  # transcript_id: UUID, the old version, in the same transaction
