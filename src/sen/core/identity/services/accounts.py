"""Making, closing and re-opening accounts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from sen.core.identity import events, queries, rules
from sen.core.identity.actor import Actor
from sen.core.identity.links import Candidate
from sen.core.identity.models import Account, Grant
from sen.core.identity.permissions import ISSUE_ACCOUNTS, may_give
from sen.core.identity.services.one_time import require_manage
from sen.core.identity.services.sessions import end_at_once, end_sessions
from sen.core.organisations.models import Organisation
from sen.shared.audit import services as audit
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError


@dataclass(frozen=True)
class Issued:
    """What a bulk issue did: accounts made, roles added to accounts that existed, persons left alone."""

    made: int
    roles_added: int
    unchanged: int


@transaction.atomic
def create_account(
    *, actor: Actor, organisation: Organisation, full_name: str, birth_year: int | None = None, username: str = ""
) -> Account:
    """One account without a password: a slip or a reset gives it its one-time one. The login name is derived."""
    actor.require(ISSUE_ACCOUNTS, organisation.pk)
    return new_accounts(organisation, [(full_name, birth_year)], usernames=[username] if username else None)[0]


def new_accounts(
    organisation: Organisation, persons: Sequence[tuple[str, int | None]], usernames: Sequence[str] | None = None
) -> list[Account]:
    """Accounts for (full name, birth year), in order, with logins like "an.nv.2014.01@45000123"."""
    # The row lock keeps two clerks from taking the same number.
    place = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    logins = [name.strip().lower() for name in usernames] if usernames else _free_logins(place, persons)
    if Account.objects.filter(username__in=logins).exists():
        raise Invalid("identity.username_taken", "Tên đăng nhập này đã có người dùng.", place="username")
    accounts = []
    for (full_name, _), login in zip(persons, logins, strict=True):
        account = Account(
            username=login,
            full_name=full_name,
            password=make_password(None),
            must_change_password=True,
            issued_by_school=place,
        )
        account.fill_name_columns()
        accounts.append(account)
    return Account.objects.bulk_create(accounts, batch_size=500)


def _free_logins(place: Organisation, persons: Sequence[tuple[str, int | None]]) -> list[str]:
    taken: dict[str, int] = defaultdict(int)
    suffix = f"@{place.code.lower()}"
    for name in Account.objects.filter(issued_by_school=place).values_list("username", flat=True):
        stem, _, number = name.removesuffix(suffix).rpartition(".")
        if number.isdigit():
            taken[stem] = max(taken[stem], int(number))
    logins = []
    for full_name, birth_year in persons:
        stem = rules.login_stem(full_name, birth_year)
        taken[stem] += 1
        logins.append(f"{stem}.{taken[stem]:02d}{suffix}")
    return logins


@transaction.atomic
def issue_accounts(*, actor: Actor, school: Organisation, people: Iterable[Candidate]) -> Issued:
    """Give every person an account and the role of the list at this school; safe to run twice.

    Whoever has an account keeps it (the account follows the person) and gets the role here. Passwords come with the
    slips, see `make_slips`. `events.accounts_issued` tells the owner of the persons which account is whose.
    """
    actor.require(ISSUE_ACCOUNTS, school.pk)
    persons = list(people)
    if refused := {person.role for person in persons if not actor.is_system and not may_give(actor.role, person.role)}:
        names = ", ".join(sorted(str(role.label) for role in refused))
        raise NotAllowed("identity.may_not_give", f"Vai trò hiện tại của thầy/cô không được cấp: {names}.")
    without = [person for person in persons if person.account_id is None]
    unique = list({person.person_id: person for person in without}.values())  # teacher and parent: one account
    made = new_accounts(school, [(person.full_name, person.birth_year) for person in unique])
    account_of: dict[UUID, UUID] = {person.person_id: account.pk for person, account in zip(unique, made, strict=True)}
    account_of |= {person.person_id: person.account_id for person in persons if person.account_id}
    today = timezone.localdate()
    held = set(
        Grant.objects.on(today)
        .filter(organisation=school, account_id__in=account_of.values())
        .values_list("account_id", "role")
    )
    wanted = {(account_of[person.person_id], person.role) for person in persons} - held
    Grant.objects.bulk_create(
        (
            Grant(
                account_id=account_id,
                role=role,
                organisation=school,
                valid_from=today,
                given_by_id=actor.account_id,
                basis="Cấp tài khoản theo danh sách của trường",
            )
            for account_id, role in sorted(wanted, key=str)
            if account_id != actor.account_id  # nobody gives a role to oneself
        ),
        batch_size=500,
    )
    pairs = [(person.person_id, account_of[person.person_id]) for person in unique]
    events.accounts_issued.send(sender=Account, school_id=school.pk, pairs=pairs)
    new_ids = {account.pk for account in made}
    audit.record(action="identity.accounts_issued", organisation_id=school.pk, table="identity_account", made=len(made))
    roles_added = len({account_id for account_id, _ in wanted} - new_ids)
    kept = len(set(account_of.values()) - new_ids)
    return Issued(made=len(made), roles_added=roles_added, unchanged=kept - roles_added)


@transaction.atomic
def close_account(*, actor: Actor, account: Account, school: Organisation, reason: str) -> None:
    """End the account's roles at this school and, when none is left elsewhere, the account; sessions end at once."""
    held = queries.open_grants(account)
    require_manage(actor, account, school, grants=held)
    with scope.because(reason):
        for grant in held:
            if grant.organisation_id == school.pk:
                end_at_once(grant)
        if all(grant.organisation_id == school.pk for grant in held):
            account.is_active = False
            account.save(update_fields=["is_active"])
        end_sessions(account)
        audit.record(
            action="identity.account_closed", organisation_id=school.pk, table="identity_account", subject_id=account.pk
        )


@transaction.atomic
def reopen_account(*, actor: Actor, account: Account, school: Organisation) -> None:
    """Let a closed account of this school sign in again. Its roles are given anew, they do not come back."""
    require_manage(actor, account, school)
    if account.is_active:
        raise RuleError("identity.account_open", "Tài khoản này đang mở.")
    account.is_active = True
    account.save(update_fields=["is_active"])
    audit.record(
        action="identity.account_reopened", organisation_id=school.pk, table="identity_account", subject_id=account.pk
    )


def remember_language(account: Account, language: str) -> None:
    """Keep the chosen language with the account, so that it is there on the next device too."""
    if language in dict(Account.LANGUAGES) and language != account.language:
        account.language = language
        account.save(update_fields=["language"])
