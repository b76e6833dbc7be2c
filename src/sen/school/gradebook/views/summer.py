"""The summer of a class: re-assessment, training, supplementary assessment, the head's decision."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sen.core.curriculum.models import SchoolClass
from sen.school.gradebook import labels
from sen.school.gradebook.labels import YEAR
from sen.school.gradebook.models import Result
from sen.school.gradebook.permissions import APPROVE
from sen.school.gradebook.queries import class_view
from sen.school.gradebook.queries.class_view import ClassView, Row
from sen.school.gradebook.rules import Outcome
from sen.school.gradebook.rules.regimes import CONDUCT_58, LEVELS_22
from sen.school.gradebook.services import summer
from sen.school.gradebook.services.records import OLD_CONDUCT
from sen.school.gradebook.views.classes import SUMMARY, may_write, tabs_of
from sen.school.gradebook.views.common import actor_of, class_of
from sen.shared.kit.errors import Invalid, RuleError


@require_GET
def class_summer(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Who has work in the summer, and what came of it: re-assessment, training, supplement, the head's decision."""
    room, actor = class_of(actor_of(request), class_id), actor_of(request)
    view = class_view.class_view(room, YEAR)
    tabs = [
        {**tab, "active": tab["url"] == reverse("gradebook:class_summer", args=[room.pk])}
        for tab in tabs_of(request, view, YEAR, SUMMARY)
    ]
    approves, taught = actor.holds(APPROVE, room.school_id), class_view.subjects_taught(room, actor)
    scale = CONDUCT_58 if room.regime in OLD_CONDUCT else LEVELS_22
    context = {
        "view": view,
        "room": room,
        "tabs": tabs,
        "pupils": [_summer_row(view, row, approves, taught) for row in view.waiting],
        "levels": list(reversed(scale)),
        "approves": approves,
        "writes": view.is_locked and (approves or may_write(actor, room)),
        "conduct_heading": labels.conduct_heading(room.regime),
    }
    return render(request, "gradebook/classes/summer.html", context)


@dataclass(frozen=True)
class Retest:
    """A subject to be assessed again: the year's result and the new one."""

    key: str
    name: str
    before: str
    after: str
    may_write: bool


@dataclass(frozen=True)
class SummerRow:
    row: Row
    result: Result
    retests: list[Retest]
    june: str
    supplement: bool | None

    @property
    def wants_conduct(self) -> bool:
        return self.result.outcome_june == Outcome.SUMMER_CONDUCT

    @property
    def wants_supplement(self) -> bool:
        return self.result.outcome_june == Outcome.SUPPLEMENT

    @property
    def wants_decision(self) -> bool:
        return self.result.outcome == Outcome.PRINCIPAL_DECIDES or self.result.decided_by_id is not None


def _summer_row(view: ClassView, row: Row, approves: bool, taught: set[str]) -> SummerRow:
    assert row.result is not None
    names = {subject.subject.key: subject.subject.name for subject in view.room.subjects}
    retests = []
    weak = class_view.retest_keys(row.result)
    for key, name in names.items():
        if key not in weak:
            continue
        after = row.result.retests.get(key)
        retests.append(
            Retest(
                key,
                name,
                class_view.subject_text(row.result.subjects[key]),
                "" if after is None else class_view.subject_text(after),
                approves or key in taught,
            )
        )
    june = labels.outcome_name(row.result.outcome_june, row.grade)
    return SummerRow(row, row.result, retests, june, class_view.supplement_of(row.result))


@require_POST
def save_summer(request: HttpRequest, class_id: UUID, enrolment_id: UUID) -> HttpResponse:
    """Write what one pupil's summer brought; `viec` says which of the four."""
    room, actor = class_of(actor_of(request), class_id), actor_of(request)
    result = get_object_or_404(_year_results(room), enrolment_id=enrolment_id)
    work, value = request.POST.get("viec", ""), request.POST.get("gia-tri", "").strip()
    try:
        if work == "mon":
            subject = request.POST.get("mon", "")
            summer.record_retest(actor=actor, result=result, subject_key=subject, value=value or None)
        elif work == "ren-luyen":
            summer.record_summer_conduct(actor=actor, result=result, conduct=value)
        elif work == "bo-sung":
            passed = {"dat": True, "chua-dat": False}.get(value)
            summer.record_supplement(actor=actor, result=result, passed=passed)
        elif work == "quyet-dinh":
            note = request.POST.get("can-cu", "")
            summer.decide(actor=actor, result=result, promote=value == "len-lop", note=note)
        else:
            raise Http404
    except RuleError as error:
        if error.status == RuleError.status or isinstance(error, Invalid):
            messages.error(request, str(error))
            return redirect("gradebook:class_summer", class_id)
        raise
    messages.success(request, _("Đã ghi kết quả trong hè của {name}.").format(name=result.person.full_name))
    return redirect(f"{reverse('gradebook:class_summer', args=[class_id])}#em-{enrolment_id}")


def _year_results(room: SchoolClass) -> QuerySet[Result]:
    return Result.objects.filter(school_class=room, term=YEAR).select_related("person")
