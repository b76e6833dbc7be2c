"""The desk of a signed-in person: navigation, waiting work and search, put together from what packages register.

A package above identity registers providers in its `AppConfig.ready`; nothing here knows it. A provider gets the
actor and the moment, answers for that actor alone, and returns nothing when there is nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sen.core.identity.actor import Actor


@dataclass(frozen=True)
class When:
    """The moment a person looks at: school year (first calendar year), term, and the day the tree is read on."""

    year: int
    term: int
    day: date

    @property
    def year_name(self) -> str:
        return f"{self.year}-{self.year + 1}"


@dataclass(frozen=True)
class Entry:
    """A page this person may open. `group` is the heading of the rail; `order` its place."""

    group: str
    label: str
    url: str
    icon: str
    order: int = 50
    phone: bool = False


@dataclass(frozen=True)
class Work:
    """Work that waits: how much of what, and where it is done."""

    label: str
    count: int
    url: str
    hint: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Found:
    """One search hit."""

    group: str
    label: str
    url: str
    hint: str = ""
    icon: str = "search"


EntryProvider = Callable[[Actor, When], Iterable[Entry]]
WorkProvider = Callable[[Actor, When], Iterable[Work]]
SearchProvider = Callable[[Actor, When, str], Iterable[Found]]
YearProvider = Callable[[Actor], Iterable[int]]

_entries: list[EntryProvider] = []
_work: list[WorkProvider] = []
_search: list[SearchProvider] = []
_years: list[YearProvider] = []


def register(
    *,
    entries: EntryProvider | None = None,
    work: WorkProvider | None = None,
    search: SearchProvider | None = None,
    years: YearProvider | None = None,
) -> None:
    """Called once by a package when it is ready."""
    if entries:
        _entries.append(entries)
    if work:
        _work.append(work)
    if search:
        _search.append(search)
    if years:
        _years.append(years)


def entries(actor: Actor, when: When) -> list[Entry]:
    return sorted((e for provider in _entries for e in provider(actor, when)), key=lambda e: e.order)


def work(actor: Actor, when: When) -> list[Work]:
    return [item for provider in _work for item in provider(actor, when)]


def search(actor: Actor, when: When, words: str) -> list[Found]:
    """Hits for folded words ("nguyen thi huong"), at most a handful from each provider."""
    return [hit for provider in _search for hit in provider(actor, when, words)]


def years(actor: Actor) -> list[int]:
    """School years in which the actor's organisation has anything, newest first."""
    return sorted({year for provider in _years for year in provider(actor)}, reverse=True)
