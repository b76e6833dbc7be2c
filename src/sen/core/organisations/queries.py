"""Questions about the tree, always as of a day (today when none is named)."""

from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone

_UNDER = """
WITH RECURSIVE under AS (
  SELECT s.organisation_id FROM organisations_span s
   WHERE s.parent_id = %(root)s AND s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to > %(day)s)
  UNION
  SELECT s.organisation_id FROM organisations_span s JOIN under u ON s.parent_id = u.organisation_id
   WHERE s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to > %(day)s)
)
SELECT u.organisation_id FROM under u JOIN organisations_organisation o ON o.id = u.organisation_id
 WHERE o.kind = 'school'
"""


def schools_under(organisation_id: UUID, day: date | None = None) -> frozenset[UUID]:
    """Ids of the schools below an authority on a day, at any depth, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_UNDER, {"root": organisation_id, "day": day or timezone.localdate()})
        return frozenset(row[0] for row in cursor.fetchall())
