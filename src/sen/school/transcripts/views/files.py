"""Files leave only through here: found by the right, checked against their digest, noted in the history."""

import io
import zipfile
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from sen.core.people.models import Person
from sen.school.transcripts import compilation, queries, services
from sen.school.transcripts.models import Transcript
from sen.school.transcripts.views.common import actor_of
from sen.shared.files.models import StoredFile
from sen.shared.files.services import read_checked

KINDS = {"pdf": "pdf", "json": "data_json", "xml": "data_xml", "p7s": "data_signature"}


@require_GET
@xframe_options_sameorigin
def file(request: HttpRequest, transcript_id: UUID, kind: str) -> HttpResponse:
    """One form of a transcript. `?xem=1` shows the PDF in the page, else it is saved."""
    actor = actor_of(request)
    column = KINDS.get(kind)
    if column is None:
        raise Http404
    row = get_object_or_404(Transcript.objects.visible_to(actor).select_related(column), pk=transcript_id)
    stored: StoredFile | None = getattr(row, column)
    if stored is None:
        raise Http404
    services.note_download(actor=actor, transcript=row, form=kind)
    return answer(stored, inline=kind == "pdf" and request.GET.get("xem") == "1")


@require_GET
def book_zip(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """The pupil's whole book, every signed file as it was signed."""
    person, rows = _book(request, person_id)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for row, files in queries.book_files(actor_of(request), person, rows):
            for stored in files:
                archive.writestr(stored.name, read_checked(stored))
            services.note_download(actor=actor_of(request), transcript=row, form="zip")
    return _download(output.getvalue(), "application/zip", f"hoc-ba-{person.full_name}.zip")


@require_GET
def book_print(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """All years in one file to be printed; it bears no signatures and says so on every page."""
    person, rows = _book(request, person_id)
    pages = []
    for row, files in queries.book_files(actor_of(request), person, rows):
        pages.append(next(read_checked(stored) for stored in files if stored.content_type == "application/pdf"))
        services.note_download(actor=actor_of(request), transcript=row, form="print")
    return _download(
        compilation.compile_book(pages), "application/pdf", f"ban-in-hoc-ba-{person.full_name}.pdf", inline=True
    )


def _book(request: HttpRequest, person_id: UUID) -> tuple[Person, list[Transcript]]:
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor).select_related("pupil"), pk=person_id)
    rows = queries.book(actor, person)
    if not rows:
        raise Http404
    return person, rows


def answer(stored: StoredFile, *, inline: bool) -> HttpResponse:
    return _download(read_checked(stored), stored.content_type, stored.name, inline=inline)


def _download(content: bytes, content_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=not inline, filename=name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)
