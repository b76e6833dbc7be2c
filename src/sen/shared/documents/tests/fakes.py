"""A remote signing provider whose behaviour a test decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sen.shared.documents.remote import Answer, Credential, Item, State
from sen.shared.documents.signers import KeySigner

from .factories import World


@dataclass
class FakeProvider:
    """Signs what it is asked to, but in the manner that the test sets.

    `answers`: states given one after another, the last one repeated. `order`: positions of the files signed so far.
    """

    world: World
    answers: list[State] = field(default_factory=lambda: [State.SIGNED])
    order: Sequence[int] | None = None
    repeat: int = 1
    lose_begin: int = 0
    wrong_key: bool = False
    asked: dict[str, list[Item]] = field(default_factory=dict)
    signed: list[bytes] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    to_sign: dict[bytes, bytes] = field(default_factory=dict)

    def list_credentials(self, user: str) -> Sequence[Credential]:
        chain = [self.world.authority.issuing.der]
        return [Credential("cred-1", self.world.principal.der, chain)]

    def begin(self, credential: Credential, items: Sequence[Item], purpose: str, reference: str) -> str:
        if reference not in self.asked:
            self.asked[reference] = list(items)
        if self.lose_begin:
            self.lose_begin -= 1
            raise TimeoutError("the answer got lost")
        return reference

    def status(self, transaction: str) -> Answer:
        state = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        items = self.asked[transaction]
        positions = range(len(items)) if self.order is None else self.order
        ready = [items[position].sha256 for position in positions] if state is State.SIGNED or self.order else []
        return Answer(state, [(digest, self._sign(digest)) for digest in ready] * self.repeat)

    def cancel(self, transaction: str) -> None:
        self.cancelled.append(transaction)

    def _sign(self, digest: bytes) -> bytes:
        self.signed.append(digest)
        who = self.world.teacher if self.wrong_key else self.world.principal
        return KeySigner.of(who).sign(self.to_sign[digest])
