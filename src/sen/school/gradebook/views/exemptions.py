"""Waived subjects (miễn học môn): the list of the year, granting one, taking one back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sen.core.curriculum.models import ClassSubject, Placement, SchoolClass
from sen.core.people.models import Enrolment
from sen.school.gradebook.models import Exemption
from sen.school.gradebook.permissions import APPROVE
from sen.school.gradebook.rules import Regime
from sen.school.gradebook.services.settings import exempt, lift_exemption
from sen.school.gradebook.views import common

PERIODS = {"1": 1, "2": 2, "nam": None}


@require_http_methods(["GET", "POST"])
def exemptions(request: HttpRequest) -> HttpResponse:
    """Waivers of the year; with a class chosen (?lop=) the form for a new one. Both go by the head's right."""
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    actor.require(APPROVE, school.pk)
    rooms = SchoolClass.objects.filter(school=school, year=when.year).exclude(regime=Regime.PRESCHOOL)
    room = rooms.filter(pk=_uuid(common.text(request, "lop", 36))).first()
    if request.method == "POST" and room is not None:
        _grant(request, room)
        return redirect(f"{request.path}?lop={room.pk}")
    granted = (
        Exemption.objects.filter(school=school, class_subject__school_class__year=when.year)
        .select_related("person", "class_subject__school_class", "class_subject__subject", "granted_by")
        .order_by("class_subject__school_class__position", "person__sort_key")
    )
    context: dict[str, Any] = {
        "when": when,
        "rows": [
            (row, _("Cả năm") if row.term is None else _("Học kì {n}").format(n="I" * row.term)) for row in granted
        ],
        "rooms": rooms,
        "room": room,
    }
    if room is not None:
        context |= {
            "pupils": Placement.objects.filter(school_class=room, until=None)
            .order_by("row_number")
            .values_list("enrolment_id", "row_number", "person__full_name"),
            "subjects": ClassSubject.objects.filter(school_class=room)
            .order_by("subject__position")
            .values_list("pk", "subject__name"),
        }
    return render(request, "gradebook/exemptions.html", context)


def _grant(request: HttpRequest, room: SchoolClass) -> None:
    pupil = get_object_or_404(Enrolment, pk=_uuid(common.posted(request, "pupil", 36)), school=room.school_id)
    subjects = ClassSubject.objects.select_related("school_class", "subject")
    subject = get_object_or_404(subjects, pk=_uuid(common.posted(request, "subject", 36)), school_class=room)
    term = PERIODS.get(common.posted(request, "term", 3))
    actor = common.actor_of(request)
    exempt(actor=actor, enrolment=pupil, class_subject=subject, term=term, paper=common.posted(request, "paper", 250))
    messages.success(request, _("Đã ghi miễn học; ô điểm của môn này đóng lại."))


def _uuid(text: str) -> UUID:
    """A key from the address; nonsense is the key of nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@require_POST
def exemption_lift(request: HttpRequest, exemption_id: UUID) -> HttpResponse:
    actor = common.actor_of(request)
    rows = Exemption.objects.select_related("class_subject__school_class")
    lift_exemption(actor=actor, exemption=get_object_or_404(rows, pk=exemption_id, school=actor.organisation_id))
    messages.success(request, _("Đã bỏ miễn học."))
    return redirect("gradebook:exemptions")
