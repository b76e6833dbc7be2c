"""Remote signing: the key lies with a provider and is released by its holder's telephone.

Vietnamese providers and the CSC API differ in wording, not in steps; `RemoteSigner` is our port, an adapter per
provider translates. A batch asks once for exactly the files it holds. It can be asked for news as often as one likes
(polling, or a provider's call-back, also one that comes twice) and never has a file signed twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from asn1crypto import x509
from django.utils.translation import gettext as _

from sen.shared.kit.errors import RuleError

from .signing import Pending, Session


@dataclass(frozen=True)
class Credential:
    """A certificate whose key the provider keeps. Serves as the `Holder` of a `Session`."""

    id: str
    certificate: x509.Certificate
    chain: Sequence[x509.Certificate]


@dataclass(frozen=True)
class Item:
    """One hash to be signed and what the holder is shown for it on the telephone."""

    sha256: bytes
    title: str


class State(StrEnum):
    PENDING = "pending"
    SIGNED = "signed"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Answer:
    """State of a transaction. `signatures` may be partial, in any order, and repeated: hash -> raw signature."""

    state: State
    signatures: Sequence[tuple[bytes, bytes]] = ()


class RemoteSigner(Protocol):
    """What a provider's adapter does. A provider out of reach is an OSError (TimeoutError, ConnectionError)."""

    def list_credentials(self, user: str) -> Sequence[Credential]: ...

    def begin(self, credential: Credential, items: Sequence[Item], purpose: str, reference: str) -> str:
        """Ask for the signatures; returns the transaction. Asked again with the same reference, it must return the same
        transaction and must not ask the holder a second time."""
        ...

    def status(self, transaction: str) -> Answer: ...

    def cancel(self, transaction: str) -> None: ...


@dataclass
class Progress:
    """Files by title: finished, failed with the sentence for the list, still waiting."""

    done: dict[str, bytes] = field(default_factory=dict)
    failed: dict[str, RuleError] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()


class RemoteBatch:
    """One authorisation for a list of files, each with a title of its own."""

    def __init__(self, service: RemoteSigner, session: Session, credential: Credential) -> None:
        self._service = service
        self._session = session
        self._credential = credential
        self._pending: dict[bytes, tuple[str, Pending]] = {}
        self._progress = Progress()
        self._transaction: str | None = None

    def add(self, title: str, pdf: bytes, *, field: str, reason: str = "", location: str = "") -> None:
        """Prepare a file. Raises RuleError as `Session.prepare` does, and documents.batch_started after `start`."""
        if self._transaction is not None:
            raise RuleError("documents.batch_started", _("Đã gửi yêu cầu ký, không thêm tài liệu được nữa."))
        pending = self._session.prepare(pdf, field=field, reason=reason, location=location)
        self._pending[pending.hash] = (title, pending)

    @property
    def reference(self) -> str:
        """Names exactly this set of hashes; the provider recognises a repeated request by it."""
        return sha256(b"".join(sorted(self._pending))).hexdigest()

    def start(self, purpose: str) -> str:
        """Ask the provider once. Safe to repeat after documents.remote_unreachable: the reference stays the same."""
        if self._transaction is None:
            items = [Item(digest, title) for digest, (title, _pending) in self._pending.items()]
            try:
                self._transaction = self._service.begin(self._credential, items, purpose, self.reference)
            except OSError as error:
                raise _unreachable() from error
        return self._transaction

    def collect(self) -> Progress:
        """Ask for news and finish what has been signed. Raises RuleError("documents.remote_unreachable")."""
        if self._transaction is None:
            return self._seen()
        try:
            answer = self._service.status(self._transaction)
        except OSError as error:
            raise _unreachable() from error
        return self.receive(answer)

    def receive(self, answer: Answer) -> Progress:
        """Take an answer, also one that came by call-back. Answers about files already finished change nothing."""
        for digest, signature in answer.signatures:
            found = self._pending.get(digest)
            if found is None or found[0] in self._progress.done or found[0] in self._progress.failed:
                continue
            title, pending = found
            try:
                self._progress.done[title] = self._session.finish(pending, signature)
            except RuleError as refusal:
                if refusal.code == "documents.timestamp_failed":
                    raise  # the signature is good: the next call finishes the file with it
                self._progress.failed[title] = refusal
        if answer.state in (State.REFUSED, State.EXPIRED):
            for title in self._waiting():
                self._progress.failed[title] = _ended(answer.state)
        return self._seen()

    def cancel(self) -> None:
        """Withdraw what the holder has not confirmed yet."""
        if self._transaction is not None and self._waiting():
            self._service.cancel(self._transaction)

    def _waiting(self) -> tuple[str, ...]:
        over = self._progress.done.keys() | self._progress.failed.keys()
        return tuple(title for title, _pending in self._pending.values() if title not in over)

    def _seen(self) -> Progress:
        self._progress.waiting = self._waiting()
        return self._progress


def _ended(state: State) -> RuleError:
    if state is State.REFUSED:
        return RuleError("documents.remote_refused", _("Người ký đã từ chối trên điện thoại."))
    return RuleError("documents.remote_expired", _("Yêu cầu ký đã hết hạn vì không được xác nhận trên điện thoại."))


def _unreachable() -> RuleError:
    text = _("Không kết nối được với dịch vụ ký số từ xa. Vui lòng thử lại; tài liệu sẽ không bị ký hai lần.")
    return RuleError("documents.remote_unreachable", text)
