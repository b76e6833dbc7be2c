"""Giving and ending roles (phân quyền)."""

from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from sen.core.identity import queries
from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.core.identity.permissions import GRANT_ROLES, clashes, may_give
from sen.core.identity.roles import FAMILY, SCHOOL_ROLES, Role
from sen.core.identity.services.accounts import new_accounts
from sen.core.identity.services.one_time import OFFICE_HOURS, ONE_TIME_FIELDS, set_one_time
from sen.core.identity.services.sessions import end_at_once, end_sessions, note_factor
from sen.core.organisations.models import Organisation
from sen.shared.audit import services as audit
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

_Kind = Organisation.Kind
# Where a role makes sense. A role of a school outside a school, or the other way round, is a mistake of typing.
_PLACES: dict[Role, frozenset[str]] = {
    Role.OPERATOR: frozenset({_Kind.MINISTRY, _Kind.DEPARTMENT}),
    Role.MINISTRY_OFFICER: frozenset({_Kind.MINISTRY}),
    Role.DEPARTMENT_OFFICER: frozenset({_Kind.DEPARTMENT}),
    Role.OFFICE_OFFICER: frozenset({_Kind.OFFICE}),
    Role.INSPECTOR: frozenset({_Kind.MINISTRY, _Kind.DEPARTMENT, _Kind.OFFICE, _Kind.SCHOOL}),
    Role.AUDITOR: frozenset({_Kind.MINISTRY, _Kind.DEPARTMENT, _Kind.OFFICE, _Kind.SCHOOL}),
    **dict.fromkeys(SCHOOL_ROLES | FAMILY, frozenset({str(_Kind.SCHOOL)})),
}


def _require_give(actor: Actor, role: Role, organisation: Organisation) -> None:
    if organisation.kind not in _PLACES[role]:
        text = f"Vai trò {role.label} không thuộc loại đơn vị này."
        raise Invalid("identity.role_misplaced", text, place="organisation")
    if actor.is_system:
        return
    actor.require(GRANT_ROLES)
    if not may_give(actor.role, role):
        raise NotAllowed("identity.may_not_give", f"Vai trò hiện tại của thầy/cô không được cấp vai trò {role.label}.")
    if actor.role is not Role.OPERATOR and not actor.covers(organisation.pk):
        raise NotAllowed("identity.other_place", "Đơn vị này không thuộc phạm vi của thầy/cô.")


@transaction.atomic
def grant_role(
    *,
    actor: Actor,
    account: Account,
    role: Role,
    organisation: Organisation,
    basis: str,
    valid_from: date | None = None,
    last_day: date | None = None,
) -> Grant:
    """Give a role at an organisation from a day (today) to the end of `last_day` (open).

    Raises NotAllowed for oneself, for a role or place beyond one's own; RuleError when the role is held already or
    may not be joined with another one (phân tách nhiệm vụ).
    """
    if account.pk == actor.account_id:
        raise NotAllowed("identity.grant_to_oneself", "Không ai được tự cấp vai trò cho mình.")
    _require_give(actor, role, organisation)
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # two givers at once see each other's roles
    if not account.is_active:
        raise RuleError("identity.account_closed", "Tài khoản này đã đóng. Xin mở lại trước khi cấp vai trò.")
    begin = valid_from or timezone.localdate()
    if last_day and last_day < begin:
        raise Invalid("identity.grant_dates", "Ngày kết thúc phải sau ngày bắt đầu.", place="valid_to")
    for held in queries.open_grants(account, begin):
        if held.role == role and held.organisation_id == organisation.pk:
            raise RuleError("identity.already_granted", "Tài khoản này đã giữ vai trò đó ở đơn vị này.")
        if clashes(role, Role(held.role)):
            text = f"Vai trò {role.label} không được giữ cùng lúc với {Role(held.role).label}."
            raise RuleError("identity.roles_apart", text)
    grant = Grant.objects.create(
        account=account,
        role=role,
        organisation=organisation,
        valid_from=begin,
        valid_to=last_day + timedelta(days=1) if last_day else None,
        given_by_id=actor.account_id,
        basis=basis,
    )
    _note("identity.role_granted", grant)
    return grant


@transaction.atomic
def grant_role_to_new_person(
    *,
    actor: Actor,
    full_name: str,
    birth_year: int | None,
    role: Role,
    organisation: Organisation,
    basis: str,
    last_day: date | None = None,
) -> tuple[Grant, str]:
    """An account, its role and a one-time password for a day, for somebody who has none yet (a new principal)."""
    _require_give(actor, role, organisation)
    account = new_accounts(organisation, [(full_name, birth_year)])[0]
    password = set_one_time(account, OFFICE_HOURS)
    account.save(update_fields=ONE_TIME_FIELDS)
    grant = grant_role(
        actor=actor, account=account, role=role, organisation=organisation, basis=basis, last_day=last_day
    )
    return grant, password


@transaction.atomic
def end_grant(*, actor: Actor, grant: Grant, reason: str) -> None:
    """End a role today. The account's sessions end at once, so nothing of the role lives on in an open page."""
    role = Role(grant.role)
    if grant.account_id == actor.account_id:
        raise NotAllowed("identity.own_grant", "Không ai tự kết thúc vai trò của mình; xin nhờ cấp trên.")
    _require_give(actor, role, grant.organisation)
    with scope.because(reason):
        _note("identity.role_ended", grant)
        end_at_once(grant)
        end_sessions(grant.account)


@transaction.atomic
def remove_lost_factors(*, actor: Actor, account: Account, reason: str) -> int:
    """Take the second factors from an account whose owner lost phone and recovery codes; returns how many.

    By whoever gives every role the account holds, after seeing the person. The password stays what it was, all
    sessions end, and at the next sign-in the role asks for a new factor.
    """
    held = queries.open_grants(account)
    if account.pk == actor.account_id or not held:
        raise NotAllowed("identity.own_factors", "Lớp bảo vệ của chính mình do người khác gỡ giúp.")
    for grant in held:
        _require_give(actor, Role(grant.role), grant.organisation)
    removed, _ = Authenticator.objects.filter(user_id=account.pk).delete()
    if not removed:
        raise RuleError("identity.no_factors", "Tài khoản này chưa có lớp bảo vệ thứ hai nào.")
    with scope.because(reason):
        note_factor(account, "all", added=False)
        end_sessions(account)
    return int(removed)


def _note(action: str, grant: Grant) -> None:
    audit.record(
        action=action,
        organisation_id=grant.organisation_id,
        table="identity_grant",
        subject_id=grant.pk,
        role=grant.role,
        account=grant.account_id,
    )
