"""What a reader of a file is told: the test matrix of good, old, changed and false files."""

import os
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper

from sen.shared.documents import archive, pki, tsa
from sen.shared.documents.trust import Trust
from sen.shared.documents.verification import describe, main, verify_pdf
from sen.shared.kit.errors import RuleError

from .factories import RECORD, SCHOOL, World, make_world, prepared, sign_carelessly, unsigned


def edited(document: bytes) -> bytes:
    """Append a revision that turns the first page."""
    writer = IncrementalPdfFileWriter(BytesIO(document))
    page = writer.find_page_for_modification(0)[0].get_object()
    page["/Rotate"] = generic.NumberObject(90)
    writer.update_container(page)
    return written(writer)


def written(writer: IncrementalPdfFileWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def test_a_complete_file_is_valid_offline_and_tells_who_signed(world: World, complete: bytes):
    result = verify_pdf(complete, world.trust_without_lists())
    assert result.status == "valid"
    assert [(item.field, item.name, item.level) for item in result.signatures] == [
        ("form_teacher", "Trần Thị Mẫu", "B-LTA"),
        ("principal", "Lê Văn Thử", "B-LTA"),
        ("seal", SCHOOL, "B-LTA"),
    ]
    teacher = result.signatures[0]
    assert (teacher.organisation, teacher.position, teacher.reason) == (SCHOOL, "Giáo viên", "Xác nhận")
    assert teacher.time == world.moment
    assert teacher.time_is_proved
    assert result.record == RECORD


def test_a_test_root_is_reported_as_test(world: World, complete: bytes):
    result = verify_pdf(complete, world.trust())
    assert result.is_test
    assert "chứng thư thử nghiệm, không có giá trị pháp lý" in result.sentence_vi
    assert "test certificates" in result.sentence_en
    assert "chứng thư thử nghiệm" in result.signatures[0].sentence_vi
    assert not verify_pdf(complete, world.trust(family="vgca")).is_test


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LTA"])
def test_earlier_signatures_are_carried_by_the_seal_s_archive_stamp(world: World, level):
    result = verify_pdf(world.sign_all(level=level), world.trust_without_lists())
    assert [(item.status, item.level) for item in result.signatures] == [("valid", "B-LTA")] * 3


def test_without_the_long_term_form_revocation_lists_are_needed(world: World):
    document = world.sign_all(last="B-T")
    assert verify_pdf(document, world.trust()).status == "valid"
    result = verify_pdf(document, world.trust_without_lists())
    assert result.status == "incomplete"
    assert result.sentence_vi.startswith("Chưa thể kết luận")


def test_an_old_file_with_expired_certificates_is_still_valid(old_world: World):
    document = old_world.sign_all()
    assert all(who.certificate.not_valid_after_utc < old_world.moment + timedelta(days=731) for who in [old_world.seal])
    for trust in (old_world.trust_without_lists(), old_world.trust(old_world.moment + timedelta(days=1095))):
        result = verify_pdf(document, trust)
        assert (result.status, result.signatures[2].time) == ("valid", old_world.moment)


@pytest.mark.parametrize(("level", "status"), [("B-B", "expired"), ("B-T", "expired")])
def test_an_old_file_without_the_long_term_form_has_expired(old_world: World, level, status):
    document = old_world.sign_all(level=level, last=level)
    assert verify_pdf(document, old_world.trust_without_lists()).status == status
    at_that_time = old_world.moment + timedelta(hours=1)
    assert verify_pdf(document, old_world.trust(), at=at_that_time).status == "valid"


def test_an_archive_stamp_whose_own_certificate_ended_proves_nothing_more(tmp_path: Path):
    ancient = make_world(tmp_path, age=timedelta(days=365 * 21))
    result = verify_pdf(ancient.sign_all(), ancient.trust_without_lists())
    assert result.status == "expired"


def test_a_renewed_archive_stamp_carries_the_file_on(old_world: World, world: World):
    document = old_world.sign_all()
    old, new = old_world.trust(world.moment), world.trust()
    both = Trust(old.anchors + new.anchors, old.intermediates, old.revocation_lists + new.revocation_lists)
    renewed = archive.archive(document, trust=both, timestamper=world.stamper, at=world.moment)
    in_18_years = world.moment + timedelta(days=18 * 365)
    assert verify_pdf(document, both, at=in_18_years).status == "expired"
    result = verify_pdf(renewed, both, at=in_18_years)
    assert (result.status, result.signatures[0].time) == ("valid", old_world.moment)


def test_an_old_plain_file_is_raised_to_the_long_term_form_in_time(world: World):
    document = world.sign_all(level="B-B", last="B-B")
    raised = archive.archive(document, trust=world.trust(), timestamper=world.stamper, at=world.moment)
    in_10_years = world.moment + timedelta(days=3650)
    assert verify_pdf(document, world.trust_without_lists(), at=in_10_years).status == "expired"
    assert verify_pdf(raised, world.trust_without_lists(), at=in_10_years).status == "valid"


def test_too_late_to_raise_a_plain_file_whose_signer_s_certificate_has_expired(old_world: World, world: World):
    document = old_world.sign(prepared(), old_world.teacher, "form_teacher", "B-B")
    with pytest.raises(RuleError) as caught:
        archive.archive(document, trust=old_world.trust(world.moment), timestamper=old_world.stamper, at=world.moment)
    assert caught.value.code == "documents.certificate_expired"


def test_revoked_after_the_stamp_does_no_harm(world: World):
    who = world.authority.issue_person("Vũ Thị Sau", organisation=SCHOOL)
    document = world.sign(prepared(), who, "form_teacher", "B-T")
    world.authority.revoke(who.certificate, at=world.moment + timedelta(hours=1))
    later = world.trust(world.moment + timedelta(hours=2))
    assert verify_pdf(document, later).signatures[0].status == "valid"


def test_revoked_before_the_stamp_is_reported(world: World):
    who = world.authority.issue_person("Vũ Thị Trước", organisation=SCHOOL)
    document = world.sign(prepared(), who, "form_teacher", "B-T")
    world.authority.revoke(who.certificate, at=world.moment - timedelta(hours=1))
    result = verify_pdf(document, world.trust(world.moment + timedelta(hours=2)))
    assert result.status == "revoked"
    assert "đã bị thu hồi vào lúc ký" in result.signatures[0].sentence_vi


def test_a_newer_list_outside_overrules_the_evidence_inside(world: World):
    who = world.authority.issue_person("Vũ Thị Ẩn", organisation=SCHOOL)
    document = world.sign(prepared(), who, "form_teacher", "B-LTA")
    assert verify_pdf(document, world.trust_without_lists()).signatures[0].ok
    world.authority.revoke(who.certificate, at=world.moment - timedelta(hours=1))
    assert verify_pdf(document, world.trust(world.moment + timedelta(hours=2))).status == "revoked"


def test_a_plain_signature_of_a_revoked_signer_proves_nothing(world: World):
    who = world.authority.issue_person("Vũ Thị Trơn", organisation=SCHOOL)
    document = world.sign(prepared(), who, "form_teacher", "B-B")
    world.authority.revoke(who.certificate, at=world.moment + timedelta(hours=1))
    assert verify_pdf(document, world.trust(world.moment + timedelta(hours=2))).status == "revoked"


def test_a_stamp_authority_revoked_for_a_stolen_key_proves_nothing(tmp_path: Path):
    past = make_world(tmp_path, age=timedelta(days=1095))
    document = past.sign_all()
    today = past.moment + timedelta(days=1094)
    past.authority.revoke(past.authority.tsa.certificate, at=today, reason="key_compromise")
    assert verify_pdf(document, past.trust(today)).status == "expired"


def test_a_stamp_authority_that_closed_keeps_its_earlier_stamps_good(tmp_path: Path):
    past = make_world(tmp_path, age=timedelta(days=1095))
    document = past.sign_all()
    today = past.moment + timedelta(days=1094)
    past.authority.revoke(past.authority.tsa.certificate, at=today, reason="cessation_of_operation")
    assert verify_pdf(document, past.trust(today)).status == "valid"


def test_a_stranger_s_signature_is_not_trusted(world: World, stranger: World):
    document = stranger.sign(prepared(), stranger.teacher, "form_teacher", "B-T")
    result = verify_pdf(document, world.trust())
    assert result.status == "unknown_signer"
    assert "không do tổ chức được tin cậy cấp" in result.signatures[0].sentence_vi


def test_a_self_signed_certificate_is_not_trusted(world: World, stranger: World):
    own = pki.Identity(stranger.authority.root.certificate, stranger.authority.root.key, ())
    document = sign_carelessly(prepared(), own, "form_teacher")
    assert verify_pdf(document, world.trust()).status == "unknown_signer"


def test_a_family_that_is_not_allowed_for_the_document_is_refused(world: World, complete: bytes):
    public = world.trust(family="public")
    assert verify_pdf(complete, public, families={"public", "vgca"}).status == "valid"
    result = verify_pdf(complete, public, families={"vgca"})
    assert result.status == "unknown_signer"
    assert "chứng thư chữ ký số công cộng, không thuộc loại được phép" in result.signatures[0].sentence_vi


def test_a_person_who_was_not_entitled_is_named(world: World, complete: bytes):
    result = verify_pdf(complete, world.trust(), entitled=lambda item: item.field != "principal")
    assert [item.status for item in result.signatures] == ["valid", "unknown_signer", "valid"]
    assert result.signatures[1].sentence_vi == "Hiệu trưởng: Lê Văn Thử không có thẩm quyền ký ở vị trí này."


def test_two_signers_in_each_other_s_place_are_found_by_the_caller_s_rule(world: World):
    document = world.sign(prepared(), world.principal, "form_teacher", "B-T")
    document = world.sign(document, world.teacher, "principal", "B-T")
    office = {"form_teacher": "Trần Thị Mẫu", "principal": "Lê Văn Thử"}
    result = verify_pdf(document, world.trust(), entitled=lambda item: office[item.field] == item.name)
    assert result.status == "unknown_signer"


def test_signatures_out_of_turn_are_reported(world: World):
    document = sign_carelessly(prepared(), world.principal, "principal")
    document = sign_carelessly(document, world.teacher, "form_teacher", certify=False)
    document = sign_carelessly(document, world.seal, "seal", certify=False)
    result = verify_pdf(document, world.trust())
    assert [item.status for item in result.signatures] == ["valid"] * 3
    assert (result.status, result.sentence_vi[:32]) == ("incomplete", "Các chữ ký trong tài liệu không ")


def test_a_missing_seal_is_named(world: World):
    document = world.sign(prepared(), world.teacher, "form_teacher", "B-T")
    document = world.sign(document, world.principal, "principal", "B-T")
    result = verify_pdf(document, world.trust())
    assert (result.status, result.missing) == ("incomplete", ("Con dấu của trường",))
    assert "còn thiếu: Con dấu của trường" in result.sentence_vi


def test_an_earlier_version_cut_out_of_the_file_lacks_its_seal(world: World, complete: bytes):
    cut = complete[: complete.index(b"%%EOF", len(prepared()) + 100) + 6]
    assert verify_pdf(cut, world.trust()).status in {"incomplete", "changed"}


def test_an_appended_change_of_a_page_is_found_though_each_signature_fits(world: World, complete: bytes):
    result = verify_pdf(edited(complete), world.trust())
    assert result.status == "changed"
    assert [item.status for item in result.signatures] == ["changed"] * 3
    assert result.record is None


def test_a_change_between_two_signatures_is_found(world: World):
    document = edited(world.sign(prepared(), world.teacher, "form_teacher", "B-T"))
    document = sign_carelessly(document, world.principal, "principal", certify=False)
    assert verify_pdf(document, world.trust()).signatures[0].status == "changed"


def test_one_changed_byte_is_found(world: World, complete: bytes):
    place = complete.index(b"/Title") + 8
    forged = complete[:place] + bytes([complete[place] ^ 1]) + complete[place + 1 :]
    assert verify_pdf(forged, world.trust()).status in {"changed", "unreadable"}


def test_the_record_inside_cannot_be_exchanged(world: World, complete: bytes):
    writer = IncrementalPdfFileWriter(BytesIO(complete))
    entry = writer.root["/AF"][0].get_object()
    entry["/EF"]["/F"] = writer.add_object(generic.StreamObject(stream_data=b'{"ho_ten":"x"}'))
    writer.update_container(entry)
    result = verify_pdf(written(writer), world.trust())
    assert (result.status, result.record) == ("changed", None)


def test_an_extra_unsigned_field_is_found(world: World, complete: bytes):
    writer = IncrementalPdfFileWriter(BytesIO(complete))
    append_signature_field(writer, SigFieldSpec("extra"))
    assert verify_pdf(written(writer), world.trust()).status in {"changed", "incomplete"}


def test_rubbish_after_the_end_is_found(world: World, complete: bytes):
    assert verify_pdf(complete + b"\n%rubbish\n", world.trust()).status != "valid"


def test_a_damaged_archive_stamp_is_found_though_the_signatures_hold_without_it(world: World, complete: bytes):
    room = complete.rindex(b"/Contents <") + 11
    for place in (room + 900, complete.index(b">", room) - 1):
        other = b"1" if complete[place : place + 1] == b"0" else b"0"
        damaged = complete[:place] + other + complete[place + 1 :]
        assert verify_pdf(damaged, world.trust()).status != "valid"


def test_a_signature_with_sha1_is_too_weak(world: World):
    document = sign_carelessly(prepared(), world.teacher, "form_teacher", digest="sha1")
    result = verify_pdf(document, world.trust())
    assert (result.status, "quá yếu" in result.signatures[0].sentence_vi) == ("unknown_signer", True)


def test_a_signature_with_a_key_of_1024_bits_is_too_weak(world: World):
    who = world.authority.issue_person("Khóa Ngắn", organisation=SCHOOL, key=pki.new_key("rsa-1024"))
    document = sign_carelessly(prepared(), who, "form_teacher")
    assert "quá yếu" in verify_pdf(document, world.trust()).signatures[0].sentence_vi


def test_a_certificate_for_encryption_does_not_sign(world: World):
    who = world.authority.issue_person("Máy chủ", organisation=SCHOOL, usage="encrypt")
    assert verify_pdf(sign_carelessly(prepared(), who, "form_teacher"), world.trust()).status == "unknown_signer"


def test_a_stamp_of_an_unknown_authority_proves_no_time(old_world: World, stranger: World):
    foreign = tsa.DemoTimeStamper(stranger.authority.tsa, clock=old_world.clock)
    document = old_world.sign(prepared(), old_world.teacher, "form_teacher", "B-T", timestamper=foreign)
    result = verify_pdf(document, old_world.trust(), at=old_world.moment + timedelta(hours=1))
    assert (result.signatures[0].status, result.signatures[0].level) == ("valid", "B-B")
    assert verify_pdf(document, old_world.trust(old_world.moment)).status == "expired"


def test_an_archive_stamp_without_evidence_under_it_is_not_enough_offline(world: World):
    document = world.sign(prepared(), world.teacher, "form_teacher", "B-T")
    writer = IncrementalPdfFileWriter(BytesIO(document))
    stamped = PdfTimeStamper(world.stamper).timestamp_pdf(writer, "sha256").getvalue()
    assert verify_pdf(stamped, world.trust_without_lists()).status == "incomplete"
    assert verify_pdf(stamped, world.trust()).signatures[0].ok


def test_a_historical_root_is_trusted_for_its_time_only(world: World, complete: bytes):
    trust = world.trust()
    for until, status in (
        (world.moment + timedelta(days=1), "valid"),
        (world.moment - timedelta(days=1), "unknown_signer"),
    ):
        anchors = tuple(type(item)(item.certificate, item.family, until) for item in trust.anchors)
        past = type(trust)(anchors, trust.intermediates, trust.revocation_lists)
        # The stamp authority hangs on the same root, so after its end neither the stamp nor the signer is believed.
        assert verify_pdf(complete, past).status == status


def test_an_unsigned_file_is_called_so(world: World):
    for document in (unsigned(), prepared()):
        assert verify_pdf(document, world.trust()).status == "unsigned"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", bytes(range(256)) * 40])
def test_what_is_no_pdf_is_unreadable(world: World, data: bytes):
    result = verify_pdf(data, world.trust())
    assert (result.status, result.signatures) == ("unreadable", ())


def test_no_damage_to_a_file_makes_it_valid_or_breaks_the_verifier(world: World, complete: bytes):
    trust = world.trust()
    for number in range(10):
        place = (number * 7919 * 31) % len(complete)
        damaged = complete[:place] + bytes([complete[place] ^ 0x55]) + complete[place + 1 :]
        assert verify_pdf(damaged, trust).status != "valid", place
    assert verify_pdf(complete[: len(complete) // 2], trust).status != "valid"


def test_the_command_prints_both_languages_and_its_exit_code(world: World, complete: bytes, tmp_path: Path, capsys):
    world.authority.write_trust(tmp_path / "trust")
    good, changed, other = tmp_path / "a.pdf", tmp_path / "b.pdf", tmp_path / "c.txt"
    good.write_bytes(complete)
    changed.write_bytes(edited(complete))
    other.write_text("no")
    codes = [main(str(path), tmp_path / "trust") for path in (good, changed, other, tmp_path / "none")]
    codes.append(main(str(good), tmp_path / "no-roots"))
    assert codes == [0, 1, 2, 2, 2]
    output = capsys.readouterr()
    assert "mọi chữ ký đều hợp lệ" in output.out
    assert "every signature is valid" in output.out
    assert "Không mở được tệp" in output.err
    assert "Chưa có chứng thư gốc nào" in output.err


def test_the_command_needs_neither_settings_nor_database(world: World, complete: bytes, tmp_path: Path):
    world.authority.write_trust(tmp_path / "trust")
    (tmp_path / "a.pdf").write_bytes(complete)
    (tmp_path / "b.pdf").write_bytes(b"rubbish")
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "SEN_TRUST": str(tmp_path / "trust")}
    command = [sys.executable, "-c", "from sen.shared.documents.commands import verify; verify()"]
    ran = [
        subprocess.run([*command, str(tmp_path / name)], env=clean, capture_output=True) for name in ("a.pdf", "b.pdf")
    ]
    assert [item.returncode for item in ran] == [0, 2]
    assert "mọi chữ ký đều hợp lệ" in ran[0].stdout.decode()
    (tmp_path / "trust" / "test" / "root.pem").write_text("rubbish")
    broken = subprocess.run([*command, str(tmp_path / "a.pdf")], env=clean, capture_output=True)
    assert (broken.returncode, "test/root.pem" in broken.stderr.decode()) == (2, True)


def test_the_text_lists_each_signature(world: World, complete: bytes):
    lines = describe(verify_pdf(complete, world.trust())).splitlines()
    assert lines[3].startswith(f"  1. Giáo viên chủ nhiệm: Trần Thị Mẫu ({SCHOOL}) ký lúc ")
    assert len(lines) == 6
