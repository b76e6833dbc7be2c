"""Is this file genuine? Works from the file and the trust folder alone, without network or database.

A file is called valid only if every signature holds, every field is signed, they were signed in turn, and nothing but
allowed additions follows the signed bytes. A correct cryptographic check alone is never enough: it stays correct when
pages are added after signing. Whether a newer version replaced the file, and whether the signers held their office that
day, is the caller's knowledge (`entitled`).
"""

import logging
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pyhanko.sign.validation import EmbeddedPdfSignature

from sen.shared.kit.errors import Invalid

from .attachments import attachments
from .fields import FieldState, field_states, open_pdf
from .proof import Archive, Knowledge, NotProved, Proof, archive_times, has_a_tail, prove
from .trust import FAMILIES, Trust, load, name_of, organisation_of, utc
from .verification_text import OVERALL, REASONS, TEST_NOTE, VALID_SIGNATURE, Status

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes. A transcript is some 100 kB; anything near this is not one of ours."""

_GRAVEST_FIRST: tuple[Status, ...] = ("changed", "revoked", "unknown_signer", "expired", "incomplete")
_LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Signature:
    """One signature as a reader of the file is told. `status` is "valid" or what is wrong with it."""

    field: str
    title: str
    name: str
    position: str
    organisation: str
    reason: str
    time: datetime | None
    time_is_proved: bool
    family: str
    level: str
    status: Status
    certificate: str
    """SHA-256 of the signer's certificate, hexadecimal."""

    sentence_vi: str
    sentence_en: str

    @property
    def ok(self) -> bool:
        return self.status == "valid"


@dataclass(frozen=True)
class Verification:
    """The verdict on a file. `record`: the data file embedded in it, given only when the signed bytes are unchanged."""

    status: Status
    sentence_vi: str
    sentence_en: str
    signatures: tuple[Signature, ...] = ()
    missing: tuple[str, ...] = ()
    """Titles of the fields that nobody has signed yet."""

    record: bytes | None = field(default=None, repr=False)
    is_test: bool = False


def verify_pdf(
    data: bytes,
    trust: Trust,
    *,
    at: datetime | None = None,
    families: Collection[str] = (),
    entitled: Callable[[Signature], bool] = lambda signature: True,
) -> Verification:
    """Check a file at a moment (now by default).

    `families`: the certificate families allowed for this kind of document, all when empty. `entitled`: told each
    signature that holds, says whether this person might sign this field. Never raises for any bytes.
    """
    if len(data) > LARGEST_FILE:
        return _verdict("unreadable")
    try:
        return _verify(data, trust, utc(at), families, entitled)
    except Invalid:
        return _verdict("unreadable")
    except Exception:
        # The file is a stranger's: whatever it makes the parser stumble over is a fault of the file, not of the page.
        _log.info("file could not be verified", exc_info=True)
        return _verdict("unreadable")


