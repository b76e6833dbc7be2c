"""Signing: the list with digests, a sample to be opened, the count to be typed; then the progress of the batch."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sen.core.curriculum.models import Placement, SchoolClass
from sen.core.identity.actor import Actor
from sen.core.people.models import Person
from sen.school.transcripts import queries, services
from sen.school.transcripts.models import SignatureStep, SigningBatch, SigningKey, Transcript
from sen.school.transcripts.permissions import SEAL, SIGN
from sen.school.transcripts.services import Item
from sen.school.transcripts.views.common import actor_of, school_of, year_name, year_of
from sen.school.transcripts.views.files import answer
from sen.shared.kit.errors import RuleError

SEEN = "transcripts_seen"  # session key: transcript id -> digest of the file the person opened
REMEMBERED = 200


@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth ships no types
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, role: str) -> HttpResponse:
    """One job: look at a sample, type the count, sign exactly this list."""
    if role not in SignatureStep.Role.values:
        raise Http404
    actor, school_id, year = actor_of(request), school_of(request), year_of(request)
    if not actor.holds(SEAL):  # who neither signs nor seals has no business here
        actor.require(SIGN)
    room = _class_of(request, actor)
    rows = _list(actor, school_id, year, role, room)
    items = [Item(row.pk, row.pdf_sha256) for row in rows]
    seen = _seen(request, items)
    refusal = ""
    if request.method == "POST":
        try:
            batch = _start(request, actor, school_id, year, role, room, items, seen)
            return redirect("transcripts:batch", batch.pk)
        except RuleError as error:
            refusal = str(error)
    sample = services.sample(items, actor.account_id)
    places = _places(rows)
    listed = [_listed(row, places, sample, seen) for row in rows]
    context: dict[str, Any] = {
        "role": role,
        "title": str(dict(SignatureStep.Role.choices)[role]),
        "is_seal": role == SignatureStep.Role.SEAL,
        "year": year,
        "year_name": year_name(year),
        "room": room,
        "rows": listed,
        "sample": [row for row in listed if row["in_sample"]],
        "left": len([pk for pk in sample if pk not in seen]),
        "count": len(items),
        "list_sha256": _digest(items),
        "key": _key(actor, school_id, role),
        "refusal": refusal,
        "classes": _classes(actor, school_id, year, role),
        "breadcrumb": [{"label": _("Học bạ"), "url": f"{reverse('transcripts:school')}?year={year}"}],
    }
    return render(request, "transcripts/sign.html", context, status=409 if refusal else 200)


@require_GET
@xframe_options_sameorigin
def preview(request: HttpRequest, role: str, transcript_id: UUID) -> HttpResponse:
    """The file to be signed. That it was opened is remembered: a sample must be, before signing."""
    actor = actor_of(request)
    row = get_object_or_404(Transcript.objects.visible_to(actor).select_related("pdf"), pk=transcript_id)
    if row.pdf is None:
        raise Http404
    opened = dict(request.session.get(SEEN, {}))
    opened[str(row.pk)] = row.pdf_sha256
    request.session[SEEN] = dict(list(opened.items())[-REMEMBERED:])
    return answer(row.pdf, inline=True)


@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Progress of one act of signing, and what could not be signed."""
    actor = actor_of(request)
    row = get_object_or_404(SigningBatch, pk=batch_id, account=actor.account_id)
    failed = {entry["transcript"]: entry["message"] for entry in row.failures}
    names = Transcript.objects.filter(pk__in=failed).select_related("person").only("person__full_name")
    context = {
        "batch": row,
        "year_name": year_name(row.year),
        "title": str(row.get_role_display()),
        "failures": [(item, failed[str(item.pk)]) for item in names],
        "may_resume": row.state == SigningBatch.State.FAILED,
        "breadcrumb": [{"label": _("Học bạ"), "url": f"{reverse('transcripts:school')}?year={row.year}"}],
        "label": _("Đang ký học bạ"),
    }
    return render(request, "transcripts/batch.html", context)


