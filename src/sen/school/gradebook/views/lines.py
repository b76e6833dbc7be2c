"""A pupil's row: its history cell by cell, absences at an assessment, the way to a correction."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.core.identity.actor import Actor
from sen.school.gradebook import cells, permissions
from sen.school.gradebook.models import Correction, SheetLine
from sen.school.gradebook.queries.facts import Facts
from sen.school.gradebook.queries.history import cell_changes
from sen.school.gradebook.rules import Column
from sen.school.gradebook.services.corrections import request_correction
from sen.school.gradebook.services.entry import CellEdit, save_cells
from sen.school.gradebook.views import common


def line_of(actor: Actor, line_id: UUID) -> tuple[SheetLine, Facts]:
    """A line of a sheet the actor may open."""
    line = SheetLine.objects.filter(pk=line_id).select_related("person").first()
    if line is None:
        raise Http404
    return line, common.sheet_of(actor, line.sheet_id)


@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """The history of every cell of a row; POST notes an absence at an assessment ("có lí do", "không lí do")."""
    actor = common.actor_of(request)
    row, facts = line_of(actor, line_id)
    if request.method == "POST":
        return _note_state(request, actor, row, facts)
    is_mine = facts.is_assigned and actor.holds(permissions.ENTER_MARKS, facts.school_id)
    history = cell_changes(row, facts.book.columns)
    waiting = set(row.corrections.filter(state__in=["requested", "confirmed"]).values_list("column", flat=True))
    context = {
        "line": row,
        "facts": facts,
        "term": common.TERMS[facts.term],
        "cells": [_cell(row, column, history[column.code], waiting) for column in facts.book.columns],
        "corrections": row.corrections.filter(state=Correction.State.APPROVED)
        .select_related("requested_by", "confirmed_by", "approved_by")
        .order_by("approved_at"),
        "may_note": is_mine and facts.locked_at is None,
        "may_correct": is_mine and facts.locked_at is not None,
        "choices": [("", _("Bình thường")), *((key, str(text)) for key, text in cells.STATES.items())],
    }
    page = "gradebook/_line.html" if request.headers.get("HX-Request") else "gradebook/line.html"
    return render(request, page, context)


def _cell(row: SheetLine, column: Column, changes: list[Any], waiting: set[str]) -> dict[str, Any]:
    value = cells.value_of(row.marks, row.remark, column.code)
    corrected = row.corrected.get(column.code)
    return {
        "code": column.code,
        "heading": column.heading,
        "value": cells.show(value, column),
        "corrected": None if corrected is None else cells.show(corrected, column),
        "state": row.states.get(column.code, ""),
        "state_name": cells.STATES.get(row.states.get(column.code, ""), ""),
        "changes": changes,
        "takes_state": column.kind != "remark" and value is None,
        "correctable": column.kind != "remark" and column.code not in waiting,
        "is_waiting": column.code in waiting,
    }


def _note_state(request: HttpRequest, actor: Actor, row: SheetLine, facts: Facts) -> HttpResponse:
    code, state = common.posted(request, "col", 20), common.posted(request, "state", 20)
    edit = CellEdit(row.enrolment_id, code, None, row.versions.get(code, 0), state if state in cells.STATES else "")
    (cell,) = save_cells(actor=actor, sheet=facts.sheet_id, edits=[edit]).cells
    if cell.state == "saved":
        messages.success(request, _("Đã ghi."))
    else:
        messages.error(request, cell.message or _("Ô này vừa được người khác ghi, xin xem lại."))
    return redirect("gradebook:sheet", facts.sheet_id)


@require_http_methods(["GET", "POST"])
def ask_correction(request: HttpRequest, line_id: UUID, column: str) -> HttpResponse:
    """The form by which the subject's teacher asks for a correction."""
    actor = common.actor_of(request)
    row, facts = line_of(actor, line_id)
    cell = facts.book.column(column)
    if cell is None:
        raise Http404
    if request.method == "POST":
        request_correction(
            actor=actor,
            line=row,
            column=column,
            new=common.posted(request, "new", 20),
            reason=common.posted(request, "reason"),
        )
        messages.success(request, _("Đã gửi đề nghị. Giáo viên chủ nhiệm xác nhận, sau đó ban giám hiệu duyệt."))
        return redirect("gradebook:corrections")
    context = {"line": row, "facts": facts, "cell": cell, "value": cells.show(row.effective.get(column), cell)}
    return render(request, "gradebook/ask_correction.html", context)
