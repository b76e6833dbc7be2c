"""Signing a PDF (PAdES): check the certificate, prepare, ask the key, check what it returned, embed.

Levels. B-B shows who signed; B-T adds a time stamp that proves when; B-LTA adds what is needed to check all of it and
an archive stamp over the whole. In a file with several signers only the last one (the seal) brings B-LTA: its archive
stamp covers every byte before it, so the earlier signatures, their certificates and the revocation lists are proved to
have existed at that moment just as if each had a stamp of its own. Stamping every one would cost one archive stamp per
signer and prove nothing more. The data to check the earlier signers go into the file with the seal.

The first signature certifies the file (DocMDP "fill forms"): afterwards only the remaining fields may be signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import IO, Literal

from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner, PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko_certvalidator.registry import SimpleCertificateStore

from sen.shared.kit.errors import RuleError

from .appearance import appearance
from .archive import Archivist, stamp_failure, stamp_size
from .fields import field_states, open_pdf, require_turn
from .signers import Holder, Signer
from .trust import Trust, examine, run
from .tsa import TimeStamping

Level = Literal["B-B", "B-T", "B-LTA"]

SESSION_LIFE = timedelta(minutes=15)
"""One act of signing: longer than this, the signer must confirm again and the certificate is checked again."""

_CMS_MARGIN = 1500
"""Bytes for the signed attributes and the frame of a signature, beside its certificates and its time stamp."""


@dataclass(frozen=True)
class Pending:
    """A file with the place for one signature left open. Kept until the signature arrives, it can be finished later.

    `to_be_signed` is what the key signs (with SHA-256); it contains the digest of the file.
    """

    document: bytes
    field: str
    digest: bytes
    gap: tuple[int, int]
    to_be_signed: bytes

    @property
    def hash(self) -> bytes:
        """SHA-256 of `to_be_signed`: what a remote service is asked to sign, and the key of this item."""
        state = hashes.Hash(hashes.SHA256())
        state.update(self.to_be_signed)
        return state.finalize()


def prepare(
    pdf: bytes,
    *,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    field: str,
    at: datetime,
    reason: str = "",
    location: str = "",
    stamp_bytes: int = 0,
) -> Pending:
    """Leave a place for the signature of `certificate` in `field`. Raises RuleError as `fields.require_turn` does."""
    return run(_prepare(pdf, certificate, chain, field, at, reason, location, stamp_bytes))


def complete(
    pending: Pending,
    signature: bytes,
    *,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    timestamper: TimeStamping | None = None,
) -> bytes:
    """Embed a signature, after checking it against the certificate; with a time stamp it becomes B-T.

    Raises RuleError: documents.signature_mismatch, documents.timestamp_failed.
    """
    require_signature(certificate, pending.to_be_signed, signature)
    return run(_complete(pending, signature, certificate, chain, timestamper))


class Session:
    """One act of signing by one holder: any number of files, one check of the certificate, at most 15 minutes.

    `trust` must hold current revocation lists. `clock` exists for demo data of past years and for tests.
    Raises RuleError when opened with a certificate that may not sign (see `trust.examine`).
    """

    def __init__(
        self,
        holder: Holder,
        *,
        trust: Trust,
        timestamper: TimeStamping | None = None,
        level: Level = "B-LTA",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if level != "B-B" and timestamper is None:
            raise ValueError(f"{level} needs a time stamper")
        self.holder = holder
        self.level: Level = level
        self._clock = clock
        self._timestamper = timestamper if level != "B-B" else None
        self._began = clock()
        evidence = examine(holder.certificate, holder.chain, trust, self._began)
        self._stamp_bytes = stamp_size(self._timestamper) if self._timestamper else 0
        self._archivist = Archivist(trust, timestamper, at=self._began) if level == "B-LTA" and timestamper else None
        if self._archivist:
            self._archivist.know(holder.certificate, evidence)

    def prepare(self, pdf: bytes, *, field: str, reason: str = "", location: str = "") -> Pending:
        """Leave a place for the holder's signature. Raises RuleError: documents.session_over, and as `prepare` does."""
        now = self._clock()
        if now - self._began > SESSION_LIFE:
            raise RuleError("documents.session_over", _("Lượt ký đã quá 15 phút. Vui lòng xác nhận lại để ký tiếp."))
        return prepare(
            pdf,
            certificate=self.holder.certificate,
            chain=self.holder.chain,
            field=field,
            at=now,
            reason=reason,
            location=location,
            stamp_bytes=self._stamp_bytes,
        )

    def finish(self, pending: Pending, signature: bytes) -> bytes:
        """Embed a signature made for `pending` and bring the file to this session's level."""
        signed = complete(
            pending,
            signature,
            certificate=self.holder.certificate,
            chain=self.holder.chain,
            timestamper=self._timestamper,
        )
        return self._archivist.archive(signed) if self._archivist else signed


