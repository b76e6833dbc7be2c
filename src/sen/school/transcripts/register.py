"""What the register adds to the judgement of a file: is it the version that is valid today?

Asked without an account, so everything here is answered to whoever holds a file, or an id and a birth year.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sen.school.transcripts import setup
from sen.school.transcripts.models import SignatureStep, Transcript
from sen.shared.audit.services import record
from sen.shared.documents.verification import Verification, verify_pdf
from sen.shared.kit import scope

State = Transcript.State


@dataclass(frozen=True)
class Entry:
    """A transcript as the register knows it. `status`: valid, superseded, signing; `successor`: version that replaced
    it.
    """

    transcript: Transcript
    status: str
    successor: int | None
    successor_at: datetime | None
    being_renewed: bool
    steps: tuple[SignatureStep, ...]


@dataclass(frozen=True)
class Judged:
    """A file's own proof, and the register's entry. `is_registered`: these very bytes are an issued version."""

    proof: Verification
    entry: Entry | None
    is_registered: bool
    sha256: str
    record: dict[str, object]


def judge(data: bytes) -> Judged:
    """Verify a file by itself, then look it up. Nothing of the file is kept."""
    digest = hashlib.sha256(data).hexdigest()
    proof = verify_pdf(data, setup.current_trust())
    embedded = _embedded(proof)
    with scope.use(scope.whole_system("verifier", "kiểm tra học bạ")):
        row = Transcript.objects.filter(pdf_sha256=digest).select_related("person").first()
        is_registered = row is not None and row.is_issued
        if row is None and (document_id := _document_id(embedded)):
            row = Transcript.objects.filter(public_id=document_id).select_related("person").first()
        entry = _entry(row) if row is not None else None
        if row is not None:
            _note(row, "file")
    return Judged(proof, entry, is_registered, digest, embedded)


def look_up(public_id: str, birth_year: int) -> Entry | None:
    """The entry of an id printed on a transcript, for who also knows the pupil's year of birth; else None."""
    with scope.use(scope.whole_system("verifier", "tra cứu học bạ")):
        row = (
            Transcript.objects.filter(public_id=public_id, person__birth_date__year=birth_year)
            .exclude(state__in=[State.QUEUED, State.FAILED])
            .select_related("person", "supersedes")
            .first()
        )
        if row is None:
            return None
        _note(row, "id")
        return _entry(row)


def _entry(row: Transcript) -> Entry:
    following = Transcript.objects.filter(supersedes=row).first()
    replaced = following is not None and row.state == State.SUPERSEDED
    status = {State.SEALED: "valid", State.SUPERSEDED: "superseded"}.get(State(row.state), "signing")
    return Entry(
        transcript=row,
        status=status,
        successor=following.version if following is not None and replaced else None,
        successor_at=following.sealed_at if following is not None and replaced else None,
        being_renewed=following is not None and not replaced,
        steps=tuple(row.steps.select_related("signer")),
    )


def _embedded(proof: Verification) -> dict[str, object]:
    """The record inside a file whose signed bytes are unchanged; empty for anything that is not one of ours."""
    try:
        found = json.loads(proof.record or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _document_id(embedded: dict[str, object]) -> str:
    document = embedded.get("document")
    named = document.get("id") if isinstance(document, dict) else None
    return named if isinstance(named, str) else ""


def _note(row: Transcript, how: str) -> None:
    """The holder can see that the transcript was checked, and when."""
    record(
        action="transcripts.checked",
        organisation_id=row.school_id,
        table="transcripts_transcript",
        subject_id=row.pk,
        how=how,
    )
