"""One-time passwords: set, shown once, short-lived, replaced at first use."""

from collections.abc import Iterable
from datetime import timedelta

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from sen.core.identity import links, queries, rules
from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.core.identity.passwords import one_time_hash
from sen.core.identity.permissions import MANAGE_ACCOUNTS, RESET_PUPIL, may_give
from sen.core.identity.roles import Role
from sen.core.identity.services.sessions import end_sessions
from sen.core.organisations.models import Organisation
from sen.shared.audit import services as audit
from sen.shared.kit.errors import NotAllowed, RuleError

SLIP_DAYS = timedelta(days=14)
OFFICE_HOURS = timedelta(hours=24)
CLASSROOM_MINUTES = timedelta(minutes=15)


def lockout_key(username: str) -> str:
    """Under which wrong passwords are counted: the login alone, however the server is called."""
    return f"login:{username.strip().lower()}"


def forget_wrong_passwords(username: str) -> None:
    """Lift the lock-out of a login, after its password was set anew."""
    for rate in ratelimit.get_rates(app="allauth.account", action="login_failed"):
        if rate.per == "key":
            key = ratelimit.get_cache_key(
                None, app="allauth.account", action="login_failed", rate=rate, key=lockout_key(username)
            )
            cache.delete(key)


def set_one_time(account: Account, valid_for: timedelta) -> str:
    """Fill in a one-time password on the instance (not saved) and return it; it is stored nowhere in clear."""
    password = rules.first_password()
    account.password = one_time_hash(password)
    account.must_change_password = True
    account.password_valid_until = timezone.now() + valid_for
    return password


ONE_TIME_FIELDS = ["password", "must_change_password", "password_valid_until"]


def require_manage(actor: Actor, account: Account, school: Organisation, grants: Iterable[Grant] | None = None) -> None:
    """Only accounts of one's own school, never one's own, never those of a leader one does not appoint."""
    actor.require(MANAGE_ACCOUNTS, school.pk)
    if actor.is_system:
        return
    held = queries.open_grants(account) if grants is None else list(grants)
    known_here = account.issued_by_school_id == school.pk or any(grant.organisation_id == school.pk for grant in held)
    if account.pk == actor.account_id:
        raise NotAllowed("identity.own_account", "Thầy/cô tự đổi mật khẩu của mình ở mục Mật khẩu.")
    if not known_here or account.issued_by_school_id not in (None, school.pk):
        raise NotAllowed("identity.other_school", "Tài khoản này do đơn vị khác cấp và quản lý.")
    if not all(may_give(actor.role, Role(grant.role)) for grant in held):
        raise NotAllowed(
            "identity.leader_account", "Tài khoản giữ vai trò mà vai trò hiện tại của thầy/cô không được quản lý."
        )


@transaction.atomic
def reset_password(*, actor: Actor, account: Account, school: Organisation) -> str:
    """By the office: a one-time password for a day, shown once. Ends all sessions of the account."""
    require_manage(actor, account, school)
    return _reset(account, OFFICE_HOURS, school)


@transaction.atomic
def reset_password_by_form_teacher(*, actor: Actor, account: Account) -> str:
    """For a pupil of one's own class: a one-time password for fifteen minutes, shown once.

    The teacher never learns the pupil's own password, and what was reset is in the history of the school.
    """
    actor.require(RESET_PUPIL)
    held = queries.open_grants(account)
    only_pupil = bool(held) and all(grant.role == Role.PUPIL for grant in held)
    if not only_pupil or not links.is_own_pupil(actor, account.pk):
        raise NotAllowed("identity.not_own_pupil", "Thầy/cô chỉ đặt lại được mật khẩu của học sinh lớp mình chủ nhiệm.")
    return _reset(account, CLASSROOM_MINUTES, held[0].organisation)


def _reset(account: Account, valid_for: timedelta, school: Organisation) -> str:
    if not account.is_active:
        raise RuleError("identity.account_closed", "Tài khoản này đã đóng. Xin mở lại trước khi cấp mật khẩu.")
    password = set_one_time(account, valid_for)
    account.save(update_fields=ONE_TIME_FIELDS)
    end_sessions(account)
    forget_wrong_passwords(account.username)
    audit.record(
        action="identity.password_reset",
        organisation_id=school.pk,
        table="identity_account",
        subject_id=account.pk,
        minutes=int(valid_for.total_seconds() // 60),
    )
    return password
