"""From a record to files: the places of the signatures, the PDF of the regime's form, canonical JSON and XML."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from sen.school.transcripts import setup
from sen.school.transcripts.models import SignatureStep, SigningPolicy, Transcript
from sen.school.transcripts.records import Gathered
from sen.shared.documents.canonical import canonical_json, canonical_xml, digests
from sen.shared.documents.fields import Field, prepare_fields
from sen.shared.documents.pdf import Attachment, Mark, render_pdf
from sen.shared.kit.errors import RuleError

FORMS = Path(__file__).parent / "typst"
Role = SignatureStep.Role


@dataclass(frozen=True)
class Place:
    """Where one signature goes: `step` orders them, subject teachers share the first and sign in any order."""

    role: str
    field: str
    title: str
    note: str
    holder: str
    step: int
    signer_id: UUID | None = None
    subject_key: str = ""

    @property
    def key(self) -> str:
        return f"subject:{self.subject_key}" if self.subject_key else self.role


@dataclass(frozen=True)
class Booklet:
    """A transcript ready to be signed."""

    record: dict[str, Any]
    pdf: bytes
    record_sha256: str
    places: tuple[Place, ...]


def places_of(gathered: Gathered, policy: SigningPolicy | None) -> tuple[Place, ...]:
    """Subject teachers where the school wants them, form teacher, principal (or the deputy by decision), seal."""
    record, words = gathered.record, gathered.record["labels"]
    found = []
    if policy is not None and policy.subject_teachers_sign:
        for line in record["subjects"]:
            signer = gathered.signers.get(f"subject:{line['key']}")
            if signer is not None:
                title = f"Giáo viên môn {line['name']}"
                found.append(
                    Place(
                        Role.SUBJECT_TEACHER, f"gvbm_{line['key']}", title, "", line["teacher"], 0, signer, line["key"]
                    )
                )
    teacher = gathered.signers["form_teacher"]
    found.append(
        Place(Role.FORM_TEACHER, "gvcn", words["form_teacher"], "(Ký số)", record["class"]["form_teacher"], 1, teacher)
    )
    if policy is not None and policy.deputy is not None:
        title, note = f"KT. {words['principal']}", f"Phó {words['principal'].lower()} (Ký số)"
        found.append(Place(Role.PRINCIPAL, "hieu_truong", title, note, policy.deputy.full_name, 2, policy.deputy.pk))
    else:
        head = gathered.signers["principal"]
        found.append(Place(Role.PRINCIPAL, "hieu_truong", words["principal"], "(Ký số)", record["principal"], 2, head))
    found.append(
        Place(Role.SEAL, "con_dau", "Dấu của nhà trường", "(Chữ ký số của tổ chức)", record["school"]["name"], 3)
    )
    return tuple(found)


def make(gathered: Gathered, transcript: Transcript, policy: SigningPolicy | None, *, now: datetime) -> Booklet:
    """Print one transcript. Raises RuleError as `render_pdf` does."""
    places = places_of(gathered, policy)
    old = transcript.supersedes
    record = gathered.record | {
        "document": {
            "id": transcript.public_id,
            "version": transcript.version,
            "supersedes": {"id": old.public_id, "version": old.version, "sha256": old.pdf_sha256} if old else None,
            "reason": transcript.reason,
        },
        "signers": [{"field": place.field, "title": place.title, "name": place.holder} for place in places],
    }
    data = canonical_json(record)
    sha256 = digests(data).sha256
    mark = Mark(transcript.public_id, sha256, setup.public_url(f"/tra-cuu/{transcript.public_id}"), setup.is_test())
    pages = render_pdf(
        FORMS / f"{record['form']}.typ",
        record | {"places": {place.key: _printed(place) for place in places}},
        mark=mark,
        attachments=[Attachment("hoc-ba.json", data, description="Bản ghi học bạ (JSON chuẩn tắc)")],
        issued_at=now,
    )
    pdf = prepare_fields(pages, [Field(place.field, place.title, place.step) for place in places])
    return Booklet(record, pdf, sha256, places)


def data_files(record: dict[str, Any], sha256: str) -> tuple[bytes, bytes]:
    """The record of a built transcript as canonical JSON and as XML.

    Raises RuleError("transcripts.record_changed") when it is no longer the one that was printed.
    """
    data = canonical_json(record)
    if digests(data).sha256 != sha256:
        text = _("Bản ghi học bạ không khớp với bản đã in. Vui lòng lập lại học bạ.")
        raise RuleError("transcripts.record_changed", text)
    return data, canonical_xml(record, root="hoc-ba")


def _printed(place: Place) -> dict[str, str]:
    return {
        "name": place.field,
        "title": place.title,
        "note": place.note,
        "holder": "" if place.role == Role.SEAL else place.holder,
    }
