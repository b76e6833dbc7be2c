"""Browsing the tree as of a day, a school's public page, and the operations for those who may change the tree."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.core.organisations import forms, labels, permissions, queries
from sen.core.organisations.loading import MINISTRY_CODE
from sen.core.organisations.models import Organisation, Span
from sen.core.organisations.permissions import Actor
from sen.shared.kit.errors import Invalid, RuleError

PAGE = 100
_AUTHORITIES = (Organisation.Kind.MINISTRY, Organisation.Kind.DEPARTMENT, Organisation.Kind.OFFICE)


@dataclass(frozen=True)
class Operation:
    """A dated operation: where it is offered, what it says."""

    form: type[forms.OperationForm]
    label: Any
    explain: Any
    kinds: tuple[str, ...]


_SCHOOL, _OFFICES = ("school",), ("office", "department")
OPERATIONS: dict[str, Operation] = {
    "doi-ten": Operation(
        forms.RenameForm, gettext_lazy("Đổi tên"),
        gettext_lazy("Tên cũ vẫn hiện trong hồ sơ, báo cáo của những ngày trước."), (*_SCHOOL, *_OFFICES, "campus"),
    ),
    "chuyen-co-quan": Operation(
        forms.MoveForm, gettext_lazy("Chuyển cơ quan quản lý"),
        gettext_lazy("Từ ngày ghi dưới đây, đơn vị thuộc cơ quan mới; báo cáo trước ngày đó không đổi."),
        (*_SCHOOL, "office"),
    ),
    "sap-nhap": Operation(
        forms.MergeForm, gettext_lazy("Sáp nhập vào đơn vị này"),
        gettext_lazy("Đơn vị này tiếp tục; các đơn vị nhập vào kết thúc, điểm trường và cơ quan cấp dưới chuyển sang."),
        (*_SCHOOL, *_OFFICES),
    ),
    "chia-tach": Operation(
        forms.SplitForm, gettext_lazy("Tách thành trường mới"),
        gettext_lazy("Trường này tiếp tục; một trường mới được thành lập bên cạnh."), _SCHOOL,
    ),
    "diem-truong": Operation(
        forms.CampusForm, gettext_lazy("Thêm điểm trường"), gettext_lazy("Điểm trường thuộc trường này."), _SCHOOL,
    ),
    "thanh-lap": Operation(
        forms.EstablishForm, gettext_lazy("Thành lập trường"),
        gettext_lazy("Trường mới trực thuộc cơ quan này, cùng tỉnh và huyện với cơ quan."), _OFFICES,
    ),
    "giai-the": Operation(
        forms.CloseForm, gettext_lazy("Giải thể"),
        gettext_lazy("Từ ngày ghi dưới đây đơn vị không còn hoạt động. Hồ sơ cũ vẫn được giữ và mở được."),
        (*_SCHOOL, *_OFFICES, "campus"),
    ),
}  # fmt: skip


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]  # set by the identity middleware


def _day(request: HttpRequest) -> date:
    return cast(date, request.when.day)  # type: ignore[attr-defined]  # set by the identity middleware


def browse(request: HttpRequest) -> HttpResponse:
    """The tree from the actor's own authority down; for everybody else from the Ministry."""
    own = _actor(request).organisation_id
    if own is not None and Organisation.objects.filter(pk=own, kind__in=_AUTHORITIES).exists():
        return _authority(request, own)
    top = get_object_or_404(Organisation, kind=Organisation.Kind.MINISTRY, code=MINISTRY_CODE)
    return _authority(request, top.pk)


