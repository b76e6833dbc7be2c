"""Accounts of a school: list, bulk issue, slips, one-time passwords, closing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sen.core.identity import links, queries, services
from sen.core.identity.actor import Actor
from sen.core.identity.forms import ReasonForm
from sen.core.identity.models import Account
from sen.core.identity.permissions import ISSUE_ACCOUNTS, MANAGE_ACCOUNTS, may_give
from sen.core.identity.roles import FAMILY, SCHOOL_ROLES, Role
from sen.core.organisations.models import Organisation
from sen.shared.audit import queries as history
from sen.shared.kit.errors import NotAllowed

STATES = {"waiting": "Chưa đăng nhập", "used": "Đã đăng nhập", "closed": "Đã đóng"}


def _school(actor: Actor) -> Organisation:
    """The school the actor works in; its accounts are the ones this person may see."""
    if actor.organisation_id is None:
        raise NotAllowed("identity.no_school", "Vai trò hiện tại không thuộc trường nào.")
    return Organisation.objects.get(pk=actor.organisation_id)


@require_GET
def school_accounts(request: HttpRequest) -> HttpResponse:
    """Accounts of the school, searched and filtered, 50 a page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    actor.require(MANAGE_ACCOUNTS)
    school = _school(actor)
    words, role, state = (request.GET.get(name, "")[:80] for name in ("q", "vai-tro", "tinh-trang"))
    role, state = (role if role in Role.values else ""), (state if state in STATES else "")
    accounts = queries.school_accounts(school.pk, words=words, role=role, state=state)
    page = Paginator(accounts, 50).get_page(request.GET.get("page"))
    held = queries.roles_at(school.pk, [account.pk for account in page.object_list])
    rows = [
        {
            "url": reverse("identity:account", args=[account.pk]),
            "name": account.full_name,
            "login": account.username,
            "roles": ", ".join(str(Role(one).label) for one in held.get(account.pk, [])),
            "state": _state(account),
            "tone": {"used": "success", "waiting": "neutral", "closed": "warning"}[_state_key(account)],
            "last": account.last_login,
        }
        for account in page.object_list
    ]
    in_school = [one for one in Role if one in SCHOOL_ROLES | FAMILY]
    context = {
        "page": page,
        "rows": rows,
        "words": words,
        "may_issue": actor.holds(ISSUE_ACCOUNTS),
        "filters": [
            {"name": "vai-tro", "label": _("Vai trò"), "value": role,
             "choices": [{"value": one.value, "label": one.label} for one in in_school]},
            {"name": "tinh-trang", "label": _("Tình trạng"), "value": state,
             "choices": [{"value": key, "label": label} for key, label in STATES.items()]},
        ],
    }  # fmt: skip
    return render(request, "identity/school_accounts.html", context)


def _state_key(account: Account) -> str:
    if not account.is_active or not getattr(account, "has_role_here", True):
        return "closed"
    return "used" if account.last_login else "waiting"


def _state(account: Account) -> str:
    return STATES[_state_key(account)]


@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest) -> HttpResponse:
    """Who has no account yet, group by group; issuing makes them all at once."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(ISSUE_ACCOUNTS)
    school = _school(actor)
    people = links.candidates(actor, school.pk, request.when)  # type: ignore[attr-defined]
    if request.method == "POST":
        chosen = set(request.POST.getlist("group"))
        issued = services.issue_accounts(
            actor=actor,
            school=school,
            people=[person for person in people if person.group in chosen and may_give(actor.role, person.role)],
        )
        messages.success(
            request,
            _("Đã cấp {made} tài khoản mới, thêm vai trò cho {added} tài khoản có sẵn.").format(
                made=issued.made, added=issued.roles_added
            ),
        )
        return redirect("identity:slips")
    groups: dict[str, dict[str, Any]] = {}
    for person in people:
        group = groups.setdefault(person.group, {"name": person.group, "people": 0, "missing": 0})
        group["people"] += 1
        group["missing"] += person.account_id is None
    missing = sum(group["missing"] for group in groups.values())
    return render(request, "identity/issue.html", {"groups": list(groups.values()), "missing": missing})


@never_cache
@require_http_methods(["GET", "POST"])
def slips(request: HttpRequest) -> HttpResponse:
    """Slips class by class. The PDF leaves once, as the answer to the form, and is kept nowhere."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(ISSUE_ACCOUNTS)
    school = _school(actor)
    when = request.when  # type: ignore[attr-defined]
    groups: dict[str, list[UUID]] = {}
    for person in links.candidates(actor, school.pk, when):
        if person.account_id and may_give(actor.role, person.role):
            groups.setdefault(person.group, []).append(person.account_id)
    waiting = set(
        queries.school_accounts(school.pk, state="waiting")
        .filter(pk__in=[account for group in groups.values() for account in group])
        .values_list("pk", flat=True)
    )
    if request.method == "POST":
        chosen = [name for name in groups if name in set(request.POST.getlist("group"))]
        accounts = Account.objects.in_bulk([pk for name in chosen for pk in groups[name] if pk in waiting])
        content, count = services.make_slips(
            actor=actor,
            school=school,
            school_name=queries.organisation_names([school.pk], when.day).get(school.pk, ""),
            groups=[(name, [accounts[pk] for pk in groups[name] if pk in accounts]) for name in chosen],
            sign_in_url=request.build_absolute_uri(reverse("account_login")),
        )
        response = HttpResponse(content, content_type="application/pdf")
        name = f"phieu-tai-khoan-{timezone.localtime():%Y%m%d-%H%M}-{count}.pdf"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    rows = [
        {"name": name, "people": len(accounts), "waiting": sum(pk in waiting for pk in accounts)}
        for name, accounts in groups.items()
    ]
    return render(request, "identity/slips.html", {"groups": rows, "waiting": len(waiting)})


