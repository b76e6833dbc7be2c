"""A software token (SoftHSM 2) with one RSA and one EC key and their certificates."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest
from asn1crypto import keys
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters
from pkcs11.util.rsa import encode_rsa_public_key

from sen.shared.documents import pki

from .factories import SCHOOL, World

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN = "2468"


@dataclass(frozen=True)
class TokenBox:
    module: Path
    label: str


def make_token(world: World) -> TokenBox:
    module = next((Path(path) for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.fail("SoftHSM 2 is missing: install it with `apt-get install softhsm2` (macOS: `brew install softhsm`)")
    box = TokenBox(module, "truong-hoa-sen")
    init_token(box)
    pkcs11.lib(str(module)).reinitialize()  # another package's tests may have loaded it before this token was there
    with pkcs11.lib(str(module)).get_token(token_label=box.label).open(rw=True, user_pin=PIN) as session:
        _put_rsa(session, world)
        _put_ec(session, world)
    return box


def init_token(box: TokenBox) -> None:
    command = ["softhsm2-util", "--module", str(box.module), "--init-token", "--free", "--label", box.label]
    subprocess.run([*command, "--so-pin", "13579", "--pin", PIN], check=True, capture_output=True)


def _put_rsa(session: pkcs11.Session, world: World) -> None:
    public, _private = session.generate_keypair(KeyType.RSA, 2048, label="hieu-truong", store=True)
    _certify(session, world, "hieu-truong", encode_rsa_public_key(public), rsa=True)


def _put_ec(session: pkcs11.Session, world: World) -> None:
    parameters = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
    )
    public, _private = parameters.generate_keypair(label="con-dau", store=True)
    _certify(session, world, "con-dau", encode_ec_public_key(public), rsa=False)


def _certify(session: pkcs11.Session, world: World, label: str, public: bytes, *, rsa: bool) -> None:
    """Have the authority certify a key that never leaves the token."""
    if rsa:
        public = keys.PublicKeyInfo.wrap(keys.RSAPublicKey.load(public), "rsa").dump()
    key = load_der_public_key(public)
    certificate = world.authority.certify("Lê Văn Thử", organisation=SCHOOL, public_key=key)
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
