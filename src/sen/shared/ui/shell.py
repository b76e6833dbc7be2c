"""The values that the shell (`ui/base.html`) shows. A context processor fills them; every one may be left out.

nav           list[NavGroup]   left rail: only what this person may open
where_switch  Switch           the organisation one works in, and those one may change to
when_switch   Switch           school year and term
notices       Notices          bell with the number of unread notices
account       Account          name, role and own pages of the signed-in person
search_url, help_url, sign_out_url   str
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class NavItem:
    """One entry of the rail. `count` is work that waits there; `phone` puts it into the bottom bar of a phone."""

    label: str
    url: str
    icon: str
    active: bool = False
    count: int | None = None
    phone: bool = False


@dataclass(frozen=True)
class NavGroup:
    """Entries that belong together; an empty label draws no heading."""

    label: str
    items: list[NavItem]


@dataclass(frozen=True)
class Choice:
    """One place or time to change to. `hint` tells two of the same name apart."""

    label: str
    url: str
    active: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Switch:
    """Where or when one is, and what one may change to."""

    label: str
    items: list[Choice] = field(default_factory=list)


@dataclass(frozen=True)
class Notices:
    """Unread notices."""

    url: str
    count: int = 0


@dataclass(frozen=True)
class Account:
    """The signed-in person as the account menu shows them."""

    name: str
    role: str = ""
    items: list[Choice] = field(default_factory=list)
