"""Signing: by the own key, in turn, by who holds the office today, on exactly the file that was seen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.core.curriculum.models import Placement
from sen.core.identity.actor import Actor
from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.school.transcripts import events, setup
from sen.school.transcripts.booklet import data_files
from sen.school.transcripts.models import SignatureStep, SigningKey, SigningPolicy, Transcript
from sen.school.transcripts.permissions import SEAL, SIGN
from sen.school.transcripts.records import results_digests
from sen.school.transcripts.services import keys
from sen.school.transcripts.services.building import keep_file
from sen.shared.documents.detached import sign_json, sign_xml
from sen.shared.documents.signers import Signer
from sen.shared.documents.signing import SESSION_LIFE, SigningSession
from sen.shared.files import services as files
from sen.shared.kit.errors import NotAllowed, RuleError

Step = SignatureStep.Role
State = Transcript.State
STAGES = (Step.SUBJECT_TEACHER, Step.FORM_TEACHER, Step.PRINCIPAL, Step.SEAL)
"""The order of signing (signatures.md 2; Circular 58/2011 Art. 21: the principal approves after all teachers)."""


@dataclass
class Hand:
    """An opened key in one act of signing: at most 15 minutes, one check of the certificate, any number of files."""

    role: str
    key: SigningKey
    signer: Signer
    session: SigningSession

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        keys.close(self.signer)


def key_for(*, actor: Actor, school_id: UUID, role: str) -> SigningKey:
    """The key this actor signs with in this role. Raises NotAllowed, RuleError: transcripts.no_key,
    transcripts.key_ends (the certificate would end during the act)."""
    actor.require(SEAL if role == Step.SEAL else SIGN, school_id)
    person_id = None if role == Step.SEAL else actor.person_id
    if role != Step.SEAL and person_id is None:
        raise NotAllowed("transcripts.no_person", _("Tài khoản này chưa gắn với hồ sơ cán bộ nên không ký được."))
    bearer = Q(person=None) if person_id is None else Q(person=person_id)
    key = SigningKey.objects.filter(bearer, school_id=school_id, removed_at=None).first()
    if key is None:
        what = _("Nhà trường chưa đăng ký con dấu số.") if role == Step.SEAL else _("Thầy/cô chưa đăng ký khóa ký số.")
        raise RuleError("transcripts.no_key", what + " " + _("Vui lòng mở trang “Khóa ký” để đăng ký."))
    now = timezone.now()
    if now < key.valid_until < now + timedelta(seconds=SESSION_LIFE.total_seconds()):
        raise RuleError(
            "transcripts.key_ends", _("Chứng thư số sẽ hết hạn trong lượt ký này. Vui lòng gia hạn trước khi ký.")
        )
    return key


def open_hand(*, actor: Actor, school_id: UUID, role: str) -> Hand:
    """Open the actor's own key (or the school's seal). Raises as `key_for`, `keys.open_signer`, `trust.examine`."""
    key = key_for(actor=actor, school_id=school_id, role=role)
    signer = keys.open_signer(key)
    try:
        session = SigningSession(
            signer,
            trust=setup.current_trust(),
            timestamper=setup.timestamper() if role == Step.SEAL else None,
            # The seal's archive stamp covers the signatures before it, see documents.signing.
            level="B-LTA" if role == Step.SEAL else "B-B",
        )
    except BaseException:
        keys.close(signer)
        raise
    return Hand(role, key, signer, session)


@transaction.atomic
def sign(
    *, actor: Actor, transcript_id: UUID, hand: Hand, seen: str | None = None, results: Mapping[UUID, str] | None = None
) -> Transcript:
    """Put the actor's signature (every one it is their turn for in this role) under a transcript; the seal issues it.

    `seen`: SHA-256 of the file as the signer saw it. `results`: present digests of results, when the caller has just
    read
    them for many. Raises NotAllowed, RuleError: transcripts.not_ready, transcripts.not_your_turn,
    transcripts.already_signed,
    transcripts.wrong_signer, transcripts.changed, transcripts.file_changed, and of `documents`. Nothing changes then.
    """
    row = lock(transcript_id)
    steps = turn(actor=actor, transcript=row, role=hand.role)
    require_unchanged(row, seen=seen, results=results)
    assert row.pdf is not None  # a built transcript has its file
    content = files.read_checked(row.pdf)
    for step in steps:
        content = hand.session.sign(content, field=step.field, reason=reason_of(row, step), location=place_of(row))
        note_signature(actor=actor, row=row, step=step, key=hand.key)
    keep_signed(row, content)
    if hand.role == Step.SEAL:
        _issue(row, hand)
    return row


def lock(transcript_id: UUID) -> Transcript:
    """The row, held until the transaction ends: of two signers at once the second sees what the first did."""
    rows = Transcript.objects.select_for_update(of=("self",)).select_related("pdf", "supersedes")
    return rows.get(pk=transcript_id)


def turn(*, actor: Actor, transcript: Transcript, role: str) -> list[SignatureStep]:
    """The steps this actor is to sign now, in this role. Raises as `sign`."""
    actor.require(SEAL if role == Step.SEAL else SIGN, transcript.school_id)
    _require_ready(transcript)
    steps = list(transcript.steps.order_by("order"))
    own = [step for step in steps if step.role == role and (role == Step.SEAL or step.signer_id == actor.person_id)]
    if not own:
        raise NotAllowed("transcripts.wrong_signer", _("Thầy/cô không phải là người ký ở bước này của học bạ."))
    waiting = [step for step in own if step.signed_at is None]
    if not waiting:
        raise RuleError("transcripts.already_signed", _("Thầy/cô đã ký học bạ này."))
    before = [
        step for step in steps if STAGES.index(Step(step.role)) < STAGES.index(Step(role)) and step.signed_at is None
    ]
    if before:
        missing = ", ".join(dict.fromkeys(str(step.get_role_display()).lower() for step in before))
        text = _("Chưa đến lượt ký: học bạ còn chờ chữ ký của {missing}.").format(missing=missing)
        raise RuleError("transcripts.not_your_turn", text)
    _require_office(actor, transcript, role)
    return waiting


def require_unchanged(row: Transcript, *, seen: str | None, results: Mapping[UUID, str] | None = None) -> None:
    """Refuse a file that is not the one the signer saw, or whose results have changed since it was built."""
    if seen is not None and seen != row.pdf_sha256:
        raise RuleError(
            "transcripts.changed", _("Tệp học bạ đã thay đổi so với lúc thầy/cô xem. Vui lòng xem lại rồi ký.")
        )
    assert row.pdf is not None
    if row.pdf.sha256 != row.pdf_sha256:
        raise RuleError(
            "transcripts.file_changed", _("Tệp học bạ trong kho không khớp với sổ đăng ký. Vui lòng lập lại học bạ.")
        )
    present = results if results is not None else results_digests([row.enrolment_id])
    if present.get(row.enrolment_id) != row.results_sha256:
        text = _("Kết quả học tập đã thay đổi sau khi lập học bạ. Vui lòng lập lại học bạ rồi ký.")
        raise RuleError("transcripts.results_changed", text)


def note_signature(*, actor: Actor, row: Transcript, step: SignatureStep, key: SigningKey) -> None:
    step.signed_at = timezone.now()
    step.certificate = key.subject
    step.signer_id = actor.person_id
    step.save(update_fields=["signed_at", "certificate", "signer"])


def keep_signed(row: Transcript, content: bytes) -> None:
    """Keep the file with one more signature."""
    row.pdf = keep_file(row, content, "pdf")
    row.pdf_sha256 = hashlib.sha256(content).hexdigest()
    row.state = State.SIGNING
    row.save(update_fields=["pdf", "pdf_sha256", "state"])


def reason_of(row: Transcript, step: SignatureStep) -> str:
    """What stands in the signature as its reason."""
    year = f"{row.year}-{row.year + 1}"
    return {
        Step.SUBJECT_TEACHER: f"Xác nhận kết quả môn học năm học {year}",
        Step.FORM_TEACHER: f"Xác nhận kết quả năm học {year}",
        Step.PRINCIPAL: f"Phê duyệt kết quả năm học {year}",
        Step.SEAL: f"Đóng dấu học bạ năm học {year}",
    }[Step(step.role)]


def place_of(row: Transcript) -> str:
    school = row.record.get("school", {})
    return str(school.get("district") or school.get("province") or "")


def _issue(row: Transcript, hand: Hand) -> None:
    """Sign the data with the seal as well; the version before gives way in the same moment."""
    data, xml = data_files(row.record, row.record_sha256)
    row.data_json = keep_file(row, data, "json")
    row.data_signature = keep_file(row, sign_json(data, hand.signer), "p7s")
    row.data_xml = keep_file(row, sign_xml(xml, hand.signer, role="Nhà trường"), "xml")
    old = row.supersedes
    if old is not None:
        # First the old one: at no moment are there two valid ones, and the constraint sees none.
        Transcript.objects.filter(pk=old.pk, state=State.SEALED).update(state=State.SUPERSEDED)
        events.transcript_superseded.send(sender=Transcript, transcript_id=old.pk)
    row.state, row.sealed_at = State.SEALED, timezone.now()
    row.save(update_fields=["data_json", "data_signature", "data_xml", "state", "sealed_at"])
    events.transcript_sealed.send(sender=Transcript, transcript_id=row.pk)


def _require_ready(row: Transcript) -> None:
    if row.state in (State.BUILT, State.SIGNING):
        return
    text = {
        State.QUEUED: _("Học bạ đang chờ lập lại theo kết quả mới, chưa ký được."),
        State.FAILED: _("Học bạ chưa lập được: {why}").format(why=row.message),
        State.SEALED: _("Học bạ đã đóng dấu, không ký thêm được."),
        State.SUPERSEDED: _("Học bạ này đã được thay bằng bản mới."),
    }[State(row.state)]
    code = "transcripts.already_signed" if row.is_issued else "transcripts.not_ready"
    raise RuleError(code, text)


def _require_office(actor: Actor, row: Transcript, role: str) -> None:
    """A certificate does not show that its holder is principal here today; the offices of the day do."""
    if role == Step.FORM_TEACHER:
        leads = Placement.objects.filter(
            enrolment=row.enrolment_id, until=None, school_class__form_teacher_id=actor.person_id
        ).exists()
        if not leads:
            text = _("Giáo viên chủ nhiệm của lớp đã thay đổi sau khi lập học bạ. Vui lòng lập lại học bạ rồi ký.")
            raise NotAllowed("transcripts.wrong_signer", text)
    if role == Step.PRINCIPAL and not _is_head(actor, row.school_id):
        text = _("Hôm nay thầy/cô không giữ chức vụ ký học bạ của trường này, hoặc chưa được giao ký thay.")
        raise NotAllowed("transcripts.wrong_signer", text)


def _is_head(actor: Actor, school_id: UUID) -> bool:
    """Principal today; or vice-principal today with the school's decision to sign in the principal's stead."""
    held = set(
        Grant.objects.on(timezone.localdate())
        .filter(organisation=school_id, account__person=actor.person_id, role__in=[Role.PRINCIPAL, Role.VICE_PRINCIPAL])
        .values_list("role", flat=True)
    )
    if Role.PRINCIPAL in held:
        return True
    deputy = SigningPolicy.objects.filter(school=school_id).values_list("deputy", flat=True).first()
    return Role.VICE_PRINCIPAL in held and deputy is not None and deputy == actor.person_id
