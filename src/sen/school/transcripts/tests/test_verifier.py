from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sen.school.gradebook.models import SheetLine
from sen.school.transcripts import register, services, setup
from sen.school.transcripts.models import SigningKey, Transcript
from sen.school.transcripts.services import keys
from sen.shared.audit.models import Line
from sen.shared.documents.pki import DemoAuthority
from sen.shared.documents.signers import KeySigner
from sen.shared.documents.signing import SigningSession
from sen.shared.documents.trust import from_der
from sen.shared.files.models import StoredFile
from sen.shared.files.services import read_checked

from .factories import FinishedClass, finished_class

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    cache.clear()


def content_of(row: Transcript) -> bytes:
    assert row.pdf is not None
    return read_checked(row.pdf)


def forged(content: bytes) -> bytes:
    """The same file with another date of creation."""
    assert b"CreateDate>20" in content
    return content.replace(b"CreateDate>20", b"CreateDate>19", 1)


def said(content: bytes) -> str:
    upload = SimpleUploadedFile("hoc-ba.pdf", content)
    return Client().post(reverse("transcripts:verify"), {"file": upload}).content.decode()


def looked_up(row: Transcript, year: int | str) -> str:
    url = reverse("transcripts:look_up", args=[row.public_id])
    return Client().post(url, {"birth_year": year}).content.decode()


def sealed(**fields: Any) -> tuple[FinishedClass, Transcript]:
    finished = finished_class(pupils=1, **fields)
    return finished, finished.seal(finished.built()[0])


def test_a_valid_file_says_who_signed_and_when() -> None:
    finished, row = sealed()
    text = said(content_of(row))
    assert "Học bạ thật, còn nguyên vẹn và đang có hiệu lực." in text
    for name in (finished.form_teacher.name, finished.principal.name, keys.school_name(finished.school.pk)):
        assert name in text
    assert "thử nghiệm" in text


def test_a_changed_file_is_called_changed() -> None:
    _finished, row = sealed()
    text = said(forged(content_of(row)))
    assert "đã bị thay đổi sau khi ký" in text
    assert "đang có hiệu lực" not in text


def test_a_superseded_file_names_its_successor() -> None:
    finished, old = sealed()
    SheetLine.objects.filter(pk=finished.ready.line("toan", 2).pk).update(average=90)
    services.requeue(enrolment_id=finished.enrolments[0].pk, reason="Sửa điểm môn Toán")
    services.build_next()
    new = finished.transcript()
    text = said(content_of(old))
    assert "Một bản sửa đổi đang được ký." in text
    assert "đang có hiệu lực" in text
    finished.seal(new)
    old.refresh_from_db()
    text = said(content_of(old))
    assert "đã được thay bằng bản số 2" in text
    assert "đang có hiệu lực." in said(content_of(new))
    assert "Đã thay bằng bản số 2" in looked_up(old, _birth_year(old))


def test_a_file_that_waits_for_signatures_is_not_yet_valid() -> None:
    finished = finished_class(pupils=1)
    row = finished.sign(finished.built()[0], "form_teacher")
    text = said(content_of(row))
    assert "chưa được ký đủ" in text
    assert "Hiệu trưởng" in text
    assert "Đang được ký, chưa có hiệu lực" in text


def test_a_file_by_signers_nobody_trusts_is_unknown(tmp_path: Path) -> None:
    finished = finished_class(pupils=1)
    (row,) = finished.built()
    stranger = DemoAuthority(tmp_path)
    theirs = from_der(
        [stranger.root.der.dump()],
        family="test",
        intermediates=[stranger.issuing.der.dump()],
        revocation_lists=stranger.revocation_lists(),
    )
    content = content_of(row)
    for field in ("gvcn", "hieu_truong", "con_dau"):
        who = KeySigner.of(stranger.issue_person("Kẻ Mạo Danh", organisation="x"))
        content = SigningSession(who, trust=theirs, level="B-B").sign(content, field=field)
    assert "chữ ký không được tin cậy" in said(content)


def test_a_revoked_signer_is_reported(revoke: Callable[[Any], None]) -> None:
    finished = finished_class(pupils=1)
    row = finished.sign(finished.built()[0], "form_teacher")
    key = SigningKey.objects.get(person=finished.form_teacher.person_id)
    revoke(load_der_x509_certificate(keys.open_signer(key).certificate.dump()))
    assert "bị thu hồi" in said(content_of(row))


