"""Signatures on records: XAdES inside the XML (exchange copy), CMS beside the JSON (data batches, audit anchors).

Each sign function takes a `Signer`, so that keys on tokens work as well. Each verify function returns who signed, after
checking the certificate against the trust folder; it raises Invalid with a sentence when anything does not fit.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from asn1crypto import cms, x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate, load_der_x509_certificate
from django.utils.translation import gettext as _
from lxml import etree
from pyhanko.sign.general import CMSExtractionError, CMSStructuralError
from pyhanko.sign.signers import ExternalSigner
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity
from pyhanko_certvalidator.registry import SimpleCertificateStore
from signxml.algorithms import CanonicalizationMethod, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidInput, InvalidSignature, SignXMLException
from signxml.xades.xades import (
    XAdESDataObjectFormat,
    XAdESSignatureConfiguration,
    XAdESSigner,
    XAdESVerifier,
)

from sen.shared.kit.errors import Invalid

from .canonical import digests, parse_xml, record_from_xml
from .proof import STRONG_DIGESTS
from .signers import Signer
from .trust import Trust, examine, name_of, organisation_of, run, utc

_BROKEN = (ValueError, TypeError, KeyError, IndexError)
"""What asn1crypto raises on bytes that are no signature."""


@dataclass(frozen=True)
class Signatory:
    """Who signed a record."""

    name: str
    organisation: str
    family: str
    certificate: str
    """SHA-256 of the certificate, hexadecimal."""


def sign_json(data: bytes, signer: Signer) -> bytes:
    """A detached CMS signature (CAdES, DER) over the bytes of `canonical_json`."""
    return run(_sign_json(data, signer))


def verify_json(data: bytes, signature: bytes, trust: Trust, *, at: datetime | None = None) -> Signatory:
    """Check a detached CMS signature. Raises Invalid: documents.record_changed, documents.bad_signature; RuleError of
    `trust.examine` for the certificate."""
    try:
        signed = cms.ContentInfo.load(signature, strict=True)["content"]
        holders = extract_certs_for_validation(signed)
        info = signed["signer_infos"][0]
        if info["digest_algorithm"]["algorithm"].native not in STRONG_DIGESTS:
            raise _bad_signature()
        digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, data).digest()
        intact, valid = validate_sig_integrity(info, holders.signer_cert, "data", digest)
    except (*_BROKEN, CMSExtractionError, CMSStructuralError, SignatureValidationError) as error:
        raise _bad_signature() from error
    if not intact:
        raise Invalid("documents.record_changed", _("Bản ghi đã bị thay đổi sau khi ký."))
    if not valid:
        raise _bad_signature()
    return _signatory(holders.signer_cert, list(holders.other_certs), trust, at)


def sign_xml(data: bytes, signer: Signer, *, role: str = "") -> bytes:
    """Put an enveloped XAdES signature into `canonical_xml`. `role`: the office held, as the signer claims it."""
    chain = [_certificate(item.dump()) for item in (signer.certificate, *signer.chain)]
    is_ec = signer.certificate.public_key.algorithm == "ec"
    engine = XAdESSigner(
        claimed_roles=[role] if role else None,
        data_object_format=XAdESDataObjectFormat(Description="Bản ghi", MimeType="text/xml"),
        signature_algorithm=SignatureMethod.ECDSA_SHA256 if is_ec else SignatureMethod.RSA_SHA256,
        # Exclusive C14N is refused by the library's own verifier.
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1,
    )
    key = cast(RSAPrivateKey, _Key(signer))  # signxml asks a key for its size and for signatures, for nothing else
    signed = engine.sign(parse_xml(data), key=key, cert=chain, always_add_key_value=False)
    return bytes(etree.tostring(signed, method="c14n"))


def verify_xml(data: bytes, trust: Trust, *, at: datetime | None = None) -> tuple[dict[str, Any], Signatory]:
    """Check an XAdES signature and return the record as it was signed, never as it lies in the file around it.

    Raises Invalid: documents.bad_xml, documents.record_changed, documents.bad_signature; RuleError of `trust.examine`.
    """
    top = parse_xml(data)
    inside = top.findall(".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate")
    if not inside:
        raise _bad_signature()
    try:
        certificates = [x509.Certificate.load(base64.b64decode(item.text or "")) for item in inside]
        # The certificate is judged by `trust.examine` below; here it only has to be the one that made the signature.
        own = _certificate(certificates[0].dump())
        result = XAdESVerifier().verify(top, x509_cert=own, expect_config=XAdESSignatureConfiguration())
    except InvalidDigest as error:
        raise Invalid("documents.record_changed", _("Bản ghi đã bị thay đổi sau khi ký.")) from error
    except (InvalidSignature, InvalidInput, SignXMLException, ValueError) as error:
        raise _bad_signature() from error
    signed = result[0].signed_xml
    if signed is None or signed.tag != top.tag:
        raise _bad_signature()  # the signature covers a part only
    return record_from_xml(signed), _signatory(certificates[0], certificates[1:], trust, at)


class _Key:
    """A `Signer` in the shape in which signxml asks for a signature."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.key_size = signer.certificate.public_key.bit_size

    def sign(self, data: bytes, **how: Any) -> bytes:
        return self._signer.sign(data)  # SHA-256, the only digest chosen above


async def _sign_json(data: bytes, signer: Signer) -> bytes:
    store = SimpleCertificateStore()
    store.register_multiple(signer.chain)
    digest = bytes.fromhex(digests(data).sha256)
    attributes = await ExternalSigner(signer.certificate, store).signed_attrs(
        digest, "sha256", use_pades=True, is_pdf_sig=False
    )
    value = signer.sign(attributes.dump())
    engine = ExternalSigner(signer.certificate, store, signature_value=value, embed_roots=False)
    return bytes((await engine.async_sign_prescribed_attributes("sha256", attributes)).dump())


def _signatory(
    certificate: x509.Certificate, chain: list[x509.Certificate], trust: Trust, at: datetime | None
) -> Signatory:
    evidence = examine(certificate, chain, trust, utc(at))
    return Signatory(
        name_of(certificate), organisation_of(certificate), evidence.anchor.family, certificate.sha256.hex()
    )


def _certificate(der: bytes) -> Certificate:
    return load_der_x509_certificate(der)


def _bad_signature() -> Invalid:
    return Invalid("documents.bad_signature", _("Chữ ký số của bản ghi không hợp lệ."))
