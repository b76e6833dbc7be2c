"""My sheets, and the sheet itself: the grid, its cells, what others changed."""

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sen.core.curriculum.permissions import EDIT_CLASSES
from sen.core.identity.actor import Actor
from sen.school.gradebook import permissions
from sen.school.gradebook.queries import sheets as queries
from sen.school.gradebook.queries.books import classes_of
from sen.school.gradebook.queries.completion import SheetCompletion
from sen.school.gradebook.queries.facts import Facts
from sen.school.gradebook.queries.grid import Row, missing_in, rows_of
from sen.school.gradebook.rules import Form
from sen.school.gradebook.services.entry import CellEdit, Saved, save_cells
from sen.school.gradebook.services.sheets import open_sheets
from sen.school.gradebook.views import common, drawing
from sen.shared.kit.errors import Invalid, NotAllowed


@require_GET
def sheets(request: HttpRequest) -> HttpResponse:
    """The sheets of the year and term chosen above: a teacher's own first, then those of the class he leads."""
    actor, when = common.actor_of(request), common.when_of(request)
    if not (actor.holds(permissions.READ_OWN_SHEETS) or actor.holds(permissions.READ_ALL_SHEETS)):
        raise NotAllowed("gradebook.no_sheets_for_role", _("Vai trò hiện tại không có sổ điểm."))
    by = queries.Filters(*(common.text(request, name) for name in ("khoi", "lop", "mon", "tinh-trang")))
    every = queries.sheets_of(actor, when.year, when.term)
    found = queries.filtered(every, by)
    own = [sheet for sheet in found if actor.person_id in sheet.teacher_ids]
    others = [sheet for sheet in found if actor.person_id not in sheet.teacher_ids]
    reads_all = actor.holds(permissions.READ_ALL_SHEETS)
    context = {
        "when": when,
        "term": common.TERMS[when.term],
        "parts": [
            (title, rows)
            for title, rows in (
                (_("Môn tôi dạy") if own and others else "", own),
                (_("Các sổ khác của trường") if reads_all else _("Lớp tôi chủ nhiệm"), others),
            )
            if rows
        ],
        "missing": sum(sheet.missing for sheet in found),
        "filters": _filters(every, by),
        "filtered": any((by.grade, by.room, by.subject, by.state)),
        "may_open": actor.holds(EDIT_CLASSES, actor.organisation_id),
        "menu": _menu(actor),
    }
    return render(request, "gradebook/sheets.html", context)


def _filters(every: list[SheetCompletion], by: queries.Filters) -> list[dict[str, Any]]:
    grades = dict.fromkeys(sheet.school_class.grade for sheet in every)
    rooms = {str(sheet.school_class.pk): sheet.school_class.name for sheet in every}
    subjects = {sheet.subject_key: sheet.subject_name for sheet in every}
    states = {"thieu": _("Còn thiếu điểm"), "mo": _("Đang mở"), "khoa": _("Đã khóa")}
    grade_names = {grade: _("Khối {n}").format(n=grade) for grade in grades}
    parts = (
        ("khoi", _("Khối"), by.grade, grade_names),
        ("lop", _("Lớp"), by.room, rooms),
        ("mon", _("Môn"), by.subject, subjects),
        ("tinh-trang", _("Tình trạng"), by.state, states),
    )
    return [
        {"name": name, "label": label, "value": value, "choices": [{"value": v, "label": t} for v, t in names.items()]}
        for name, label, value, names in parts
        if len(names) > 1
    ]


def _menu(actor: Actor) -> list[dict[str, str]]:
    items = [{"label": _("Ngân hàng nhận xét"), "url": reverse("gradebook:phrases"), "icon": "message-circle"}]
    items.append({"label": _("Sửa điểm sau khóa sổ"), "url": reverse("gradebook:corrections"), "icon": "edit"})
    if actor.holds(permissions.LOCK):
        items.append({"label": _("Khóa sổ"), "url": reverse("gradebook:locks"), "icon": "lock"})
    if actor.holds(permissions.APPROVE):
        items.append({"label": _("Miễn học môn"), "url": reverse("gradebook:exemptions"), "icon": "file-check"})
    if actor.holds(permissions.SET_POLICY):
        items.append({"label": _("Quy định tính điểm"), "url": reverse("gradebook:policy"), "icon": "adjustments"})
    return items


@require_POST
def open_all(request: HttpRequest) -> HttpResponse:
    """Open the sheets of every class of the year; late joiners get their lines."""
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    opened = open_sheets(actor=actor, classes=classes_of([school.pk], when.year))
    words = _("Đã mở {sheets} bảng điểm, thêm {lines} dòng học sinh.").format(sheets=opened.sheets, lines=opened.lines)
    messages.success(request, words)
    return redirect("gradebook:sheets")


