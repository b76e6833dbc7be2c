"""The only writers of transcripts: queue, build, sign, seal; keys and batches."""

from sen.school.transcripts.permissions import SIGN
from sen.school.transcripts.services.batches import Hands, Item, resume_batch, sample, sign_next, start_batch
from sen.school.transcripts.services.building import build_next, build_these
from sen.school.transcripts.services.keys import (
    issue_test_key,
    register_file,
    register_key,
    register_remote,
    register_token,
    remove_key,
    warn_of_ending_keys,
)
from sen.school.transcripts.services.policies import set_policy
from sen.school.transcripts.services.queueing import hold_year, queue_year, rebuild, requeue
from sen.school.transcripts.services.reading import note_download
from sen.school.transcripts.services.signing import Hand, open_hand, sign

SIGNING_ROLES = SIGN.roles

__all__ = [
    "SIGNING_ROLES",
    "Hand",
    "Hands",
    "Item",
    "build_next",
    "build_these",
    "hold_year",
    "issue_test_key",
    "note_download",
    "open_hand",
    "queue_year",
    "rebuild",
    "register_file",
    "register_key",
    "register_remote",
    "register_token",
    "remove_key",
    "requeue",
    "resume_batch",
    "sample",
    "set_policy",
    "sign",
    "sign_next",
    "start_batch",
    "warn_of_ending_keys",
]
