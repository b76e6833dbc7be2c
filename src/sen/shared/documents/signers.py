"""Who holds the key: the port that signing asks for a signature, and the keys on this machine (file, token).

A key is never stored by the platform. A .p12 file is opened for one session with the holder's passphrase; a token
(PKCS#11) keeps its key and is asked to sign.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pkcs11
from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import pkcs12
from django.utils.translation import gettext as _
from pkcs11.exceptions import UserAlreadyLoggedIn
from pyhanko.sign.pkcs11 import select_pkcs11_signing_params
from pyhanko.sign.signers import ExternalSigner

from sen.shared.kit.errors import RuleError

from .pki import Identity, PrivateKey, to_asn1

ONE_AT_A_TIME = threading.Lock()
"""Tokens are not safe for two threads: one signature at a time in a process."""


class Holder(Protocol):
    """Somebody who has a certificate."""

    @property
    def certificate(self) -> x509.Certificate: ...

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        """Certificates above the holder's, as far as the holder has them; the root may be left out."""
        ...


class Signer(Holder, Protocol):
    """A holder whose key is at hand and signs at once."""

    def sign(self, data: bytes) -> bytes:
        """The raw signature over SHA-256 of `data` (RSA PKCS#1 v1.5, or ECDSA in DER), by the certificate's key."""
        ...


class KeySigner:
    """A key in memory: a demo identity, or an opened .p12 file."""

    def __init__(self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], key: PrivateKey) -> None:
        self.certificate = certificate
        self.chain = tuple(chain)
        self._key = key

    @classmethod
    def of(cls, identity: Identity) -> Self:
        return cls(identity.der, [to_asn1(item) for item in identity.chain], identity.key)

    @classmethod
    def from_p12(cls, data: bytes, passphrase: str) -> Self:
        """Open a .p12/.pfx file. Raises RuleError("documents.p12_refused") for a wrong passphrase or a broken file."""
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(data, passphrase.encode())
        except ValueError as error:
            text = _("Không mở được tệp chứng thư số: sai mật khẩu hoặc tệp bị hỏng.")
            raise RuleError("documents.p12_refused", text) from error
        if certificate is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise RuleError("documents.p12_refused", _("Tệp chứng thư số không chứa khóa ký dùng được."))
        return cls(to_asn1(certificate), [to_asn1(item) for item in others], key)

    def sign(self, data: bytes) -> bytes:
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._key.sign(data, PKCS1v15(), hashes.SHA256())


class TokenSigner:
    """A key on a USB token or in a hardware module, through its PKCS#11 library.

    Opened once with the holder's PIN and used for one session. A wrong PIN is never tried again by the program: a token
    locks itself after a few wrong ones, and only the certificate authority can unlock it.
    """

    def __init__(self, session: pkcs11.Session, label: str, chain: Sequence[x509.Certificate]) -> None:
        self._session = session
        self.chain = tuple(chain)
        with ONE_AT_A_TIME:
            try:
                found = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
                query = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.LABEL: label}
                stored = next(iter(session.get_objects(query)), None)
            except pkcs11.PKCS11Error as error:
                raise _token_refusal(error) from error
        if stored is None:
            text = _("Thẻ ký số không có chứng thư số “{label}”.").format(label=label)
            raise RuleError("documents.token_empty", text)
        self._key: Any = found
        self.certificate = x509.Certificate.load(stored[pkcs11.Attribute.VALUE])
        is_ec = self.certificate.public_key.algorithm == "ec"
        mechanism = mechanism_of(self.certificate)
        # Many tokens sign a hash but do not hash by themselves with EC keys.
        self._way = select_pkcs11_signing_params(mechanism, "sha256", use_raw_mechanism=is_ec, sign_kwargs={})

    @classmethod
    def open(cls, module: Path, *, token: str, pin: str, label: str, chain: Sequence[x509.Certificate] = ()) -> Self:
        """Open the token named `token` and find the key and certificate named `label`.

        Raises RuleError: documents.pin_wrong, documents.pin_locked, documents.token_missing, documents.token_empty,
        documents.token_failed.
        """
        try:
            with ONE_AT_A_TIME:
                session = pkcs11.lib(str(module)).get_token(token_label=token).open(user_pin=pin)
        except pkcs11.PKCS11Error as error:
            raise _token_refusal(error) from error
        try:
            return cls(session, label, chain)
        except RuleError:
            session.close()  # else the token stays logged in and refuses the next attempt
            raise

    def sign(self, data: bytes) -> bytes:
        prepared = self._way.pre_sign_transform(data) if self._way.pre_sign_transform else data
        try:
            with ONE_AT_A_TIME:
                signature = bytes(self._key.sign(prepared, **self._way.sign_kwargs))
        except pkcs11.PKCS11Error as error:
            raise _token_refusal(error) from error
        return self._way.post_sign_transform(signature) if self._way.post_sign_transform else signature

    def close(self) -> None:
        with ONE_AT_A_TIME:
            try:
                self._session.close()
            except pkcs11.PKCS11Error:
                return  # already pulled out: nothing is left to close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def mechanism_of(certificate: x509.Certificate) -> Any:
    """The signature algorithm that goes with the certificate's key and SHA-256."""
    return ExternalSigner(certificate, None).get_signature_mechanism_for_digest("sha256")


def _token_refusal(error: pkcs11.PKCS11Error) -> RuleError:
    if isinstance(error, pkcs11.PinLocked):
        text = _("Thẻ ký số đã bị khóa. Vui lòng liên hệ nơi cấp chứng thư số để mở khóa.")
        return RuleError("documents.pin_locked", text)
    if isinstance(error, pkcs11.PinIncorrect | pkcs11.PinInvalid | pkcs11.PinLenRange):
        text = _("Mã PIN không đúng. Hệ thống không tự thử lại để thẻ không bị khóa; vui lòng kiểm tra rồi nhập lại.")
        return RuleError("documents.pin_wrong", text)
    if isinstance(error, pkcs11.NoSuchToken | pkcs11.TokenNotPresent | pkcs11.DeviceRemoved):
        return RuleError("documents.token_missing", _("Không tìm thấy thẻ ký số. Vui lòng cắm thẻ rồi thực hiện lại."))
    if isinstance(error, UserAlreadyLoggedIn):
        return RuleError("documents.token_busy", _("Thẻ ký số đang được dùng cho một lượt ký khác."))
    if isinstance(error, pkcs11.NoSuchKey):
        return RuleError("documents.token_empty", _("Thẻ ký số không có khóa ký cần dùng."))
    text = _("Thẻ ký số không phản hồi. Vui lòng rút thẻ, cắm lại rồi thực hiện lại.")
    return RuleError("documents.token_failed", text)