class SigningSession(Session):
    """A session whose key is at hand: a file or a token."""

    holder: Signer

    def sign(self, pdf: bytes, *, field: str, reason: str = "", location: str = "") -> bytes:
        """Sign one field of one file. Raises RuleError; the file handed in is never changed."""
        pending = self.prepare(pdf, field=field, reason=reason, location=location)
        return self.finish(pending, self.holder.sign(pending.to_be_signed))


def sign(
    pdf: bytes,
    *,
    signer: Signer,
    field: str,
    trust: Trust,
    reason: str = "",
    location: str = "",
    level: Level = "B-LTA",
    timestamper: TimeStamping | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> bytes:
    """Sign one file. For more than one use a `SigningSession`, which checks the certificate only once."""
    session = SigningSession(signer, trust=trust, timestamper=timestamper, level=level, clock=clock)
    return session.sign(pdf, field=field, reason=reason, location=location)


def require_signature(certificate: x509.Certificate, data: bytes, signature: bytes) -> None:
    """Check a raw signature. Raises RuleError("documents.signature_mismatch")."""
    key = load_der_public_key(certificate.public_key.dump())
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, PKCS1v15(), hashes.SHA256())
        else:
            raise InvalidSignature
    except InvalidSignature as error:
        text = _("Chữ ký nhận được không khớp với tài liệu hoặc với chứng thư số của người ký.")
        raise RuleError("documents.signature_mismatch", text) from error


async def _prepare(
    pdf: bytes,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    field: str,
    at: datetime,
    reason: str,
    location: str,
    stamp_bytes: int,
) -> Pending:
    reader = open_pdf(pdf)
    states = field_states(reader)
    place = require_turn(states, field)
    engine = _engine(certificate, chain)
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason or None,
        location=location or None,
        certify=not any(state.signed for state in states),
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    writer = IncrementalPdfFileWriter.from_reader(reader)
    stamp = appearance(certificate, at, place.size) if all(place.size) else None
    session = PdfSigner(metadata, engine, stamp_style=stamp).init_signing_session(writer, existing_fields_only=True)
    session.system_time = at
    room = 2 * (sum(len(item.dump()) for item in (certificate, *chain)) + stamp_bytes + _CMS_MARGIN)  # written in hex
    prepared, output = session.prepare_tbs_document(None, room).digest_tbs_document()
    attributes = await engine.signed_attrs(prepared.document_digest, "sha256", use_pades=True)
    return Pending(
        document=_all_of(output),
        field=field,
        digest=prepared.document_digest,
        gap=(prepared.reserved_region_start, prepared.reserved_region_end),
        to_be_signed=attributes.dump(),
    )


async def _complete(
    pending: Pending,
    signature: bytes,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    timestamper: TimeStamping | None,
) -> bytes:
    attributes = cms.CMSAttributes.load(pending.to_be_signed)
    engine = _engine(certificate, chain, signature)
    try:
        envelope = await engine.async_sign_prescribed_attributes("sha256", attributes, timestamper=timestamper)
    except OSError as error:
        raise stamp_failure() from error
    output = BytesIO(pending.document)
    PreparedByteRangeDigest(pending.digest, *pending.gap).fill_with_cms(output, envelope)
    return output.getvalue()


def _all_of(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read()


def _engine(
    certificate: x509.Certificate, chain: Sequence[x509.Certificate], signature: bytes | None = None
) -> ExternalSigner:
    store = SimpleCertificateStore()
    store.register_multiple(chain)
    return ExternalSigner(certificate, store, signature_value=signature, embed_roots=False)
