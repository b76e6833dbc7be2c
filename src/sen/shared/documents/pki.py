"""Demo certificate authority: root -> issuing CA -> persons and seals, a time-stamp authority, revocation lists.

For demonstrations and tests only. Every subject carries the words "THỬ NGHIỆM / TEST", and the verifier reports such a
file as signed with demo certificates, so nobody can take one for an official document.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

TEST_MARK = "THỬ NGHIỆM / TEST"
ORGANISATION_ID = ObjectIdentifier("2.5.4.97")
"""X.520 organizationIdentifier: a school's or an authority's own code."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
KeyKind = Literal["ec", "rsa", "rsa-1024"]
Usage = Literal["sign", "encrypt"]
Validity = tuple[datetime, datetime]
Attributes = Sequence[tuple[ObjectIdentifier, str]]


@dataclass(frozen=True)
class Identity:
    """A certificate with its private key and the certificates above it (issuer first, root last)."""

    certificate: x509.Certificate
    key: PrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def der(self) -> asn1.Certificate:
        """The certificate as pyHanko wants it."""
        return to_asn1(self.certificate)

    def p12(self, passphrase: str) -> bytes:
        """The PKCS#12 file (.p12) a person would receive from a certificate authority."""
        return pkcs12.serialize_key_and_certificates(
            common_name(self.certificate).encode(),
            self.key,
            self.certificate,
            self.chain,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )


@dataclass(frozen=True)
class _Revoked:
    issuer: str
    since: datetime
    reason: str


def to_asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def new_key(kind: KeyKind = "ec") -> PrivateKey:
    """P-256 by default: fast to make, short signatures, accepted by pyHanko, SoftHSM and signxml alike."""
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 1024 if kind == "rsa-1024" else 2048)


