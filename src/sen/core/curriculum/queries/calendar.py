"""The dates that hold for an organisation, and its weeks."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from sen.core.curriculum import loading, rules
from sen.core.curriculum.models import SchoolYear, Week, YearDates
from sen.core.curriculum.rules import Dates, Frame, PlannedWeek
from sen.core.organisations import queries as tree
from sen.core.organisations.loading import read


@dataclass(frozen=True)
class EffectiveDates:
    """The dates that hold somewhere. `set_by` is the organisation that set them; None: the Ministry's frame itself."""

    year: int
    dates: Dates
    set_by: UUID | None
    decision: str
    row: YearDates | None = None


def years() -> list[SchoolYear]:
    """School years on file, newest first."""
    return list(SchoolYear.objects.order_by("-year"))


def frame_of(year: SchoolYear) -> Frame:
    return Frame(year.opens_on, year.term1_ends_by, year.term2_ends_by, year.ends_by)


@lru_cache(maxsize=1)
def _holiday_rows() -> tuple[dict[str, str], ...]:
    return tuple(read("holidays.csv", loading.DATA))


def holidays(year: int) -> list[tuple[date, date]]:
    """Days without lessons on file for a year (Tết): first and last day of each."""
    return [
        (date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"]))
        for row in _holiday_rows()
        if int(row["year"]) == year
    ]


def dates_for(organisation_id: UUID, year: int) -> EffectiveDates | None:
    """The dates of a year at a school or office: its own, else of the nearest authority above on the opening day.

    Where nobody has set any, the frame itself: opening day, and the last days it allows. None for a year not on file.
    """
    frame = SchoolYear.objects.filter(year=year).first()
    if frame is None:
        return None
    way = [node.id for node in tree.path(organisation_id, frame.opens_on)] or [organisation_id]
    rows = {row.organisation_id: row for row in YearDates.objects.filter(school_year=frame, organisation__in=way)}
    for place in reversed(way):
        if (row := rows.get(place)) is not None:
            dates = Dates(row.starts_on, row.term1_ends_on, row.term2_starts_on, row.ends_on)
            return EffectiveDates(year, dates, place, row.decision, row)
    return EffectiveDates(year, _widest(frame), None, frame.source)


def _widest(frame: SchoolYear) -> Dates:
    last = frame.term1_ends_by - timedelta(days=1)
    monday = last + timedelta(days=7 - last.weekday())
    return Dates(frame.opens_on, last, monday, frame.ends_by - timedelta(days=1))


def weeks_for(organisation_id: UUID, year: int) -> list[PlannedWeek]:
    """The weeks of a year at an organisation: as kept with the dates that hold, or planned from the frame."""
    effective = dates_for(organisation_id, year)
    if effective is None:
        return []
    if effective.row is not None:
        return [
            PlannedWeek(week.starts_on, week.kind, week.term, week.number)
            for week in Week.objects.filter(dates=effective.row).order_by("starts_on")
        ]
    return rules.plan_weeks(effective.dates, holidays(year))


def week_on(organisation_id: UUID, year: int, day: date) -> PlannedWeek | None:
    """The week a day lies in; None outside the year."""
    monday = day - timedelta(days=day.weekday())
    return next((week for week in weeks_for(organisation_id, year) if week.starts_on == monday), None)
