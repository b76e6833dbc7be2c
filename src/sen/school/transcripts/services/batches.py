"""Signing many in one act: the signer saw the list, opened a sample, typed the count; the job carries it out.

Work goes in slices, each one transaction: a crash undoes at most the slice at hand, and whoever takes the batch up
again
finds every earlier signature in place and skips it. Nothing is signed twice, nothing outside the list is signed.
"""

import hashlib
import random
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.models import Account
from sen.core.identity.queries import actor_for
from sen.school.transcripts.models import SignatureStep, SigningBatch, SigningKey, Transcript
from sen.school.transcripts.permissions import SEAL, SIGN
from sen.school.transcripts.records import results_digests
from sen.school.transcripts.services import signing
from sen.school.transcripts.services.remotely import RemoteHand, open_remote_hand
from sen.school.transcripts.services.signing import Hand, open_hand
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError
from sen.shared.messaging.services import notify

SAMPLE = 5
SLICE = 10
STOPS = (
    "documents.session_over",
    "documents.timestamp_failed",
    "documents.pin_wrong",
    "documents.pin_locked",
    "documents.token_missing",
    "documents.token_empty",
    "documents.token_failed",
    "documents.certificate_expired",
    "documents.certificate_revoked",
    "documents.remote_unreachable",
    "documents.remote_refused",
    "documents.remote_expired",
)
"""Refusals that concern the key or the line, not the file: the batch stops, and what is left can be taken up later."""


BUSY = "documents.token_busy"
"""Another worker on this machine has the token in hand: it goes on with the batch, this one leaves it alone."""


class Item(NamedTuple):
    """A transcript on the signer's list and the digest of the file that was shown."""

    id: UUID
    sha256: str


def sample(items: Sequence[Item], account_id: UUID | None) -> list[UUID]:
    """The files a signer must open before signing this list: five by lot, or all of fewer. Same list, same lot."""
    seed = hashlib.sha256("".join(item.sha256 for item in items).encode() + str(account_id).encode()).hexdigest()
    chance = random.Random(seed)  # noqa: S311  # a lot, not a secret
    return [item.id for item in chance.sample(list(items), min(SAMPLE, len(items)))]


@transaction.atomic
def start_batch(
    *,
    actor: Actor,
    school_id: UUID,
    year: int,
    role: str,
    items: Sequence[Item],
    typed_count: int,
    previewed: Collection[UUID],
    school_class_id: UUID | None = None,
) -> SigningBatch:
    """Put a batch into the queue, for exactly these files. Raises NotAllowed, Invalid: transcripts.nothing_to_sign,
    transcripts.wrong_count; RuleError: transcripts.not_previewed, transcripts.changed, transcripts.batch_running and of
    `signing.key_for`."""
    key = signing.key_for(actor=actor, school_id=school_id, role=role)
    if actor.account_id is None:
        raise NotAllowed("transcripts.no_person", _("Chỉ người có tài khoản mới ký được."))
    if not items:
        raise Invalid("transcripts.nothing_to_sign", _("Không có học bạ nào chờ thầy/cô ký."))
    if typed_count != len(items):
        text = _("Số học bạ thầy/cô nhập ({typed}) khác số học bạ trong danh sách ({count}). Vui lòng kiểm tra lại.")
        raise Invalid("transcripts.wrong_count", text.format(typed=typed_count, count=len(items)), "count")
    missing = len(set(sample(items, actor.account_id)) - set(previewed))
    if missing:
        text = _("Vui lòng mở xem thêm {missing} học bạ trong các bản được chọn ngẫu nhiên trước khi ký.")
        raise RuleError("transcripts.not_previewed", text.format(missing=missing))
    present = dict(
        Transcript.objects.visible_to(actor)
        .filter(pk__in=[item.id for item in items], school=school_id, year=year)
        .values_list("pk", "pdf_sha256")
    )
    if any(present.get(item.id) != item.sha256 for item in items):
        text = _("Danh sách đã thay đổi so với lúc thầy/cô xem. Vui lòng mở lại trang ký.")
        raise RuleError("transcripts.changed", text)
    running = SigningBatch.objects.filter(account=actor.account_id, state__in=["queued", "running"], school=school_id)
    if running.exists():
        raise RuleError(
            "transcripts.batch_running", _("Một lượt ký khác của thầy/cô đang chạy. Vui lòng chờ lượt đó xong.")
        )
    return SigningBatch.objects.create(
        school_id=school_id,
        year=year,
        school_class_id=school_class_id,
        role=role,
        key=key,
        account_id=actor.account_id,
        transcript_ids=[str(item.id) for item in items],
        digests=[item.sha256 for item in items],
        previewed=[str(pk) for pk in previewed],
        total=len(items),
    )


@transaction.atomic
def resume_batch(*, actor: Actor, batch: SigningBatch) -> SigningBatch:
    """Take up a batch that stopped, where it stopped. Only its own signer may: one authorisation, one person."""
    row = SigningBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.account_id != actor.account_id:
        raise NotAllowed("transcripts.batch_of_another", _("Chỉ người bắt đầu lượt ký mới được ký tiếp."))
    signing.key_for(actor=actor, school_id=row.school_id, role=row.role)
    if row.state == SigningBatch.State.FAILED:
        row.state, row.message, row.finished_at = SigningBatch.State.QUEUED, "", None
        row.save(update_fields=["state", "message", "finished_at"])
    return row


