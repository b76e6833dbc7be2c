"""Facts others may hear, sent inside the transaction that made them. Receivers write rows of their own only."""

from django.dispatch import Signal

tree_changed = Signal()  # change_id: UUID
organisation_closed = Signal()  # organisation_id: UUID, day: date
