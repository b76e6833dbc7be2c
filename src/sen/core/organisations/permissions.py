"""The right to change the tree.

This package stands under identity, so it cannot ask which roles hold a right: it names it, and identity fills in the
holders (`sen.core.identity.permissions`). Until then nobody holds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from sen.core.organisations import queries
from sen.core.organisations.models import Organisation
from sen.shared.kit.errors import NotAllowed


@dataclass
class TreeRight:
    """Shaped like identity's `Right`; `roles` are filled in from above."""

    name: str
    roles: frozenset[Any] = field(default_factory=frozenset)


CHANGE_TREE = TreeRight("organisations.change_tree")


class Actor(Protocol):
    """What this package needs of identity's `Actor`."""

    @property
    def is_system(self) -> bool: ...

    def holds(self, right: Any, organisation_id: UUID | None = None) -> bool: ...


def may_change(actor: Actor, organisation_id: UUID, day: date | None = None) -> bool:
    """May the actor change this organisation? Yes when the right is held at an authority above it on that day.

    A department changes what hangs under it, never itself; the Ministry changes everything.
    """
    if actor.is_system:
        return True
    above = queries.path(organisation_id, day)[:-1]
    return any(actor.holds(CHANGE_TREE, node.id) for node in above)


def may_add_under(actor: Actor, parent_id: UUID, day: date | None = None) -> bool:
    """May the actor found something under this authority or school?"""
    return actor.is_system or any(actor.holds(CHANGE_TREE, node.id) for node in queries.path(parent_id, day))


def require_change(actor: Actor, organisations: Iterable[Organisation], day: date | None = None) -> None:
    """Refuse unless the actor may change every one of them."""
    for organisation in organisations:
        if not may_change(actor, organisation.pk, day):
            raise _refusal()


def require_add_under(actor: Actor, parent: Organisation, day: date | None = None) -> None:
    if not may_add_under(actor, parent.pk, day):
        raise _refusal()


def _refusal() -> NotAllowed:
    return NotAllowed(
        "organisations.change_tree.not_allowed",
        _("Chỉ Bộ và Sở quản lý trực tiếp mới được ghi thay đổi về cơ quan, trường này."),
    )
