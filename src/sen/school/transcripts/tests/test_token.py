"""One transcript signed end to end with keys that never leave a token (SoftHSM 2 by PKCS#11)."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from sen.school.transcripts import services, setup
from sen.school.transcripts.models import SigningKey, Transcript
from sen.school.transcripts.services import keys
from sen.shared.documents import pki
from sen.shared.documents.verification import verify_pdf
from sen.shared.files.services import read_checked
from sen.shared.kit.errors import RuleError

from .factories import finished_class, person_of

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
TOKEN, PIN = "truong-thu-nghiem", "2468"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def token_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty token and the file with its PIN."""
    module = next((Path(path) for path in MODULES if Path(path).exists()), None)
    if module is None:
        pytest.fail("SoftHSM 2 is missing: install it with `apt-get install softhsm2` (macOS: `brew install softhsm`)")
    folder = tmp_path_factory.mktemp("token")
    command = ["softhsm2-util", "--module", str(module), "--init-token", "--free", "--label", TOKEN]
    subprocess.run([*command, "--so-pin", "13579", "--pin", PIN], check=True, capture_output=True)
    pkcs11.lib(str(module)).reinitialize()  # another package's tests may have loaded it before this token was there
    (folder / "pins").write_text(f"{TOKEN}={PIN}\n")
    (folder / "module").write_text(str(module))
    yield folder


@pytest.fixture
def token(token_folder: Path, own_machine: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This machine is set up for the token."""
    module = Path((token_folder / "module").read_text())
    monkeypatch.setenv("SEN_PKCS11_MODULE", str(module))
    monkeypatch.setenv("SEN_PKCS11_PIN_FILE", str(token_folder / "pins"))
    return module


def put_key(module: Path, label: str, holder: str, school: str) -> None:
    """Make a key in the token and have it certified; the private half stays there."""
    with pkcs11.lib(str(module)).get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        curve = session.create_domain_parameters(
            KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
        )
        public, _private = curve.generate_keypair(label=label, store=True)
        key = load_der_public_key(encode_ec_public_key(public))
        certificate = setup.demo_authority().certify(holder, organisation=school, public_key=key)
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.LABEL: label,
                Attribute.SUBJECT: pki.to_asn1(certificate).subject.dump(),
                Attribute.VALUE: certificate.public_bytes(serialization.Encoding.DER),
            }
        )


def test_a_transcript_is_signed_with_keys_in_a_token(token: Path) -> None:
    finished = finished_class(pupils=1, keys=False)
    school = keys.school_name(finished.school.pk)
    bearers = [
        (finished.form_teacher, "gvcn", finished.form_teacher.name),
        (finished.principal, "hieu-truong", finished.principal.name),
        (finished.clerk, "con-dau", school),
    ]
    for actor, label, holder in bearers:
        put_key(token, label, holder, school)
        person = None if label == "con-dau" else person_of(actor)
        services.register_token(actor=actor, school_id=finished.school.pk, person=person, token=TOKEN, label=label)
    assert set(SigningKey.objects.values_list("kind", flat=True)) == {"pkcs11"}
    (row,) = finished.built()
    for role in ("form_teacher", "principal", "seal"):
        with services.open_hand(actor=finished.signer(role), school_id=finished.school.pk, role=role) as hand:
            services.sign(actor=finished.signer(role), transcript_id=row.pk, hand=hand)
    row.refresh_from_db()
    assert row.state == Transcript.State.SEALED
    assert row.pdf is not None
    assert verify_pdf(read_checked(row.pdf), setup.current_trust()).status == "valid"


def test_a_token_of_another_name_is_not_registered(token: Path) -> None:
    finished = finished_class(pupils=1, keys=False)
    put_key(token, "nguoi-khac", "Người Khác Hẳn", "x")
    with pytest.raises(RuleError, match="Người Khác Hẳn"):
        services.register_token(
            actor=finished.principal,
            school_id=finished.school.pk,
            person=person_of(finished.principal),
            token=TOKEN,
            label="nguoi-khac",
        )
    assert not SigningKey.objects.exists()


def test_a_token_without_a_pin_on_the_server_is_explained(token: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEN_PKCS11_PIN_FILE")
    finished = finished_class(pupils=1, keys=False)
    with pytest.raises(RuleError) as refusal:
        services.register_token(
            actor=finished.clerk, school_id=finished.school.pk, person=None, token=TOKEN, label="con-dau"
        )
    assert refusal.value.code == "transcripts.no_pin"
    assert not SigningKey.objects.exists()
