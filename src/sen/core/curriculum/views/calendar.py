"""The calendar of a school year: what holds here, and setting it for those who may."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sen.core.curriculum import queries, rules, services
from sen.core.curriculum.forms import DatesForm
from sen.core.curriculum.models import SchoolYear, Week
from sen.core.curriculum.permissions import READ_CLASSES, SET_CALENDAR
from sen.core.curriculum.views.common import actor_of, when_of
from sen.core.organisations import queries as tree
from sen.core.organisations.models import Organisation
from sen.shared.kit.errors import Invalid, NotAllowed


def calendar(request: HttpRequest) -> HttpResponse:
    """The dates and weeks of the year at the actor's place, with a form where the actor may set them."""
    actor, when = actor_of(request), when_of(request)
    if actor.organisation_id is None or not (actor.holds(READ_CLASSES) or actor.holds(SET_CALENDAR)):
        raise NotAllowed("curriculum.no_calendar", _("Vai trò hiện tại không xem lịch năm học."))
    place = get_object_or_404(Organisation, pk=actor.organisation_id)
    frame = SchoolYear.objects.filter(year=when.year).first()
    effective = queries.dates_for(place.pk, when.year)
    may_set = actor.holds(SET_CALENDAR, place.pk) and frame is not None
    form = _form(request, effective) if may_set else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            services.set_year_dates(
                actor=actor,
                organisation=place,
                year=when.year,
                dates=form.dates(),
                decision=form.cleaned_data["decision"],
            )
        except Invalid as refusal:
            form.add_error(refusal.place if refusal.place in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Đã lưu lịch năm học; các tuần được đánh số lại."))
            return redirect("curriculum:calendar")
    elif request.method == "POST" and form is None:
        actor.require(SET_CALENDAR, place.pk)
    weeks = queries.weeks_for(place.pk, when.year)
    own = effective is not None and effective.row is not None and effective.set_by == place.pk
    context = {
        "when": when,
        "frame": frame,
        "effective": effective,
        "set_by": tree.name_on(effective.set_by, when.day) if effective and effective.set_by else "",
        "own": own,
        "form": form,
        "weeks": _rows(
            weeks,
            effective.row.weeks.order_by("starts_on") if own and may_set and effective and effective.row else None,
        ),
        "missing": rules.missing_weeks(weeks) if weeks else 0,
        "kinds": Week.Kind.choices,
    }
    return render(request, "curriculum/calendar.html", context)


def _form(request: HttpRequest, effective: queries.EffectiveDates | None) -> DatesForm:
    initial: dict[str, Any] = {}
    if effective is not None:
        initial = {**effective.dates.__dict__, "decision": effective.decision if effective.set_by else ""}
    return DatesForm(request.POST or None, initial=initial)


def _rows(weeks: list[rules.PlannedWeek], kept: Any) -> list[dict[str, Any]]:
    ids = {week.starts_on: week.pk for week in kept} if kept is not None else {}
    labels = dict(Week.Kind.choices)
    return [
        {"week": week, "label": labels[week.kind], "kind": week.kind, "id": ids.get(week.starts_on)} for week in weeks
    ]


@require_POST
def week(request: HttpRequest, week_id: UUID) -> HttpResponse:
    """Make a week of one's own calendar a teaching, reserve or holiday week."""
    actor = actor_of(request)
    row = get_object_or_404(Week.objects.select_related("dates"), pk=week_id)
    actor.require(SET_CALENDAR, row.dates.organisation_id)
    kind = request.POST.get("kind", "")
    if kind in Week.Kind.values:
        services.set_week(actor=actor, week=row, kind=kind)
    return redirect("curriculum:calendar")
