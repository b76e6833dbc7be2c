"""The actor: who acts, in which role and where. First argument of every service; it says what and which rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sen.core.identity.roles import FAMILY, OFFICERS, SCHOOL_ROLES, Right, Role
from sen.shared.kit.errors import NotAllowed
from sen.shared.kit.scope import EVERYTHING, Scope, ids


@dataclass(frozen=True)
class Actor:
    """An account with one active grant. `covered` are the schools of an office's or department's area."""

    account_id: UUID | None
    name: str
    role: Role | None = None
    organisation_id: UUID | None = None
    person_id: UUID | None = None
    covered: frozenset[UUID] = frozenset()
    family: frozenset[UUID] = frozenset()  # persons a pupil or parent may read: oneself, one's children
    family_schools: frozenset[UUID] = frozenset()
    is_system: bool = False
    second_factor: bool = False
    request_id: str = ""
    purpose: str = field(default="", compare=False)

    @staticmethod
    def system(reason: str) -> "Actor":
        """For jobs and commands: may do everything, and says why."""
        return Actor(account_id=None, name="Hệ thống", is_system=True, purpose=reason)

    def covers(self, organisation_id: UUID) -> bool:
        """Does the active grant reach this organisation?"""
        if self.is_system or self.role is Role.MINISTRY_OFFICER:
            return True
        return organisation_id == self.organisation_id or organisation_id in self.covered

    def holds(self, right: Right, organisation_id: UUID | None = None) -> bool:
        """Does the active role hold the right, at this organisation when one is named?"""
        if self.is_system:
            return True
        if self.role is None or self.role not in right.roles:
            return False
        return organisation_id is None or self.covers(organisation_id)

    def require(self, right: Right, organisation_id: UUID | None = None) -> None:
        """Refuse without the right."""
        if not self.holds(right, organisation_id):
            raise NotAllowed(f"{right.name}.not_allowed", "Vai trò hiện tại của thầy/cô không có quyền làm việc này.")

    def schools_with(self, right: Right) -> frozenset[UUID]:
        """Ids of the organisations where the active grant gives this right."""
        if not self.holds(right) or self.organisation_id is None:
            return frozenset()
        return self.covered | {self.organisation_id}

    def scope(self) -> Scope:
        """The wall in the database for this actor (see `kit.scope`)."""
        who = f"{self.account_id}|{self.name}|{self.role or ''}" if self.account_id else f"system|{self.purpose}"
        if self.is_system:
            return Scope(EVERYTHING, EVERYTHING, actor=who, reason=self.purpose, request=self.request_id)
        named: frozenset[UUID] = frozenset()
        members: frozenset[UUID] = frozenset()
        if self.organisation_id is not None:
            if self.role in SCHOOL_ROLES:
                named = members = frozenset({self.organisation_id})
            elif self.role is Role.INSPECTOR:
                named = members = self.covered | {self.organisation_id}
            elif self.role in OFFICERS or self.role is Role.AUDITOR:
                members = self.covered | {self.organisation_id}
            elif self.role in FAMILY:
                members = self.family_schools
        everywhere = self.role is Role.MINISTRY_OFFICER
        persons = self.family | ({self.person_id} if self.person_id else frozenset())
        return Scope(
            schools=ids(named),
            members=EVERYTHING if everywhere else ids(members),
            persons=ids(persons),
            actor=who,
            reason=self.purpose,
            request=self.request_id,
        )


FamilyFinder = Callable[[UUID], tuple[UUID | None, frozenset[UUID], frozenset[UUID]]]
_family_finders: list[FamilyFinder] = []


def register_family_finder(finder: FamilyFinder) -> None:
    """The people package says who belongs to an account: (own person, readable persons, their schools)."""
    _family_finders.append(finder)


def family_of(account_id: UUID) -> tuple[UUID | None, frozenset[UUID], frozenset[UUID]]:
    for finder in _family_finders:
        return finder(account_id)
    return None, frozenset(), frozenset()
