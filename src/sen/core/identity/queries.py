"""Who is signed in, with which grant, over which schools."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from sen.core.identity.actor import Actor, family_of
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import FAMILY, OFFICERS, SCHOOL_ROLES, Role
from sen.core.organisations import queries as organisations
from sen.shared.kit import scope

NOBODY = Actor(account_id=None, name="")
_WEIGHT = {role: weight for weight, role in enumerate(Role)}


def open_grants(account: Account, day: date | None = None) -> list[Grant]:
    """Grants in force on a day (today), the weightiest role first."""
    grants = account.grants.on(day or timezone.localdate()).select_related("organisation")
    return sorted(grants, key=lambda grant: (_WEIGHT[Role(grant.role)], str(grant.pk)))


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request: the account with the grant chosen in the session, else its weightiest one."""
    account = request.user
    if not isinstance(account, Account) or not account.is_active:
        return NOBODY
    with scope.use(scope.whole_system("sign-in")):
        grants = open_grants(account)
        chosen = request.session.get("grant")
        grant = next((grant for grant in grants if str(grant.pk) == chosen), grants[0] if grants else None)
        return actor_for(
            account,
            grant,
            second_factor=_has_second_factor(request),
            request_id=getattr(request, "request_id", ""),
        )


def actor_for(
    account: Account, grant: Grant | None, *, second_factor: bool = False, request_id: str = ""
) -> Actor:
    """The actor of an account under one grant. Runs in system scope (it reads before a scope exists)."""
    person_id, family, family_schools = family_of(account.pk)
    role = Role(grant.role) if grant else None
    return Actor(
        account_id=account.pk,
        name=account.full_name,
        role=role,
        organisation_id=grant.organisation_id if grant else None,
        person_id=person_id,
        covered=_covered(grant) if grant else frozenset(),
        family=family if role in FAMILY else frozenset(),
        family_schools=family_schools if role in FAMILY else frozenset(),
        second_factor=second_factor,
        request_id=request_id,
    )


def _covered(grant: Grant) -> frozenset[UUID]:
    role = Role(grant.role)
    if role in SCHOOL_ROLES or role in FAMILY or role in (Role.OPERATOR, Role.MINISTRY_OFFICER):
        return frozenset()
    if role in OFFICERS or role in (Role.INSPECTOR, Role.AUDITOR):
        return organisations.schools_under(grant.organisation_id)
    return frozenset()


def _has_second_factor(request: HttpRequest) -> bool:
    """Did this session sign in with a passkey or a second factor? allauth keeps the methods in the session."""
    methods = request.session.get("account_authentication_methods", [])
    return any(entry.get("method") == "mfa" for entry in methods)