@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """One class, one subject, one term. POST is the plain form of a browser without script."""
    actor = common.actor_of(request)
    facts = common.sheet_of(actor, sheet_id)
    if request.method == "POST":
        _save_form(request, actor, facts)
        return redirect("gradebook:sheet", sheet_id)
    rows = rows_of(facts)
    writable = facts.locked_at is None and facts.is_assigned and actor.holds(permissions.ENTER_MARKS, facts.school_id)
    phrases = queries.phrase_groups(actor, facts.school_id, facts.subject_key, facts.form) if writable else []
    around = queries.neighbours(actor, facts)
    newest = max((row.updated_at for row in rows), default=None)
    with_average = facts.form == Form.MARKS
    averages = [row.average for row in rows if row.average is not None and not row.is_closed]
    context = {
        "facts": facts,
        "term": common.TERMS[facts.term],
        "table": drawing.table(facts, rows, writable=writable),
        "writable": writable,
        "rows": rows,
        "pupils": sum(1 for row in rows if row.until is None),
        "missing": missing_in(facts, rows),
        "mean": _mean(averages),
        "cursor": newest.isoformat() if newest else "",
        "phrases": common.json_block(phrases),
        "user": actor.account_id,
        "bins": _bins(averages) if with_average else None,
        "levels": None if with_average else _levels(rows),
        "tabs": [
            {
                "label": _("Học kì {term}").format(term=common.TERMS[t]),
                "url": reverse("gradebook:sheet", args=[pk]),
                "active": pk == sheet_id,
            }
            for pk, name, t in around
            if name == facts.subject_name
        ],
        "subjects": [
            {"label": name, "url": reverse("gradebook:sheet", args=[pk])}
            for pk, name, t in around
            if t == facts.term and pk != sheet_id
        ],
        "menu": _sheet_menu(actor, facts, writable),
        "year_name": f"{facts.year}–{facts.year + 1}",
    }
    return render(request, "gradebook/sheet.html", context)


def _sheet_menu(actor: Actor, facts: Facts, writable: bool) -> list[dict[str, Any]]:
    workbook = reverse("gradebook:workbook", args=[facts.sheet_id])
    items: list[dict[str, Any]] = []
    if actor.holds(permissions.EXPORT, facts.school_id):
        items = [
            {"label": _("Tải sổ ra Excel"), "url": workbook, "icon": "file-spreadsheet", "download": True},
            {"label": _("Tải bảng trống"), "url": f"{workbook}?trong=1", "icon": "table-export", "download": True},
        ]
    if writable:
        items.append(
            {
                "label": _("Nhập từ Excel"),
                "url": reverse("gradebook:bring_in", args=[facts.sheet_id]),
                "icon": "table-import",
            }
        )
        items.append({"label": _("Ngân hàng nhận xét"), "url": reverse("gradebook:phrases"), "icon": "message-circle"})
    if actor.holds(permissions.READ_ALL_SHEETS, facts.school_id) or actor.person_id == facts.form_teacher_id:
        items.append(
            {
                "label": _("In sổ của lớp"),
                "url": reverse("gradebook:class_book", args=[facts.class_id]),
                "icon": "printer",
            }
        )
    return items


def _bins(averages: list[int]) -> list[tuple[str, int]]:
    return [(str(n), sum(1 for tenths in averages if min(tenths // 10, 9) == n)) for n in range(10)]


def _mean(averages: list[int]) -> str:
    return f"{sum(averages) / len(averages) / 10:.1f}".replace(".", ",") if averages else ""


def _levels(rows: list[Row]) -> list[tuple[str, int]]:
    names = {"T": _("Hoàn thành tốt"), "H": _("Hoàn thành"), "C": _("Chưa hoàn thành")}
    words = [row.level for row in rows if row.level and not row.is_closed]
    order = ("Đạt", "Chưa đạt", "T", "H", "C")
    return [(names.get(word, word), words.count(word)) for word in order if word in words]


def _save_form(request: HttpRequest, actor: Actor, facts: Facts) -> None:
    """The whole table as one form: cells that differ, on the versions the page was made with."""
    edits = []
    for row in rows_of(facts):
        seen = request.POST.get(f"{row.enrolment_id}:version", "")
        if row.is_closed or not seen.isdigit():
            continue
        for column in facts.book.columns:
            typed = request.POST.get(f"{row.enrolment_id}:{column.code}")
            now = row.versions.get(column.code, 0)
            if typed is not None:
                # A cell that changed after the page was made is disputed, not overwritten.
                version = now if now <= int(seen) else int(seen)
                state = row.states.get(column.code, "") if not typed.strip() else ""
                edits.append(CellEdit(row.enrolment_id, column.code, typed.replace("\x00", ""), version, state))
    saved = save_cells(actor=actor, sheet=facts.sheet_id, edits=edits)
    refused = [cell for cell in saved.cells if cell.state == "refused" and cell.message]
    disputed = sum(1 for cell in saved.cells if cell.state == "conflict")
    for cell in refused[:10]:
        messages.error(request, cell.message)
    if disputed:
        messages.warning(request, _("{n} ô vừa được người khác ghi, giữ nguyên giá trị của họ.").format(n=disputed))
    if not refused and not disputed:
        messages.success(request, _("Đã lưu bảng điểm."))


@require_http_methods(["GET", "POST"])
def sheet_cells(request: HttpRequest, sheet_id: UUID) -> JsonResponse:
    """The grid's own address: POST saves cells, GET says what others changed since a cursor."""
    actor = common.actor_of(request)
    if request.method == "GET":
        facts = common.sheet_of(actor, sheet_id)
        found, cursor = queries.changes_since(facts, request.GET.get("since", "")[:40])
        return JsonResponse({"cells": found, "cursor": cursor})
    body = _body(request)
    request_id = str(body.get("request_id") or "")[:64]
    return JsonResponse(answer(save_cells(actor=actor, sheet=sheet_id, edits=body["cells"], request_id=request_id)))


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("cells"), list):
        raise Invalid("gradebook.bad_cells", _("Dữ liệu gửi lên không đúng dạng."), place="cells")
    return body


def answer(saved: Saved) -> dict[str, Any]:
    """What the grid gets back."""
    return {
        "cells": [{**asdict(cell), "row": str(cell.row)} for cell in saved.cells],
        "rows": [{**asdict(row), "row": str(row.row)} for row in saved.rows],
        "missing": saved.missing,
        "summary": saved.summary,
    }
