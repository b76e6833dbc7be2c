"""Noting acts that are not a changed row, and sealing the chain."""

import json
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection


def record(
    *, action: str, organisation_id: UUID | None, table: str = "", subject_id: UUID | None = None, **details: Any
) -> None:
    """Note an act ("gradebook.sheet_locked", "people.pupil_read") in the present transaction and scope.

    Actor, reason and request come from the scope. `details` hold no personal data beyond ids and counts.
    """
    told = json.dumps(details, cls=DjangoJSONEncoder, ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sen_note(%s, %s, %s, %s, %s::jsonb)", [organisation_id, action, table, subject_id, told])


def seal(most: int = 5_000) -> int:
    """Link lines that are not yet in a chain; returns how many. Safe to run in several workers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sen_seal(%s)", [most])
        return int(cursor.fetchone()[0])
