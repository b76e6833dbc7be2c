"""What this package puts on the desk: pages for accounts and roles, accounts found by name, slips not yet printed."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from sen.core.identity import queries
from sen.core.identity.actor import Actor
from sen.core.identity.desk import Entry, Found, When, Work
from sen.core.identity.permissions import GRANT_ROLES, MANAGE_ACCOUNTS


def entries(actor: Actor, when: When) -> Iterable[Entry]:
    yield Entry("", _("Việc hôm nay"), reverse("identity:home"), "home", order=0, phone=True)
    if actor.holds(MANAGE_ACCOUNTS) and actor.organisation_id:
        yield Entry(_("Quản trị"), _("Tài khoản"), reverse("identity:school_accounts"), "user-cog", order=90)
    if actor.holds(GRANT_ROLES):
        yield Entry(_("Quản trị"), _("Phân quyền"), reverse("identity:grants"), "shield-check", order=91)


def work(actor: Actor, when: When) -> Iterable[Work]:
    if not actor.holds(MANAGE_ACCOUNTS) or actor.organisation_id is None:
        return
    waiting = queries.school_accounts(actor.organisation_id, state="waiting").count()
    if waiting:
        yield Work(
            _("tài khoản chưa đăng nhập lần nào"),
            waiting,
            reverse("identity:school_accounts") + "?tinh-trang=waiting",
            hint=_("Phát phiếu tài khoản theo lớp"),
        )


def search(actor: Actor, when: When, words: str) -> Iterable[Found]:
    if not actor.holds(MANAGE_ACCOUNTS) or actor.organisation_id is None:
        return
    for account in queries.school_accounts(actor.organisation_id, words=words)[:5]:
        url = reverse("identity:account", args=[account.pk])
        yield Found(_("Tài khoản"), account.full_name, url, hint=account.username, icon="user-cog")
