from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.school.gradebook import events
from sen.school.gradebook.models import Correction, SheetLine
from sen.school.gradebook.tests.factories import account_of, actor_with
from sen.school.transcripts import services, setup
from sen.school.transcripts.models import SigningKey, Transcript
from sen.school.transcripts.services import keys
from sen.shared.documents.detached import verify_json, verify_xml
from sen.shared.documents.verification import verify_pdf
from sen.shared.files.services import read_checked
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

from .factories import FinishedClass, finished_class, new_teacher, person_of

pytestmark = pytest.mark.django_db
State = Transcript.State


def refused(finished: FinishedClass, transcript: Transcript, role: str, code: str, actor: Any = None) -> None:
    """Signing is refused with this code, and nothing changed."""
    transcript.refresh_from_db()
    before = (transcript.state, transcript.pdf_sha256, list(transcript.steps.values_list("signed_at", flat=True)))
    with pytest.raises(RuleError) as refusal:
        services.sign(actor=actor or finished.signer(role), transcript_id=transcript.pk, hand=finished.hand(role))
    assert refusal.value.code == code
    transcript.refresh_from_db()
    assert (
        transcript.state,
        transcript.pdf_sha256,
        list(transcript.steps.values_list("signed_at", flat=True)),
    ) == before


def test_teacher_principal_and_seal_make_a_file_that_anybody_can_verify() -> None:
    finished = finished_class(pupils=1)
    transcript = finished.seal(finished.built()[0])
    assert transcript.state == State.SEALED
    assert transcript.pdf is not None
    trust = setup.current_trust()
    result = verify_pdf(read_checked(transcript.pdf), trust)
    assert result.status == "valid"
    assert [signature.level for signature in result.signatures] == ["B-LTA"] * 3
    assert [signature.name for signature in result.signatures] == [
        finished.form_teacher.name,
        finished.principal.name,
        keys.school_name(finished.school.pk),
    ]
    data, xml, signature = transcript.data_json, transcript.data_xml, transcript.data_signature
    assert data is not None
    assert xml is not None
    assert signature is not None
    assert verify_json(read_checked(data), read_checked(signature), trust).family == "test"
    record, _who = verify_xml(read_checked(xml), trust)
    assert record == transcript.record


def test_the_order_of_signing_is_kept() -> None:
    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    refused(finished, transcript, "seal", "transcripts.not_your_turn")
    refused(finished, transcript, "principal", "transcripts.not_your_turn")
    finished.sign(transcript, "form_teacher")
    refused(finished, transcript, "seal", "transcripts.not_your_turn")
    refused(finished, transcript, "form_teacher", "transcripts.already_signed")


def test_a_teacher_of_several_subjects_signs_them_in_one_act_and_before_the_form_teacher() -> None:
    finished = finished_class(pupils=1)
    services.set_policy(actor=finished.principal, school_id=finished.school.pk, subject_teachers_sign=True)
    (transcript,) = finished.built()
    refused(finished, transcript, "form_teacher", "transcripts.not_your_turn")
    finished.sign(transcript, "subject_teacher")
    assert not transcript.steps.filter(role="subject_teacher", signed_at=None).exists()
    finished.seal(transcript)
    assert transcript.pdf is not None
    assert verify_pdf(read_checked(transcript.pdf), setup.current_trust()).status == "valid"


def test_nobody_signs_for_another() -> None:
    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    other = actor_with(Role.FORM_TEACHER, finished.school)
    services.issue_test_key(actor=other, school_id=finished.school.pk, person=person_of(other))
    refused(finished, transcript, "form_teacher", "transcripts.wrong_signer", actor=other)
    refused(finished, transcript, "form_teacher", "transcripts.wrong_signer", actor=finished.principal)


def test_a_teacher_of_another_school_may_not_sign() -> None:
    finished, other = finished_class(pupils=1), finished_class(pupils=1)
    (transcript, _theirs) = finished.built()[0], None
    refused(finished, transcript, "form_teacher", "transcripts.sign.not_allowed", actor=other.form_teacher)


def test_a_clerk_seals_but_does_not_approve() -> None:
    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    with pytest.raises(NotAllowed):
        services.open_hand(actor=finished.clerk, school_id=finished.school.pk, role="principal")
    assert transcript.state == State.BUILT


def test_who_is_no_longer_form_teacher_does_not_sign() -> None:
    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    SchoolClass.objects.update(form_teacher=new_teacher(finished.school))
    refused(finished, transcript, "form_teacher", "transcripts.wrong_signer")


def test_who_is_no_longer_principal_does_not_sign() -> None:
    finished = finished_class(pupils=1)
    transcript = finished.sign(finished.built()[0], "form_teacher")
    Grant.objects.filter(role=Role.PRINCIPAL).update(valid_to=timezone.localdate())
    refused(finished, transcript, "principal", "transcripts.wrong_signer")


