"""Keys known to a school: where each is, whose it is, until when. The platform keeps no private key but marked test
ones.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import NamedTuple
from uuid import UUID

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.models import Grant
from sen.core.organisations.models import Organisation, Span
from sen.core.people.models import Person
from sen.school.transcripts import remote, setup
from sen.school.transcripts.models import SigningKey
from sen.school.transcripts.permissions import KEEP_KEYS, SIGN
from sen.shared.documents.pki import Identity
from sen.shared.documents.remote import Credential
from sen.shared.documents.signers import KeySigner, Signer, TokenSigner
from sen.shared.documents.trust import examine, name_of, organisation_of
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError
from sen.shared.kit.ids import uuid7
from sen.shared.kit.names import fold
from sen.shared.messaging.services import notify

Kind = SigningKey.Kind
WARNINGS = (60, 30, 7)
"""Days before the end of a certificate at which its holder is warned."""

_KDF_ROUNDS = 1_000  # the passphrase is 256 random bits: stretching it would only slow the signer

PUBLIC_SCHOOL = "01"  # code list school-ownership
SEAL_FAMILIES = {True: ("vgca", "own"), False: ("public", "own")}
"""Is the school public -> families its seal may come from (Decree 68/2024; Decree 23/2025)."""


class Bearer(NamedTuple):
    """What is certified: a person of a school, or the school itself."""

    school_id: UUID
    person: Person | None


@transaction.atomic
def register_key(
    *,
    actor: Actor,
    school_id: UUID,
    person: Person | None,
    kind: str,
    location: str,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate] = (),
) -> SigningKey:
    """Note where a key is, after checking whose it is; takes the place of the bearer's present key.

    `person` None: the seal of the school. `location`: "token/label" (PKCS#11), "provider/credential" (remote), a path
    under
    the key folder (PKCS#12, test certificates alone). Raises NotAllowed, RuleError of `trust.examine`,
    transcripts.key_of_another, transcripts.key_family, transcripts.key_in_file.
    """
    _require_own(actor, school_id, person)
    trusted = examine(certificate, chain, setup.current_trust(), timezone.now())
    family = trusted.anchor.family
    if kind == Kind.PKCS12 and family != "test":
        text = _("Tệp khóa trên máy chủ chỉ dùng cho chứng thư thử nghiệm. Khóa thật phải ở trong thiết bị ký số.")
        raise RuleError("transcripts.key_in_file", text)
    _require_family(school_id, person, family)
    _require_name(Bearer(school_id, person), certificate)
    now = timezone.now()
    SigningKey.objects.filter(school_id=school_id, person=person, removed_at=None).update(removed_at=now)
    return SigningKey.objects.create(
        school_id=school_id,
        person=person,
        kind=kind,
        location=location,
        subject=certificate.subject.human_friendly[:300],
        serial=serial_of(certificate),
        valid_until=certificate.not_valid_after,
        is_test=family == "test",
    )


def register_token(*, actor: Actor, school_id: UUID, person: Person | None, token: str, label: str) -> SigningKey:
    """Register a key in a token (PKCS#11); the certificate is read from it. Raises as `register_key` and
    `open_signer`.
    """
    _require_own(actor, school_id, person)
    with TokenSigner.open(setup.token_module(), token=token, pin=setup.token_pin(token), label=label) as signer:
        certificate = signer.certificate
    return register_key(
        actor=actor,
        school_id=school_id,
        person=person,
        kind=Kind.PKCS11,
        location=f"{token}/{label}",
        certificate=certificate,
    )


def register_remote(*, actor: Actor, school_id: UUID, person: Person, provider: str, user: str) -> SigningKey:
    """Register the first key a provider of remote signing keeps for `user`. Raises as `register_key`,
    transcripts.no_remote_provider, transcripts.no_remote_key. Seals are not signed from afar: their key is in a
    token."""
    _require_own(actor, school_id, person)
    found = remote.provider(provider).list_credentials(user)
    if not found:
        raise RuleError("transcripts.no_remote_key", _("Dịch vụ ký từ xa không có chứng thư nào cho tài khoản này."))
    credential = found[0]
    return register_key(
        actor=actor,
        school_id=school_id,
        person=person,
        kind=Kind.REMOTE,
        location=f"{provider}/{user}/{credential.id}",
        certificate=credential.certificate,
        chain=credential.chain,
    )


@transaction.atomic
def register_file(*, actor: Actor, school_id: UUID, person: Person | None, data: bytes, passphrase: str) -> SigningKey:
    """Take a .p12 file with a test certificate into the key folder. Raises as `register_key`, documents.p12_refused."""
    _require_own(actor, school_id, person)
    signer = KeySigner.from_p12(data, passphrase)
    key, certificate, others = pkcs12.load_key_and_certificates(data, passphrase.encode())
    assert key is not None and certificate is not None  # from_p12 has seen both
    location = _new_location(school_id)
    registered = register_key(
        actor=actor,
        school_id=school_id,
        person=person,
        kind=Kind.PKCS12,
        location=location,
        certificate=signer.certificate,
        chain=signer.chain,
    )
    _write_file(location, Identity(certificate, key, tuple(others)))  # type: ignore[arg-type]  # from_p12 has refused other kinds of keys
    return registered


@transaction.atomic
def issue_test_key(*, actor: Actor, school_id: UUID, person: Person | None, title: str = "") -> SigningKey:
    """Issue a key by this machine's demo authority, marked THỬ NGHIỆM. Raises
    RuleError("transcripts.not_a_test_machine").
    """
    _require_own(actor, school_id, person)
    if not setup.is_test():
        raise RuleError("transcripts.not_a_test_machine", _("Máy chủ này không cấp khóa thử nghiệm."))
    name = school_name(school_id)
    authority = setup.demo_authority()
    identity = (
        authority.issue_person(person.full_name, organisation=name, title=title)
        if person is not None
        else authority.issue_seal(name, code=Organisation.objects.values_list("code", flat=True).get(pk=school_id))
    )
    location = _new_location(school_id)
    _write_file(location, identity)
    return register_key(
        actor=actor, school_id=school_id, person=person, kind=Kind.PKCS12, location=location, certificate=identity.der
    )


@transaction.atomic
def remove_key(*, actor: Actor, key: SigningKey) -> SigningKey:
    """Take a key out of use here (lost token, person left). The certificate itself is revoked by whoever issued it.

    The holder, and whoever keeps the school's keys, may do it. Raises NotAllowed.
    """
    if key.person_id is None or key.person_id != actor.person_id:
        actor.require(KEEP_KEYS, key.school_id)
    row = SigningKey.objects.select_for_update().get(pk=key.pk)
    if row.removed_at is None:
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])
    return row


@transaction.atomic
def warn_of_ending_keys() -> int:
    """Tell holders 60, 30 and 7 days before their certificate ends, each once; returns how many were told."""
    now = timezone.now()
    told = 0
    ending = SigningKey.objects.select_for_update(of=("self",)).filter(
        removed_at=None, valid_until__lte=now + timedelta(days=WARNINGS[0]), valid_until__gt=now
    )
    for key in ending.select_related("person"):
        stage = min(days for days in WARNINGS if key.valid_until <= now + timedelta(days=days))
        if key.warned_days is not None and key.warned_days <= stage:
            continue
        left = (key.valid_until - now).days
        title = _("Chứng thư số {whose} sẽ hết hạn sau {days} ngày. Vui lòng gia hạn.")
        whose = _("của thầy/cô") if key.person_id else _("của con dấu nhà trường")
        notify(account_ids=_told(key), title=title.format(whose=whose, days=left), url="/hoc-ba/khoa-ky/")
        key.warned_days = stage
        key.save(update_fields=["warned_days"])
        told += 1
    return told


def open_signer(key: SigningKey) -> Signer:
    """Open a key that is at hand (file or token). Raises RuleError: transcripts.key_removed, transcripts.key_missing,
    transcripts.key_changed, documents.* of the token."""
    if key.removed_at is not None:
        raise RuleError("transcripts.key_removed", _("Khóa ký này đã được thu hồi khỏi hệ thống."))
    signer: Signer
    if key.kind == Kind.PKCS11:
        token, _slash, label = key.location.partition("/")
        signer = TokenSigner.open(setup.token_module(), token=token, pin=setup.token_pin(token), label=label)
    else:
        path = setup.key_folder() / key.location
        if not path.is_file():
            raise RuleError("transcripts.key_missing", _("Không tìm thấy tệp khóa ký trên máy chủ."))
        signer = KeySigner.from_p12(path.read_bytes(), setup.passphrase(key.location))
    if serial_of(signer.certificate) != key.serial:
        close(signer)
        text = _("Chứng thư trong thiết bị không phải chứng thư đã đăng ký. Vui lòng đăng ký lại khóa ký.")
        raise RuleError("transcripts.key_changed", text)
    return signer


def open_credential(key: SigningKey) -> Credential:
    """The credential of a key kept by a provider. Raises as `open_signer`, transcripts.no_remote_provider."""
    if key.removed_at is not None:
        raise RuleError("transcripts.key_removed", _("Khóa ký này đã được thu hồi khỏi hệ thống."))
    provider, user, credential_id = key.location.split("/", 2)
    for credential in remote.provider(provider).list_credentials(user):
        if credential.id == credential_id and serial_of(credential.certificate) == key.serial:
            return credential
    text = _("Dịch vụ ký từ xa không còn chứng thư đã đăng ký. Vui lòng đăng ký lại khóa ký.")
    raise RuleError("transcripts.key_changed", text)


def close(signer: object) -> None:
    if isinstance(signer, TokenSigner):
        signer.close()


def serial_of(certificate: x509.Certificate) -> str:
    return format(certificate.serial_number, "x")


def school_name(school_id: UUID) -> str:
    """The school's name today."""
    span = Span.objects.filter(organisation=school_id).order_by("-valid_from").values_list("name", flat=True).first()
    return str(span or "")


def _require_own(actor: Actor, school_id: UUID, person: Person | None) -> None:
    """A person registers the own key and nobody else's; the seal is registered by whoever keeps the school's keys."""
    if actor.is_system:
        return
    if person is None:
        actor.require(KEEP_KEYS, school_id)
        return
    actor.require(SIGN, school_id)
    if person.pk != actor.person_id:
        raise NotAllowed("transcripts.key_of_another", _("Mỗi người tự đăng ký khóa ký của mình."))


def _require_family(school_id: UUID, person: Person | None, family: str) -> None:
    if person is not None or family == "test":
        return
    ownership = Organisation.objects.values_list("ownership_code", flat=True).get(pk=school_id)
    if family not in SEAL_FAMILIES[ownership in ("", PUBLIC_SCHOOL)]:
        text = _(
            "Con dấu của trường công lập dùng chứng thư chuyên dùng công vụ, của trường khác dùng chứng thư công cộng."
        )
        raise RuleError("transcripts.key_family", text)


def _require_name(bearer: Bearer, certificate: x509.Certificate) -> None:
    """The certificate must name its bearer; a seal names the school or its organisation."""
    if bearer.person is not None:
        wanted, given = bearer.person.full_name, {name_of(certificate)}
    else:
        wanted, given = school_name(bearer.school_id), {name_of(certificate), organisation_of(certificate)}
    if fold(wanted) not in {fold(name) for name in given}:
        text = _("Chứng thư số mang tên “{given}”, không phải “{wanted}”.")
        raise Invalid("transcripts.key_of_another", text.format(given=" / ".join(sorted(given)), wanted=wanted))


def _new_location(school_id: UUID) -> str:
    return str(PurePosixPath(str(school_id)) / f"{uuid7()}.THU-NGHIEM.p12")


def _write_file(location: str, identity: Identity) -> None:
    path = setup.key_folder() / location
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_KDF_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(setup.passphrase(location).encode())
    )
    assert isinstance(secret, serialization.KeySerializationEncryption)
    path.touch(mode=0o600)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"sen", identity.key, identity.certificate, identity.chain, secret)
    )


def _told(key: SigningKey) -> list[UUID]:
    """The holder's account; for a seal the accounts of the school's principals and clerks."""
    if key.person is not None:
        return [key.person.account_id] if key.person.account_id else []
    open_grants = Grant.objects.on(timezone.localdate()).filter(organisation=key.school_id, role__in=KEEP_KEYS.roles)
    return list(open_grants.values_list("account_id", flat=True).distinct())
