"""Keys: one's own, the school's seal, and how the school signs."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sen.core.identity.actor import Actor
from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.core.people.models import Person
from sen.school.transcripts import queries, remote, services, setup
from sen.school.transcripts.forms import PolicyForm, RemoteForm, TokenForm
from sen.school.transcripts.models import SigningKey, SigningPolicy
from sen.school.transcripts.permissions import KEEP_KEYS, SET_POLICY, SIGN
from sen.school.transcripts.views.common import actor_of, school_of
from sen.shared.kit.errors import RuleError


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """Which keys are in use, how long they are good for, and how to bring one."""
    actor, school_id = actor_of(request), school_of(request)
    if not actor.holds(SIGN, school_id):
        actor.require(KEEP_KEYS, school_id)
    return render(request, "transcripts/keys.html", _context(actor, school_id))


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
@require_POST
def add(request: HttpRequest, whose: str, way: str) -> HttpResponse:
    """Bring a key: `whose` "toi" (one's own) or "dau" (the seal); `way` "thu-nghiem", "thiet-bi" or "tu-xa"."""
    actor, school_id = actor_of(request), school_of(request)
    if whose not in ("toi", "dau"):
        raise Http404
    person = None if whose == "dau" else get_object_or_404(Person.objects.visible_to(actor), pk=actor.person_id)
    try:
        _add(request, actor, school_id, person, way)
    except RuleError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Đã đăng ký khóa ký."))
    return redirect("transcripts:keys")


@require_POST
def remove(request: HttpRequest, key_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    key = get_object_or_404(SigningKey, pk=key_id, school=school_of(request))
    services.remove_key(actor=actor, key=key)
    text = _("Đã ngừng dùng khóa ký. Nếu thiết bị bị mất, vui lòng báo ngay nơi cấp chứng thư để thu hồi.")
    messages.success(request, text)
    return redirect("transcripts:keys")


@require_POST
def policy(request: HttpRequest) -> HttpResponse:
    actor, school_id = actor_of(request), school_of(request)
    form = PolicyForm(request.POST, deputies=_deputies(school_id))
    if not form.is_valid():
        return render(request, "transcripts/keys.html", _context(actor, school_id) | {"policy_form": form}, status=400)
    try:
        services.set_policy(actor=actor, school_id=school_id, **form.cleaned_data)
    except RuleError as refusal:
        form.add_error("deputy_decision" if refusal.status == 400 else None, str(refusal))
        return render(
            request, "transcripts/keys.html", _context(actor, school_id) | {"policy_form": form}, status=refusal.status
        )
    messages.success(request, _("Đã lưu cách ký của trường."))
    return redirect("transcripts:keys")


def _add(request: HttpRequest, actor: Actor, school_id: UUID, person: Person | None, way: str) -> None:
    if way == "thu-nghiem":
        title = _("Hiệu trưởng") if actor.role == Role.PRINCIPAL and person else ""
        services.issue_test_key(actor=actor, school_id=school_id, person=person, title=title)
    elif way == "thiet-bi":
        token = TokenForm(request.POST)
        if token.is_valid():
            services.register_token(actor=actor, school_id=school_id, person=person, **token.cleaned_data)
            return
        raise RuleError("transcripts.bad_token", _("Vui lòng nhập tên thiết bị và tên chứng thư."))
    elif way == "tu-xa" and person is not None:
        distant = RemoteForm(request.POST, providers=remote.names())
        if distant.is_valid():
            services.register_remote(actor=actor, school_id=school_id, person=person, **distant.cleaned_data)
            return
        raise RuleError("transcripts.bad_remote", _("Vui lòng chọn dịch vụ và nhập tài khoản."))
    else:
        raise Http404


def _context(actor: Actor, school_id: UUID) -> dict[str, Any]:
    rows = queries.keys(actor, school_id)
    present = SigningPolicy.objects.filter(school=school_id).first()
    initial = {
        "subject_teachers_sign": present.subject_teachers_sign if present else False,
        "deputy": present.deputy_id if present else None,
        "deputy_decision": present.deputy_decision if present else "",
    }
    may_policy = actor.holds(SET_POLICY, school_id)
    return {
        "rows": rows,
        "mine": next(
            (row for row in rows if row.key.person_id is not None and row.key.person_id == actor.person_id), None
        ),
        "seal": next((row for row in rows if row.key.person_id is None), None),
        "may_sign": actor.holds(SIGN, school_id) and actor.person_id is not None,
        "may_keep": actor.holds(KEEP_KEYS, school_id),
        "is_test": setup.is_test(),
        "token_form": TokenForm(),
        "remote_form": RemoteForm(providers=remote.names()) if remote.names() else None,
        "policy_form": PolicyForm(deputies=_deputies(school_id), initial=initial) if may_policy else None,
        "breadcrumb": [{"label": _("Học bạ"), "url": reverse("transcripts:school")}],
    }


def _deputies(school_id: UUID) -> Any:
    """Vice-principals of today."""
    grants = Grant.objects.on(timezone.localdate()).filter(organisation=school_id, role=Role.VICE_PRINCIPAL)
    return Person.objects.filter(account__in=grants.values("account")).order_by("sort_key")
