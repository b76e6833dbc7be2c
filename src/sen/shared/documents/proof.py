"""What a signature proves at a later moment, from the file and the trust folder alone.

The steps of long-term validation (ETSI EN 319 102-1, PAdES B-LTA), newest evidence first:
1. the newest archive stamp must hold at the moment of checking; each older one only at the time of the next newer;
2. what lies under an archive stamp existed at the stamp's time: signatures, certificates, revocation lists;
3. a signature is judged at the earliest moment at which it is proved to have existed: its own time stamp, else its
   archive stamp, else now. A certificate that expires or is revoked after that moment does no harm.
Certificates, lists and their signatures are checked by pyHanko. Its ready-made `ades_lta_validation` (0.38) is not used
because it finds no revocation list for a signer below an intermediate authority (every one in Viet Nam), takes the
computer's clock instead of the moment asked for, and refuses every signature without a time stamp of its own.

One rule is our own, because a file must be checkable without network: the authority of the newest archive stamp is
checked with the newest revocation lists at hand, in the trust folder or in the file, however old they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from asn1crypto import cms, crl, ocsp, x509
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.general import CMSExtractionError, CMSStructuralError
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_tst_data_iter,
    message_imprint_checker,
    validate_sig_integrity,
)
from pyhanko_certvalidator import ValidationContext, errors

from .trust import CLOCK_DRIFT, SMALLEST_RSA, Anchor, Trust, Use, run, validated_path

Why = Literal["changed", "weak", "unknown_signer", "revoked", "expired", "undecided"]


@dataclass(frozen=True)
class Archive:
    """The file's archive stamps that hold: (revision that the stamp covers, proved time), oldest first."""

    times: tuple[tuple[int, datetime], ...] = ()
    is_damaged: bool = False
    """A stamp was altered, or something was changed under it."""

    def covers(self, revision: int) -> datetime | None:
        """The earliest time at which an archive stamp proves `revision` to have existed."""
        return next((time for covered, time in self.times if covered > revision), None)


STRONG_DIGESTS = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"})

_HARMLESS_REASONS = frozenset({"superseded", "cessation_of_operation", "affiliation_changed"})
"""RFC 3161 section 4: a stamp authority's certificate revoked for these keeps its earlier stamps good."""


class NotProved(Exception):
    """A signature or stamp does not hold; `why` is one of the reasons a reader of the file is told."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


@dataclass(frozen=True)
class Proof:
    """A signature that holds: the root it comes from, and since when it is known to exist."""

    anchor: Anchor
    time: datetime | None
    """Proved time: the signature's stamp, else its archive stamp; None for a signature with neither."""

    stamped: bool
    archived: bool


@dataclass(frozen=True)
class Knowledge:
    """Certificates and revocation data at hand: from the trust folder and from inside the file."""

    trust: Trust
    certificates: tuple[x509.Certificate, ...]
    lists: tuple[crl.CertificateList, ...]
    answers: tuple[ocsp.OCSPResponse, ...]

    @classmethod
    def of(cls, reader: PdfFileReader, trust: Trust) -> "Knowledge":
        inside = _inside(reader)
        return cls(
            trust,
            (*trust.intermediates, *inside.certificates),
            (*trust.revocation_lists, *inside.lists),
            inside.answers,
        )

    def context(self, moment: datetime, *, lists_before: datetime) -> ValidationContext:
        """pyHanko's view at `moment`. A list issued later counts as well, if issued before `lists_before`: an authority
        may drop an expired certificate from its lists, so a list made after the expiry proves nothing."""
        return ValidationContext(
            trust_roots=[anchor.certificate for anchor in self.trust.anchors],
            other_certs=list(self.certificates),
            crls=[item for item in self.lists if item["tbs_cert_list"]["this_update"].native <= lists_before],
            ocsps=list(self.answers),
            allow_fetching=False,
            moment=moment,
            revocation_mode="require",
            retroactive_revinfo=True,
            time_tolerance=CLOCK_DRIFT,
        )