class DemoAuthority:
    """One demo authority kept in a folder; everything is made once and read again on the next start.

    `clock` tells the time that certificates and revocation lists are made at, so that demo data of past school years
    and tests of expiry need no waiting.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.folder = folder
        self.clock = clock
        folder.mkdir(parents=True, exist_ok=True)
        self._revoked = self._read_revoked()
        if (folder / "root.pem").exists():
            self.root, self.issuing, self.tsa = self._load("root"), self._load("issuing"), self._load("tsa")
        else:
            self._create()

    def issue_person(
        self,
        name: str,
        *,
        organisation: str,
        title: str = "",
        valid: Validity | None = None,
        key: PrivateKey | None = None,
        usage: Usage = "sign",
    ) -> Identity:
        """A certificate of a person in an organisation. `valid` is (from, to); two years from now by default."""
        attributes = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, name)]
        if title:
            attributes.insert(1, (NameOID.TITLE, title))
        return self._issue(attributes, valid, key or new_key(), usage)

    def certify(self, name: str, *, organisation: str, public_key: PublicKey, title: str = "") -> x509.Certificate:
        """A certificate for a key that stays where it is (token, remote service)."""
        attributes = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, name)]
        if title:
            attributes.insert(1, (NameOID.TITLE, title))
        return self._certificate(attributes, None, public_key, "sign")

    def issue_seal(
        self,
        organisation: str,
        *,
        code: str = "",
        valid: Validity | None = None,
        key: PrivateKey | None = None,
    ) -> Identity:
        """A seal certificate (con dấu số của cơ quan, tổ chức). `code` is the organisation's own code."""
        attributes = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, organisation)]
        if code:
            attributes.insert(1, (ORGANISATION_ID, code))
        return self._issue(attributes, valid, key or new_key(), "sign")

    def revoke(
        self, certificate: x509.Certificate, *, at: datetime | None = None, reason: str = "key_compromise"
    ) -> None:
        """Put a certificate on the revocation list from `at` on (now by default)."""
        entry = _Revoked(certificate.issuer.rfc4514_string(), at or self.clock(), reason)
        self._revoked[format(certificate.serial_number, "x")] = entry
        rows = {serial: [item.issuer, item.since.isoformat(), item.reason] for serial, item in self._revoked.items()}
        (self.folder / "revoked.json").write_text(json.dumps(rows, ensure_ascii=False))

    def revocation_lists(self, at: datetime | None = None, *, days: int = 7) -> list[bytes]:
        """Fresh lists (DER) of the root and of the issuing CA, as they would be published at `at`."""
        when = at or self.clock()
        return [self._revocation_list(authority, when, days) for authority in (self.root, self.issuing)]

    def write_trust(self, folder: Path, *, family: str = "test", at: datetime | None = None) -> None:
        """Publish root, issuing CA and revocation lists as `folder/family/*`, the layout that `trust.load` reads."""
        target = folder / family
        target.mkdir(parents=True, exist_ok=True)
        for name, identity in (("root", self.root), ("issuing", self.issuing)):
            (target / f"{name}.pem").write_bytes(identity.certificate.public_bytes(serialization.Encoding.PEM))
        for name, data in zip(("root", "issuing"), self.revocation_lists(at), strict=True):
            (target / f"{name}.crl").write_bytes(data)

    def save(self, identity: Identity, name: str, passphrase: str) -> Path:
        """Keep a person's or a seal's .p12 in the folder, so that a demo finds it again on the next start."""
        path = self.folder / f"{name}.p12"
        path.write_bytes(identity.p12(passphrase))
        path.chmod(0o600)
        return path

    def _create(self) -> None:
        start, end = self.clock() - timedelta(days=365 * 5), self.clock() + timedelta(days=365 * 20)
        root_key, issuing_key, tsa_key = new_key(), new_key(), new_key()
        root_name = _name([(NameOID.COMMON_NAME, f"Sen Root CA {TEST_MARK}")])
        issuing_name = _name([(NameOID.COMMON_NAME, f"Sen Issuing CA {TEST_MARK}")])
        root = _authority(root_name, root_key, root_name, root_key, start, end)
        issuing = _authority(issuing_name, issuing_key, root_name, root_key, start, end, issuer=root)
        tsa = _sign(
            _builder(
                _name([(NameOID.COMMON_NAME, f"Sen TSA {TEST_MARK}")]),
                tsa_key.public_key(),
                root_name,
                root_key,
                start,
                end,
            )
            .add_extension(_usage("sign"), critical=True)
            # RFC 3161 2.3: a time-stamp certificate has this one extended use, marked critical.
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True),
            root_key,
        )
        self.root = Identity(root, root_key, ())
        self.issuing = Identity(issuing, issuing_key, (root,))
        self.tsa = Identity(tsa, tsa_key, (root,))
        for name, identity in (("issuing", self.issuing), ("tsa", self.tsa), ("root", self.root)):
            self._store(name, identity)  # root last: its presence means that the folder is complete

    def _issue(self, attributes: Attributes, valid: Validity | None, key: PrivateKey, usage: Usage) -> Identity:
        certificate = self._certificate(attributes, valid, key.public_key(), usage)
        return Identity(certificate, key, (self.issuing.certificate, *self.issuing.chain))

    def _certificate(
        self, attributes: Attributes, valid: Validity | None, public_key: PublicKey, usage: Usage
    ) -> x509.Certificate:
        start, end = valid or (self.clock() - timedelta(hours=1), self.clock() + timedelta(days=730))
        issuer = self.issuing
        builder = _builder(_name(attributes), public_key, issuer.certificate.subject, issuer.key, start, end)
        return _sign(builder.add_extension(_usage(usage), critical=True), issuer.key)

    def _revocation_list(self, authority: Identity, when: datetime, days: int) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.certificate.subject)
            .last_update(when)
            .next_update(when + timedelta(days=days))
            .add_extension(x509.CRLNumber(int(when.timestamp())), critical=False)
            .add_extension(_issued_by(authority.key), critical=False)
        )
        issuer = authority.certificate.subject.rfc4514_string()
        for serial, item in self._revoked.items():
            if item.issuer == issuer and item.since <= when:
                entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(item.since)
                flag = x509.CRLReason(x509.ReasonFlags[item.reason])
                builder = builder.add_revoked_certificate(entry.add_extension(flag, critical=False).build())
        return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _read_revoked(self) -> dict[str, _Revoked]:
        path = self.folder / "revoked.json"
        rows = json.loads(path.read_text()) if path.exists() else {}
        return {
            serial: _Revoked(issuer, datetime.fromisoformat(when), why) for serial, (issuer, when, why) in rows.items()
        }

    def _store(self, name: str, identity: Identity) -> None:
        key_path = self.folder / f"{name}.key.pem"
        key_path.write_bytes(
            identity.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        key_path.chmod(0o600)
        (self.folder / f"{name}.pem").write_bytes(identity.certificate.public_bytes(serialization.Encoding.PEM))

    def _load(self, name: str) -> Identity:
        certificate = x509.load_pem_x509_certificate((self.folder / f"{name}.pem").read_bytes())
        key = serialization.load_pem_private_key((self.folder / f"{name}.key.pem").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise ValueError(f"{name}.key.pem: unsupported kind of key")
        root = x509.load_pem_x509_certificate((self.folder / "root.pem").read_bytes())
        return Identity(certificate, key, () if name == "root" else (root,))


def _name(attributes: Attributes) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATIONAL_UNIT_NAME, TEST_MARK), *attributes]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _usage(kind: Literal["sign", "encrypt", "authority"]) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=kind == "sign",
        content_commitment=kind == "sign",
        key_encipherment=kind == "encrypt",
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=kind == "authority",
        crl_sign=kind == "authority",
        encipher_only=False,
        decipher_only=False,
    )


def _builder(
    subject: x509.Name,
    public_key: PublicKey,
    issuer: x509.Name,
    issuer_key: PrivateKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(_issued_by(issuer_key), critical=False)
    )


def _issued_by(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _sign(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    return builder.sign(key, hashes.SHA256())


def _authority(
    subject: x509.Name,
    key: PrivateKey,
    issuer_name: x509.Name,
    issuer_key: PrivateKey,
    start: datetime,
    end: datetime,
    issuer: x509.Certificate | None = None,
) -> x509.Certificate:
    return _sign(
        _builder(subject, key.public_key(), issuer_name, issuer_key, start, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None if issuer is None else 0), critical=True)
        .add_extension(_usage("authority"), critical=True),
        issuer_key,
    )
