"""Names of schools and of the authorities above them, as they were on a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sen.core.curriculum.models import SchoolYear
from sen.core.organisations.models import Organisation, Span

HIGHEST = 4  # school, office, department, ministry


class Places:
    """The spans of some schools and of everything above them, read in a handful of queries."""

    def __init__(self, school_ids: Iterable[UUID]) -> None:
        self._spans: dict[UUID, list[Span]] = {}
        wanted = set(school_ids)
        for _round in range(HIGHEST):
            if not wanted:
                break
            rows: Any = Span.objects.filter(organisation_id__in=wanted).order_by("valid_from")
            spans: list[Span] = list(rows.select_related("organisation", "province", "district", "commune"))
            for span in spans:
                self._spans.setdefault(span.organisation_id, []).append(span)
            parents = {span.parent_id for span in spans if span.parent_id is not None}
            wanted = parents - self._spans.keys()

    def on(self, school_id: UUID, day: date) -> dict[str, Any]:
        """School, commune, district, province and the authorities above, as named on that day."""
        span = self._span(school_id, day)
        if span is None:
            return {
                "name": "",
                "code": "",
                "commune": "",
                "district": "",
                "province": "",
                "office": "",
                "department": "",
            }
        above = {parent.organisation.kind: parent.name for parent in self._above(span, day)}
        return {
            "name": span.name,
            "code": span.organisation.code,
            "commune": span.commune.full_name if span.commune else "",
            "district": span.district.full_name if span.district else "",
            "province": span.province.full_name if span.province else "",
            "office": above.get(Organisation.Kind.OFFICE, ""),
            "department": above.get(Organisation.Kind.DEPARTMENT, ""),
        }

    def _above(self, span: Span, day: date) -> list[Span]:
        found: list[Span] = []
        here: Span | None = span
        while here is not None and here.parent_id is not None and len(found) < HIGHEST:
            here = self._span(here.parent_id, day)
            if here is not None:
                found.append(here)
        return found

    def _span(self, organisation_id: UUID, day: date) -> Span | None:
        """The span of the day; for a day before anything is known the first one."""
        spans = self._spans.get(organisation_id, [])
        for span in spans:
            if span.valid_from <= day and (span.valid_to is None or day < span.valid_to):
                return span
        return next((span for span in spans if span.valid_from > day), spans[-1] if spans else None)


def year_ends() -> dict[int, date]:
    """School year -> last day of the Ministry's frame: the day on which the names in a transcript are read."""
    return dict(SchoolYear.objects.values_list("year", "ends_by"))


def year_end(ends: dict[int, date], year: int) -> date:
    return ends.get(year, date(year + 1, 5, 31))
