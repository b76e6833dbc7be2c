"""Following up preschool children by remarks: one remark a child and term."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.core.curriculum.models import Placement
from sen.school.gradebook.models import TermRecord
from sen.school.gradebook.queries.sheets import built_in_phrases
from sen.school.gradebook.rules import Regime
from sen.school.gradebook.services.entry import CellEdit
from sen.school.gradebook.services.records import record_term
from sen.school.gradebook.views import common


@require_http_methods(["GET", "POST"])
def followup(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """A remark for each child in the term chosen above; the class's own teacher writes."""
    actor, when = common.actor_of(request), common.when_of(request)
    room = common.class_of(actor, class_id)
    if room.regime != Regime.PRESCHOOL:
        raise Http404
    records = {row.enrolment_id: row for row in TermRecord.objects.filter(school_class=room, term=when.term)}
    placed = Placement.objects.filter(school_class=room, until=None).select_related("person").order_by("row_number")
    if request.method == "POST":
        edits = []
        for place in placed:
            typed = request.POST.get(f"remark-{place.enrolment_id}")
            seen = request.POST.get(f"version-{place.enrolment_id}", "0")
            if typed is not None and seen.isdigit():
                edits.append(CellEdit(place.enrolment_id, "remark", typed.replace("\x00", ""), int(seen)))
        saved = record_term(actor=actor, school_class=room, term=when.term, edits=edits)
        disputed = [cell for cell in saved.cells if cell.state == "conflict"]
        for cell in saved.cells:
            if cell.state == "refused":
                messages.error(request, cell.message)
        if disputed:
            words = _("{n} nhận xét vừa được người khác ghi, giữ nguyên của họ.").format(n=len(disputed))
            messages.warning(request, words)
        else:
            messages.success(request, _("Đã lưu nhận xét."))
        return redirect("gradebook:followup", class_id)
    rows = []
    for place in placed:
        record = records.get(place.enrolment_id)
        rows.append(
            {
                "number": place.row_number,
                "name": place.person.full_name,
                "enrolment": place.enrolment_id,
                "remark": record.remark if record else "",
                "version": record.versions.get("remark", 0) if record else 0,
            }
        )
    context = {
        "room": room, "rows": rows, "when": when, "term": common.TERMS[when.term],
        "writable": actor.person_id is not None and actor.person_id == room.form_teacher_id,
        "missing": sum(1 for row in rows if not row["remark"]), "phrases": built_in_phrases("", "comments"),
    }  # fmt: skip
    return render(request, "gradebook/followup.html", context)
