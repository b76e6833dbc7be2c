from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from sen.core.identity.models import Grant
from sen.core.identity.roles import Role
from sen.core.people.models import Person
from sen.school.gradebook.models import SheetLine
from sen.school.transcripts import remote, services
from sen.school.transcripts.models import SigningBatch, SigningKey, Transcript
from sen.school.transcripts.services import Item, batches, keys, signing
from sen.shared.audit.models import Line
from sen.shared.documents.remote import Answer, Credential, State
from sen.shared.documents.signers import KeySigner
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError
from sen.shared.messaging.models import Notice

from .factories import FinishedClass, finished_class, person_of

pytestmark = pytest.mark.django_db


def items_of(rows: list[Transcript]) -> list[Item]:
    return [Item(row.pk, row.pdf_sha256) for row in rows]


def started(finished: FinishedClass, role: str = "form_teacher", **changes: Any) -> SigningBatch:
    """A batch over the whole class, started as the page does it."""
    items = items_of([finished.transcript(number) for number in range(len(finished.enrolments))])
    actor = changes.pop("actor", finished.signer(role))
    given: dict[str, Any] = {
        "items": items,
        "typed_count": len(items),
        "previewed": services.sample(items, actor.account_id),
    } | changes
    return services.start_batch(actor=actor, school_id=finished.school.pk, year=2022, role=role, **given)


def run_all() -> None:
    hands = services.Hands()
    try:
        while services.sign_next(hands):
            pass
    finally:
        hands.close()


def signed(finished: FinishedClass, role: str = "form_teacher") -> list[bool]:
    rows = [finished.transcript(number).steps.get(role=role) for number in range(len(finished.enrolments))]
    return [step.signed_at is not None for step in rows]


def test_a_class_is_signed_in_one_act() -> None:
    finished = finished_class(pupils=7)
    finished.built()
    batch = started(finished)
    assert batch.state == "queued"
    run_all()
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.failures) == ("done", 7, [])
    assert signed(finished) == [True] * 7
    assert Notice.objects.get(account_id=finished.form_teacher.account_id).title == "Đã ký 7 học bạ."


def test_the_history_names_the_signer_not_the_worker() -> None:
    finished = finished_class(pupils=1)
    finished.built()
    started(finished)
    run_all()
    lines = Line.objects.filter(subject_table="transcripts_signaturestep", op="U")
    assert {line.actor.split("|")[1] for line in lines} == {finished.form_teacher.name}


def test_one_that_cannot_be_signed_is_listed_and_stops_nobody() -> None:
    finished = finished_class(pupils=3)
    finished.built()
    batch = started(finished)
    SheetLine.objects.filter(pk=finished.ready.line("toan", 2, pupil=1).pk).update(average=10)
    run_all()
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("done", 3)
    (failure,) = batch.failures
    assert failure["transcript"] == str(finished.transcript(1).pk)
    assert failure["code"] == "transcripts.results_changed"
    assert "Kết quả" in failure["message"]
    assert signed(finished) == [True, False, True]


def test_after_a_crash_the_rest_is_signed_and_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    finished = finished_class(pupils=4)
    finished.built()
    batch = started(finished)
    count = 0
    real = signing.sign

    def crash_at_the_third(**given: Any) -> Transcript:
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        return real(**given)

    monkeypatch.setattr(signing, "sign", crash_at_the_third)
    hands = services.Hands()
    services.sign_next(hands, size=1)
    with pytest.raises(KeyboardInterrupt):
        while services.sign_next(hands, size=2):
            pass
    hands.close()
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("running", 1)  # the slice at hand was undone as a whole
    assert signed(finished) == [True, False, False, False]
    first = finished.transcript(0).pdf_sha256
    monkeypatch.setattr(signing, "sign", real)
    run_all()
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.failures) == ("done", 4, [])
    assert signed(finished) == [True] * 4
    assert finished.transcript(0).pdf_sha256 == first


def test_the_count_must_be_typed() -> None:
    finished = finished_class(pupils=2)
    finished.built()
    with pytest.raises(Invalid) as refusal:
        started(finished, typed_count=3)
    assert refusal.value.code == "transcripts.wrong_count"
    assert not SigningBatch.objects.exists()


