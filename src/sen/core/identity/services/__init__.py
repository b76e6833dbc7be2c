"""The only writers of accounts and grants, split by use."""

from sen.core.identity.services.accounts import (
    Issued,
    close_account,
    create_account,
    issue_accounts,
    remember_language,
    reopen_account,
)
from sen.core.identity.services.demo import demo_code, enrol_demo_second_factor, enrol_demo_second_factors
from sen.core.identity.services.grants import (
    end_grant,
    grant_role,
    grant_role_to_new_person,
    remove_lost_factors,
)
from sen.core.identity.services.one_time import (
    forget_wrong_passwords,
    lockout_key,
    reset_password,
    reset_password_by_form_teacher,
)
from sen.core.identity.services.sessions import (
    choose_grant,
    end_sessions,
    note_factor,
    note_failed_sign_in,
    note_password_changed,
    note_sign_in,
)
from sen.core.identity.services.slips import make_slips

__all__ = [
    "Issued",
    "choose_grant",
    "close_account",
    "create_account",
    "demo_code",
    "end_grant",
    "end_sessions",
    "enrol_demo_second_factor",
    "enrol_demo_second_factors",
    "forget_wrong_passwords",
    "grant_role",
    "grant_role_to_new_person",
    "issue_accounts",
    "lockout_key",
    "make_slips",
    "note_factor",
    "note_failed_sign_in",
    "note_password_changed",
    "note_sign_in",
    "remember_language",
    "remove_lost_factors",
    "reopen_account",
    "reset_password",
    "reset_password_by_form_teacher",
]