def test_a_deputy_signs_for_the_principal_only_with_the_office() -> None:
    finished = finished_class(pupils=1)
    deputy = actor_with(Role.VICE_PRINCIPAL, finished.school)
    services.set_policy(
        actor=finished.principal, school_id=finished.school.pk, deputy=person_of(deputy), deputy_decision="5/QĐ"
    )
    services.issue_test_key(actor=deputy, school_id=finished.school.pk, person=person_of(deputy))
    transcript = finished.sign(finished.built()[0], "form_teacher")
    refused(finished, transcript, "principal", "transcripts.wrong_signer")
    hand = services.open_hand(actor=deputy, school_id=finished.school.pk, role="principal")
    services.sign(actor=deputy, transcript_id=transcript.pk, hand=hand)
    assert transcript.steps.get(role="principal").signed_at is not None


def test_without_a_key_nobody_signs() -> None:
    finished = finished_class(pupils=1, keys=False)
    with pytest.raises(RuleError, match="Khóa ký") as refusal:
        services.open_hand(actor=finished.principal, school_id=finished.school.pk, role="principal")
    assert refusal.value.code == "transcripts.no_key"


def test_an_expired_certificate_is_refused() -> None:
    finished = finished_class(pupils=1, keys=False)
    authority = setup.demo_authority()
    past = timezone.now() - timedelta(days=800), timezone.now() - timedelta(days=10)
    identity = authority.issue_person(finished.principal.name, organisation="x", valid=past)
    with pytest.raises(RuleError, match="hết hạn") as refusal:
        services.register_file(
            actor=finished.principal,
            school_id=finished.school.pk,
            person=person_of(finished.principal),
            data=identity.p12("mat-khau"),
            passphrase="mat-khau",
        )
    assert refusal.value.code == "documents.certificate_expired"
    assert not SigningKey.objects.exists()


def test_a_certificate_that_expired_since_its_registration_is_refused() -> None:
    finished = finished_class(pupils=1)
    SigningKey.objects.filter(person=finished.principal.person_id).update(
        valid_until=timezone.now() + timedelta(minutes=5)
    )
    with pytest.raises(RuleError) as refusal:
        services.open_hand(actor=finished.principal, school_id=finished.school.pk, role="principal")
    assert refusal.value.code == "transcripts.key_ends"


def test_a_revoked_certificate_is_refused(revoke: Callable[[Any], None]) -> None:
    finished = finished_class(pupils=1)
    transcript = finished.sign(finished.built()[0], "form_teacher")
    key = SigningKey.objects.get(person=finished.principal.person_id)
    signer = keys.open_signer(key)
    from cryptography.x509 import load_der_x509_certificate

    revoke(load_der_x509_certificate(signer.certificate.dump()))
    with pytest.raises(RuleError, match="thu hồi") as refusal:
        services.open_hand(actor=finished.principal, school_id=finished.school.pk, role="principal")
    assert refusal.value.code == "documents.certificate_revoked"
    transcript.refresh_from_db()
    assert transcript.state == State.SIGNING


def test_a_removed_key_signs_no_more() -> None:
    finished = finished_class(pupils=1)
    key = SigningKey.objects.get(person=finished.principal.person_id)
    services.remove_key(actor=finished.principal, key=key)
    with pytest.raises(RuleError) as refusal:
        services.open_hand(actor=finished.principal, school_id=finished.school.pk, role="principal")
    assert refusal.value.code == "transcripts.no_key"


def test_a_colleague_may_not_remove_my_key() -> None:
    finished = finished_class(pupils=1)
    key = SigningKey.objects.get(person=finished.principal.person_id)
    with pytest.raises(NotAllowed):
        services.remove_key(actor=finished.teacher, key=key)
    key.refresh_from_db()
    assert key.removed_at is None


def test_a_key_bears_the_name_of_its_holder() -> None:
    finished = finished_class(pupils=1, keys=False)
    identity = setup.demo_authority().issue_person("Người Khác Hẳn", organisation="x")
    with pytest.raises(Invalid, match="Người Khác Hẳn"):
        services.register_file(
            actor=finished.principal,
            school_id=finished.school.pk,
            person=person_of(finished.principal),
            data=identity.p12("mat-khau"),
            passphrase="mat-khau",
        )
    with pytest.raises(NotAllowed):
        services.issue_test_key(
            actor=finished.principal, school_id=finished.school.pk, person=person_of(finished.teacher)
        )
    assert not SigningKey.objects.exists()


