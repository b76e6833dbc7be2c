"""Questions about the tree, always as of a day (today when none is named)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from sen.core.organisations.models import Change, Organisation, Span
from sen.shared.kit.names import fold

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

_COUNTS = """
WITH RECURSIVE under AS (
  SELECT s.organisation_id AS root, s.organisation_id, s.parent_id FROM organisations_span s
   WHERE s.organisation_id = ANY(%(roots)s) AND s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to > %(day)s)
  UNION
  SELECT u.root, s.organisation_id, s.parent_id
    FROM organisations_span s JOIN under u ON s.parent_id = u.organisation_id
   WHERE s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to > %(day)s)
)
SELECT u.root, o.kind, o.levels, count(*) FROM under u JOIN organisations_organisation o ON o.id = u.organisation_id
 WHERE o.kind IN ('office', 'school', 'campus') AND u.root <> u.organisation_id GROUP BY u.root, o.kind, o.levels
"""

_PATH = """
WITH RECURSIVE above AS (
  SELECT s.organisation_id, s.parent_id, s.name, 0 AS height FROM organisations_span s
   WHERE s.organisation_id = %(start)s AND s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to > %(day)s)
  UNION ALL
  SELECT s.organisation_id, s.parent_id, s.name, a.height + 1
    FROM organisations_span s JOIN above a ON s.organisation_id = a.parent_id
   WHERE s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to > %(day)s) AND a.height < 10
)
SELECT a.organisation_id, o.kind, a.name FROM above a JOIN organisations_organisation o ON o.id = a.organisation_id
 ORDER BY a.height DESC
"""

# The span of the day; before the first one the first, after the last one the last.
_NAMES = """
SELECT DISTINCT ON (organisation_id) organisation_id, name FROM organisations_span WHERE organisation_id = ANY(%(ids)s)
 ORDER BY organisation_id, (valid_from <= %(day)s AND (valid_to IS NULL OR valid_to > %(day)s)) DESC,
          CASE WHEN valid_from > %(day)s THEN valid_from - %(day)s ELSE %(day)s - valid_to END
"""


@dataclass(frozen=True)
class Node:
    """An organisation on the way from the top of the tree."""

    id: UUID
    kind: str
    name: str


@dataclass
class Counts:
    """What hangs under a node, at any depth: offices, schools (also by level taught), campuses."""

    offices: int = 0
    schools: int = 0
    campuses: int = 0
    levels: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def _today(day: date | None) -> date:
    return day or timezone.localdate()


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def schools_under(organisation_id: UUID, day: date | None = None) -> frozenset[UUID]:
    """Ids of the schools below an authority on a day, at any depth, in one query."""
    return frozenset(row[0] for row in _rows(_UNDER, {"root": organisation_id, "day": _today(day)}))


def path(organisation_id: UUID, day: date | None = None) -> list[Node]:
    """From the top of the tree down to the organisation itself; empty when it does not stand on that day."""
    return [Node(*row) for row in _rows(_PATH, {"start": organisation_id, "day": _today(day)})]


def names_on(organisation_ids: Iterable[UUID], day: date | None = None) -> dict[UUID, str]:
    """The names on a day, in one query. Before the first record its first name, after the end its last."""
    return dict(_rows(_NAMES, {"ids": list(organisation_ids), "day": _today(day)}))


def name_on(organisation_id: UUID, day: date | None = None) -> str:
    """The name on a day (see `names_on`); empty for an unknown organisation."""
    return names_on([organisation_id], day).get(organisation_id, "")


def span_on(organisation_id: UUID, day: date | None = None) -> Span | None:
    """What the organisation is on a day; None when it does not stand then."""
    spans = Span.objects.on(_today(day)).select_related("organisation", "province", "district", "commune")
    return spans.filter(organisation_id=organisation_id).first()


def children(organisation_id: UUID, day: date | None = None) -> QuerySet[Span]:
    """Spans of what hangs directly under an organisation on a day, by kind and name."""
    return (
        Span.objects.on(_today(day))
        .filter(parent_id=organisation_id)
        .select_related("organisation", "commune")
        .order_by("organisation__kind", "name_folded", "organisation__code")
    )


def counts_under(organisation_ids: Iterable[UUID], day: date | None = None) -> dict[UUID, Counts]:
    """For each organisation what hangs under it on a day, in one query."""
    counts: dict[UUID, Counts] = {organisation_id: Counts() for organisation_id in organisation_ids}
    for root, kind, levels, number in _rows(_COUNTS, {"roots": list(counts), "day": _today(day)}):
        node = counts[root]
        if kind == Organisation.Kind.SCHOOL:
            node.schools += number
            for level in levels if isinstance(levels, list) else _json(levels):
                node.levels[level] += number
        elif kind == Organisation.Kind.CAMPUS:
            node.campuses += number
        else:
            node.offices += number
    return counts


def _json(text: str) -> list[str]:
    import json

    return list(json.loads(text))


def search(
    words: str, day: date | None = None, *, kinds: Iterable[str] = ("school",), under: UUID | None = None
) -> QuerySet[Span]:
    """Spans of a day whose folded name holds every word, or whose code begins with the text; no marks needed."""
    folded = fold(words)
    by_name = Q()
    for word in folded.split():
        by_name &= Q(name_folded__contains=word)
    found = Span.objects.on(_today(day)).filter(organisation__kind__in=list(kinds))
    if folded:
        found = found.filter(by_name | Q(organisation__code__istartswith=folded))
    if under is not None:
        found = found.filter(organisation_id__in=schools_under(under, day))
    return found.select_related("organisation", "parent", "district", "province").order_by("name_folded", "valid_from")


def campuses(school_id: UUID, day: date | None = None) -> QuerySet[Span]:
    """Campuses (điểm trường) of a school on a day."""
    return Span.objects.on(_today(day)).filter(parent_id=school_id, organisation__kind="campus").order_by("name_folded")


def history(organisation_id: UUID) -> QuerySet[Change]:
    """Changes that touched the organisation, the latest first."""
    spanned = Prefetch("spans", Span.objects.order_by("valid_from"))
    return (
        Change.objects.filter(Q(sources=organisation_id) | Q(results=organisation_id))
        .distinct()
        .prefetch_related(
            Prefetch("sources", Organisation.objects.prefetch_related(spanned)),
            Prefetch("results", Organisation.objects.prefetch_related(spanned)),
        )
        .order_by("-effective_on", "-recorded_at")
    )
