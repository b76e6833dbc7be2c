"""Long-term form of a signed PDF (B-LTA): everything needed to check it goes inside, an archive stamp goes over it.

Allowed for anyone who holds the file, so the same call serves three needs: sealing, raising an old B-B or B-T file
before its certificates end, and renewing the archive stamp every year or when an algorithm grows weak.
"""

from datetime import datetime
from io import BytesIO

from asn1crypto import cms, crl, x509
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from sen.shared.kit.errors import RuleError

from .fields import open_pdf
from .trust import Evidence, Trust, Use, examine, run
from .tsa import TimeStamping

Gathered = tuple[x509.Certificate, Evidence]
"""A holder's certificate and what proves it."""


class Archivist:
    """Adds the archive stamp to files. Evidence about a certificate is gathered once and used for every file.

    Raises RuleError when opened with a stamp authority that is not trusted (see `trust.examine`).
    """

    def __init__(self, trust: Trust, timestamper: TimeStamping, *, at: datetime) -> None:
        self._trust = trust
        self._timestamper = timestamper
        self._at = at
        self._known: dict[bytes, Evidence] = {}
        self._stamp_bytes = stamp_size(timestamper)
        authorities = _stamp_certificates(timestamper)
        self._authorities = [(item, examine(item, [], trust, at, use="stamp")) for item in authorities]

    def know(self, certificate: x509.Certificate, evidence: Evidence) -> None:
        """Take evidence that was gathered already."""
        self._known[certificate.sha256] = evidence

    def archive(self, pdf: bytes) -> bytes:
        """Raises RuleError when a signature in the file could not be proved later (certificate revoked, ...)."""
        gathered = [*self._authorities, *self._inside(open_pdf(pdf))]
        certificates = {item.sha256: item for holder, proof in gathered for item in (holder, *proof.certificates)}
        lists: dict[bytes, crl.CertificateList] = {
            item.signature: item for _holder, proof in gathered for item in proof.revocation_lists
        }
        return run(self._write(pdf, list(certificates.values()), list(lists.values())))

    def _inside(self, reader: PdfFileReader) -> list[Gathered]:
        """Evidence about what no archive stamp covers yet: new signatures, and the newest stamp itself."""
        stamps = reader.embedded_timestamp_signatures
        covered = max((item.signed_revision for item in stamps), default=-1)
        new = [item for item in reader.embedded_regular_signatures if item.signed_revision > covered]
        newest = [item for item in stamps if item.signed_revision == covered]
        return [*(self._examined(item, "sign") for item in new), *(self._examined(item, "stamp") for item in newest)]

    def _examined(self, signature: EmbeddedPdfSignature, use: Use) -> Gathered:
        certificate = signature.signer_cert
        evidence = self._known.get(certificate.sha256)
        if evidence is None:
            try:
                evidence = self._known[certificate.sha256] = self._examine_at(signature, self._at, use)
            except RuleError:
                # Expired or revoked since: a time stamp inside the signature may prove that it is older than that.
                stamp = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
                if stamp is None:
                    raise
                time = stamp["encap_content_info"]["content"].parsed["gen_time"].native
                evidence = self._examine_at(signature, time, use)
        return certificate, evidence

    def _examine_at(self, signature: EmbeddedPdfSignature, at: datetime, use: Use) -> Evidence:
        return examine(signature.signer_cert, signature.other_embedded_certs, self._trust, at, use=use)

    async def _write(self, pdf: bytes, certificates: list[x509.Certificate], lists: list[crl.CertificateList]) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        # One write for both: the stamp then covers the evidence too, and nothing unsigned follows it.
        DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=certificates, crls=lists)
        try:
            output = await PdfTimeStamper(self._timestamper).async_timestamp_pdf(
                writer, "sha256", bytes_reserved=2 * self._stamp_bytes
            )
        except OSError as error:
            raise stamp_failure() from error
        return bytes(output.getvalue())


def archive(pdf: bytes, *, trust: Trust, timestamper: TimeStamping, at: datetime) -> bytes:
    """Bring one signed file to B-LTA, or renew its archive stamp."""
    return Archivist(trust, timestamper, at=at).archive(pdf)


def stamp_size(timestamper: TimeStamping) -> int:
    """Room for one time stamp of this authority, in bytes. Asks the authority for a first stamp (once per stamper)."""
    return len(_first_stamp(timestamper).dump()) * 5 // 4


def stamp_failure() -> RuleError:
    text = _("Không lấy được dấu thời gian từ máy chủ cấp dấu thời gian. Tài liệu chưa được ký, vui lòng thử lại sau.")
    return RuleError("documents.timestamp_failed", text)


def _first_stamp(timestamper: TimeStamping) -> cms.ContentInfo:
    try:
        return run(timestamper.async_dummy_response("sha256"))
    except OSError as error:
        raise stamp_failure() from error


def _stamp_certificates(timestamper: TimeStamping) -> list[x509.Certificate]:
    stamp = _first_stamp(timestamper)["content"]
    signer = stamp["signer_infos"][0]["sid"].chosen
    return [
        item.chosen
        for item in stamp["certificates"]
        if item.chosen.issuer == signer["issuer"] and item.chosen.serial_number == signer["serial_number"].native
    ]
