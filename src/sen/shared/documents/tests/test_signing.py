"""Who may sign, in which turn, and what a refusal says."""

import subprocess
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sen.shared.documents import fields, pki, signers, signing, tsa
from sen.shared.documents.attachments import attachments
from sen.shared.documents.fields import field_states, open_pdf
from sen.shared.documents.verification import verify_pdf
from sen.shared.kit.errors import Invalid, RuleError

from .factories import RECORD, SCHOOL, STEPS, World, prepared, sample, unsigned


def refused(world: World, who: pki.Identity, **more: object) -> RuleError:
    """Try to sign; return the refusal, having made sure that the file is untouched."""
    document = bytes(prepared())
    with pytest.raises(RuleError) as caught:
        world.sign(document, who, "form_teacher", **more)
    assert document == prepared()
    return caught.value


def test_all_fields_are_made_before_the_first_signature():
    states = field_states(open_pdf(prepared()))
    assert [(state.name, state.step, state.signed) for state in states] == [
        ("form_teacher", 0, False),
        ("principal", 1, False),
        ("seal", 2, False),
    ]
    assert states[1].title == "Hiệu trưởng"


def test_the_places_marked_in_the_template_become_the_fields():
    document = fields.prepare_fields(sample(), STEPS)
    form = open_pdf(document).root["/AcroForm"]["/Fields"]
    teacher, principal, seal = (item.get_object()["/Rect"] for item in form)
    assert teacher[2] - teacher[0] > 150
    assert principal[0] > teacher[2]
    assert [float(value) for value in seal] == [0, 0, 0, 0]
    assert b"sen-sign" not in document[len(sample()) :]


def test_a_visible_field_shows_the_holder_and_the_file_stays_archivable(world: World, tmp_path: Path):
    signed = world.sign_all(fields.prepare_fields(sample(), STEPS))
    assert verify_pdf(signed, world.trust_without_lists()).status == "valid"
    path = tmp_path / "a.pdf"
    path.write_bytes(signed)
    shown = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True).stdout.decode()
    time = world.moment.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).strftime("%d/%m/%Y %H:%M")
    assert "Ký bởi: Trần Thị Mẫu" in shown
    assert f"Thời gian ký: {time} +07:00" in shown
    fonts = subprocess.run(["pdffonts", str(path)], check=True, capture_output=True).stdout.decode().splitlines()[2:]
    assert [line for line in fonts if line.split()[-5] != "yes"] == []


def test_fields_are_made_only_once():
    with pytest.raises(RuleError, match="đã có ô chữ ký"):
        fields.prepare_fields(prepared(), ["other"])


@pytest.mark.parametrize("names", [[], ["a", "a"], ["a.b"], ["có dấu"]])
def test_a_wrong_or_repeated_field_name_is_refused(names: list[str]):
    with pytest.raises(RuleError) as caught:
        fields.prepare_fields(unsigned(), names)
    assert caught.value.code == "documents.bad_field"


def test_something_that_is_no_pdf_is_refused_by_a_sentence():
    with pytest.raises(Invalid) as caught:
        fields.prepare_fields(b"Not a PDF", ["a"])
    assert caught.value.code == "documents.not_a_pdf"


def test_the_principal_may_not_sign_before_the_teacher(world: World):
    with pytest.raises(RuleError) as caught:
        world.sign(prepared(), world.principal, "principal")
    assert caught.value.code == "documents.wrong_order"
    assert str(caught.value) == "Chưa đến lượt ký ô “Hiệu trưởng”: ô “Giáo viên chủ nhiệm” phải được ký trước."


def test_fields_of_one_step_may_be_signed_in_any_order(world: World):
    document = fields.prepare_fields(
        unsigned(), [fields.Field("math", step=1), fields.Field("music", step=1), fields.Field("head", step=2)]
    )
    signed = world.sign(document, world.teacher, "music")
    with pytest.raises(RuleError, match="math"):
        world.sign(signed, world.principal, "head")
    signed = world.sign(signed, world.teacher, "math")
    assert world.sign(signed, world.principal, "head")


def test_a_field_is_signed_only_once(world: World):
    signed = world.sign(prepared(), world.teacher, "form_teacher")
    with pytest.raises(RuleError) as caught:
        world.sign(signed, world.teacher, "form_teacher")
    assert caught.value.code == "documents.field_signed"


def test_an_unknown_field_is_refused(world: World):
    with pytest.raises(RuleError) as caught:
        world.sign(prepared(), world.teacher, "nobody")
    assert caught.value.code == "documents.no_such_field"


def test_an_expired_certificate_is_refused_before_signing(world: World):
    valid = (world.moment - timedelta(days=400), world.moment - timedelta(days=35))
    who = world.authority.issue_person("Phạm Thị Cũ", organisation=SCHOOL, valid=valid)
    refusal = refused(world, who)
    assert refusal.code == "documents.certificate_expired"
    assert "“Phạm Thị Cũ” đã hết hạn ngày" in str(refusal)