def test_the_sample_must_be_opened() -> None:
    finished = finished_class(pupils=7)
    rows = finished.built()
    chosen = services.sample(items_of(rows), finished.form_teacher.account_id)
    assert len(set(chosen)) == 5
    assert chosen == services.sample(items_of(rows), finished.form_teacher.account_id)
    with pytest.raises(RuleError) as refusal:
        started(finished, previewed=chosen[:4])
    assert refusal.value.code == "transcripts.not_previewed"
    assert not SigningBatch.objects.exists()


def test_the_list_must_be_the_one_that_was_seen() -> None:
    finished = finished_class(pupils=1)
    (row,) = finished.built()
    wrong = [Item(row.pk, "0" * 64)]
    with pytest.raises(RuleError) as refusal:
        started(finished, items=wrong, previewed=[row.pk])
    assert refusal.value.code == "transcripts.changed"
    assert not SigningBatch.objects.exists()


def test_a_stranger_starts_no_batch_over_our_class() -> None:
    finished, other = finished_class(pupils=1), finished_class(pupils=1)
    finished.built()
    with pytest.raises(NotAllowed):
        started(finished, actor=other.form_teacher)
    assert not SigningBatch.objects.exists()


def test_two_batches_of_one_signer_do_not_run_at_once() -> None:
    finished = finished_class(pupils=1)
    finished.built()
    started(finished)
    with pytest.raises(RuleError) as refusal:
        started(finished)
    assert refusal.value.code == "transcripts.batch_running"
    assert SigningBatch.objects.count() == 1


def test_a_batch_stops_with_its_key_and_goes_on_with_a_new_one() -> None:
    finished = finished_class(pupils=3)
    finished.built()
    batch = started(finished)
    hands = services.Hands()
    services.sign_next(hands, size=1)
    hands.close()
    key = SigningKey.objects.get(person=finished.form_teacher.person_id)
    services.remove_key(actor=finished.form_teacher, key=key)
    run_all()
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("failed", 1)
    assert "2 học bạ chưa ký" in batch.message
    person = person_of(finished.form_teacher)
    services.issue_test_key(actor=finished.form_teacher, school_id=finished.school.pk, person=person)
    services.resume_batch(actor=finished.form_teacher, batch=batch)
    run_all()
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("done", 3)
    assert signed(finished) == [True] * 3


def test_only_the_signer_takes_a_batch_up_again() -> None:
    finished = finished_class(pupils=1)
    finished.built()
    batch = started(finished)
    SigningBatch.objects.update(state="failed")
    with pytest.raises(NotAllowed):
        services.resume_batch(actor=finished.principal, batch=batch)
    batch.refresh_from_db()
    assert batch.state == "failed"


def test_who_lost_the_office_meanwhile_signs_no_more() -> None:
    finished = finished_class(pupils=1)
    finished.built()
    batch = started(finished)
    Grant.objects.filter(account=finished.form_teacher.account_id).update(valid_to="2022-01-01")
    run_all()
    batch.refresh_from_db()
    assert batch.state == "failed"
    assert signed(finished) == [False]


def test_the_whole_school_is_sealed_in_one_act() -> None:
    finished = finished_class(pupils=2)
    for row in finished.built():
        finished.sign(row, "form_teacher", "principal")
    started(finished, "seal")
    run_all()
    assert set(Transcript.objects.values_list("state", flat=True)) == {"sealed"}


