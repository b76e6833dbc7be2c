"""Noting who took a transcript out of the system."""

from sen.core.identity.actor import Actor
from sen.school.transcripts.models import Transcript
from sen.shared.audit.services import record


def note_download(*, actor: Actor, transcript: Transcript, form: str) -> None:
    """Note a download ("pdf", "json", "xml", "p7s", "zip", "print"). The caller has checked that the actor may see
    it.
    """
    record(
        action="transcripts.downloaded",
        organisation_id=transcript.school_id,
        table="transcripts_transcript",
        subject_id=transcript.pk,
        form=form,
        version=transcript.version,
        role=str(actor.role or ""),
    )
