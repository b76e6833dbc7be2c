"""A batch whose key lies with a provider: one request for exactly these files, released on the holder's telephone.

The rows are not held while the telephone is waited for: each file is checked again when its signature arrives, and a
file
that changed meanwhile is left unsigned.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.school.transcripts import remote, setup
from sen.school.transcripts.models import SignatureStep, SigningKey, Transcript
from sen.school.transcripts.services import keys, signing
from sen.shared.documents.remote import RemoteBatch
from sen.shared.documents.signing import Session
from sen.shared.files import services as files
from sen.shared.kit.errors import RuleError

if TYPE_CHECKING:
    from sen.school.transcripts.services.batches import Item

Outcome = tuple[UUID, RuleError | None]


@dataclass
class RemoteHand:
    """One request to a provider. `work` is called again and again until every file is decided."""

    role: str
    key: SigningKey
    request: RemoteBatch
    pause: float = 2.0
    is_waiting: bool = False
    started: bool = False
    decided: set[UUID] = field(default_factory=set)

    def work(self, items: "Sequence[Item]", actor: Actor) -> list[Outcome]:
        """Ask for the signatures the first time, then take what has come; returns the files decided by this call."""
        outcomes = [] if self.started else self._ask(items, actor)
        progress = self.request.collect()
        seen = {str(item.id): item for item in items}
        for title, content in progress.done.items():
            if (pk := seen[title].id) not in self.decided:
                outcomes.append((pk, self._keep(pk, seen[title].sha256, content, actor)))
        outcomes += [(seen[t].id, refusal) for t, refusal in progress.failed.items() if seen[t].id not in self.decided]
        self.decided |= {pk for pk, _refusal in outcomes}
        self.is_waiting = bool(progress.waiting)
        return outcomes

    def _ask(self, items: "Sequence[Item]", actor: Actor) -> list[Outcome]:
        refused: list[Outcome] = []
        for item in items:
            try:
                row, step = _next_step(item.id, item.sha256, actor, self.role)
                assert row.pdf is not None
                self.request.add(
                    str(item.id),
                    files.read_checked(row.pdf),
                    field=step.field,
                    reason=signing.reason_of(row, step),
                    location=signing.place_of(row),
                )
            except RuleError as refusal:
                # A request repeated after a crash finds some files signed by the first one.
                refused.append((item.id, None if refusal.code == "transcripts.already_signed" else refusal))
        if len(refused) < len(items):
            self.request.start(_("Ký {count} học bạ").format(count=len(items) - len(refused)))
        self.started = True
        return refused

    def _keep(self, pk: UUID, seen: str, content: bytes, actor: Actor) -> RuleError | None:
        try:
            with transaction.atomic():
                row, step = _next_step(pk, seen, actor, self.role)
                signing.note_signature(actor=actor, row=row, step=step, key=self.key)
                signing.keep_signed(row, content)
        except RuleError as refusal:
            return refusal
        return None


def open_remote_hand(*, actor: Actor, school_id: UUID, role: str) -> RemoteHand:
    """Raises as `signing.key_for` and `keys.open_credential`; RuleError("transcripts.seal_by_token") for the seal."""
    if role == SignatureStep.Role.SEAL:
        text = _("Con dấu của nhà trường phải ký bằng thiết bị ký số của trường, không ký từ xa.")
        raise RuleError("transcripts.seal_by_token", text)
    key = signing.key_for(actor=actor, school_id=school_id, role=role)
    credential = keys.open_credential(key)
    session = Session(credential, trust=setup.current_trust(), level="B-B")
    provider = remote.provider(key.location.split("/", 1)[0])
    return RemoteHand(role, key, RemoteBatch(provider, session, credential))


def _next_step(pk: UUID, seen: str, actor: Actor, role: str) -> tuple[Transcript, SignatureStep]:
    row = signing.lock(pk)
    steps = signing.turn(actor=actor, transcript=row, role=role)
    signing.require_unchanged(row, seen=seen)
    return row, steps[0]
