"""What others may hear, inside the transaction in which it happened."""

from django.dispatch import Signal

accounts_issued = Signal()  # school_id: UUID, pairs: list[tuple[person_id: UUID, account_id: UUID]]
