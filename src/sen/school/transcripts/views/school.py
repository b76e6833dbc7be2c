"""How far the transcripts are: the school by class, a class by pupil, one transcript with its steps and versions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.school.transcripts import queries, services
from sen.school.transcripts.models import SignatureStep, SigningBatch, Transcript
from sen.school.transcripts.permissions import KEEP_KEYS, READ, READ_CLASS, REISSUE
from sen.school.transcripts.views.common import actor_of, school_of, year_name, year_of

TONES = {
    "queued": "neutral",
    "built": "info",
    "signing": "info",
    "sealed": "success",
    "superseded": "neutral",
    "failed": "warning",
}


@require_GET
def school(request: HttpRequest) -> HttpResponse:
    """The school by class, what waits for this person, and running acts of signing."""
    actor, school_id, year = actor_of(request), school_of(request), year_of(request)
    _require_reader(actor, school_id)
    rows = queries.standings(actor, school_id=school_id, year=year)
    if not actor.holds(READ, school_id):
        rows = [row for row in rows if row.school_class.form_teacher_id == actor.person_id]
    context = {
        "year": year,
        "year_name": year_name(year),
        "rows": rows,
        "total": queries.total(row.standing for row in rows),
        "waiting": _waiting(actor, school_id, year),
        "batches": SigningBatch.objects.filter(
            school=school_id, account=actor.account_id, state__in=["queued", "running"]
        ),
        "menu": _menu(actor, school_id),
    }
    return render(request, "transcripts/school.html", context)


@require_GET
def school_class(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The pupils of a class and how far each transcript is."""
    actor = actor_of(request)
    _require_reader(actor, school_of(request))
    room = get_object_or_404(SchoolClass.objects.visible_to(actor), pk=class_id, school=actor.organisation_id)
    rows = queries.class_rows(actor, room)
    if not actor.holds(READ, room.school_id) and room.form_teacher_id != actor.person_id:
        rows = [row for row in rows if row.transcript is not None]
    waiting = _waiting(actor, room.school_id, room.year, room)
    context = {
        "room": room,
        "year_name": year_name(room.year),
        "rows": [(row, TONES.get(row.transcript.state, "") if row.transcript else "") for row in rows],
        "waiting": waiting,
        "breadcrumb": [{"label": _("Học bạ"), "url": f"{reverse('transcripts:school')}?year={room.year}"}],
    }
    return render(request, "transcripts/class.html", context)


@require_GET
def transcript(request: HttpRequest, transcript_id: UUID) -> HttpResponse:
    """One version: preview, steps, versions, downloads."""
    actor = actor_of(request)
    rows = Transcript.objects.visible_to(actor).select_related("person", "pdf", "supersedes")
    row = get_object_or_404(rows, pk=transcript_id)
    context = {
        "row": row,
        "tone": TONES[row.state],
        "year_name": year_name(row.year),
        "class_name": row.record.get("class", {}).get("name", ""),
        "steps": row.steps.select_related("signer"),
        "versions": [(version, TONES[version.state]) for version in queries.versions(row)],
        "downloads": _downloads(row),
        "may_rebuild": actor.holds(REISSUE, row.school_id)
        and not row.is_issued
        and row.state != Transcript.State.QUEUED,
        "successor": Transcript.objects.filter(supersedes=row).defer("record").first(),
        "breadcrumb": _trail(actor, row),
    }
    return render(request, "transcripts/transcript.html", context)


@require_POST
def rebuild(request: HttpRequest, transcript_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    row = get_object_or_404(Transcript.objects.visible_to(actor), pk=transcript_id)
    services.rebuild(actor=actor, transcript=row)
    messages.success(request, _("Học bạ sẽ được lập lại trong ít phút."))
    return redirect("transcripts:transcript", transcript_id)


def _waiting(actor: Actor, school_id: UUID, year: int, room: SchoolClass | None = None) -> list[dict[str, Any]]:
    """What waits for this person: one entry a role, with its page of signing."""
    titles = dict(SignatureStep.Role.choices)
    found = []
    for role, count in queries.waiting_counts(actor, school_id=school_id, year=year, school_class=room).items():
        url = f"{reverse('transcripts:sign', args=[role])}?year={year}" + (f"&lop={room.pk}" if room else "")
        label = (
            _("Đóng dấu") if role == SignatureStep.Role.SEAL else _("Ký: {role}").format(role=str(titles[role]).lower())
        )
        found.append({"role": role, "count": count, "url": url, "label": label})
    return found


def _menu(actor: Actor, school_id: UUID) -> list[dict[str, str]]:
    label = _("Khóa ký và cách ký") if actor.holds(KEEP_KEYS, school_id) else _("Khóa ký của tôi")
    return [
        {"label": label, "url": reverse("transcripts:keys"), "icon": "key"},
        {"label": _("Kiểm tra một học bạ PDF"), "url": reverse("transcripts:verify"), "icon": "shield-check"},
    ]


def _downloads(row: Transcript) -> list[dict[str, str]]:
    kinds = [
        ("pdf", _("PDF"), row.pdf_id),
        ("json", _("Dữ liệu JSON"), row.data_json_id),
        ("p7s", _("Chữ ký của tệp JSON"), row.data_signature_id),
        ("xml", _("Dữ liệu XML"), row.data_xml_id),
    ]
    return [
        {"label": label, "url": reverse("transcripts:file", args=[row.pk, kind]), "icon": "download"}
        for kind, label, stored in kinds
        if stored
    ]


def _trail(actor: Actor, row: Transcript) -> list[dict[str, str]]:
    if actor.holds(READ) or actor.holds(READ_CLASS):
        placement = row.enrolment.placements.filter(until=None).select_related("school_class").first()
        trail = [{"label": _("Học bạ"), "url": f"{reverse('transcripts:school')}?year={row.year}"}]
        if placement:
            room = placement.school_class
            trail.append(
                {"label": _("Lớp {name}").format(name=room.name), "url": reverse("transcripts:class", args=[room.pk])}
            )
        return trail
    return [{"label": _("Học bạ"), "url": reverse("transcripts:own")}]


def _require_reader(actor: Actor, school_id: UUID) -> None:
    if not actor.holds(READ_CLASS, school_id):
        actor.require(READ, school_id)