def test_a_certificate_that_is_not_yet_valid_is_refused(world: World):
    valid = (world.moment + timedelta(days=2), world.moment + timedelta(days=35))
    who = world.authority.issue_person("Phạm Thị Mới", organisation=SCHOOL, valid=valid)
    assert refused(world, who).code == "documents.certificate_not_yet_valid"


def test_a_revoked_certificate_is_refused_before_signing(world: World):
    who = world.authority.issue_person("Đỗ Văn Mất", organisation=SCHOOL)
    world.authority.revoke(who.certificate, at=world.moment - timedelta(minutes=30))
    refusal = refused(world, who)
    assert refusal.code == "documents.certificate_revoked"
    assert "đã bị thu hồi ngày" in str(refusal)


def test_a_stranger_is_refused(world: World, stranger: World):
    assert refused(world, stranger.teacher).code == "documents.certificate_unknown_issuer"


def test_a_certificate_for_encryption_is_refused(world: World):
    who = world.authority.issue_person("Máy chủ", organisation=SCHOOL, usage="encrypt")
    assert refused(world, who).code == "documents.certificate_wrong_use"


def test_a_key_of_1024_bits_is_refused(world: World):
    who = world.authority.issue_person("Khóa Ngắn", organisation=SCHOOL, key=pki.new_key("rsa-1024"))
    assert refused(world, who).code == "documents.certificate_weak"


def test_without_current_revocation_lists_nobody_signs(world: World):
    assert refused(world, world.teacher, trust=world.trust_without_lists()).code == "documents.revocation_unknown"
    stale = world.trust(world.moment - timedelta(days=30))
    assert refused(world, world.teacher, trust=stale).code == "documents.revocation_unknown"


def test_a_stamp_authority_that_is_not_trusted_is_refused(world: World, stranger: World):
    refusal = refused(world, world.teacher, level="B-LTA", timestamper=stranger.stamper)
    assert refusal.code == "documents.certificate_unknown_issuer"


def test_a_person_may_not_issue_time_stamps(world: World):
    stamper = tsa.DemoTimeStamper(world.teacher, clock=world.clock)
    assert refused(world, world.teacher, level="B-LTA", timestamper=stamper).code == "documents.certificate_wrong_use"


def test_when_the_stamp_authority_is_down_nothing_is_signed(world: World):
    stamper = tsa.http_timestamper("http://127.0.0.1:9/", seconds=1)
    assert refused(world, world.teacher, level="B-T", timestamper=stamper).code == "documents.timestamp_failed"


def test_a_session_ends_after_15_minutes(world: World):
    times = [world.moment, world.moment, world.moment + timedelta(minutes=16)]
    session = signing.SigningSession(
        signers.KeySigner.of(world.teacher), trust=world.trust(), level="B-B", clock=lambda: times.pop(0)
    )
    assert session.sign(prepared(), field="form_teacher")
    with pytest.raises(RuleError) as caught:
        session.sign(prepared(), field="form_teacher")
    assert caught.value.code == "documents.session_over"


def test_a_session_signs_many_files(world: World):
    session = signing.SigningSession(
        signers.KeySigner.of(world.teacher), trust=world.trust(), timestamper=world.stamper, clock=world.clock
    )
    signed = {session.sign(prepared(), field="form_teacher") for _number in range(3)}
    assert len(signed) == 3


def test_a_p12_file_signs_and_keeps_the_record_inside(world: World):
    signer = signers.KeySigner.from_p12(world.teacher.p12("mật khẩu"), "mật khẩu")
    signed = signing.sign(
        prepared(), signer=signer, field="form_teacher", trust=world.trust(), level="B-B", clock=world.clock
    )
    assert attachments(signed) == {"ban-ghi.json": RECORD}


def test_a_wrong_passphrase_and_a_broken_p12_are_refused_by_one_sentence(world: World):
    for data, passphrase in ((world.teacher.p12("đúng"), "sai"), (b"rubbish", "đúng")):
        with pytest.raises(RuleError) as caught:
            signers.KeySigner.from_p12(data, passphrase)
        assert caught.value.code == "documents.p12_refused"


def test_a_signature_made_for_another_file_is_not_embedded(world: World):
    holder = signers.KeySigner.of(world.teacher)
    session = signing.SigningSession(holder, trust=world.trust(), level="B-B", clock=world.clock)
    first = session.prepare(prepared(), field="form_teacher")
    second = session.prepare(prepared(), field="form_teacher", reason="khác")
    with pytest.raises(RuleError) as caught:
        session.finish(first, holder.sign(second.to_be_signed))
    assert caught.value.code == "documents.signature_mismatch"


def test_the_seal_refuses_a_file_whose_earlier_signer_was_revoked_without_a_stamp(world: World):
    who = world.authority.issue_person("Ngô Thị Thẻ", organisation=SCHOOL)
    signed = world.sign(prepared(), who, "form_teacher", "B-B")
    signed = world.sign(signed, world.principal, "principal", "B-B")
    world.authority.revoke(who.certificate, at=world.moment - timedelta(minutes=1))
    with pytest.raises(RuleError) as caught:
        world.sign(signed, world.seal, "seal", "B-LTA")
    assert caught.value.code == "documents.certificate_revoked"
    assert "Ngô Thị Thẻ" in str(caught.value)