@require_GET
def progress(request: HttpRequest, batch_id: UUID) -> JsonResponse:
    row = get_object_or_404(SigningBatch, pk=batch_id, account=actor_of(request).account_id)
    return JsonResponse(_progress(row))


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
@require_POST
def resume(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    row = get_object_or_404(SigningBatch, pk=batch_id, account=actor.account_id)
    services.resume_batch(actor=actor, batch=row)
    messages.success(request, _("Đang ký tiếp các học bạ còn lại."))
    return redirect("transcripts:batch", batch_id)


def _start(
    request: HttpRequest,
    actor: Actor,
    school_id: UUID,
    year: int,
    role: str,
    room: SchoolClass | None,
    items: Sequence[Item],
    seen: set[UUID],
) -> SigningBatch:
    if request.POST.get("list") != _digest(items):
        text = _("Danh sách đã thay đổi so với lúc thầy/cô xem. Vui lòng xem lại rồi ký.")
        raise RuleError("transcripts.changed", text)
    typed = request.POST.get("count", "").strip()
    return services.start_batch(
        actor=actor,
        school_id=school_id,
        year=year,
        role=role,
        items=items,
        previewed=seen,
        typed_count=int(typed) if typed.isdecimal() and len(typed) < 7 else -1,
        school_class_id=room.pk if room else None,
    )


def _list(actor: Actor, school_id: UUID, year: int, role: str, room: SchoolClass | None) -> list[Transcript]:
    rows = queries.waiting_for(actor, school_id=school_id, year=year, role=role, school_class=room)
    ordered = rows.select_related("person").defer("record").order_by("enrolment__grade", "person__sort_key", "pk")
    return list(ordered)


def _places(rows: Sequence[Transcript]) -> dict[UUID, str]:
    """Enrolment -> class name."""
    placements = Placement.objects.filter(enrolment__in=[row.enrolment_id for row in rows], until=None)
    return dict(placements.values_list("enrolment_id", "school_class__name"))


def _listed(row: Transcript, places: dict[UUID, str], sample: Sequence[UUID], seen: set[UUID]) -> dict[str, Any]:
    person: Person = row.person
    return {
        "pk": row.pk,
        "name": person.full_name,
        "class_name": places.get(row.enrolment_id, ""),
        "digest": row.pdf_sha256[:12],
        "version": row.version,
        "in_sample": row.pk in sample,
        "seen": row.pk in seen,
    }


def _seen(request: HttpRequest, items: Sequence[Item]) -> set[UUID]:
    """Which files of the list this person has opened in just this form."""
    opened = request.session.get(SEEN, {})
    return {item.id for item in items if opened.get(str(item.id)) == item.sha256}


def _digest(items: Sequence[Item]) -> str:
    return hashlib.sha256("".join(f"{item.id}{item.sha256}" for item in items).encode()).hexdigest()


def _class_of(request: HttpRequest, actor: Actor) -> SchoolClass | None:
    named = request.GET.get("lop", "")
    if not named:
        return None
    try:
        wanted = UUID(named)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(SchoolClass.objects.visible_to(actor), pk=wanted, school=actor.organisation_id)


def _classes(actor: Actor, school_id: UUID, year: int, role: str) -> list[dict[str, Any]]:
    """Chips to sign class by class."""
    waiting = queries.waiting_for(actor, school_id=school_id, year=year, role=role).values("enrolment")
    names = (
        Placement.objects.filter(enrolment__in=waiting, until=None)
        .order_by("school_class__position", "school_class__name")
        .values_list("school_class_id", "school_class__name")
    )
    counts: dict[tuple[UUID, str], int] = {}
    for key in names:
        counts[key] = counts.get(key, 0) + 1
    choices = [{"value": pk, "label": name, "count": count} for (pk, name), count in counts.items()]
    return choices if len(choices) > 1 else []


def _key(actor: Actor, school_id: UUID, role: str) -> SigningKey | None:
    rows = SigningKey.objects.filter(school=school_id, removed_at=None)
    own = (
        rows.filter(person=None)
        if role == SignatureStep.Role.SEAL
        else rows.filter(person__isnull=False, person=actor.person_id)
    )
    return own.first()


def _progress(row: SigningBatch) -> dict[str, Any]:
    rate = left = None
    if row.started_at and row.done and row.state == SigningBatch.State.RUNNING:
        seconds = max(timezone.now() - row.started_at, timedelta(seconds=1)).total_seconds()
        rate = row.done / seconds
        left = (row.total - row.done) / rate
    return {
        "state": row.state,
        "done": row.done,
        "total": row.total,
        "rate": rate,
        "left_seconds": left,
        "message": row.message,
        "result_url": reverse("transcripts:batch", args=[row.pk]),
    }
