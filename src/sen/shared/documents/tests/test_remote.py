"""Remote signing: delays, refusals, partial results, lost answers; never twice."""

import pytest

from sen.shared.documents import fields, signing
from sen.shared.documents.remote import Answer, RemoteBatch, State
from sen.shared.documents.verification import verify_pdf
from sen.shared.kit.errors import RuleError

from .factories import World, unsigned
from .fakes import FakeProvider

DOCUMENT = fields.prepare_fields(unsigned(), ["principal"])


def batch_of(provider: FakeProvider, count: int = 3) -> RemoteBatch:
    (credential,) = provider.list_credentials("hieu-truong")
    world = provider.world
    session = signing.Session(credential, trust=world.trust(), level="B-B", clock=world.clock)
    batch = RemoteBatch(provider, session, credential)
    for number in range(count):
        batch.add(f"hồ sơ {number}", DOCUMENT, field="principal", reason=f"Phê duyệt {number}")
    # The fake signs data, not hashes: hand it what a telephone's key would see.
    provider.to_sign = {digest: pending.to_be_signed for digest, (_title, pending) in batch._pending.items()}
    return batch


def test_files_are_finished_when_the_holder_confirms(world: World):
    provider = FakeProvider(world, answers=[State.PENDING, State.PENDING, State.SIGNED])
    batch = batch_of(provider)
    batch.start("Ký 3 hồ sơ")
    assert batch.collect().waiting == ("hồ sơ 0", "hồ sơ 1", "hồ sơ 2")
    batch.collect()
    progress = batch.collect()
    assert (sorted(progress.done), progress.failed, progress.waiting) == (["hồ sơ 0", "hồ sơ 1", "hồ sơ 2"], {}, ())
    for document in progress.done.values():
        assert verify_pdf(document, world.trust()).status == "valid"


def test_partial_results_in_another_order_are_put_to_their_own_files(world: World):
    provider = FakeProvider(world, answers=[State.PENDING, State.SIGNED], order=[2, 0])
    batch = batch_of(provider)
    batch.start("Ký")
    progress = batch.collect()
    assert (sorted(progress.done), progress.waiting) == (["hồ sơ 0", "hồ sơ 2"], ("hồ sơ 1",))
    reasons = {title: verify_pdf(done, world.trust()).signatures[0].reason for title, done in progress.done.items()}
    assert reasons == {"hồ sơ 0": "Phê duyệt 0", "hồ sơ 2": "Phê duyệt 2"}
    provider.order = [0, 1, 2]
    assert len(batch.collect().done) == 3


def test_a_call_back_that_comes_twice_changes_nothing(world: World):
    provider = FakeProvider(world, repeat=2)
    batch = batch_of(provider)
    batch.start("Ký")
    first = dict(batch.collect().done)
    assert batch.collect().done == first


def test_a_lost_answer_to_the_request_does_not_make_the_holder_sign_twice(world: World):
    provider = FakeProvider(world, lose_begin=1)
    batch = batch_of(provider)
    with pytest.raises(RuleError) as caught:
        batch.start("Ký")
    assert caught.value.code == "documents.remote_unreachable"
    assert batch.start("Ký") == batch.reference
    assert batch.start("Ký") == batch.reference
    assert len(provider.asked) == 1
    assert len(batch.collect().done) == 3


def test_a_provider_out_of_reach_after_signing_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    provider = FakeProvider(world)
    batch = batch_of(provider)
    batch.start("Ký")
    with monkeypatch.context() as patch, pytest.raises(RuleError):
        patch.setattr(provider, "status", lambda transaction: (_ for _ in ()).throw(TimeoutError()))
        batch.collect()
    assert len(batch.collect().done) == 3
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    ("state", "code"), [(State.REFUSED, "documents.remote_refused"), (State.EXPIRED, "documents.remote_expired")]
)
def test_a_refusal_on_the_telephone_fails_what_was_not_signed(world: World, state: State, code: str):
    provider = FakeProvider(world, answers=[State.PENDING, state], order=[1])
    batch = batch_of(provider)
    batch.start("Ký")
    batch.collect()
    progress = batch.collect()
    assert list(progress.done) == ["hồ sơ 1"]
    assert {title: failure.code for title, failure in progress.failed.items()} == {"hồ sơ 0": code, "hồ sơ 2": code}


def test_a_signature_by_another_key_is_never_embedded(world: World):
    provider = FakeProvider(world, wrong_key=True)
    batch = batch_of(provider, 1)
    batch.start("Ký")
    progress = batch.collect()
    assert progress.done == {}
    assert progress.failed["hồ sơ 0"].code == "documents.signature_mismatch"


def test_a_hash_that_was_not_asked_for_is_passed_over(world: World):
    provider = FakeProvider(world)
    batch = batch_of(provider, 1)
    batch.start("Ký")
    assert batch.receive(Answer(State.SIGNED, [(b"\0" * 32, b"x")])).waiting == ("hồ sơ 0",)


def test_nothing_is_added_to_a_batch_that_was_sent(world: World):
    batch = batch_of(FakeProvider(world))
    batch.start("Ký")
    with pytest.raises(RuleError) as caught:
        batch.add("thêm", DOCUMENT, field="principal")
    assert caught.value.code == "documents.batch_started"


def test_only_what_still_waits_is_cancelled(world: World):
    provider = FakeProvider(world, answers=[State.PENDING])
    batch = batch_of(provider)
    batch.start("Ký")
    batch.cancel()
    assert provider.cancelled == [batch.reference]
    provider.answers, provider.cancelled = [State.SIGNED], []
    batch.collect()
    batch.cancel()
    assert provider.cancelled == []
