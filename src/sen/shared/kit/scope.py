"""The scope of a piece of work: which rows its database transaction may see, and in whose name it writes.

The scope lives in a context variable. The database backend (`sen.shared.kit.postgres`) hands it to PostgreSQL at the
start of every transaction, where row-level security and the history triggers read it. Nothing set: nothing seen.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

EVERYTHING = "*"


@dataclass(frozen=True)
class Scope:
    """What the database may show and note for the present work.

    schools: ids of schools whose named rows (pupils, marks) are readable, comma separated, or "*".
    members: ids of organisations whose unnamed rows (classes, sheets, totals) are readable, or "*".
    persons: ids of persons readable one by one (oneself, one's children).
    actor, reason, request: for the history.
    """

    schools: str = ""
    members: str = ""
    persons: str = ""
    actor: str = ""
    reason: str = ""
    request: str = ""


NOBODY = Scope()
_current: ContextVar[Scope] = ContextVar("sen_scope", default=NOBODY)


def current() -> Scope:
    return _current.get()


def ids(values: Iterable[UUID | str]) -> str:
    return ",".join(sorted(str(value) for value in values))


@contextmanager
def use(scope: Scope) -> Iterator[Scope]:
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Within: changes are written to the history with this reason."""
    with use(replace(current(), reason=reason)):
        yield


def whole_system(actor: str = "system", reason: str = "") -> Scope:
    """For jobs, commands and sign-in, which choose their rows themselves."""
    return Scope(schools=EVERYTHING, members=EVERYTHING, persons="", actor=actor, reason=reason)