def main(path: str, trust_folder: Path) -> int:
    """Print the verdict on a file for `sen verify FILE`.

    Exit code 0 valid, 1 not valid, 2 cannot tell (no such file, no PDF, no roots in the trust folder).
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        sys.stderr.write(f"Không mở được tệp {path}: {error.strerror}\n")
        return 2
    trust = load(trust_folder)
    if not trust.anchors:
        sys.stderr.write(f"Chưa có chứng thư gốc nào trong thư mục {trust_folder}, không kiểm tra được chữ ký.\n")
        return 2
    result = verify_pdf(data, trust)
    sys.stdout.write(describe(result))
    return {"valid": 0, "unreadable": 2}.get(result.status, 1)


def describe(result: Verification) -> str:
    """The verdict as text, Vietnamese with the English sentence below it."""
    lines = [result.sentence_vi, result.sentence_en, ""]
    lines += [f"  {number}. {item.sentence_vi}" for number, item in enumerate(result.signatures, 1)]
    return "\n".join(lines).rstrip() + "\n"


def _verify(
    data: bytes,
    trust: Trust,
    at: datetime,
    families: Collection[str],
    entitled: Callable[[Signature], bool],
) -> Verification:
    reader = open_pdf(data)
    embedded: list[EmbeddedPdfSignature] = list(reader.embedded_regular_signatures)
    if not embedded:
        return _verdict("unsigned")
    states = field_states(reader)
    knowledge = Knowledge.of(reader, trust)
    archive = archive_times(reader.embedded_timestamp_signatures, knowledge, at)
    titles = {state.name: state.title for state in states}
    signatures = tuple(
        _judge(item, titles.get(item.field_name, item.field_name), knowledge, archive, at, families, entitled)
        for item in sorted(embedded, key=lambda item: item.signed_revision)
    )
    missing = tuple(state.title for state in states if not state.signed)
    found: set[Status] = {signature.status for signature in signatures}
    if missing or not _in_turn(signatures, states):
        found.add("incomplete")
    if archive.is_damaged or has_a_tail(reader, reader.embedded_signatures, data):
        found.add("changed")
    status: Status = next((grave for grave in _GRAVEST_FIRST if grave in found), "valid")
    record = None if status == "changed" else next(iter(attachments(reader).values()), None)
    is_test = any(signature.family == "test" for signature in signatures)
    return _verdict(status, signatures, missing, record, is_test=is_test)


def _judge(
    item: EmbeddedPdfSignature,
    title: str,
    knowledge: Knowledge,
    archive: Archive,
    at: datetime,
    families: Collection[str],
    entitled: Callable[[Signature], bool],
) -> Signature:
    try:
        proof = prove(item, knowledge, archive, at)
    except NotProved as refusal:
        return _told(item, title, None, refusal.why)
    if families and proof.anchor.family not in families:
        return _told(item, title, proof, "wrong_family")
    signature = _told(item, title, proof, "valid")
    return signature if entitled(signature) else _told(item, title, proof, "not_entitled")


def _told(item: EmbeddedPdfSignature, title: str, proof: Proof | None, why: str) -> Signature:
    """Put a judgement into words."""
    certificate = item.signer_cert
    family = proof.anchor.family if proof else ""
    time = (proof.time if proof else None) or item.self_reported_timestamp
    position = certificate.subject.native.get("title", "")
    words = {
        "name": name_of(certificate),
        "title": title,
        "organisation": organisation_of(certificate),
        "time": time.astimezone(_LOCAL).strftime("%d/%m/%Y %H:%M") if time else "?",
    }
    status, vi, en = REASONS.get(why, ("valid", VALID_SIGNATURE[0], VALID_SIGNATURE[1]))
    family_vi, family_en = FAMILIES.get(family, ("", ""))
    return Signature(
        field=item.field_name,
        title=title,
        name=words["name"],
        position=str(position if isinstance(position, str) else position[0]),
        organisation=words["organisation"],
        reason=str(item.sig_object.get("/Reason", "")),
        time=time,
        time_is_proved=bool(proof and proof.time),
        family=family,
        level=_level(proof),
        status=status,
        certificate=certificate.sha256.hex(),
        sentence_vi=vi.format(**words, family=family_vi),
        sentence_en=en.format(**words, family=family_en),
    )


def _level(proof: Proof | None) -> str:
    if proof is None:
        return ""
    if proof.archived:
        return "B-LTA"
    return "B-T" if proof.stamped else "B-B"


def _in_turn(signatures: tuple[Signature, ...], states: list[FieldState]) -> bool:
    """Signed in the order of the fields' steps."""
    steps = {state.name: state.step for state in states}
    order = [steps.get(signature.field, 0) for signature in signatures]
    return order == sorted(order)


def _verdict(
    status: Status,
    signatures: tuple[Signature, ...] = (),
    missing: tuple[str, ...] = (),
    record: bytes | None = None,
    *,
    is_test: bool = False,
) -> Verification:
    key: str = status
    if status == "incomplete":
        undecided = any(signature.status == "incomplete" for signature in signatures)
        key = "missing" if missing else "undecided" if undecided else "wrong_order"
    vi, en = OVERALL[key]
    vi, en = vi.format(missing=", ".join(missing)), en.format(missing=", ".join(missing))
    if is_test:
        vi, en = f"{vi} {TEST_NOTE[0]}", f"{en} {TEST_NOTE[1]}"
    return Verification(status, vi, en, signatures, missing, record, is_test)