class Phone:
    """A provider whose holder's telephone answers as told: partial, twice, or refusing."""

    def __init__(self, finished: FinishedClass) -> None:
        key = SigningKey.objects.get(person=finished.form_teacher.person_id)
        signer = keys.open_signer(key)
        assert isinstance(signer, KeySigner)
        self.signer = signer
        self.credential = Credential("c1", signer.certificate, signer.chain)
        self.asked: list[str] = []
        self.hashes: list[bytes] = []
        self.state = State.SIGNED

    def list_credentials(self, user: str) -> list[Credential]:
        return [self.credential]

    def begin(self, credential: Credential, items: Any, purpose: str, reference: str) -> str:
        if reference not in self.asked:
            self.asked.append(reference)
            self.hashes = [item.sha256 for item in items]
        return reference

    def status(self, transaction: str) -> Answer:
        if self.state is not State.SIGNED:
            return Answer(self.state)
        return Answer(State.SIGNED, [(digest, self._sign(digest)) for digest in self.hashes])

    def cancel(self, transaction: str) -> None:
        self.state = State.REFUSED

    def _sign(self, digest: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        key = self.signer._key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


@pytest.fixture
def phone() -> Any:
    finished = finished_class(pupils=2)
    service = Phone(finished)
    remote.register("dien-thoai", service)
    person = Person.objects.get(pk=finished.form_teacher.person_id)
    keys.register_remote(
        actor=finished.form_teacher, school_id=finished.school.pk, person=person, provider="dien-thoai", user="u1"
    )
    finished.built()
    yield finished, service
    remote.forget("dien-thoai")


def test_a_class_is_signed_from_a_telephone(phone: Any) -> None:
    finished, service = phone
    batch = started(finished)
    run_all()
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.failures) == ("done", 2, [])
    assert signed(finished) == [True, True]
    assert len(service.asked) == 1


def test_a_refusal_on_the_telephone_signs_nothing(phone: Any) -> None:
    finished, service = phone
    service.state = State.REFUSED
    batch = started(finished)
    run_all()
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("done", 2)
    assert {failure["code"] for failure in batch.failures} == {"documents.remote_refused"}
    assert signed(finished) == [False, False]


def test_a_request_repeated_after_a_crash_signs_nothing_twice(phone: Any) -> None:
    finished, _service = phone
    batch = started(finished)
    run_all()
    digests = [finished.transcript(number).pdf_sha256 for number in range(2)]
    SigningBatch.objects.filter(pk=batch.pk).update(state="running", done=1)
    run_all()
    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.failures) == ("done", 2, [])
    assert [finished.transcript(number).pdf_sha256 for number in range(2)] == digests


def test_the_seal_is_not_signed_from_afar(phone: Any) -> None:
    finished, _service = phone
    from sen.school.transcripts.services.remotely import open_remote_hand

    with pytest.raises(RuleError) as refusal:
        open_remote_hand(actor=finished.clerk, school_id=finished.school.pk, role="seal")
    assert refusal.value.code == "transcripts.seal_by_token"


def test_the_lot_differs_between_signers() -> None:
    items = [Item(UUID(int=number), f"{number:064d}") for number in range(40)]
    lots = {tuple(services.sample(items, UUID(int=who))) for who in range(5)}
    assert len(lots) > 1
    assert batches.SAMPLE == 5


def test_a_vice_principal_is_no_principal() -> None:
    finished = finished_class(pupils=1)
    finished.sign(finished.built()[0], "form_teacher")
    other = finished.ready.actor(Role.VICE_PRINCIPAL)
    services.issue_test_key(actor=other, school_id=finished.school.pk, person=person_of(other))
    batch = started(finished, "principal", actor=other)
    run_all()
    batch.refresh_from_db()
    assert [failure["code"] for failure in batch.failures] == ["transcripts.wrong_signer"]


def test_a_token_in_another_workers_hand_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    finished = finished_class(pupils=1)
    finished.built()
    started(finished)

    def busy(**given: Any) -> Any:
        raise RuleError("documents.token_busy", "Thẻ đang dùng.")

    monkeypatch.setattr(batches, "open_hand", busy)
    assert services.sign_next(services.Hands()) is False
    assert SigningBatch.objects.get().state == "queued"
    monkeypatch.undo()
    run_all()
    assert signed(finished) == [True]


def test_a_slice_is_one_transaction() -> None:
    finished = finished_class(pupils=1)
    finished.built()
    started(finished)
    with transaction.atomic():
        services.sign_next(hands := services.Hands())
        transaction.set_rollback(True)
    hands.close()
    assert SigningBatch.objects.get().state == "queued"
    assert signed(finished) == [False]
