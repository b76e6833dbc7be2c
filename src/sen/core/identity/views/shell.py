"""Home, search, notices, help, and the switches of year, role and language."""

import re
from itertools import groupby
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.i18n import set_language as django_set_language

from sen.core.identity import desk, help_pages, queries, services
from sen.core.identity.desk import Found
from sen.core.identity.middleware import wants_json
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import Role
from sen.shared.kit import names
from sen.shared.kit.errors import Invalid
from sen.shared.messaging.models import Notice
from sen.shared.messaging.services import mark_read

_OF_ONE_THING = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}(/|$)")
_MOST_FOUND = 8


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Today's work: what waits for this person, each with its count and one click to the place."""
    actor, when = request.actor, request.when  # type: ignore[attr-defined]  # set by the middleware
    waiting = sorted(desk.work(actor, when), key=lambda item: (not item.urgent, item.count == 0))
    notices = Notice.objects.filter(account_id=actor.account_id).order_by("-sent_at")[:5]
    context = {
        "work": waiting,
        "recent": list(notices),
        "today": timezone.localdate(),
        "has_role": actor.role is not None,
    }
    return render(request, "identity/home.html", context)


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The palette of Ctrl+K as JSON; as a page for who has no script."""
    actor, when = request.actor, request.when  # type: ignore[attr-defined]
    words = names.fold(request.GET.get("q", "")[:80])
    pages = [
        Found(_("Trang"), entry.label, entry.url, hint=entry.group, icon=entry.icon)
        for entry in desk.entries(actor, when)
        if all(word in names.fold(f"{entry.label} {entry.group}") for word in words.split())
    ]
    hits = desk.search(actor, when, words) if words else []
    by_group: dict[str, list[Found]] = {}
    for hit in [*hits, *pages]:
        by_group.setdefault(hit.group, []).append(hit)
    groups = [
        {
            "label": label,
            "items": [
                {"label": hit.label, "hint": hit.hint, "url": hit.url, "icon": hit.icon} for hit in found[:_MOST_FOUND]
            ],
        }
        for label, found in by_group.items()
    ]
    if wants_json(request):
        return JsonResponse({"groups": groups})
    return render(request, "identity/search.html", {"groups": groups, "words": request.GET.get("q", "")[:80]})


@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    account_id = request.actor.account_id  # type: ignore[attr-defined]
    if request.method == "POST":
        mark_read(account_id=account_id)
        return redirect("identity:notices")
    inbox = Notice.objects.filter(account_id=account_id).order_by("-sent_at")
    page = Paginator(inbox, 30).get_page(request.GET.get("page"))
    days = [
        {"day": day, "notices": list(found)}
        for day, found in groupby(page.object_list, key=lambda notice: timezone.localtime(notice.sent_at).date())
    ]
    unread = inbox.filter(read_at=None).exists()
    return render(request, "identity/notices.html", {"page": page, "days": days, "unread": unread})


@login_not_required
@require_GET
def help_page(request: HttpRequest, key: str) -> HttpResponse:
    page = help_pages.find(key)
    if page is None:
        raise Http404
    return render(request, "identity/help.html", {"page": page})


@login_not_required
@require_GET
def help_contents(request: HttpRequest) -> HttpResponse:
    return render(request, "identity/help.html", {"groups": help_pages.contents()})


@require_http_methods(["GET", "POST"])
def change_when(request: HttpRequest) -> HttpResponse:
    """Look at another school year or term from now on. Only this session's view changes."""
    given = request.POST if request.method == "POST" else request.GET
    year, term = given.get("year", ""), given.get("term", "")
    if not year.isdigit() or not 1990 <= int(year) <= 2100 or term not in ("", "1", "2"):
        raise Invalid("identity.wrong_year", _("Năm học hoặc học kỳ không hợp lệ."), place="year")
    request.session["year"] = int(year)
    if term:
        request.session["term"] = int(term)
    else:
        request.session.pop("term", None)
    return redirect(_back(request, given.get("next", "")))


def _back(request: HttpRequest, wanted: str) -> str:
    """Back to the page one came from; but home from the page of one class or sheet, which belongs to its year."""
    if wanted:
        safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
        return wanted if safe else "/"
    before = urlsplit(request.headers.get("Referer", ""))
    if before.netloc != request.get_host() or _OF_ONE_THING.search(before.path):
        return "/"
    return before.path or "/"


@require_http_methods(["GET", "POST"])
def roles(request: HttpRequest) -> HttpResponse:
    """The roles one holds; choosing one goes on under it without signing in again."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        own = Grant.objects.filter(account_id=actor.account_id)
        grant = get_object_or_404(own, pk=_uuid(request.POST.get("grant")))
        services.choose_grant(actor=actor, request=request, grant=grant)
        return redirect("/")
    grants: list[Grant] = request.grants  # type: ignore[attr-defined]
    places = queries.organisation_names((grant.organisation_id for grant in grants), timezone.localdate())
    rows = [
        {
            "pk": grant.pk,
            "role": Role(grant.role).label,
            "place": places.get(grant.organisation_id, ""),
            "valid_to": grant.valid_to,
            "basis": grant.basis,
            "active": grant.organisation_id == actor.organisation_id and grant.role == actor.role,
        }
        for grant in grants
    ]
    return render(request, "identity/roles.html", {"rows": rows})


def _uuid(text: str | None) -> str | None:
    return text if text and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) else None


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's switch (cookie of this device), kept with the account for the next one."""
    if isinstance(request.user, Account):
        services.remember_language(request.user, request.POST.get("language", ""))
    return django_set_language(request)
