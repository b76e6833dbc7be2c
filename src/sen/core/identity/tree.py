"""The tree on the desk, and who may change it: organisations stands under identity and cannot say so itself."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.desk import Entry, Found, When
from sen.core.identity.roles import OFFICERS, Role, right
from sen.core.organisations import permissions, queries

CHANGE_TREE = right("organisations.change_tree", Role.MINISTRY_OFFICER, Role.DEPARTMENT_OFFICER)
permissions.CHANGE_TREE.roles = CHANGE_TREE.roles

MOST_HITS = 6
_EVERYBODYS = OFFICERS | {Role.OPERATOR, Role.INSPECTOR, Role.AUDITOR}


def entries(actor: Actor, when: When) -> Iterable[Entry]:
    """The browse page, first for those who work across schools, last for a school's staff."""
    if actor.role in _EVERYBODYS:
        yield Entry(
            _("Mạng lưới"), _("Cơ quan, trường"), reverse("organisations:browse"), "building-community", order=20
        )
    elif actor.role in (Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK):
        yield Entry(
            _("Mạng lưới"), _("Cơ quan, trường"), reverse("organisations:browse"), "building-community", order=80
        )


def search(actor: Actor, when: When, words: str) -> Iterable[Found]:
    """Schools of the day by name without marks or by code; pupils and parents search their own school only."""
    if actor.role not in _EVERYBODYS and actor.role not in (Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK):
        return
    for span in queries.search(words, when.day, kinds=("school", "office", "department"))[:MOST_HITS]:
        yield Found(
            _("Cơ quan, trường"),
            span.name,
            reverse("organisations:node", args=[span.organisation_id]),
            hint=f"{span.organisation.code} · {span.district or span.province or ''}",
            icon="building-community",
        )
