"""Sign-ins and sessions: noting them, changing the role within one, ending them."""

from dataclasses import replace
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from sen.core.identity import queries
from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.shared.audit import services as audit
from sen.shared.kit import scope
from sen.shared.kit.errors import NotAllowed


def end_sessions(account: Account) -> int:
    """End every session of an account on every device at once; returns how many were known.

    A session proves the account's epoch, so raising it ends even those that no list knows.
    """
    Account.objects.filter(pk=account.pk).update(session_epoch=F("session_epoch") + 1)
    account.refresh_from_db(fields=["session_epoch"])
    sessions = UserSession.objects.filter(user_id=account.pk)
    keys = list(sessions.values_list("session_key", flat=True))
    SessionStore.get_model_class().objects.filter(session_key__in=keys).delete()
    sessions.delete()
    return len(keys)


def end_at_once(grant: Grant) -> None:
    """Out of force from today on. One that began today never was in force for a day: it goes, its history stays."""
    today = timezone.localdate()
    if grant.valid_from >= today:
        grant.delete()
    else:
        grant.valid_to = today
        grant.save(update_fields=["valid_to"])


def choose_grant(*, actor: Actor, request: HttpRequest, grant: Grant) -> None:
    """Go on working under another of one's grants, without signing in again."""
    if grant.account_id != actor.account_id or grant.pk not in {held.pk for held in queries.open_grants(grant.account)}:
        raise NotAllowed("identity.not_own_grant", "Vai trò này không phải của tài khoản đang đăng nhập.")
    request.session["grant"] = str(grant.pk)
    request.session.pop("year", None)  # another place has other years
    request.session.pop("term", None)
    audit.record(
        action="identity.role_chosen",
        organisation_id=grant.organisation_id,
        table="identity_grant",
        subject_id=grant.pk,
        role=grant.role,
    )


def note_sign_in(account: Account, methods: list[str]) -> None:
    """Into the history: who signed in and by which methods ("password", "mfa"), in the chain of the place of work."""
    _note(account, "identity.signed_in", methods=methods)


def note_failed_sign_in(*, username: str, locked_out: bool = False) -> None:
    """Into the history: a wrong password, or a try at a locked account. Neither the password nor the name typed."""
    account = Account.objects.filter(username=username.strip().lower()).first()
    action = "identity.sign_in_locked_out" if locked_out else "identity.sign_in_failed"
    if account:
        _note(account, action, signed_in=False)
    else:
        audit.record(action=action, organisation_id=None, table="identity_account", known=False)


def note_password_changed(account: Account) -> None:
    _note(account, "identity.password_changed")


def note_factor(account: Account, kind: str, *, added: bool) -> None:
    """A second factor came or went: `kind` is "totp", "webauthn", "recovery_codes", or "all" when they were lost."""
    action = "identity.factor_added" if added else "identity.factor_removed"
    _note(account, action, signed_in=kind != "all", kind=kind)  # lost ones are removed by somebody else


def _note(account: Account, action: str, *, signed_in: bool = True, **details: object) -> None:
    current = scope.current()
    who = f"{account.pk}|{account.full_name}|" if signed_in else current.actor
    with scope.use(replace(current, actor=who)):
        audit.record(
            action=action,
            organisation_id=_home(account),
            table="identity_account",
            subject_id=account.pk,
            **details,
        )


def _home(account: Account) -> UUID | None:
    """The organisation in whose chain an act of this account is kept: where it works, else who issued it."""
    grants = queries.open_grants(account)
    return grants[0].organisation_id if grants else account.issued_by_school_id
