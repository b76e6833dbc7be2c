"""What the packages above tell identity about persons, which it cannot import (like `actor.register_family_finder`).

A package registers in its `AppConfig.ready`. Without any registration there are no candidates, and no form teacher
may reset anybody: deny by default.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.identity.roles import Role


@dataclass(frozen=True)
class Candidate:
    """A person of a school who may have an account. `group` is the class, or what else slips are sorted by."""

    person_id: UUID
    full_name: str
    role: Role
    group: str
    birth_year: int | None = None
    account_id: UUID | None = None


RosterProvider = Callable[[Actor, UUID, When], Iterable[Candidate]]
FormClassChecker = Callable[[UUID, UUID, UUID], bool]

_rosters: list[RosterProvider] = []
_form_class_checkers: list[FormClassChecker] = []


def register_roster(provider: RosterProvider) -> None:
    """`provider(actor, school_id, when)` lists pupils, parents, staff of a school in that year, with their accounts."""
    _rosters.append(provider)


def register_form_class_checker(checker: FormClassChecker) -> None:
    """`checker(teacher_person_id, school_id, account_id)`: is this account a pupil of the teacher's present class?"""
    _form_class_checkers.append(checker)


def candidates(actor: Actor, school_id: UUID, when: When) -> list[Candidate]:
    """Everybody of the school who may have an account, in the order of slips: group by group as given."""
    return [candidate for provider in _rosters for candidate in provider(actor, school_id, when)]


def is_own_pupil(actor: Actor, account_id: UUID) -> bool:
    """Is the account a pupil of the class whose form teacher the actor is?"""
    if actor.person_id is None or actor.organisation_id is None:
        return False
    return any(checker(actor.person_id, actor.organisation_id, account_id) for checker in _form_class_checkers)
