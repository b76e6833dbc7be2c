"""Building what is queued: gather a class at once, print each pupil, keep files and steps. Called by the job."""

import hashlib
import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sen.school.transcripts.booklet import make
from sen.school.transcripts.models import SignatureStep, SigningPolicy, Transcript
from sen.school.transcripts.records import Gathered, records_for
from sen.shared.files import services as files
from sen.shared.files.models import StoredFile
from sen.shared.kit.errors import RuleError

State = Transcript.State
_log = logging.getLogger(__name__)


@transaction.atomic
def build_next(limit: int = 25) -> int:
    """Build the longest waiting transcripts, all of them or none; returns how many rows were taken.

    Runs in the scope of the whole system (the learning history crosses schools). Several workers may run it at once:
    each
    takes rows of its own. A pupil whose results are incomplete gets the reason instead of a transcript.
    """
    rows = list(_waiting().order_by("pk")[:limit])
    return _build_rows(rows)


def build_these(ids: Sequence[UUID], limit: int = 25) -> int:
    """Build these transcripts of the queue, a chunk a transaction; returns how many. For demos and benchmarks."""
    done = 0
    for start in range(0, len(ids), limit):
        with transaction.atomic():
            done += _build_rows(list(_waiting().filter(pk__in=ids[start : start + limit]).order_by("pk")))
    return done


def _waiting() -> QuerySet[Transcript]:
    waiting = Transcript.objects.select_for_update(skip_locked=True, of=("self",)).filter(state=State.QUEUED)
    return waiting.select_related("supersedes")


def _build_rows(rows: list[Transcript]) -> int:
    gathered = records_for([row.enrolment_id for row in rows])
    schools = {row.school_id for row in rows}
    policies = {row.school_id: row for row in SigningPolicy.objects.select_related("deputy").filter(school__in=schools)}
    steps: list[SignatureStep] = []
    for row in rows:
        steps += _build(row, gathered[row.enrolment_id], policies.get(row.school_id))
    for row in rows:
        row.save(update_fields=_FIELDS)
    SignatureStep.objects.bulk_create(steps)
    return len(rows)


_FIELDS = ["state", "message", "record", "record_sha256", "results_sha256", "pdf", "pdf_sha256", "built_at"]


def _build(row: Transcript, gathered: Gathered, policy: SigningPolicy | None) -> list[SignatureStep]:
    """Fill the row and return its steps; a row that cannot be built says why."""
    now = timezone.now()
    if gathered.gaps:
        return _failed(row, " ".join(gathered.gaps))
    try:
        booklet = make(gathered, row, policy, now=now)
    except RuleError as refusal:
        return _failed(row, str(refusal))
    except Exception:
        # One pupil's data must not stop the queue of a whole province; the log has the fault for the operator.
        _log.exception("transcript %s could not be printed", row.pk)
        return _failed(row, "Lỗi của hệ thống khi lập học bạ. Vui lòng báo quản trị hệ thống kèm mã học bạ.")
    row.state, row.message, row.built_at = State.BUILT, "", now
    row.record, row.record_sha256 = booklet.record, booklet.record_sha256
    row.results_sha256 = str(booklet.record["results_sha256"])
    row.pdf_sha256 = hashlib.sha256(booklet.pdf).hexdigest()
    row.pdf = keep_file(row, booklet.pdf, "pdf")
    return [
        SignatureStep(
            school_id=row.school_id,
            person_id=row.person_id,
            transcript=row,
            order=order,
            role=place.role,
            subject_key=place.subject_key,
            field=place.field,
            signer_id=place.signer_id,
        )
        for order, place in enumerate(booklet.places)
    ]


def _failed(row: Transcript, message: str) -> list[SignatureStep]:
    row.state, row.message, row.results_sha256 = State.FAILED, message, ""
    return []


CONTENT_TYPES = {
    "pdf": "application/pdf",
    "json": "application/json",
    "xml": "application/xml",
    "p7s": "application/pkcs7-signature",
}


def keep_file(row: Transcript, content: bytes, kind: str) -> StoredFile:
    """Keep one form of a transcript under its digest."""
    name = f"hoc-ba-{row.year}-{row.year + 1}-{row.public_id[:8]}-ban-{row.version}.{kind}"
    return files.store(
        content=content, name=name, content_type=CONTENT_TYPES[kind], school_id=row.school_id, person_id=row.person_id
    )
