from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from sen.shared.messaging.models import Notice


def notify(*, account_ids: Iterable[UUID], title: str, url: str = "") -> None:
    """Put one notice into the inbox of each account, in the present transaction."""
    Notice.objects.bulk_create(Notice(account_id=account_id, title=title, url=url) for account_id in account_ids)


def mark_read(*, account_id: UUID) -> int:
    """Mark all notices of an account as read; returns how many were new."""
    return Notice.objects.filter(account_id=account_id, read_at=None).update(read_at=timezone.now())