def require_unchanged(item: EmbeddedPdfSignature) -> None:
    """The signed bytes are as signed, they are the whole file of that time, and later additions are allowed ones.

    Allowed are further signatures in fields made beforehand, and evidence with archive stamps. Raises NotProved.
    """
    item.compute_integrity_info()
    if item.coverage is None or item.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        raise NotProved("changed")
    later = item.diff_result
    if not isinstance(later, DiffResult) or later.modification_level > ModificationLevel.FORM_FILLING:
        raise NotProved("changed")
    if not item.summarise_integrity_info()["docmdp_ok"]:
        raise NotProved("changed")
    if item.pkcs7_content[_der_length(item.pkcs7_content) :].strip(b"\0"):
        raise NotProved("changed")  # something hides in the room left over for the signature
    content = "tst_info" if item.sig_object_type == "/DocTimeStamp" else "data"
    digest = item.compute_digest() if content == "data" else _content_digest(item.signed_data)
    _require_signature(item.signer_info, item.signer_cert, content, digest)


def has_a_tail(reader: PdfFileReader, embedded: Iterable[EmbeddedPdfSignature], data: bytes) -> bool:
    """Whether bytes follow that belong neither to what was signed nor to a later revision of the file."""
    newest = max(embedded, key=lambda item: item.signed_revision)
    if newest.signed_revision == reader.xrefs.total_revisions - 1:
        return newest.evaluate_signature_coverage() != SignatureCoverageLevel.ENTIRE_FILE
    return not data.rstrip().endswith(b"%%EOF")


def archive_times(stamps: Sequence[EmbeddedPdfSignature], knowledge: Knowledge, at: datetime) -> Archive:
    """Check the archive stamps, newest first."""
    proved: list[tuple[int, datetime]] = []
    is_damaged = False
    reference = at
    for item in sorted(stamps, key=lambda stamp: stamp.signed_revision, reverse=True):
        try:
            require_unchanged(item)
            reference = _prove_stamp(item.signed_data, item.compute_digest, knowledge, reference)
        except NotProved as refusal:
            is_damaged |= refusal.why == "changed"
            continue  # this stamp proves nothing; the ones before it must then hold by themselves
        proved.append((item.signed_revision, reference))
    return Archive(tuple(proved[::-1]), is_damaged)


def prove(item: EmbeddedPdfSignature, knowledge: Knowledge, archive: Archive, at: datetime) -> Proof:
    """Judge one signature. Raises NotProved."""
    require_unchanged(item)
    archived = archive.covers(item.signed_revision)
    stamped = _stamp_time(item, knowledge, archived or at)
    time = stamped or archived
    certificate = item.signer_cert
    judged_at = time or at
    if not certificate.not_valid_before - CLOCK_DRIFT <= judged_at <= certificate.not_valid_after:
        raise NotProved("expired")
    anchor = _prove_holder(certificate, item.other_embedded_certs, knowledge, judged_at, "sign")
    if time is None and _is_listed(certificate, knowledge):
        raise NotProved("revoked")  # nothing proves that the signature is older than the revocation
    return Proof(anchor, time, stamped is not None, archived is not None)


def _stamp_time(item: EmbeddedPdfSignature, knowledge: Knowledge, reference: datetime) -> datetime | None:
    """Time of the signature's own stamp; a stamp of an authority we do not trust proves nothing and is passed over."""
    for token in extract_tst_data_iter(item.signer_info, signed=False):
        try:
            return _prove_stamp(token, message_imprint_checker(item.signer_info), knowledge, reference)
        except NotProved as refusal:
            if refusal.why == "changed":
                raise
    return None


def _prove_stamp(token: cms.SignedData, imprint_of: Any, knowledge: Knowledge, reference: datetime) -> datetime:
    """The time in a stamp, if its authority is trusted, was good then, and its certificate reaches `reference`."""
    info = token["encap_content_info"]["content"].parsed
    algorithm = info["message_imprint"]["hash_algorithm"]["algorithm"].native
    if algorithm not in STRONG_DIGESTS:
        raise NotProved("weak")
    holders = _holders(token)
    _require_signature(token["signer_infos"][0], holders.signer_cert, "tst_info", _content_digest(token))
    if imprint_of(algorithm) != info["message_imprint"]["hashed_message"].native:
        raise NotProved("changed")
    time: datetime = info["gen_time"].native
    if time > reference + CLOCK_DRIFT or reference > holders.signer_cert.not_valid_after:
        raise NotProved("expired")
    _prove_holder(holders.signer_cert, holders.other_certs, knowledge, time, "stamp")
    if _is_listed(holders.signer_cert, knowledge, harmless=_HARMLESS_REASONS):
        raise NotProved("revoked")
    return time