def test_genuine_signatures_under_a_file_that_was_never_issued_are_told_apart() -> None:
    finished, row = sealed()
    (path,) = [path for path in [row.pdf] if path is not None]
    before = StoredFile.objects.filter(person_id=row.person_id, content_type="application/pdf").exclude(pk=path.pk)
    half_signed = read_checked(before.order_by("-stored_at")[0])
    hand = services.open_hand(actor=finished.clerk, school_id=finished.school.pk, role="seal")
    by_hand = hand.session.sign(half_signed, field="con_dau")  # sealed behind the register's back
    assert "không phải bản đã phát hành" in said(by_hand)


@pytest.mark.parametrize("content", [b"%PDF-1.7 nothing", b"PK\x03\x04", b"\x00" * 100, "học bạ".encode()])
def test_what_is_no_pdf_is_said_to_be_none(content: bytes) -> None:
    assert "Không đọc được tệp" in said(content)


def test_nothing_of_an_upload_is_kept() -> None:
    _finished, row = sealed()
    content = content_of(row)
    before = StoredFile.objects.count()
    said(content)
    said(content + b"\n")
    assert StoredFile.objects.count() == before


def test_too_large_a_file_is_refused_before_it_is_read() -> None:
    assert "lớn hơn 10 MB" in said(b"%PDF" + b"0" * (10 * 1024 * 1024))


def test_too_many_uploads_from_one_place_are_slowed_down() -> None:
    client = Client()
    url = reverse("transcripts:verify")
    answers = [client.post(url, {}).content.decode() for _ in range(21)]
    assert "quá nhiều lượt" not in answers[19]
    assert "quá nhiều lượt" in answers[20]


def test_the_qr_says_nothing_about_the_pupil_without_the_year_of_birth() -> None:
    finished, row = sealed()
    name = finished.enrolments[0].person.full_name
    url = reverse("transcripts:look_up", args=[row.public_id])
    assert name not in Client().get(url).content.decode()
    wrong = looked_up(row, _birth_year(row) + 1)
    assert name not in wrong
    assert "Không có học bạ với mã này và năm sinh này" in wrong
    right = looked_up(row, _birth_year(row))
    assert name in right
    assert "Đang có hiệu lực" in right
    assert finished.principal.name in right
    assert row.pdf_sha256 in right


def test_an_unknown_id_answers_like_a_wrong_year() -> None:
    _finished, row = sealed()
    unknown = Client().post(reverse("transcripts:look_up", args=["0" * 32]), {"birth_year": 2011}).content.decode()
    assert "Không có học bạ với mã này và năm sinh này" in unknown
    assert "Không có học bạ với mã này và năm sinh này" in looked_up(row, 1999)


def test_guessing_the_year_ends_after_ten_tries() -> None:
    _finished, row = sealed()
    answers = [looked_up(row, 1990 + number) for number in range(10)]
    assert all("quá nhiều lượt" not in answer for answer in answers)
    assert "quá nhiều lượt" in looked_up(row, _birth_year(row))


@pytest.mark.parametrize("year", ["", "abc", "99999", "-1"])
def test_a_year_that_is_none_is_explained(year: str) -> None:
    _finished, row = sealed()
    text = looked_up(row, year)
    assert "năm sinh" in text
    assert row.pdf_sha256 not in text


def test_the_holder_can_see_each_check() -> None:
    _finished, row = sealed()
    said(content_of(row))
    looked_up(row, _birth_year(row))
    checks = Line.objects.filter(action="transcripts.checked", subject_id=row.pk)
    assert sorted(line.after["how"] for line in checks) == ["file", "id"]


def test_the_qr_leads_to_the_page() -> None:
    assert setup.public_url("/tra-cuu/abc") == "http://localhost:8000" + reverse("transcripts:look_up", args=["abc"])


def test_the_command_verifies_the_same_file_without_a_server(tmp_path: Path) -> None:
    _finished, row = sealed()
    path = tmp_path / "hoc-ba.pdf"
    path.write_bytes(content_of(row))
    from sen.shared.documents.verification import main

    assert main(str(path), setup.trust_folder()) == 0
    path.write_bytes(forged(content_of(row)))
    assert main(str(path), setup.trust_folder()) == 1


def test_a_judgement_names_the_record_inside() -> None:
    finished, row = sealed()
    judged = register.judge(content_of(row))
    assert judged.is_registered
    assert judged.record["pupil"]["name"] == finished.enrolments[0].person.full_name  # type: ignore[index]  # free JSON


def _birth_year(row: Transcript) -> int:
    birth = row.person.birth_date
    assert birth is not None
    return birth.year