@dataclass
class Hands:
    """Keys opened by this worker, one a batch, used for that batch alone."""

    opened: dict[UUID, Hand | RemoteHand] = field(default_factory=dict)

    def of(self, batch: SigningBatch, actor: Actor) -> Hand | RemoteHand:
        if batch.pk not in self.opened:
            if batch.key is not None and batch.key.kind == SigningKey.Kind.REMOTE:
                self.opened[batch.pk] = open_remote_hand(actor=actor, school_id=batch.school_id, role=batch.role)
            else:
                self.opened[batch.pk] = open_hand(actor=actor, school_id=batch.school_id, role=batch.role)
        return self.opened[batch.pk]

    def put_down(self, batch_id: UUID) -> None:
        hand = self.opened.pop(batch_id, None)
        if isinstance(hand, Hand):
            hand.__exit__(None, None, None)

    def close(self) -> None:
        for batch_id in list(self.opened):
            self.put_down(batch_id)


def sign_next(hands: Hands, size: int = SLICE) -> bool:
    """Sign the next slice of the longest waiting batch; False when no batch waits. One transaction.

    Several workers may run it: a batch is held while a slice of it is signed. Runs in the scope of the whole system and
    writes the history in the signer's name.
    """
    with transaction.atomic():
        batch = _take()
        if batch is None:
            return False
        actor = signer_of(batch)
        with scope.use(_in_the_name_of(actor, batch)):
            try:
                if actor is None:
                    raise NotAllowed(
                        "transcripts.not_allowed", _("Người ký không còn giữ vai trò được ký ở trường này.")
                    )
                _sign_slice(batch, actor, hands.of(batch, actor), size)
            except RuleError as refusal:
                if refusal.code == BUSY:
                    return False
                _stop(batch, refusal)
            batch.save(update_fields=["state", "done", "failures", "message", "started_at", "finished_at"])
    if batch.state in (SigningBatch.State.DONE, SigningBatch.State.FAILED):
        hands.put_down(batch.pk)
    elif isinstance(hand := hands.opened.get(batch.pk), RemoteHand) and hand.is_waiting:
        time.sleep(hand.pause)  # the holder's telephone: outside the transaction
    return True


def signer_of(batch: SigningBatch) -> Actor | None:
    """The batch's signer with the grant that lets them sign today; None when there is no such grant any more."""
    wanted = SEAL if batch.role == SignatureStep.Role.SEAL else SIGN
    account: Account = batch.account
    if not account.is_active:
        return None
    grants = account.grants.on(timezone.localdate()).filter(organisation=batch.school_id, role__in=wanted.roles)
    grant = grants.order_by("role").first()
    return actor_for(account, grant) if grant else None


def _take() -> SigningBatch | None:
    waiting = SigningBatch.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state__in=["queued", "running"]
    )
    batch = waiting.select_related("account", "key").order_by("queued_at").first()
    if batch is not None and batch.state == SigningBatch.State.QUEUED:
        batch.state = SigningBatch.State.RUNNING
        batch.started_at = batch.started_at or timezone.now()
    return batch


def _sign_slice(batch: SigningBatch, actor: Actor, hand: Hand | RemoteHand, size: int) -> None:
    ids = [UUID(text) for text in batch.transcript_ids]
    if isinstance(hand, RemoteHand):
        if not hand.started:  # also after a crash: what was signed before counts again, as signed
            batch.done, batch.failures = 0, []
        outcomes = hand.work([Item(pk, sha) for pk, sha in zip(ids, batch.digests, strict=True)], actor)
    else:
        chosen = [Item(pk, sha) for pk, sha in zip(ids, batch.digests, strict=True)][batch.done : batch.done + size]
        outcomes = _by_hand(chosen, actor, hand)
    for item, refusal in outcomes:
        batch.done += 1
        if refusal is not None:
            batch.failures.append({"transcript": str(item), "code": refusal.code, "message": str(refusal)})
    if batch.done >= batch.total:
        batch.state, batch.finished_at = SigningBatch.State.DONE, timezone.now()
        signed = batch.total - len(batch.failures)
        batch.message = _("Đã ký {signed} học bạ.").format(signed=signed)
        if batch.failures:
            batch.message += " " + _("{count} học bạ chưa ký được, xem lý do bên dưới.").format(
                count=len(batch.failures)
            )
        notify(account_ids=[batch.account_id], title=batch.message, url=f"/hoc-ba/luot-ky/{batch.pk}/")


def _by_hand(chosen: Sequence[Item], actor: Actor, hand: Hand) -> list[tuple[UUID, RuleError | None]]:
    enrolments = Transcript.objects.filter(pk__in=[item.id for item in chosen]).values_list("enrolment_id", flat=True)
    results = results_digests(list(enrolments))
    outcomes: list[tuple[UUID, RuleError | None]] = []
    for item in chosen:
        try:
            with transaction.atomic():
                signing.sign(actor=actor, transcript_id=item.id, hand=hand, seen=item.sha256, results=results)
        except RuleError as refusal:
            if refusal.code in STOPS:
                if not outcomes:
                    raise
                break  # keep what this slice has signed; the next one meets the same refusal and stops the batch
            outcomes.append((item.id, refusal))
        else:
            outcomes.append((item.id, None))
    return outcomes


def _stop(batch: SigningBatch, refusal: RuleError) -> None:
    batch.state, batch.finished_at = SigningBatch.State.FAILED, timezone.now()
    left = _("Còn {left} học bạ chưa ký; có thể ký tiếp.").format(left=batch.total - batch.done)
    batch.message = f"{refusal} {left}"
    notify(account_ids=[batch.account_id], title=_("Lượt ký học bạ bị dừng."), url=f"/hoc-ba/luot-ky/{batch.pk}/")


def _in_the_name_of(actor: Actor | None, batch: SigningBatch) -> scope.Scope:
    """The whole system's reach (the record crosses schools), the signer's name in the history."""
    who = actor.scope().actor if actor is not None else f"{batch.account_id}|{batch.account.full_name}|"
    return scope.whole_system(who, _("Ký học bạ, lượt {batch}").format(batch=batch.pk))
