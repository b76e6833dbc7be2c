"""Rows that say which transcripts are needed. Called inside the transaction of what made them needed."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.curriculum.models import Placement
from sen.core.identity.actor import Actor
from sen.core.people.models import Enrolment
from sen.school.transcripts.models import SignatureStep, Transcript
from sen.school.transcripts.permissions import REISSUE
from sen.school.transcripts.records import results_digests
from sen.shared.kit.errors import RuleError

State = Transcript.State


@transaction.atomic
def queue_year(*, school_id: UUID, year: int) -> int:
    """Ask for the transcript of every pupil of a locked year; returns how many are queued by this call.

    Safe to run again: what is built on unchanged results stays, what was built on others is made anew, and where a
    sealed one rests on other results a new version is asked for.
    """
    enrolments = (
        Enrolment.objects.filter(
            school=school_id,
            year=year,
            status__in=[Enrolment.Status.STUDYING, Enrolment.Status.COMPLETED],
            placements__in=Placement.objects.filter(until=None, school=school_id),
        )
        .exclude(level="preschool")
        .distinct()
    )
    wanted = {row.pk: row for row in enrolments}
    latest = _latest(wanted)
    digests = results_digests([pk for pk, row in latest.items() if row.results_sha256])
    fresh = [_first(row) for pk, row in wanted.items() if pk not in latest]
    Transcript.objects.bulk_create(fresh)
    stale = [row for pk, row in latest.items() if row.results_sha256 != digests.get(pk, "")]
    failed = [row for row in latest.values() if row.state == State.FAILED]
    again = _back_to_queue({*failed, *(row for row in stale if row.state in Transcript.IN_THE_MAKING)})
    reason = "Kết quả của năm học thay đổi sau khi mở khóa và khóa lại sổ điểm"
    successors = [_successor(row, reason) for row in stale if row.state == State.SEALED]
    Transcript.objects.bulk_create(successors)
    return len(fresh) + again + len(successors)


@transaction.atomic
def requeue(*, enrolment_id: UUID, reason: str, only_existing: bool = False) -> Transcript | None:
    """A result changed after the lock: make the transcript anew, as a new version when the old one is sealed.

    None when there is no transcript yet and `only_existing`, or the pupil is in no class. `reason` is printed on the
    new
    version. A result that says the same as before makes nothing.
    """
    enrolment = Enrolment.objects.get(pk=enrolment_id)
    latest = _latest([enrolment_id], lock=True).get(enrolment_id)
    if latest is None:
        if only_existing or not enrolment.placements.filter(until=None).exists() or enrolment.level == "preschool":
            return None
        created = _first(enrolment)
        created.save()
        return created
    if latest.results_sha256 and results_digests([enrolment_id])[enrolment_id] == latest.results_sha256:
        return latest
    if latest.state == State.SEALED:
        following = _successor(latest, reason)
        following.save()
        return following
    if latest.version > 1 and reason not in latest.reason:
        Transcript.objects.filter(pk=latest.pk).update(reason=f"{latest.reason}; {reason}")
    _back_to_queue([latest])
    latest.refresh_from_db()
    return latest


@transaction.atomic
def hold_year(*, school_id: UUID, year: int) -> int:
    """The year's book was opened again: transcripts that are not sealed wait until it is locked; returns how many."""
    rows = Transcript.objects.select_for_update().filter(
        school=school_id, year=year, state__in=Transcript.IN_THE_MAKING
    )
    ids = [row.pk for row in rows]
    SignatureStep.objects.filter(transcript__in=ids).delete()
    message = "Sổ điểm của năm học đang mở khóa. Học bạ sẽ được lập lại khi sổ điểm khóa."
    return Transcript.objects.filter(pk__in=ids).update(state=State.FAILED, message=message, results_sha256="")


@transaction.atomic
def rebuild(*, actor: Actor, transcript: Transcript) -> Transcript:
    """Make a transcript that is not sealed anew, e.g. after the form teacher changed. Its signatures so far fall away.

    Raises NotAllowed, RuleError("transcripts.sealed").
    """
    actor.require(REISSUE, transcript.school_id)
    row = Transcript.objects.select_for_update().get(pk=transcript.pk)
    if row.is_issued:
        text = _("Học bạ đã đóng dấu không được lập lại. Việc sửa kết quả sẽ tạo bản mới thay bản này.")
        raise RuleError("transcripts.sealed", text)
    _back_to_queue([row])
    row.refresh_from_db()
    return row


def _latest(enrolment_ids: Iterable[UUID], *, lock: bool = False) -> dict[UUID, Transcript]:
    """Enrolment -> its newest version (without the record, which can be large)."""
    rows = Transcript.objects.filter(enrolment__in=list(enrolment_ids)).order_by("version").defer("record")
    return {row.enrolment_id: row for row in (rows.select_for_update() if lock else rows)}


def _first(enrolment: Enrolment) -> Transcript:
    return Transcript(
        school_id=enrolment.school_id,
        person_id=enrolment.person_id,
        enrolment=enrolment,
        year=enrolment.year,
        public_id=secrets.token_hex(16),
    )


def _successor(old: Transcript, reason: str) -> Transcript:
    return Transcript(
        school_id=old.school_id,
        person_id=old.person_id,
        enrolment_id=old.enrolment_id,
        year=old.year,
        public_id=secrets.token_hex(16),
        version=old.version + 1,
        supersedes=old,
        reason=reason,
    )


def _back_to_queue(rows: Iterable[Transcript]) -> int:
    """Signatures on a file that was never issued go with it; the history keeps that they were given."""
    ids = [row.pk for row in rows if row.state in Transcript.IN_THE_MAKING]
    SignatureStep.objects.filter(transcript__in=ids).delete()
    return Transcript.objects.filter(pk__in=ids, state__in=Transcript.IN_THE_MAKING).update(
        state=State.QUEUED, message="", results_sha256=""
    )
