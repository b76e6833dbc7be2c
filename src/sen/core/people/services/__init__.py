"""The only writers of persons' files. Every entrance (page, import, command, job) calls these."""

from sen.core.people.services.enrolments import enrol, readmit, withdraw
from sen.core.people.services.files import create_pupil, note_read, set_guardian, update_enrolment, update_pupil
from sen.core.people.services.staff import create_staff, end_posting, receive_staff, update_posting, update_staff
from sen.core.people.services.transfers import (
    accept_transfer,
    ask_for_pupil,
    cancel_transfer,
    refuse_transfer,
    release_transfer,
    request_transfer,
)

__all__ = [
    "accept_transfer",
    "ask_for_pupil",
    "cancel_transfer",
    "create_pupil",
    "create_staff",
    "end_posting",
    "enrol",
    "note_read",
    "readmit",
    "receive_staff",
    "refuse_transfer",
    "release_transfer",
    "request_transfer",
    "set_guardian",
    "update_enrolment",
    "update_posting",
    "update_pupil",
    "update_staff",
    "withdraw",
]
