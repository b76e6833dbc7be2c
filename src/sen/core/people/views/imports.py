"""The import wizard: send a file, look at what it would do, decide, write."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sen.core.identity.actor import Actor
from sen.core.people import forms
from sen.core.people.imports import runs, targets
from sen.core.people.models import ImportRun
from sen.core.people.permissions import IMPORT_FILES
from sen.core.people.views import common
from sen.core.people.views.pupils import show
from sen.shared.documents.xlsx_in import LARGEST_FILE
from sen.shared.documents.xlsx_out import cell_name
from sen.shared.kit.errors import RuleError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIRST, _MOST = 20, 200
_STATES = {
    "new": ("Mới", "success"),
    "changed": ("Thay đổi", "info"),
    "unchanged": ("Giữ nguyên", "neutral"),
    "faulty": ("Lỗi", "error"),
    "suspect": ("Nghi trùng", "warning"),
}


def _kinds(actor: Actor) -> list[str]:
    """Kinds in the order in which a school brings them in."""
    order = ("staff", "classes", "pupils", "assignments")
    return [kind for kind in order if kind in targets.kinds()]


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Send a file; below, the files brought in before."""
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    actor.require(IMPORT_FILES, school.pk)
    form = forms.ImportForm(request.POST or None, request.FILES or None, kinds=_kinds(actor))
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            if sent.size > LARGEST_FILE:
                form.add_error(
                    "file",
                    _("Tệp lớn hơn %(most)d MB; xin chia thành nhiều tệp.") % {"most": LARGEST_FILE // 1024 // 1024},
                )
            else:
                run = runs.start(
                    actor=actor,
                    school=school,
                    year=when.year,
                    kind=form.cleaned_data["kind"],
                    name=sent.name,
                    data=sent.read(),
                )
                return redirect("people:import_run", run.pk)
        except RuleError as refused:
            if refused.status == 403:
                raise
            show(form, refused)
    labels = dict(ImportRun.Kind.choices)
    context = {
        "form": form,
        "year_name": when.year_name,
        "templates": [
            {"label": labels[ImportRun.Kind(kind)], "url": reverse("people:import_template", args=[kind])}
            for kind in _kinds(actor)
        ],
        "runs": ImportRun.objects.filter(school=school).select_related("started_by").order_by("-queued_at")[:20],
    }
    return render(request, "people/imports.html", context, status=400 if form.errors else 200)


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    actor.require(IMPORT_FILES, school.pk)
    if kind not in _kinds(actor):
        raise Http404
    return _file(runs.template(actor=actor, school=school, year=when.year, kind=kind), f"mau-{kind}.xlsx")


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _run(actor: Actor, run_id: UUID) -> ImportRun:
    run = get_object_or_404(ImportRun.objects.select_related("school", "file"), pk=run_id)
    if not actor.holds(IMPORT_FILES, run.school_id):
        raise Http404
    return run


@require_GET
def import_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What the file would do, or has done."""
    actor = common.actor_of(request)
    run = _run(actor, run_id)
    context: dict[str, Any] = {"run": run, "kind": run.get_kind_display(), "year_name": f"{run.year}-{run.year + 1}"}
    if run.state in (ImportRun.State.QUEUED, ImportRun.State.RUNNING):
        return render(request, "people/import_progress.html", context)
    if run.applied_at is not None:
        context["faulty"] = run.preview.get("counts", {}).get("faulty", 0)
        context["counts"] = _counts(run.preview.get("counts", {}))
        return render(request, "people/import_done.html", context)
    try:
        preview = runs.preview_of(actor=actor, run=run)
    except RuleError as refused:
        context["refused"] = str(refused)
        return render(request, "people/import_run.html", context, status=400)
    return render(request, "people/import_run.html", context | _preview(preview, run))


def _counts(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": _(label), "tone": tone, "count": counts.get(state, 0)} for state, (label, tone) in _STATES.items()
    ]


def _preview(preview: runs.Preview, run: ImportRun) -> dict[str, Any]:
    return {
        "counts": _counts(preview.counts),
        "recognised": [
            {"column": cell_name(0, place)[:-1], "heading": heading, "label": column.label}
            for place, heading, column in preview.table.recognised
        ],
        "unrecognised": [
            {"column": cell_name(0, place)[:-1], "heading": heading} for place, heading in preview.table.unrecognised
        ],
        "sheet": preview.table.sheet,
        "first": [
            {
                "number": one.row.number + 1,
                "title": one.title,
                "state": _(_STATES[one.state][0]),
                "tone": _STATES[one.state][1],
                "changes": one.changes[:6],
                "more": max(0, len(one.changes) - 6),
            }
            for one in sorted(preview.judged, key=lambda one: (one.state == "unchanged", one.row.number))[:_FIRST]
        ],
        "faults": [
            {"cell": preview.place_of(fault), "label": preview.label_of(fault), "sentence": fault.sentence}
            for fault in preview.faults[:_MOST]
        ],
        "more_faults": max(0, len(preview.faults) - _MOST),
        "doubts": [
            {"cell": preview.place_of(fault), "label": preview.label_of(fault), "sentence": fault.sentence}
            for fault in preview.doubts[:_MOST]
        ],
        "more_doubts": max(0, len(preview.doubts) - _MOST),
        "suspects": [_suspect(one, run) for one in preview.suspects[:_MOST]],
        "decided": len(run.decisions),
        "to_write": len(preview.to_write),
        "has_marks": bool(preview.faults or preview.doubts or preview.suspects),
    }


def _suspect(one: targets.Judged, run: ImportRun) -> dict[str, Any]:
    return {
        "number": one.row.number,
        "row": one.row.number + 1,
        "title": one.title,
        "columns": [{"id": str(other.id)} for other in one.likely],
        "lines": [
            {
                "label": label,
                "file": value,
                "others": [
                    {"value": other.facts[index][1], "same": other.facts[index][1] == value} for other in one.likely
                ],
            }
            for index, (label, value) in enumerate(one.facts)
        ],
        "decision": run.decisions.get(str(one.row.number), ""),
    }


@require_POST
def decide(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What the clerk says of suspected duplicates: fields "row-<number>"."""
    actor = common.actor_of(request)
    run = _run(actor, run_id)
    said = {key.removeprefix("row-"): str(value)[:40] for key, value in request.POST.items() if key.startswith("row-")}
    try:
        runs.decide(actor=actor, run=run, decisions=said)
    except RuleError as refused:
        if refused.status == 403:
            raise
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Đã ghi quyết định."))
    return redirect("people:import_run", run.pk)


@require_POST
def write(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Hand the file to the worker."""
    actor = common.actor_of(request)
    run = _run(actor, run_id)
    try:
        runs.queue(actor=actor, run=run)
    except RuleError as refused:
        if refused.status == 403:
            raise
        messages.error(request, str(refused))
    return redirect("people:import_run", run.pk)


@require_GET
def progress(request: HttpRequest, run_id: UUID) -> JsonResponse:
    """State of the work for the progress bar."""
    run = _run(common.actor_of(request), run_id)
    url = reverse("people:import_run", args=[run.pk])
    return JsonResponse(
        {"done": run.done, "total": run.total, "state": run.state, "message": run.message, "result_url": url}
    )


@require_GET
def marked(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The same workbook with its faults marked."""
    actor = common.actor_of(request)
    run = _run(actor, run_id)
    return _file(runs.marked_copy(actor=actor, run=run), "da-danh-dau.xlsx")