def _account(actor: Actor, account_id: UUID) -> Account:
    """An account of the actor's own school, else not found: its existence is nobody else's business."""
    actor.require(MANAGE_ACCOUNTS)
    return get_object_or_404(queries.school_accounts(_school(actor).pk), pk=account_id)


@require_GET
def account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """One account: its roles, when it was used, what was done with it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _account(actor, account_id)
    held = queries.open_grants(found)
    places = queries.organisation_names((grant.organisation_id for grant in held), timezone.localdate())
    context = {
        "account": found,
        "state": _state(found),
        "closed": not found.is_active,
        "grants": [
            {
                "role": Role(grant.role).label,
                "place": places.get(grant.organisation_id, ""),
                "valid_from": grant.valid_from,
                "valid_to": grant.valid_to,
                "basis": grant.basis,
            }
            for grant in held
        ],
        "manageable": found.pk != actor.account_id and all(may_give(actor.role, Role(grant.role)) for grant in held),
        "acts": [
            {"at": line.at, "what": ACTS[line.action], "who": line.actor.split("|")[1] if "|" in line.actor else ""}
            for line in reversed(history.history(found.pk))
            if line.action in ACTS
        ][:20],
        "form": ReasonForm(),
    }
    return render(request, "identity/account.html", context)


ACTS = {
    "identity.signed_in": "Đăng nhập",
    "identity.sign_in_failed": "Nhập sai mật khẩu",
    "identity.sign_in_locked_out": "Tạm khóa vì nhập sai nhiều lần",
    "identity.password_changed": "Đổi mật khẩu",
    "identity.password_reset": "Được cấp mật khẩu dùng một lần",
    "identity.factor_added": "Thêm lớp bảo vệ thứ hai",
    "identity.factor_removed": "Bỏ lớp bảo vệ thứ hai",
    "identity.account_closed": "Đóng tài khoản",
    "identity.account_reopened": "Mở lại tài khoản",
}


@never_cache
@require_POST
def reset(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """A one-time password, shown on this page alone."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _account(actor, account_id)
    password = services.reset_password(actor=actor, account=found, school=_school(actor))
    context = {"account": found, "password": password, "back": reverse("identity:account", args=[found.pk])}
    return render(request, "identity/one_time.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def reset_pupil(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """The form teacher's: for a pupil of one's own class, for fifteen minutes."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not links.is_own_pupil(actor, account_id):
        raise NotAllowed("identity.not_own_pupil", "Thầy/cô chỉ đặt lại được mật khẩu của học sinh lớp mình chủ nhiệm.")
    found = get_object_or_404(Account, pk=account_id)
    if request.method == "GET":
        return render(request, "identity/reset_pupil.html", {"account": found})
    password = services.reset_password_by_form_teacher(actor=actor, account=found)
    return render(request, "identity/one_time.html", {"account": found, "password": password, "back": "/"})


@require_POST
def close(request: HttpRequest, account_id: UUID) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _account(actor, account_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Xin ghi lý do trước khi đóng tài khoản."))
        return redirect("identity:account", account_id)
    services.close_account(actor=actor, account=found, school=_school(actor), reason=form.cleaned_data["reason"])
    messages.success(request, _("Đã đóng tài khoản và đăng xuất khỏi mọi thiết bị."))
    return redirect("identity:account", account_id)


@require_POST
def reopen(request: HttpRequest, account_id: UUID) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _account(actor, account_id)
    services.reopen_account(actor=actor, account=found, school=_school(actor))
    messages.success(request, _("Đã mở lại tài khoản. Xin cấp lại vai trò nếu cần."))
    return redirect("identity:account", account_id)
