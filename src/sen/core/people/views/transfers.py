"""Moving between schools: what waits here, what waits there, asking, answering."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sen.core.organisations.models import Organisation
from sen.core.organisations.queries import names_on
from sen.core.people import dictionary, forms, queries, services
from sen.core.people.models import Enrolment, Transfer
from sen.core.people.permissions import MOVE_PUPILS
from sen.core.people.views import common
from sen.core.people.views.pupils import grade_name, show, small_form
from sen.shared.kit.errors import RuleError

_TONES = {"requested": "warning", "released": "info", "accepted": "success", "refused": "error", "cancelled": "neutral"}


@require_GET
def transfers(request: HttpRequest) -> HttpResponse:
    """Inbox and outbox of the school; open ones first, each with the acts that wait for this side."""
    actor = common.actor_of(request)
    actor.require(MOVE_PUPILS)
    school = common.school_of(actor)
    moves = queries.transfers(actor)
    names = names_on(
        {move.transfer.sending_school_id for move in moves} | {move.transfer.receiving_school_id for move in moves}
    )
    rows = [_row(move, school, names) for move in moves]
    context = {
        "incoming": [row for row in rows if row["incoming"]],
        "outgoing": [row for row in rows if not row["incoming"]],
    }
    return render(request, "people/transfers.html", context)


def _row(move: queries.Move, school: Organisation, names: dict[UUID, str]) -> dict[str, object]:
    transfer = move.transfer
    incoming = transfer.receiving_school_id == school.pk
    other = transfer.sending_school_id if incoming else transfer.receiving_school_id
    asked_here = (transfer.requested_by_school_id or transfer.sending_school_id) == school.pk
    acts = []
    if transfer.state == Transfer.State.REQUESTED and not incoming:
        acts.append(("dong-y", _("Đồng ý cho đi"), "primary"))
    if transfer.state == Transfer.State.RELEASED and incoming:
        acts.append(("tiep-nhan", _("Tiếp nhận"), "primary"))
    open_now = transfer.state in (Transfer.State.REQUESTED, Transfer.State.RELEASED)
    if open_now and asked_here:
        acts.append(("rut", _("Rút đề nghị"), ""))
    elif open_now:
        acts.append(("tu-choi", _("Từ chối"), ""))
    return {
        "incoming": incoming,
        "transfer": transfer,
        "name": move.name,
        "birth_date": move.birth_date,
        "grade": grade_name(move.grade),
        "other": names.get(other, ""),
        "tone": _TONES[transfer.state],
        "acts": [
            {
                "url": reverse("people:transfer_act", args=[transfer.pk, key]),
                "label": label,
                "kind": kind,
                "asks": key == "tu-choi",
                "dated": key == "tiep-nhan",
                "day": transfer.effective_on or timezone.localdate(),
            }
            for key, label, kind in acts
        ],
        "file_url": reverse("people:pupil", args=[transfer.person_id])
        if not incoming or transfer.state == Transfer.State.ACCEPTED
        else "",
    }


@require_POST
def transfer_act(request: HttpRequest, transfer_id: UUID, act: str) -> HttpResponse:
    actor = common.actor_of(request)
    transfer = get_object_or_404(Transfer, pk=transfer_id)
    if not (
        actor.holds(MOVE_PUPILS, transfer.sending_school_id) or actor.holds(MOVE_PUPILS, transfer.receiving_school_id)
    ):
        raise Http404
    note = request.POST.get("note", "")[:500]
    try:
        if act == "dong-y":
            services.release_transfer(actor=actor, transfer=transfer, note=note)
            messages.success(request, _("Đã đồng ý; trường đến sẽ tiếp nhận."))
        elif act == "tiep-nhan":
            day = dictionary.parse_date(request.POST["on"]) if request.POST.get("on") else None
            services.accept_transfer(actor=actor, transfer=transfer, effective_on=day)
            messages.success(request, _("Đã tiếp nhận em; hồ sơ đã chuyển về trường. Xin xếp lớp cho em."))
        elif act == "tu-choi":
            services.refuse_transfer(actor=actor, transfer=transfer, note=note)
            messages.success(request, _("Đã từ chối."))
        elif act == "rut":
            services.cancel_transfer(actor=actor, transfer=transfer, note=note)
            messages.success(request, _("Đã rút đề nghị."))
        else:
            raise Http404
    except dictionary.Wrong as wrong:
        messages.error(request, str(wrong))
    except RuleError as refused:
        if refused.status == 403:
            raise
        messages.error(request, str(refused))
    return redirect("people:transfers")


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """The sending school asks."""
    actor = common.actor_of(request)
    row = get_object_or_404(Enrolment.objects.select_related("person"), pk=enrolment_id)
    if not actor.holds(MOVE_PUPILS, row.school_id):
        raise Http404
    form = forms.SendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data
        school = Organisation.objects.filter(kind=Organisation.Kind.SCHOOL, code=held["school_code"].strip()).first()
        if school is None:
            form.add_error("school_code", _("Không có trường nào mang mã này; xin tra mã ở mục Cơ quan, trường học."))
        else:
            try:
                services.request_transfer(
                    actor=actor,
                    enrolment=row,
                    receiving_school=school,
                    reason=held["reason"],
                    effective_on=held["effective_on"],
                )
            except RuleError as refused:
                show(form, refused)
            else:
                messages.success(
                    request, _("Đã lập đề nghị; trường ta đồng ý cho đi thì trường đến mới tiếp nhận được.")
                )
                return redirect("people:transfers")
    title = _("Đề nghị chuyển trường: %(name)s") % {"name": row.person.full_name}
    return small_form(
        request, form, title=title, action=_("Lập đề nghị"), back=reverse("people:pupil", args=[row.person_id])
    )


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The receiving school asks for a pupil whom the family has named."""
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    actor.require(MOVE_PUPILS, school.pk)
    form = forms.AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_pupil(actor=actor, receiving_school=school, year=when.year, **form.cleaned_data)
        except RuleError as refused:
            show(form, refused)
        else:
            messages.success(request, _("Đã gửi đề nghị; trường đi sẽ trả lời."))
            return redirect("people:transfers")
    text = _(
        "Ghi mã học sinh ngành hoặc số định danh, cùng ngày sinh, theo giấy tờ. Hồ sơ chỉ mở ra khi trường đi đồng ý."
    )
    return small_form(
        request,
        form,
        title=_("Xin tiếp nhận học sinh"),
        action=_("Gửi đề nghị"),
        back=reverse("people:transfers"),
        text=text,
    )
