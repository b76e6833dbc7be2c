"""Corrections after the lock: the inbox and what is done in it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sen.school.gradebook import permissions
from sen.school.gradebook.models import Correction
from sen.school.gradebook.queries.corrections import inbox
from sen.school.gradebook.services import corrections as services
from sen.school.gradebook.views import common
from sen.shared.kit.errors import NotAllowed


@require_GET
def corrections(request: HttpRequest) -> HttpResponse:
    """What waits for the actor first, then what was asked and decided this year."""
    actor, when = common.actor_of(request), common.when_of(request)
    if not actor.holds(permissions.ENTER_MARKS):
        raise NotAllowed("gradebook.no_sheets_for_role", _("Vai trò hiện tại không có sổ điểm."))
    found = inbox(actor, when.year)
    context = {
        "when": when,
        "waiting": [shown for shown in found if {"confirm", "approve"} & set(shown.may)],
        "others": [shown for shown in found if not {"confirm", "approve"} & set(shown.may)],
    }
    return render(request, "gradebook/corrections.html", context)


@require_POST
def correction_act(request: HttpRequest, correction_id: UUID, act: str) -> HttpResponse:
    actor = common.actor_of(request)
    row = get_object_or_404(Correction, pk=correction_id, school=actor.organisation_id)
    if act == "xac-nhan":
        services.confirm_correction(actor=actor, correction=row)
        messages.success(request, _("Đã xác nhận. Ban giám hiệu sẽ duyệt."))
    elif act == "duyet":
        services.approve_correction(actor=actor, correction=row)
        messages.success(request, _("Đã duyệt. Điểm và kết quả đã được tính lại."))
    elif act == "khong-duyet":
        services.refuse_correction(actor=actor, correction=row, note=common.posted(request, "note"))
        messages.success(request, _("Đã trả lại đề nghị."))
    else:
        raise Http404
    return redirect("gradebook:corrections")
