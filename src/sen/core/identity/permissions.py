"""Rights over accounts and grants, and who may give which role (phân quyền)."""

from sen.core.identity.roles import FAMILY, OFFICERS, SCHOOL_ROLES, Role, right

ISSUE_ACCOUNTS = right("identity.issue_accounts", Role.CLERK, Role.PRINCIPAL, Role.VICE_PRINCIPAL)
MANAGE_ACCOUNTS = right("identity.manage_accounts", Role.CLERK, Role.PRINCIPAL, Role.VICE_PRINCIPAL)
RESET_PUPIL = right("identity.reset_pupil", Role.FORM_TEACHER)
GRANT_ROLES = right(
    "identity.grant_roles",
    Role.OPERATOR,
    Role.DEPARTMENT_OFFICER,
    Role.OFFICE_OFFICER,
    Role.PRINCIPAL,
    Role.VICE_PRINCIPAL,
    Role.CLERK,
)

# Who keeps accounts does not make leaders: each level is appointed by the one above it.
MAY_GIVE: dict[Role, frozenset[Role]] = {
    Role.OPERATOR: OFFICERS | {Role.AUDITOR, Role.OPERATOR},
    Role.DEPARTMENT_OFFICER: frozenset({Role.PRINCIPAL, Role.OFFICE_OFFICER, Role.INSPECTOR}),
    Role.OFFICE_OFFICER: frozenset({Role.PRINCIPAL, Role.INSPECTOR}),
    Role.PRINCIPAL: (SCHOOL_ROLES - {Role.PRINCIPAL}) | FAMILY,
    Role.VICE_PRINCIPAL: frozenset({Role.FORM_TEACHER, Role.SUBJECT_TEACHER}) | FAMILY,
    Role.CLERK: frozenset({Role.FORM_TEACHER, Role.SUBJECT_TEACHER}) | FAMILY,
}

# Duties that one account must not join (phân tách nhiệm vụ): who watches, or runs the machine, does not also act.
APART: tuple[tuple[frozenset[Role], frozenset[Role]], ...] = (
    (frozenset({Role.AUDITOR}), frozenset(Role) - {Role.AUDITOR}),
    (frozenset({Role.OPERATOR}), frozenset(Role) - {Role.OPERATOR}),
    (frozenset({Role.INSPECTOR}), SCHOOL_ROLES),
    (frozenset({Role.PUPIL}), SCHOOL_ROLES | OFFICERS),
)


def may_give(giver: Role | None, role: Role) -> bool:
    return giver is not None and role in MAY_GIVE.get(giver, frozenset())


def clashes(role: Role, held: Role) -> bool:
    """Do the two roles belong to duties that must stay apart?"""
    return any((role in one and held in other) or (held in one and role in other) for one, other in APART)
