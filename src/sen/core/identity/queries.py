"""Who is signed in, with which grant, over which schools, looking at which moment; and lists of accounts."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from sen.core.identity import desk, rules
from sen.core.identity.actor import Actor, family_of
from sen.core.identity.desk import When
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import FAMILY, OFFICERS, SCHOOL_ROLES, Role
from sen.core.organisations import queries as organisations
from sen.core.organisations.models import Span
from sen.shared.kit import names, scope

NOBODY = Actor(account_id=None, name="")
WEIGHT = {role: weight for weight, role in enumerate(Role)}


def open_grants(account: Account, day: date | None = None) -> list[Grant]:
    """Grants in force on a day (today), the weightiest role first."""
    grants = account.grants.on(day or timezone.localdate()).select_related("organisation")
    return sorted(grants, key=lambda grant: (WEIGHT[Role(grant.role)], str(grant.pk)))


def sign_in_of(request: HttpRequest) -> tuple[Actor, list[Grant]]:
    """The actor of a request and the grants it may change to.

    The acting grant is the one chosen in the session while it is in force, else the account's weightiest one.
    """
    account = request.user
    if not isinstance(account, Account) or not account.is_active:
        return NOBODY, []
    with scope.use(scope.whole_system("sign-in")):
        grants = open_grants(account)
        chosen = request.session.get("grant")
        grant = next((grant for grant in grants if str(grant.pk) == chosen), grants[0] if grants else None)
        actor = actor_for(
            account,
            grant,
            second_factor=_has_second_factor(request, account),
            request_id=getattr(request, "request_id", ""),
            year=request.session.get("year"),
        )
        return actor, grants


def actor_for(
    account: Account,
    grant: Grant | None,
    *,
    second_factor: bool = False,
    request_id: str = "",
    year: int | None = None,
) -> Actor:
    """The actor of an account under one grant. Runs in system scope (it reads before a scope exists).

    `year`: the school year looked at, by which the tree below an authority is read; None is today's tree.
    """
    person_id, family, family_schools = family_of(account.pk)
    role = Role(grant.role) if grant else None
    return Actor(
        account_id=account.pk,
        name=account.full_name,
        role=role,
        organisation_id=grant.organisation_id if grant else None,
        person_id=person_id,
        covered=_covered(grant, year) if grant else frozenset(),
        family=family if role in FAMILY else frozenset(),
        family_schools=family_schools if role in FAMILY else frozenset(),
        second_factor=second_factor,
        request_id=request_id,
    )


def _covered(grant: Grant, year: int | None) -> frozenset[UUID]:
    role = Role(grant.role)
    if role in SCHOOL_ROLES or role in FAMILY or role in (Role.OPERATOR, Role.MINISTRY_OFFICER):
        return frozenset()
    if role in OFFICERS or role in (Role.INSPECTOR, Role.AUDITOR):
        today = timezone.localdate()
        day = rules.day_of(year, today) if year else today
        return organisations.schools_under(grant.organisation_id, day) or organisations.schools_under(
            grant.organisation_id, _last_day(grant.organisation_id, day)
        )
    return frozenset()


def _last_day(organisation_id: UUID, day: date) -> date:
    """The last day on which an authority stood, when it has ended (a Phòng since 01/07/2025), else the day itself."""
    spans = Span.objects.filter(organisation_id=organisation_id).order_by("-valid_from")
    end = spans.values_list("valid_to", flat=True).first()
    return end - timedelta(days=1) if end and end <= day else day


def _has_second_factor(request: HttpRequest, account: Account) -> bool:
    """Did this session prove a second factor? allauth notes each proof with its method, for this account only.

    "mfa" stands for a code of an authenticator, a recovery code, or a passkey (at sign-in, or when one was added).
    """
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, account))


def years_of(request: HttpRequest, actor: Actor) -> list[int]:
    """School years in which the actor's place has anything, newest first; asked once a request."""
    if "years" not in request.__dict__:
        request.__dict__["years"] = desk.years(actor) if actor.account_id else []
    return cast(list[int], request.__dict__["years"])


def when_of(request: HttpRequest, actor: Actor) -> When:
    """The moment this session looks at: chosen, else the newest year in which the actor's place has anything."""
    today = timezone.localdate()
    year = cast(int | None, request.session.get("year"))
    term = cast(int | None, request.session.get("term"))
    if year is None:
        years = years_of(request, actor)
        year = years[0] if years else rules.school_year_of(today)[0]
    return When(year=year, term=term or rules.term_of(year, today), day=rules.day_of(year, today))


def organisation_names(organisation_ids: Iterable[UUID], day: date) -> dict[UUID, str]:
    """Names of organisations on a day; one that began later or has ended carries its nearest name. One query."""
    found: dict[UUID, str] = {}
    spans = Span.objects.filter(organisation_id__in=set(organisation_ids)).order_by("organisation_id", "valid_from")
    for span in cast(Iterable[Span], spans.only("organisation_id", "name", "valid_from")):
        if span.organisation_id not in found or span.valid_from <= day:
            found[span.organisation_id] = span.name
    return found


def school_accounts(school_id: UUID, *, words: str = "", role: str = "", state: str = "") -> QuerySet[Account]:
    """Accounts issued by a school or that hold or held a role there, by name.

    `words` match name and login without marks; `state` is "waiting" (never signed in), "used" or "closed".
    """
    open_here = Grant.objects.on(timezone.localdate()).filter(organisation_id=school_id)
    if role:
        ids = open_here.filter(role=role).values("account_id")
    else:
        known = Grant.objects.filter(organisation_id=school_id).values("account_id")
        ids = known.union(Account.objects.filter(issued_by_school_id=school_id).values("pk"))
    accounts = Account.objects.filter(pk__in=ids).annotate(
        has_role_here=Exists(open_here.filter(account=OuterRef("pk")))
    )
    for word in names.fold(words).split():
        accounts = accounts.filter(Q(name_folded__contains=word) | Q(username__contains=word))
    if state == "waiting":
        accounts = accounts.filter(is_active=True, last_login=None)
    elif state == "used":
        accounts = accounts.filter(is_active=True, last_login__isnull=False)
    elif state == "closed":
        accounts = accounts.filter(Q(is_active=False) | Q(has_role_here=False))
    return accounts.order_by("sort_key", "username")


def roles_at(school_id: UUID, account_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Account id -> roles now held at a school, the weightiest first."""
    found: dict[UUID, list[str]] = {}
    grants = Grant.objects.on(timezone.localdate()).filter(organisation_id=school_id, account_id__in=list(account_ids))
    for account_id, role in sorted(grants.values_list("account_id", "role"), key=lambda pair: WEIGHT[Role(pair[1])]):
        found.setdefault(account_id, []).append(role)
    return found


def grants_given_by(actor: Actor, roles: Iterable[Role], words: str = "") -> QuerySet[Grant]:
    """Open grants that the actor's place answers for: these roles at its own and the covered organisations."""
    grants = Grant.objects.on(timezone.localdate()).filter(role__in=list(roles))
    grants = grants.select_related("account", "organisation")
    if not (actor.is_system or actor.role is Role.OPERATOR):
        places = actor.covered | ({actor.organisation_id} if actor.organisation_id else frozenset())
        grants = grants.filter(organisation_id__in=places)
    for word in names.fold(words).split():
        grants = grants.filter(Q(account__name_folded__contains=word) | Q(account__username__contains=word))
    return grants.order_by("role", "account__sort_key", "account__username")
