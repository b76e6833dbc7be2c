"""What people hears: accounts that were issued are noted on the persons' files."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from sen.core.identity.events import accounts_issued
from sen.core.people.models import Person


@receiver(accounts_issued)
def note_accounts(school_id: UUID, pairs: Sequence[tuple[UUID, UUID]], **_: Any) -> None:
    """Tie each person to the account that was issued, set-wise; a person who has one keeps it."""
    accounts = dict(pairs)
    persons = list(Person.objects.filter(pk__in=accounts, account=None, school_ids__contains=[school_id]))
    for person in persons:
        person.account_id = accounts[person.pk]
    Person.objects.bulk_update(persons, ["account"], batch_size=500)