def _prove_holder(
    certificate: x509.Certificate, others: Iterable[x509.Certificate], knowledge: Knowledge, moment: datetime, use: Use
) -> Anchor:
    """The trusted root above a certificate that was good at `moment`."""
    key = certificate.public_key
    if key.algorithm == "rsa" and key.bit_size < SMALLEST_RSA:
        raise NotProved("weak")
    context = knowledge.context(moment, lists_before=certificate.not_valid_after)
    try:
        path = run(validated_path(certificate, list(others), context, use))
    except errors.RevokedError as error:
        raise NotProved("revoked") from error
    except (errors.ExpiredError, errors.NotYetValidError) as error:
        raise NotProved("expired") from error
    except errors.PathBuildingError as error:
        raise NotProved("unknown_signer") from error
    except errors.DisallowedAlgorithmError as error:
        raise NotProved("weak") from error
    except (errors.InsufficientRevinfoError, errors.InsufficientPOEError) as error:
        raise NotProved("undecided") from error
    except errors.ValidationError as error:  # wrong use of the certificate, broken chain
        raise NotProved("unknown_signer") from error
    anchor = knowledge.trust.anchor_of(path.first)
    if anchor is None or (anchor.until is not None and moment > anchor.until):
        raise NotProved("unknown_signer")
    return anchor


def _require_signature(info: cms.SignerInfo, certificate: x509.Certificate, content: str, digest: bytes) -> None:
    if info["digest_algorithm"]["algorithm"].native not in STRONG_DIGESTS:
        raise NotProved("weak")
    try:
        intact, valid = validate_sig_integrity(info, certificate, content, digest)
    except (SignatureValidationError, CMSStructuralError) as error:
        raise NotProved("changed") from error
    if not (intact and valid):
        raise NotProved("changed")


def _holders(token: cms.SignedData) -> Any:
    try:
        return extract_certs_for_validation(token)
    except (CMSExtractionError, SignatureValidationError) as error:
        raise NotProved("unknown_signer") from error


def _der_length(data: bytes) -> int:
    """Length of the first DER value in `data`, header included."""
    first = data[1]
    if first < 0x80:
        return 2 + first
    size = first & 0x7F
    return 2 + size + int.from_bytes(data[2 : 2 + size], "big")


def _content_digest(token: cms.SignedData) -> bytes:
    """Digest of the stamp's own content, by the algorithm that its signature names."""
    name = token["signer_infos"][0]["digest_algorithm"]["algorithm"].native
    if name not in STRONG_DIGESTS:
        raise NotProved("weak")
    state = hashes.Hash(getattr(hashes, name.upper())())
    state.update(bytes(token["encap_content_info"]["content"]))
    return state.finalize()


def _is_listed(certificate: x509.Certificate, knowledge: Knowledge, *, harmless: frozenset[str] = frozenset()) -> bool:
    """Whether any list of the certificate's issuer names it, except for a harmless reason."""
    for item in knowledge.lists:
        if item.issuer != certificate.issuer:
            continue
        for entry in item["tbs_cert_list"]["revoked_certificates"]:
            if entry["user_certificate"].native == certificate.serial_number:
                reason = entry.crl_reason_value.native if entry.crl_reason_value else "unspecified"
                return reason not in harmless
    return False


def _inside(reader: PdfFileReader) -> Knowledge:
    """Evidence stored in the file (DSS)."""
    nothing = Knowledge(Trust(), (), (), ())
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return nothing
    return replace(
        nothing,
        certificates=tuple(store.load_certs()),
        lists=tuple(crl.CertificateList.load(item.get_object().data) for item in store.crls),
        answers=tuple(ocsp.OCSPResponse.load(item.get_object().data) for item in store.ocsps),
    )
