"""What every page's frame shows: where am I, when am I, what may I open (see `sen.shared.ui.shell`).

Every value is lazy: a page that draws no frame asks the database nothing.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from sen.core.identity import desk, help_pages, queries
from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.shared.messaging.models import Notice
from sen.shared.ui.shell import Account, Choice, NavGroup, NavItem, Notices, Switch


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. At most three queries of its own: names of places, years, unread notices."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.account_id is None:
        return {}
    when: When = request.when  # type: ignore[attr-defined]  # set by the same middleware as the actor
    grants: list[Grant] = request.grants  # type: ignore[attr-defined]
    account_id = actor.account_id
    return {
        "actor": actor,
        "nav": SimpleLazyObject(lambda: _nav(request, actor, when)),
        "where_switch": SimpleLazyObject(lambda: _where(actor, grants, when)),
        "when_switch": SimpleLazyObject(lambda: _when(queries.years_of(request, actor), when)),
        "notices": SimpleLazyObject(lambda: _notices(account_id)),
        "account": SimpleLazyObject(lambda: _account(actor, grants)),
        "search_url": reverse("identity:search"),
        "help_url": SimpleLazyObject(lambda: help_pages.url_for(request)),
        "sign_out_url": reverse("account_logout"),
    }


def _nav(request: HttpRequest, actor: Actor, when: When) -> list[NavGroup]:
    entries = desk.entries(actor, when)
    # The entry whose address is the longest beginning of this one is where we are.
    matching = [entry.url for entry in entries if request.path == entry.url or _under(request.path, entry.url)]
    here = max(matching, key=len, default="")
    groups: dict[str, list[NavItem]] = {}
    for entry in entries:
        item = NavItem(entry.label, entry.url, entry.icon, active=entry.url == here, phone=entry.phone)
        groups.setdefault(entry.group, []).append(item)
    return [NavGroup(label, items) for label, items in groups.items()]


def _under(path: str, url: str) -> bool:
    return url != "/" and path.startswith(url.split("?")[0].rstrip("/") + "/")


def _where(actor: Actor, grants: list[Grant], when: When) -> Switch | None:
    if actor.organisation_id is None:
        return None
    names = queries.organisation_names((grant.organisation_id for grant in grants), when.day)
    label = _place(names, actor.organisation_id)
    if len(grants) < 2:
        return Switch(label)
    items = [
        Choice(
            _place(names, grant.organisation_id),
            f"{reverse('identity:roles')}#vai-tro-{grant.pk}",
            active=grant.organisation_id == actor.organisation_id and grant.role == actor.role,
            hint=str(Role(grant.role).label),
        )
        for grant in grants
    ]
    return Switch(label, items)


def _place(names: dict[UUID, str], organisation_id: UUID) -> str:
    return names.get(organisation_id) or _("Đơn vị chưa có tên")


def _when(years: list[int], when: When) -> Switch:
    years = sorted({*years, when.year}, reverse=True)
    items = [
        Choice(
            _("Học kỳ {term}, {year}").format(term="I" * term, year=year_name(year)),
            f"{reverse('identity:when')}?year={year}&term={term}",
            active=(year, term) == (when.year, when.term),
        )
        for year in years
        for term in (1, 2)
    ]
    return Switch(_("HK {term} · {year}").format(term="I" * when.term, year=year_name(when.year)), items)


def year_name(year: int) -> str:
    return f"{year}–{year + 1}"


def _notices(account_id: UUID) -> Notices:
    return Notices(reverse("identity:notices"), Notice.objects.filter(account_id=account_id, read_at=None).count())


def _account(actor: Actor, grants: list[Grant]) -> Account:
    items = [Choice(_("Đổi vai trò, đơn vị"), reverse("identity:roles"))] if len(grants) > 1 else []
    items += [
        Choice(_("Mật khẩu"), reverse("account_change_password")),
        Choice(_("Lớp bảo vệ thứ hai"), reverse("mfa_index")),
        Choice(_("Thiết bị đang đăng nhập"), reverse("usersessions_list")),
    ]
    return Account(actor.name, str(Role(actor.role).label) if actor.role else _("Chưa có vai trò"), items)
