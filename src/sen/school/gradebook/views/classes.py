"""The form teacher's pages: the classes, one screen of the class, one pupil with the reasons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.school.gradebook import cells, labels
from sen.school.gradebook.labels import YEAR
from sen.school.gradebook.models import Result, TermRecord
from sen.school.gradebook.permissions import EXPORT, KEEP_CLASS_RECORD, READ_ALL_SHEETS, READ_OWN_SHEETS
from sen.school.gradebook.queries import class_view as queries
from sen.school.gradebook.queries.class_view import ClassView, Row
from sen.school.gradebook.queries.completion import record_gaps
from sen.school.gradebook.queries.sheets import phrase_groups
from sen.school.gradebook.rules import Regime
from sen.school.gradebook.rules.regimes import PRIMARY
from sen.school.gradebook.services.entry import CellAnswer, CellEdit
from sen.school.gradebook.services.records import (
    MOST_SESSIONS,
    OLD_CONDUCT,
    RECOGNITIONS,
    RecordColumn,
    record_columns,
    record_term,
    value_of,
)
from sen.school.gradebook.services.results import compute_results
from sen.school.gradebook.views.common import actor_of, class_of, when_of
from sen.school.gradebook.views.reading import PurposeForm, ask_purpose, term_of, term_tabs, workbook
from sen.shared.audit import services as audit
from sen.shared.documents.xlsx_out import Column, Sheet
from sen.shared.kit.errors import Invalid, NotAllowed

SUMMARY, MIDDLE, END = "", "giua-ki", "cuoi-ki"
"""Parts of a primary class's term: the summary, and what is rated at mid-term and at its end."""

_MIDTERM = "q_gk_"
_REMARKS = "q_nx_"


@require_GET
def classes(request: HttpRequest) -> HttpResponse:
    """The classes whose record the actor may open in the year; a single one opens at once."""
    actor, when = actor_of(request), when_of(request)
    if not (actor.holds(READ_OWN_SHEETS) or actor.holds(READ_ALL_SHEETS)):
        raise NotAllowed("gradebook.no_classes_for_role", _("Vai trò hiện tại không có sổ lớp."))
    term = term_of(request)
    rooms = queries.classes_visible_to(actor).filter(year=when.year)
    found = queries.stands(rooms, term)
    if len(found) == 1 and "ki" not in request.GET:
        return redirect("gradebook:class", found[0].school_class.pk)
    context = {"stands": found, "tabs": term_tabs(request, term), "term": term, "term_code": labels.term_code(term)}
    return render(request, "gradebook/classes/list.html", context)


@dataclass(frozen=True)
class GridColumn:
    """A column that the form teacher fills, as the grid's markup needs it."""

    code: str
    heading: str
    group: str
    kind: str
    choices: str
    is_number: bool
    hint: str


@dataclass(frozen=True)
class GridCell:
    column: GridColumn
    name: str
    value: str
    version: int


@dataclass(frozen=True)
class GridRow:
    """A pupil's cells: what is chosen or counted stands beside the results, remarks stand last."""

    row: Row
    cells: list[GridCell]
    last: list[GridCell]


def _part(request: HttpRequest, room: SchoolClass, term: int) -> str:
    part = request.GET.get("phan", "")
    if part not in (SUMMARY, MIDDLE, END):
        raise Http404
    return part if room.regime in PRIMARY and term != YEAR else SUMMARY


def _columns(room: SchoolClass, term: int, part: str) -> list[RecordColumn]:
    found = record_columns(room.regime, room.grade, term)
    if part == MIDDLE:
        return [one for one in found if one.code.startswith(_MIDTERM)]
    if part == END:
        return [one for one in found if one.code.startswith("q_") and not one.code.startswith(_MIDTERM)]
    return [one for one in found if not one.code.startswith("q_")]


def _grid_column(column: RecordColumn) -> GridColumn:
    names = [RECOGNITIONS.get(choice, choice) for choice in column.choices]
    kind = {"choice": "level", "number": "mark", "text": "remark"}[column.kind]
    return GridColumn(
        column.code, column.heading, column.group, kind, "|".join(names), column.kind == "number", ", ".join(names)
    )