def node(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    organisation = get_object_or_404(Organisation, pk=organisation_id)
    if organisation.kind in _AUTHORITIES:
        return _authority(request, organisation_id)
    return _school(request, organisation)


def _authority(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    day = _day(request)
    span = _span_or_nearest(organisation_id, day)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    level = request.GET.get("cap", "") if request.GET.get("cap") in Organisation.Level.values else ""
    authorities: list[Span] = []
    if not words and not level:
        below = queries.children(organisation_id, day).filter(organisation__kind__in=_AUTHORITIES)
        authorities = list(below.order_by("organisation__code"))
    counts = queries.counts_under([organisation_id, *(child.organisation_id for child in authorities)], day)
    total = counts[organisation_id]
    schools = _schools(span.organisation, day, words, level)
    page = Paginator(schools, PAGE).get_page(request.GET.get("page"))
    context = {
        "span": span,
        "day": day,
        "stands": span.valid_from <= day and (span.valid_to is None or day < span.valid_to),
        "breadcrumb": _breadcrumb(organisation_id, day),
        "columns": [label for _, label in labels.LEVEL_COLUMNS],
        "authorities": [(child, _count_cells(counts[child.organisation_id])) for child in authorities],
        "total": total,
        "total_cells": _count_cells(total),
        "page": page,
        "schools": [(school, labels.levels(school.organisation.levels)) for school in page],
        "filtered": bool(words or level),
        "words": words,
        "filters": [_level_filter(level, total)],
        "history": _history(span.organisation_id) if span.organisation.kind != "ministry" else [],
        "operations": _operations(_actor(request), span, day),
    }
    return render(request, "organisations/authority.html", context)


def _schools(authority: Organisation, day: date, words: str, level: str) -> QuerySet[Span]:
    """Directly under the authority; with words or a level, anywhere below it."""
    if not words and not level:
        return queries.children(authority.pk, day).filter(organisation__kind=Organisation.Kind.SCHOOL)
    # Everything hangs under the Ministry: no need to name 53,000 schools one by one.
    below = None if authority.kind == Organisation.Kind.MINISTRY else authority.pk
    found = queries.search(words, day, under=below)
    return found.filter(organisation__levels__contains=[level]) if level else found


def _count_cells(counts: queries.Counts) -> list[int]:
    return [*(counts.levels.get(level, 0) for level, _ in labels.LEVEL_COLUMNS), counts.schools]


def _level_filter(level: str, total: queries.Counts) -> dict[str, Any]:
    choices = [
        {"value": value, "label": label, "count": total.levels.get(value, 0)}
        for value, label in Organisation.Level.choices
        if value != Organisation.Level.CONTINUING_LOWER
    ]
    return {"name": "cap", "label": _("Cấp học"), "value": level, "choices": choices}


def _school(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    day = _day(request)
    span = _span_or_nearest(organisation.pk, day)
    sites = queries.campuses(organisation.pk, day)
    context = {
        "span": span,
        "day": day,
        "stands": span.valid_from <= day and (span.valid_to is None or day < span.valid_to),
        "breadcrumb": _breadcrumb(organisation.pk, day),
        "facts": _facts(span),
        "campuses": sites,
        "names": _names_over_time(organisation),
        "history": _history(organisation.pk),
        "operations": _operations(_actor(request), span, day),
    }
    return render(request, "organisations/school.html", context)


def _names_over_time(organisation: Organisation) -> list[dict[str, Any]]:
    """Every span with the name its parent bore when it began, in two queries."""
    spans = list(organisation.spans.order_by("-valid_from"))
    above: dict[UUID, list[Span]] = {}
    for span in Span.objects.filter(organisation_id__in=[s.parent_id for s in spans]).order_by("valid_from"):
        above.setdefault(span.organisation_id, []).append(span)
    return [
        {
            "span": span,
            "parent": ([p.name for p in above.get(span.parent_id, []) if p.valid_from <= span.valid_from] or [""])[-1],
        }
        if span.parent_id
        else {"span": span, "parent": ""}
        for span in spans
    ]


def _facts(span: Span) -> list[tuple[str, str]]:
    organisation = span.organisation
    parent = queries.name_on(span.parent_id, span.valid_from) if span.parent_id else ""
    facts = [
        (_("Mã trường"), organisation.code),
        (_("Cấp học"), labels.levels(organisation.levels)),
        (_("Cơ quan quản lý"), parent),
        (_("Loại trường"), labels.name_of("school-kinds", organisation.kind_code)),
        (_("Loại hình"), labels.name_of("school-ownership", organisation.ownership_code)),
        (_("Xã, phường"), str(span.commune or "")),
        (_("Quận, huyện"), str(span.district or "")),
        (_("Tỉnh, thành phố"), str(span.province or "")),
        (_("Địa chỉ"), span.address),
        (_("Nguồn"), organisation.source),
    ]
    return [(label, value) for label, value in facts if value]


def _span_or_nearest(organisation_id: UUID, day: date) -> Span:
    """What it is on that day, or was last, or will be first."""
    spans = list(
        Span.objects.filter(organisation_id=organisation_id)
        .select_related("organisation", "province", "district", "commune")
        .order_by("valid_from")
    )
    if not spans:
        raise Http404
    begun = [span for span in spans if span.valid_from <= day]
    return begun[-1] if begun else spans[0]


def _breadcrumb(organisation_id: UUID, day: date) -> list[dict[str, str]]:
    above = queries.path(organisation_id, day)[:-1]
    return [{"label": node.name, "url": reverse("organisations:node", args=[node.id])} for node in above]


def _history(organisation_id: UUID) -> list[dict[str, Any]]:
    """Changes in words; a change of a hundred schools names the first few."""
    most = 4
    entries = []
    for change in queries.history(organisation_id):
        # Of a change of a hundred schools the page of one names that one first.
        sources = sorted(change.sources.all(), key=lambda one: (one.pk != organisation_id, one.code))
        results = list(change.results.all())
        entries.append(
            {
                "label": change.get_kind_display(),
                "day": change.effective_on,
                "decision": change.decision,
                "reason": change.reason,
                "sources": [(o.pk, _name_before(o, change.effective_on)) for o in sources[:most]],
                "more": max(0, len(sources) - most),
                "results": [(o.pk, _name_from(o, change.effective_on)) for o in results[:most]],
            }
        )
    return entries


def _name_before(organisation: Organisation, day: date) -> str:
    return _last_name([span.name for span in organisation.spans.all() if span.valid_from < day], organisation)


def _name_from(organisation: Organisation, day: date) -> str:
    return _last_name([span.name for span in organisation.spans.all() if span.valid_from <= day], organisation)


def _last_name(names: list[str], organisation: Organisation) -> str:
    """The last of the names; an organisation that begins later shows its first one. Spans come in order of time."""
    return names[-1] if names else next((span.name for span in organisation.spans.all()), str(organisation))


def _operations(actor: Actor, span: Span, day: date) -> list[dict[str, str]]:
    """The menu of changes this actor may record here; empty for readers and for what has ended."""
    if span.valid_to is not None or not _may_record(actor, span.organisation, day):
        return []
    changes = permissions.may_change(actor, span.organisation_id, day)
    return [
        {"label": str(operation.label), "url": reverse("organisations:operate", args=[span.organisation_id, slug])}
        for slug, operation in OPERATIONS.items()
        if span.organisation.kind in operation.kinds and (changes or slug == "thanh-lap")
    ]


def _may_record(actor: Actor, organisation: Organisation, day: date) -> bool:
    return permissions.may_add_under(actor, organisation.pk, day)


def operate(request: HttpRequest, organisation_id: UUID, operation: str) -> HttpResponse:
    """A form for one dated operation; the service checks rights and days again."""
    chosen = OPERATIONS.get(operation)
    organisation = get_object_or_404(Organisation, pk=organisation_id)
    if chosen is None or organisation.kind not in chosen.kinds:
        raise Http404
    day, actor = _day(request), _actor(request)
    if not _may_record(actor, organisation, day):
        permissions.require_change(actor, [organisation], day)
    span = _span_or_nearest(organisation_id, day)
    form = forms.operation_form(
        chosen.form, span, request.POST or None, today=day,
        parents=lambda: _possible_parents(actor, organisation, day),
        campuses=lambda: queries.campuses(organisation_id, day),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            shown = form.run(actor, organisation)
        except RuleError as refusal:
            if refusal.status == 403:
                raise
            place = refusal.place if isinstance(refusal, Invalid) else ""
            form.add_error(place if place in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Đã ghi thay đổi vào lịch sử mạng lưới trường lớp."))
            return redirect("organisations:node", shown)
    context = {"form": form, "span": span, "operation": chosen, "breadcrumb": _breadcrumb(organisation_id, day)}
    return render(request, "organisations/operate.html", context)


def _possible_parents(actor: Actor, organisation: Organisation, day: date) -> QuerySet[Span]:
    """Authorities where this may hang: the departments above the actor's reach and their offices."""
    departments = Span.objects.on(day).filter(organisation__kind=Organisation.Kind.DEPARTMENT)
    own = [span.organisation_id for span in departments if actor.holds(permissions.CHANGE_TREE, span.organisation_id)]
    found = Span.objects.on(day).filter(valid_to=None)
    if organisation.kind == Organisation.Kind.OFFICE:
        return found.filter(organisation_id__in=own).order_by("name_folded")
    offices = found.filter(parent_id__in=own, organisation__kind=Organisation.Kind.OFFICE)
    return (found.filter(organisation_id__in=own) | offices).select_related("organisation").order_by("name_folded")
