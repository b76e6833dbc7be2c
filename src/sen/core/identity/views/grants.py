"""Roles given by this person's place (phân quyền): list, give, end."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sen.core.identity import queries, services
from sen.core.identity.actor import Actor
from sen.core.identity.forms import GrantForm, ReasonForm
from sen.core.identity.models import Account, Grant
from sen.core.identity.permissions import GRANT_ROLES, MAY_GIVE
from sen.core.identity.roles import FAMILY, Role
from sen.core.organisations.models import Organisation


def _roles(actor: Actor) -> list[Role]:
    """What this person may give by hand; pupils and parents get theirs from the class lists."""
    mine = MAY_GIVE.get(actor.role, frozenset()) if actor.role else frozenset()
    return [role for role in Role if role in mine and role not in FAMILY]


def _places(actor: Actor) -> list[tuple[str, str]]:
    """Organisations this person may give roles at, by name."""
    if actor.role is Role.OPERATOR:
        above = (Organisation.Kind.MINISTRY, Organisation.Kind.DEPARTMENT, Organisation.Kind.OFFICE)
        ids = set(Organisation.objects.filter(kind__in=above).values_list("pk", flat=True))
    else:
        ids = set(actor.covered) | ({actor.organisation_id} if actor.organisation_id else set())
    names = queries.organisation_names(ids, timezone.localdate())
    return [(str(pk), name) for pk, name in sorted(names.items(), key=lambda item: item[1])]


@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth ships no types
def grants(request: HttpRequest) -> HttpResponse:
    """The list, and the form above it. Giving a role asks for one's password again when it was long ago."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    actor.require(GRANT_ROLES)
    roles, places = _roles(actor), _places(actor)
    form = GrantForm(request.POST if request.method == "POST" else None, roles=roles, places=places)
    if len(places) == 1:
        form.initial["organisation"] = places[0][0]
    if request.method == "POST" and form.is_valid() and (answer := _give(request, actor, form)):
        return answer
    words = request.GET.get("q", "")[:80]
    page = Paginator(queries.grants_given_by(actor, roles, words), 50).get_page(request.GET.get("page"))
    names = dict(places)
    rows = [
        {
            "pk": grant.pk,
            "name": grant.account.full_name,
            "login": grant.account.username,
            "role": Role(grant.role).label,
            "place": names.get(str(grant.organisation_id), ""),
            "valid_from": grant.valid_from,
            "valid_to": grant.valid_to,
            "basis": grant.basis,
            "own": grant.account_id == actor.account_id,
        }
        for grant in page.object_list
    ]
    context = {"form": form, "page": page, "rows": rows, "words": words, "show_place": len(places) > 1}
    return render(request, "identity/grants.html", context)


def _give(request: HttpRequest, actor: Actor, form: GrantForm) -> HttpResponse | None:
    given = form.cleaned_data
    organisation = Organisation.objects.filter(pk=given["organisation"]).first()
    if organisation is None:
        form.add_error("organisation", _("Xin chọn một đơn vị."))
        return None
    role = Role(given["role"])
    if given["full_name"]:
        grant, password = services.grant_role_to_new_person(
            actor=actor,
            full_name=given["full_name"],
            birth_year=given["birth_year"],
            role=role,
            organisation=organisation,
            basis=given["basis"],
            last_day=given["valid_to"],
        )
        context = {"account": grant.account, "password": password, "back": request.path}
        return render(request, "identity/one_time.html", context)
    account = Account.objects.filter(username=given["username"].strip().lower()).first()
    if account is None:
        form.add_error("username", _("Không có tài khoản nào mang tên đăng nhập này."))
        return None
    services.grant_role(
        actor=actor,
        account=account,
        role=role,
        organisation=organisation,
        basis=given["basis"],
        last_day=given["valid_to"],
    )
    messages.success(request, _("Đã cấp vai trò {role} cho {name}.").format(role=role.label, name=account.full_name))
    return redirect("identity:grants")


@require_GET
def grant(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """Asks before a role is ended, or lost second factors are removed."""
    found = _own(request, grant_id)
    names = queries.organisation_names([found.organisation_id], timezone.localdate())
    context = {
        "grant": found,
        "role": Role(found.role).label,
        "place": names.get(found.organisation_id, ""),
        "form": ReasonForm(),
        "proof": ReasonForm(auto_id="proof_%s"),
        "has_factors": Authenticator.objects.filter(user_id=found.account_id).exists(),
    }
    return render(request, "identity/grant.html", context)


@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def end(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _own(request, grant_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Xin ghi lý do trước khi kết thúc vai trò."))
        return redirect("identity:grant", grant_id)
    services.end_grant(actor=actor, grant=found, reason=form.cleaned_data["reason"])
    messages.success(request, _("Đã kết thúc vai trò; các phiên đang mở của tài khoản cũng đã kết thúc."))
    return redirect("identity:grants")


@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def remove_factors(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """For who lost phone and recovery codes: seen in person, then freed to add a new factor."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _own(request, grant_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Xin ghi đã xác minh người này thế nào."))
        return redirect("identity:grant", grant_id)
    services.remove_lost_factors(actor=actor, account=found.account, reason=form.cleaned_data["reason"])
    messages.success(request, _("Đã gỡ lớp bảo vệ thứ hai; lần đăng nhập tới người này sẽ thêm lớp mới."))
    return redirect("identity:grants")


def _own(request: HttpRequest, grant_id: UUID) -> Grant:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(GRANT_ROLES)
    return get_object_or_404(queries.grants_given_by(actor, _roles(actor)), pk=grant_id)