def _shown(code: str, value: str | None) -> str:
    """A stored value as the grid shows it: awards by their names."""
    return RECOGNITIONS.get(value or "", value or "") if code == "recognition" else value or ""


def _grid(view: ClassView, columns: list[GridColumn], last: list[GridColumn]) -> list[GridRow]:
    return [GridRow(row, _cells(row, columns), _cells(row, last)) for row in view.rows]


def _cells(row: Row, columns: list[GridColumn]) -> list[GridCell]:
    record = row.record
    return [
        GridCell(
            column,
            f"{row.pupil.enrolment_id}:{column.code}",
            _shown(column.code, value_of(record, column.code)) if record else "",
            record.versions.get(column.code, 0) if record else 0,
        )
        for column in columns
    ]


def may_write(actor: Actor, room: SchoolClass) -> bool:
    return actor.holds(KEEP_CLASS_RECORD, room.school_id) and actor.person_id == room.form_teacher_id


@require_http_methods(["GET", "POST"])
def school_class(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """One screen of the class for a term or the year. POST is the same form sent without script."""
    room, term, actor = class_of(actor_of(request), class_id), term_of(request), actor_of(request)
    part = _part(request, room, term)
    if room.regime == Regime.PRESCHOOL:
        return redirect("gradebook:followup", room.pk)
    if request.method == "POST":
        return _save_form(request, room, term)
    view = queries.class_view(room, term)
    kept = [_grid_column(column) for column in _columns(room, term, part)]
    columns, last = [c for c in kept if c.kind != "remark"], [c for c in kept if c.kind == "remark"]
    if actor.role is Role.INSPECTOR:
        audit.record(action="gradebook.class_read", organisation_id=room.school_id, subject_id=room.pk, term=term)
    writable = may_write(actor, room) and not view.is_locked
    context = {
        "view": view,
        "room": room,
        "term": term,
        "term_code": labels.term_code(term),
        "term_name": labels.term_name(term),
        "is_year": term == YEAR,
        "part": part,
        "tabs": tabs_of(request, view, term, part),
        "parts": _parts(room, term, part),
        "columns": columns,
        "last_columns": last,
        "grid": _grid(view, columns, last),
        "conduct_levels": next((column.hint for column in columns if column.code == "conduct"), ""),
        "writable": writable,
        "is_form_teacher": may_write(actor, room),
        "may_export": actor.holds(EXPORT, room.school_id),
        "primary": view.room.is_primary,
        "learning_heading": labels.learning_heading(room.regime),
        "conduct_heading": labels.conduct_heading(room.regime),
        "conduct_is_computed": term == YEAR and room.regime not in OLD_CONDUCT and not view.room.is_primary,
        "has_conduct": not view.room.is_primary and room.regime != Regime.PRESCHOOL,
        "cursor": _cursor(room, term),
        "phrases": _script(phrase_groups(actor, room.school_id, "", "")) if writable else "",
        "most_sessions": MOST_SESSIONS,
        "longest_remark": cells.LONGEST_REMARK,
        "is_primary_part": part != SUMMARY,
        "charts": _charts(view, term),
    }
    return render(request, "gradebook/classes/class.html", context)


def _script(value: Any) -> SafeString:
    """JSON that may stand in a script block: nothing in it can close the block."""
    text = json.dumps(value, ensure_ascii=False)
    return mark_safe(text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026"))  # noqa: S308  # see above


def tabs_of(request: HttpRequest, view: ClassView, term: int, part: str) -> list[dict[str, Any]]:
    tabs = term_tabs(request, term, phan=part)
    base = reverse("gradebook:class", args=[view.school_class.pk])
    tabs = [{**tab, "url": base + tab["url"]} for tab in tabs]
    waiting = sum(1 for row in view.rows if row.result and row.result.outcome in labels.WAITING) if term == YEAR else ""
    summer_url = reverse("gradebook:class_summer", args=[view.school_class.pk])
    if view.room.regime is not Regime.PRESCHOOL:
        tabs.append({"label": _("Trong hè"), "url": summer_url, "active": False, "count": waiting})
    return tabs


def _parts(room: SchoolClass, term: int, part: str) -> list[dict[str, Any]]:
    if room.regime not in PRIMARY or term == YEAR:
        return []
    end = _("Phẩm chất, năng lực cuối kì") if term == 1 else _("Phẩm chất, năng lực cuối năm")
    names = ((SUMMARY, _("Tổng hợp")), (MIDDLE, _("Phẩm chất, năng lực giữa kì")), (END, end))
    return [
        {"label": name, "url": f"?ki={labels.term_code(term)}&phan={code}", "active": code == part}
        for code, name in names
    ]


def _charts(view: ClassView, term: int) -> list[tuple[str, list[tuple[str, int]]]]:
    """Counts beside the table, each drawn with its table."""
    regime = view.school_class.regime
    titles = {
        "level": labels.learning_heading(regime), "conduct": labels.conduct_heading(regime),
        "honour": _("Danh hiệu, khen thưởng"), "outcome": _("Kết quả cuối năm"),
    }  # fmt: skip
    return [(title, view.counts[name]) for name, title in titles.items() if view.counts[name]]


def _cursor(room: SchoolClass, term: int) -> str:
    """Grows with every change of a record of the class: the grid asks only for what came after."""
    return str(TermRecord.objects.filter(school_class=room, term=term).aggregate(n=Sum("version"))["n"] or 0)


@require_http_methods(["GET", "POST"])
def class_cells(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The grid's address: POST saves cells and answers with what follows from them, GET tells what others changed."""
    room, term = class_of(actor_of(request), class_id), term_of(request)
    if request.method == "GET":
        return JsonResponse(_changes(room, term, request.GET.get("since", "")))
    body = _body(request)
    saved = record_term(
        actor=actor_of(request),
        school_class=room,
        term=term,
        edits=body.get("cells", []),
        request_id=str(body.get("request_id", ""))[:80],
    )
    rows = {answer.row for answer in saved.cells if answer.state == "saved"}
    return JsonResponse({"cells": [_answer(one) for one in saved.cells], **_figures(room, term, rows)})


def _body(request: HttpRequest) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("cells", []), list):
        raise Invalid("gradebook.bad_cells", _("Dữ liệu gửi lên không đúng dạng."), place="cells")
    return body


def _answer(answer: CellAnswer) -> dict[str, Any]:
    found: dict[str, Any] = {
        "row": str(answer.row), "col": answer.col, "state": answer.state, "version": answer.version,
        "value": _shown(answer.col, answer.value) or None,
    }  # fmt: skip
    if answer.message:
        found["message"] = answer.message
    if answer.by:
        found["by"] = answer.by
    return found


def _figures(room: SchoolClass, term: int, rows: set[UUID]) -> dict[str, Any]:
    """Results of the rows that changed, computed at once, and how many pupils still lack conduct or qualities."""
    if rows and room.regime != Regime.PRESCHOOL:
        compute_results(classes=[room], only=rows)
    results = Result.objects.filter(enrolment__in=rows, term=term)
    kept = record_gaps([room], term) if term != YEAR else []
    return {
        "rows": [
            {
                "row": str(one.enrolment_id), "level": one.level, "conduct": one.conduct, "honour": one.honour,
                "outcome": labels.outcome_name(one.outcome, room.grade), "absences": one.absences or "",
            }
            for one in results
        ],
        "summary": {"own_missing": kept[0].missing if kept else 0},
    }  # fmt: skip


def _changes(room: SchoolClass, term: int, since: str) -> dict[str, Any]:
    cursor = _cursor(room, term)
    if since == cursor:
        return {"cells": [], "cursor": cursor}
    found = []
    for record in queries.records_of(room, term):
        by = record.updated_by.full_name if record.updated_by else ""
        for code, version in record.versions.items():
            shown = _shown(code, value_of(record, code)) or None
            found.append({"row": str(record.enrolment_id), "col": code, "value": shown, "version": version, "by": by})
    return {"cells": found, "cursor": cursor}


def _save_form(request: HttpRequest, room: SchoolClass, term: int) -> HttpResponse:
    """Fields are named "row:column:version", so that a form without script notices two people at once too."""
    edits = []
    for name, value in request.POST.items():
        row, _colon, rest = name.partition(":")
        code, _colon, version = rest.rpartition(":")
        if code and version.isdigit():
            try:
                edits.append(CellEdit(UUID(row), code, str(value), int(version)))
            except ValueError:
                continue
    saved = record_term(actor=actor_of(request), school_class=room, term=term, edits=edits)
    faults = [answer for answer in saved.cells if answer.state != "saved"]
    for answer in faults[:10]:
        messages.error(
            request, answer.message or _("{by} vừa ghi ô này: {value}").format(by=answer.by, value=answer.value)
        )
    if not faults:
        messages.success(request, _("Đã lưu."))
    compute_results(classes=[room])
    return redirect(request.get_full_path())


@require_GET
def class_pupil(request: HttpRequest, class_id: UUID, enrolment_id: UUID) -> HttpResponse:
    """One pupil of the class: every subject and period, and why not the next level. A dialog for htmx."""
    room = class_of(actor_of(request), class_id)
    view = queries.pupil_view(room, enrolment_id)
    if view is None:
        raise Http404
    fragment = request.headers.get("HX-Request") == "true"
    template = "gradebook/classes/pupil_dialog.html" if fragment else "gradebook/classes/pupil.html"
    context = {
        "room": room,
        "pupil": view,
        "learning_heading": labels.learning_heading(room.regime),
        "conduct_heading": labels.conduct_heading(room.regime),
    }
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
def class_export(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The screen of the class as Excel. Names leave the system: the purpose is asked for and kept."""
    room, term, actor = class_of(actor_of(request), class_id), term_of(request), actor_of(request)
    actor.require(EXPORT, room.school_id)
    view = queries.class_view(room, term)
    form = PurposeForm(request.POST or None)
    back = f"{reverse('gradebook:class', args=[room.pk])}?ki={labels.term_code(term)}"
    if request.method != "POST" or not form.is_valid():
        return ask_purpose(request, form, len(view.rows), back)
    audit.record(
        action="gradebook.class_exported", organisation_id=room.school_id, table="gradebook_result", subject_id=room.pk,
        purpose=form.cleaned_data["purpose"], count=len(view.rows), term=term, year=room.year,
    )  # fmt: skip
    return workbook([_sheet(view, term)], f"tong-hop-{room.name}-{labels.term_code(term)}".replace("/", "-"))


def _sheet(view: ClassView, term: int) -> Sheet:
    room = view.school_class
    columns = [Column(_("STT"), 6, "integer"), Column(_("Họ và tên"), 26)]
    columns += [Column(subject.subject.name, 11) for subject in view.subjects]
    if view.has_average:
        columns.append(Column(_("ĐTB các môn"), 9))
    columns += [
        Column(labels.learning_heading(room.regime), 14), Column(labels.conduct_heading(room.regime), 14),
        Column(_("Buổi nghỉ"), 9, "integer"), Column(_("Danh hiệu"), 22), Column(_("Kết quả"), 26),
        Column(_("Nhận xét"), 40),
    ]  # fmt: skip
    lines = []
    for row in view.rows:
        result = row.result
        line: list[Any] = [row.pupil.row_number, row.pupil.name, *(cell.text for cell in row.subjects)]
        if view.has_average:
            line.append(row.average)
        line += (
            [result.level, result.conduct, result.absences, result.honour, row.outcome]
            if result
            else ["", "", None, "", ""]
        )
        lines.append([*line, row.record.remark if row.record else ""])
    title = _("Tổng hợp lớp {name}, {term}, năm học {year}").format(
        name=room.name, term=labels.term_name(term).lower(), year=f"{room.year}-{room.year + 1}"
    )
    return Sheet(_("Tổng hợp"), columns, lines, titles=[title], frozen_columns=2)
