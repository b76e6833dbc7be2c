"""The dates of a school year inside the Ministry's frame, and the weeks they make."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.curriculum import queries, rules
from sen.core.curriculum.models import SchoolYear, Week, YearDates
from sen.core.curriculum.permissions import SET_CALENDAR
from sen.core.curriculum.rules import Dates
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.shared.kit.errors import RuleError


@transaction.atomic
def set_year_dates(
    *,
    actor: Actor,
    organisation: Organisation,
    year: int,
    dates: Dates,
    decision: str = "",
    holidays: Sequence[tuple[date, date]] | None = None,
) -> YearDates:
    """Set the dates of a year for a department, or for one school; weeks are planned anew.

    Refused outside the Ministry's frame (the sentence names the limit). `holidays`: else Tết as on file. A school
    without dates of its own follows the nearest authority above it, so most schools never call this.
    """
    actor.require(SET_CALENDAR, organisation.pk)
    frame = SchoolYear.objects.filter(year=year).first()
    if frame is None:
        raise RuleError("curriculum.no_year", _("Chưa có khung năm học %(year)s của Bộ.") % {"year": year})
    rules.check_dates(dates, queries.frame_of(frame))
    row, _created = YearDates.objects.select_for_update().update_or_create(
        school_year=frame,
        organisation=organisation,
        defaults={
            "starts_on": dates.starts_on,
            "term1_ends_on": dates.term1_ends_on,
            "term2_starts_on": dates.term2_starts_on,
            "ends_on": dates.ends_on,
            "decision": " ".join(decision.split()),
        },
    )
    planned = rules.plan_weeks(dates, queries.holidays(year) if holidays is None else holidays)
    row.weeks.all().delete()
    Week.objects.bulk_create(
        Week(dates=row, starts_on=week.starts_on, kind=week.kind, term=week.term, number=week.number)
        for week in planned
    )
    return row


@transaction.atomic
def set_week(*, actor: Actor, week: Week, kind: str) -> None:
    """Make a week a teaching, reserve or holiday week; teaching weeks of the year are numbered anew from 1."""
    actor.require(SET_CALENDAR, week.dates.organisation_id)
    weeks = list(Week.objects.select_for_update().filter(dates=week.dates_id).order_by("starts_on"))
    number = 0
    for row in weeks:
        if row.pk == week.pk:
            row.kind = Week.Kind(kind)
        row.number = None
        if row.kind == Week.Kind.TEACHING:
            number += 1
            row.number = number
    Week.objects.bulk_update(weeks, ["kind", "number"])
