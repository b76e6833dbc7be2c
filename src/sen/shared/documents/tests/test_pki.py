"""The demo authority, its folder, its trust files, and time stamps over HTTP."""

import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import crl
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from sen.shared.documents import pki, signers, signing, trust, tsa
from sen.shared.documents.verification import verify_pdf
from sen.shared.kit.errors import RuleError

from .factories import SCHOOL, World, prepared


def test_every_certificate_says_that_it_is_a_test(world: World):
    authority = world.authority
    for identity in (authority.root, authority.issuing, authority.tsa, world.teacher, world.seal):
        assert "THỬ NGHIỆM / TEST" in identity.certificate.subject.rfc4514_string()


def test_the_authority_is_found_again_in_its_folder(tmp_path: Path):
    first = pki.DemoAuthority(tmp_path)
    who = first.issue_person("Trần Thị Mẫu", organisation=SCHOOL)
    first.revoke(who.certificate)
    again = pki.DemoAuthority(tmp_path)
    assert again.root.certificate == first.root.certificate
    lists = [crl.CertificateList.load(data) for data in again.revocation_lists()]
    assert [len(item["tbs_cert_list"]["revoked_certificates"]) for item in lists] == [0, 1]


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path, world: World):
    authority = pki.DemoAuthority(tmp_path)
    saved = authority.save(authority.issue_seal(SCHOOL), "con-dau", "mật khẩu")
    for path in [*tmp_path.glob("*.key.pem"), saved]:
        assert path.stat().st_mode & 0o077 == 0
    assert signers.KeySigner.from_p12(saved.read_bytes(), "mật khẩu").certificate


def test_the_stamp_authority_s_use_is_marked_critical(world: World):
    extension = world.authority.tsa.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert extension.critical
    assert list(extension.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def test_a_list_of_earlier_times_does_not_know_later_revocations(tmp_path: Path):
    authority = pki.DemoAuthority(tmp_path)
    who = authority.issue_person("Trần Thị Mẫu", organisation=SCHOOL)
    authority.revoke(who.certificate)
    yesterday = crl.CertificateList.load(authority.revocation_lists(authority.clock() - timedelta(days=1))[1])
    assert len(yesterday["tbs_cert_list"]["revoked_certificates"]) == 0


def test_trust_is_read_from_a_folder_by_family(world: World, stranger: World, tmp_path: Path):
    world.authority.write_trust(tmp_path, family="vgca")
    stranger.authority.write_trust(tmp_path, family="public")
    loaded = trust.load(tmp_path)
    assert [anchor.family for anchor in loaded.anchors] == ["public", "vgca"]
    assert (len(loaded.intermediates), len(loaded.revocation_lists)) == (2, 4)
    assert [anchor.family for anchor in loaded.only("vgca").anchors] == ["vgca"]


def test_a_root_gets_its_end_from_the_folder(world: World, tmp_path: Path):
    world.authority.write_trust(tmp_path)
    (tmp_path / "test" / "until.json").write_text('{"root.pem": "2030-01-01T00:00:00+07:00"}')
    (anchor,) = trust.load(tmp_path).anchors
    assert anchor.until is not None
    assert anchor.until.year == 2030


@pytest.mark.parametrize("name", ["broken.pem", "broken.crl"])
def test_a_trust_file_that_cannot_be_read_is_named(world: World, tmp_path: Path, name: str):
    world.authority.write_trust(tmp_path)
    (tmp_path / "test" / name).write_bytes(b"\x30\x03abc")
    with pytest.raises(RuleError, match=f"test/{name}") as caught:
        trust.load(tmp_path)
    assert caught.value.code == "documents.bad_trust"


def test_time_stamps_come_over_http_as_from_a_real_authority(world: World):
    with tsa.serve(world.stamper) as url:
        stamper = tsa.http_timestamper(url)
        signed = signing.sign(
            prepared(),
            signer=signers.KeySigner.of(world.teacher),
            field="form_teacher",
            trust=world.trust(),
            timestamper=stamper,
            clock=world.clock,
        )
    result = verify_pdf(signed, world.trust_without_lists())
    assert (result.signatures[0].status, result.signatures[0].level) == ("valid", "B-LTA")


def test_the_http_authority_refuses_what_is_no_request(world: World):
    with tsa.serve(world.stamper) as url, pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url, data=b"x" * 20_000, timeout=5)
    assert caught.value.code == 413
