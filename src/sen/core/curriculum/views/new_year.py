"""Into the next year: copy of last year's classes and assignment, roll-over of pupils by results."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sen.core.curriculum import links, rollover, services
from sen.core.curriculum.permissions import EDIT_CLASSES
from sen.core.curriculum.rollover import Plan
from sen.core.curriculum.services.copying import plan_copy
from sen.core.curriculum.views.common import actor_of, school_of, when_of
from sen.shared.kit.errors import RuleError

STEPS = ("promoted", "repeat", "finished", "left", "waiting")


def copy(request: HttpRequest) -> HttpResponse:
    """Preview, then do: the classes of last year again in the year looked at."""
    actor, when = actor_of(request), when_of(request)
    school = school_of(actor, EDIT_CLASSES)
    move_up = (request.POST if request.method == "POST" else request.GET).get("theo-lop") == "1"
    if request.method == "POST":
        try:
            plan = services.copy_year(
                actor=actor, school=school, year=when.year, move_up=move_up, assignments="phan-cong" in request.POST
            )
        except RuleError as refusal:
            messages.error(request, str(refusal))
            return redirect("curriculum:copy")
        messages.success(request, _("Đã mở %(n)s lớp từ năm học trước.") % {"n": plan.new})
        return redirect("curriculum:classes")
    plan = plan_copy(school, when.year, move_up=move_up)
    return render(request, "curriculum/copy.html", {"plan": plan, "when": when, "move_up": move_up})


def roll_over(request: HttpRequest) -> HttpResponse:
    """Preview, then do: pupils of the year looked at go into the next one by their results."""
    actor, when = actor_of(request), when_of(request)
    school = school_of(actor, EDIT_CLASSES)
    if request.method == "POST":
        sent = {}
        for name in request.POST:
            old, new = _uuid(name.removeprefix("lop-")), _uuid(request.POST.get(name, ""))
            if old and new:
                sent[old] = new
        try:
            plan = rollover.roll_over(actor=actor, school=school, year=when.year, classes=sent)
        except RuleError as refusal:
            messages.error(request, str(refusal))
            return redirect("curriculum:rollover")
        messages.success(
            request,
            _("Đã ghi danh %(enrolled)s em và xếp lớp %(placed)s em cho năm học %(year)s-%(next)s.")
            % {"enrolled": plan.to_enrol, "placed": plan.to_place, "year": when.year + 1, "next": when.year + 2},
        )
        return redirect("curriculum:rollover")
    plan = rollover.preview(school, when.year)
    counts = plan.counts()
    labels = dict(
        zip(
            STEPS,
            (_("Lên lớp"), _("Ở lại lớp"), _("Hoàn thành cấp học"), _("Thôi học"), _("Chờ quyết định")),
            strict=True,
        )
    )
    context = {
        "plan": plan,
        "when": when,
        "next_year": f"{when.year + 1}–{when.year + 2}",
        "counts": [(labels[step], counts[step]) for step in STEPS],
        "groups": _groups(plan),
        "waiting": [row for row in plan.rows if row.outcome.step == "waiting"],
        "repeating": [row for row in plan.rows if row.outcome.step == "repeat"],
        "has_outcomes": links.has_outcomes(),
        "has_classes": bool(plan.classes),
    }
    return render(request, "curriculum/rollover.html", context)


def _groups(plan: Plan) -> list[dict[str, Any]]:
    """Promoted pupils by old class, with the new classes they may go to; the proposed one is chosen."""
    by_class: dict[UUID, list[rollover.Row]] = defaultdict(list)
    for row in plan.rows:
        if row.outcome.step == "promoted" and row.from_class is not None:
            by_class[row.from_class.pk].append(row)
    groups = []
    for rows in by_class.values():
        first = rows[0]
        proposed = next((row.to.pk for row in rows if row.to), None)
        groups.append(
            {
                "from": first.from_class,
                "number": len(rows),
                "open": sum(1 for row in rows if not row.placed),
                "choices": [
                    {"one": one, "chosen": one.pk == proposed}
                    for one in plan.classes
                    if one.grade == first.outcome.next_grade
                ],
            }
        )
    return groups


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