def test_only_test_keys_may_lie_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    finished = finished_class(pupils=1, keys=False)
    identity = setup.demo_authority().issue_person(finished.principal.name, organisation="x")
    trusted = setup.current_trust()
    public = type(trusted)(
        tuple(type(anchor)(anchor.certificate, "public") for anchor in trusted.anchors),
        trusted.intermediates,
        trusted.revocation_lists,
    )
    monkeypatch.setattr(setup, "current_trust", lambda: public)
    with pytest.raises(RuleError) as refusal:
        services.register_file(
            actor=finished.principal,
            school_id=finished.school.pk,
            person=person_of(finished.principal),
            data=identity.p12("mat-khau"),
            passphrase="mat-khau",
        )
    assert refusal.value.code == "transcripts.key_in_file"
    assert not SigningKey.objects.exists()


def test_a_new_key_takes_the_place_of_the_old_one() -> None:
    finished = finished_class(pupils=1)
    person = person_of(finished.principal)
    services.issue_test_key(actor=finished.principal, school_id=finished.school.pk, person=person)
    assert SigningKey.objects.filter(person=person).count() == 2
    assert SigningKey.objects.filter(person=person, removed_at=None).count() == 1


def test_a_changed_result_is_refused_until_the_transcript_is_built_anew() -> None:
    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    SheetLine.objects.filter(pk=finished.ready.line("toan", 2).pk).update(average=90)
    refused(finished, transcript, "form_teacher", "transcripts.results_changed")


def test_a_file_other_than_the_one_seen_is_refused() -> None:
    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    with pytest.raises(RuleError) as refusal:
        services.sign(
            actor=finished.form_teacher, transcript_id=transcript.pk, hand=finished.hand("form_teacher"), seen="0" * 64
        )
    assert refusal.value.code == "transcripts.changed"
    assert not transcript.steps.exclude(signed_at=None).exists()


def test_a_file_changed_in_the_store_is_refused(stored: Any) -> None:
    from django.core.files.base import ContentFile

    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    assert transcript.pdf is not None
    content = read_checked(transcript.pdf)
    stored.delete(transcript.pdf.path)
    stored.save(transcript.pdf.path, ContentFile(content + b"\n%"))
    refused(finished, transcript, "form_teacher", "files.changed")
    stored.delete(transcript.pdf.path)


def test_a_correction_after_the_seal_makes_a_version_that_names_the_old_one() -> None:
    finished = finished_class(pupils=1)
    old = finished.seal(finished.built()[0])
    old_digest = old.pdf_sha256
    _correct(finished)
    services.build_next()
    new = finished.transcript()
    assert (new.version, new.supersedes_id) == (2, old.pk)
    assert new.reason == "Sửa điểm môn Toán: Nhập nhầm"
    assert new.record["document"]["supersedes"] == {"id": old.public_id, "version": 1, "sha256": old_digest}
    old.refresh_from_db()
    assert old.state == State.SEALED  # valid until the new one is sealed
    finished.sign(new, "form_teacher", "principal")
    old.refresh_from_db()
    assert old.state == State.SEALED
    finished.sign(new, "seal")
    old.refresh_from_db()
    assert (old.state, new.state) == (State.SUPERSEDED, State.SEALED)
    assert old.pdf is not None
    assert old.pdf_sha256 == old_digest
    assert verify_pdf(read_checked(old.pdf), setup.current_trust()).status == "valid"


def test_a_correction_before_the_seal_builds_the_same_version_anew() -> None:
    finished = finished_class(pupils=1)
    transcript = finished.sign(finished.built()[0], "form_teacher")
    _correct(finished)
    transcript.refresh_from_db()
    assert (transcript.version, transcript.state) == (1, State.QUEUED)
    refused(finished, transcript, "principal", "transcripts.not_ready")


def test_a_correction_without_a_transcript_asks_for_none() -> None:
    finished = finished_class(pupils=1)
    _correct(finished)
    assert not Transcript.objects.exists()


def test_holders_are_warned_once_at_60_30_and_7_days() -> None:
    finished = finished_class(pupils=1)
    key = SigningKey.objects.get(person=finished.principal.person_id)
    told = []
    for days in (90, 59, 50, 29, 6, 5):
        SigningKey.objects.filter(pk=key.pk).update(valid_until=timezone.now() + timedelta(days=days, hours=1))
        told.append(services.warn_of_ending_keys())
    assert told == [0, 1, 0, 1, 1, 0]


def _correct(finished: FinishedClass) -> None:
    """A correction of Toán, approved, with the event of the gradebook."""
    line = finished.ready.line("toan", 2)
    people = [account_of(new_teacher(finished.school), Role.SUBJECT_TEACHER, finished.school) for _ in range(3)]
    correction = Correction.objects.create(
        school=finished.school,
        person=line.person,
        line=line,
        column="ck",
        old=90,
        new=95,
        reason="Nhập nhầm",
        state="approved",
        requested_by=people[0],
        confirmed_by=people[1],
        approved_by=people[2],
        approved_at=timezone.now(),
    )
    SheetLine.objects.filter(pk=line.pk).update(corrected={"ck": 95}, average=87)
    events.correction_approved.send(sender=None, correction_id=correction.pk, enrolment_id=line.enrolment_id)
