"""Canonical records and the signatures on them."""

import hashlib
import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.shared.documents import canonical, detached, pki
from sen.shared.documents.signers import KeySigner
from sen.shared.kit.errors import Invalid, RuleError

from .factories import SCHOOL, World

RECORD = {"ho_ten": "Nguyễn Thị Mẫu", "diem": ["8,5", "9,0"], "nam_hoc": 2022, "ghi_chu": None, "len_lop": True}

LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | LETTERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LETTERS, inner, max_size=4),
    max_leaves=12,
)


def test_the_same_record_has_the_same_bytes_however_it_was_typed():
    decomposed = {"len_lop": True, "ho_ten": "Nguyễn Thị Mẫu", **{k: RECORD[k] for k in ("diem", "nam_hoc", "ghi_chu")}}
    assert canonical.canonical_json(decomposed) == canonical.canonical_json(RECORD)
    assert canonical.canonical_xml(decomposed) == canonical.canonical_xml(RECORD)


def test_canonical_json_is_sorted_and_without_spaces():
    assert canonical.canonical_json({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'.encode()


def test_two_hashes_of_two_families_are_kept():
    found = canonical.digests(b"abc")
    assert found.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert found.sha3_256 == hashlib.sha3_256(b"abc").hexdigest()


@pytest.mark.parametrize("value", [8.5, float("nan"), b"x", {1: "x"}, object(), {"é": 1, "e\u0301": 2}])
def test_a_value_that_cannot_be_written_exactly_is_refused_with_its_place(value: object):
    with pytest.raises(Invalid) as caught:
        canonical.canonical_json({"diem": [value]})
    assert caught.value.code == "documents.not_canonical"
    assert caught.value.place.startswith("$.diem[0]")


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(LETTERS, VALUES, max_size=4))
def test_a_record_comes_back_from_xml_as_from_json(record: dict):
    try:
        data = canonical.canonical_json(record)
    except Invalid:
        return  # two keys that are one in form NFC
    assert canonical.record_from_xml(canonical.canonical_xml(record)) == json.loads(data)


@pytest.mark.parametrize(
    "data", [b"", b"<a", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b'<a type="list"/>']
)
def test_xml_that_is_no_record_is_refused(data: bytes):
    with pytest.raises(Invalid) as caught:
        canonical.record_from_xml(data)
    assert caught.value.code == "documents.bad_xml"


@pytest.fixture(params=["ec", "rsa"])
def signer(request: pytest.FixtureRequest, world: World) -> KeySigner:
    identity = world.authority.issue_person("Lê Văn Thử", organisation=SCHOOL, key=pki.new_key(request.param))
    return KeySigner.of(identity)


def test_a_signature_beside_the_json_tells_who_signed(world: World, signer: KeySigner):
    data = canonical.canonical_json(RECORD)
    who = detached.verify_json(data, detached.sign_json(data, signer), world.trust(), at=world.moment)
    assert (who.name, who.organisation, who.family) == ("Lê Văn Thử", SCHOOL, "test")


def test_a_signature_inside_the_xml_gives_the_record_back(world: World, signer: KeySigner):
    signed = detached.sign_xml(canonical.canonical_xml(RECORD), signer, role="Hiệu trưởng")
    record, who = detached.verify_xml(signed, world.trust(), at=world.moment)
    assert (record, who.name) == (RECORD, "Lê Văn Thử")


def test_a_changed_record_is_found(world: World, signer: KeySigner):
    data = canonical.canonical_json(RECORD)
    signature = detached.sign_json(data, signer)
    with pytest.raises(Invalid) as caught:
        detached.verify_json(data.replace(b"8,5", b"9,5"), signature, world.trust())
    assert caught.value.code == "documents.record_changed"
    signed = detached.sign_xml(canonical.canonical_xml(RECORD), signer)
    with pytest.raises(Invalid) as caught:
        detached.verify_xml(signed.replace(b"8,5", b"9,5"), world.trust())
    assert caught.value.code == "documents.record_changed"


def test_a_signed_record_wrapped_in_another_one_is_not_believed(world: World, signer: KeySigner):
    signed = detached.sign_xml(canonical.canonical_xml(RECORD), signer)
    false = canonical.canonical_xml({"ho_ten": "Người Khác"})
    wrapped = false.replace(b"</record>", signed + b"</record>")
    try:
        record, _who = detached.verify_xml(wrapped, world.trust(), at=world.moment)
    except Invalid:
        return
    assert record == RECORD


@pytest.mark.parametrize("signature", [b"", b"\x30\x03abc", b"rubbish" * 20])
def test_what_is_no_signature_is_refused(world: World, signature: bytes):
    with pytest.raises(Invalid) as caught:
        detached.verify_json(b"{}", signature, world.trust())
    assert caught.value.code == "documents.bad_signature"
    with pytest.raises(Invalid):
        detached.verify_xml(canonical.canonical_xml(RECORD), world.trust())


def test_a_certificate_put_in_the_place_of_the_signer_s_is_found(world: World, signer: KeySigner):
    signed = detached.sign_xml(canonical.canonical_xml(RECORD), signer)
    other = detached.sign_xml(canonical.canonical_xml(RECORD), KeySigner.of(world.principal))
    start, end = b"<ds:X509Certificate>", b"</ds:X509Certificate>"
    mine = signed[signed.index(start) : signed.index(end)]
    theirs = other[other.index(start) : other.index(end)]
    with pytest.raises(Invalid):
        detached.verify_xml(signed.replace(mine, theirs, 1), world.trust(), at=world.moment)


def test_a_record_of_a_stranger_or_of_a_revoked_signer_is_refused(world: World, stranger: World):
    data = canonical.canonical_json(RECORD)
    foreign = detached.sign_json(data, KeySigner.of(stranger.seal))
    with pytest.raises(RuleError) as caught:
        detached.verify_json(data, foreign, world.trust(), at=world.moment)
    assert caught.value.code == "documents.certificate_unknown_issuer"
    who = world.authority.issue_person("Trịnh Văn Hết", organisation=SCHOOL)
    signed = detached.sign_xml(canonical.canonical_xml(RECORD), KeySigner.of(who))
    world.authority.revoke(who.certificate, at=world.moment)
    later = world.moment + timedelta(hours=1)
    with pytest.raises(RuleError) as caught:
        detached.verify_xml(signed, world.trust(later), at=later)
    assert caught.value.code == "documents.certificate_revoked"
