"""The officers' pages: schools of the area with completion and results, down to the figures of a class. No names."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.core.identity.actor import Actor
from sen.core.identity.roles import OFFICERS, Role
from sen.core.organisations.labels import LEVEL_COLUMNS
from sen.school.gradebook import labels
from sen.school.gradebook.labels import YEAR
from sen.school.gradebook.permissions import READ_FIGURES
from sen.school.gradebook.queries import region as queries
from sen.school.gradebook.queries import school_view
from sen.school.gradebook.queries.region import Area, Figures, Filters, SchoolRow
from sen.school.gradebook.views.common import actor_of, text, when_of
from sen.school.gradebook.views.reading import term_of, term_tabs, workbook
from sen.shared.audit import services as audit
from sen.shared.documents.xlsx_out import Column, Sheet
from sen.shared.kit.errors import NotAllowed

PAGE = 100
_AREAS = {"province": "Tỉnh", "district": "Huyện", "commune": "Xã"}


def _require(actor: Actor) -> None:
    if not (actor.holds(READ_FIGURES) and (actor.role in OFFICERS or actor.role is Role.INSPECTOR)):
        raise NotAllowed("gradebook.no_area", _("Trang này dành cho chuyên viên Bộ, Sở, Phòng."))


def _filters(request: HttpRequest) -> Filters:
    return Filters(*(text(request, name) for name in ("q", "cap", "dia-ban", "tinh-trang")))


def _kept(by: Filters) -> dict[str, str]:
    """The chips as the address names them, so that a tab keeps them."""
    return {"q": by.words, "cap": by.level, "dia-ban": by.area, "tinh-trang": by.state}


@require_GET
def region(request: HttpRequest) -> HttpResponse:
    """Every school of the area, a hundred a page, with totals over all that the chips let through."""
    actor, when, term = actor_of(request), when_of(request), term_of(request)
    _require(actor)
    by, sort = _filters(request), text(request, "sort")
    area = queries.area_of(actor, when.year, term, when.day)
    rows = queries.ordered(queries.filtered(area.rows, by), sort)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "term": term,
        "term_code": labels.term_code(term),
        "term_name": labels.term_name(term),
        "is_year": term == YEAR,
        "when": when,
        "tabs": term_tabs(
            request, term, q=by.words, cap=by.level, sort=sort, **{"dia-ban": by.area, "tinh-trang": by.state}
        ),
        "columns": _columns(area, term, sort),
        "page": page,
        "rows": page.object_list,
        "total": queries.total_of(rows),
        "extra_totals": _extra_totals(rows),
        "areas": queries.by_area(rows),
        "area_name": _(_AREAS[area.kind]),
        "filters": _chips(area, by),
        "words": by.words,
        "filtered": any((by.words, by.level, by.area, by.state)),
        "extra": queries.extra_columns(),
    }
    return render(request, "gradebook/region/region.html", context)


def _columns(area: Area, term: int, sort: str) -> list[dict[str, Any]]:
    """Headings with the address that sorts by them; `down` says which way one goes now."""
    columns = [
        ("ten", _("Trường"), False), ("dia-ban", _(_AREAS[area.kind]), False), ("", _("Cấp học"), False),
        ("lop", _("Lớp"), True), ("hs", _("Học sinh"), True), ("tk", _("Tài khoản HS"), True),
 ("diem", _("Đã nhập điểm"), True), ("khoa", _("Khóa sổ"), False),
        ("cao", _("Mức cao nhất"), True), ("thap", _("Chưa đạt"), True),
    ]  # fmt: skip
    if term == YEAR:
        columns.append(("len-lop", _("Lên lớp, hoàn thành"), True))
    return [
        {
            "key": key, "label": label, "num": num, "up": bool(key) and sort == key,
            "down": bool(key) and sort == f"-{key}",
        }
        for key, label, num in columns
    ]  # fmt: skip


def _extra_totals(rows: Iterable[SchoolRow]) -> list[float | None]:
    """Sums of the columns of other packages that hold numbers."""
    found = list(rows)
    totals: list[float | None] = []
    for index in range(len(queries.extra_columns())):
        numbers = [value for row in found if isinstance(value := row.extra[index], int | float)]
        totals.append(sum(numbers) if numbers else None)
    return totals


def _chips(area: Area, by: Filters) -> list[dict[str, Any]]:
    levels = [("continuing" if key.startswith("continuing") else key, label) for key, label in LEVEL_COLUMNS]
    areas = sorted({(row.area_key, row.area) for row in area.rows if row.area_key}, key=lambda one: one[1])
    states = (
        ("chua-khoa", _("Chưa khóa sổ")), ("da-khoa", _("Đã khóa sổ")), ("chua-du", _("Chưa nhập đủ điểm")),
        ("co-so", _("Có sổ điểm")), ("chua-co-so", _("Chưa có sổ điểm")),
    )  # fmt: skip
    parts = (
        ("cap", _("Cấp học"), by.level, levels), ("dia-ban", _(_AREAS[area.kind]), by.area, areas),
        ("tinh-trang", _("Tình trạng"), by.state, states),
    )  # fmt: skip
    return [
        {"name": name, "label": label, "value": value, "choices": [{"value": v, "label": t} for v, t in choices]}
        for name, label, value, choices in parts
    ]


@require_GET
def region_school(request: HttpRequest, school_id: UUID) -> HttpResponse:
    """One school of the area: the figures of its classes. Whoever teaches or learns there stays behind the wall."""
    actor, when, term = actor_of(request), when_of(request), term_of(request)
    _require(actor)
    row = queries.school_row(actor, school_id, when.year, term, when.day)
    if row is None:
        raise Http404
    figures = school_view.figures_of(school_id, when.year, term)
    sections = school_view.results(figures, term)
    context = {
        "row": row,
        "term": term,
        "term_code": labels.term_code(term),
        "term_name": labels.term_name(term),
        "tabs": term_tabs(request, term),
        "when": when,
        "classes": figures,
        "sections": sections,
        "extra": list(zip(queries.extra_columns(), row.extra, strict=True)),
        "locks": [(labels.term_name(one), one in row.locks) for one in (1, 2, YEAR)],
    }
    return render(request, "gradebook/region/school.html", context)


@require_GET
def region_export(request: HttpRequest) -> HttpResponse:
    """The filtered list of schools as Excel: figures alone."""
    actor, when, term = actor_of(request), when_of(request), term_of(request)
    _require(actor)
    area = queries.area_of(actor, when.year, term, when.day)
    rows = queries.ordered(queries.filtered(area.rows, _filters(request)), text(request, "sort"))
    columns = [
        Column(_("Mã trường"), 12), Column(_("Trường"), 38), Column(_(_AREAS[area.kind]), 20), Column(_("Cấp học"), 18),
        Column(_("Lớp"), 8, "integer"), Column(_("Học sinh"), 10, "integer"),
        Column(_("Tài khoản học sinh đã cấp"), 12, "integer"),
        Column(_("Đã nhập điểm"), 11, "percent"), Column(_("Đã khóa"), 18), Column(_("Mức cao nhất"), 11, "percent"),
        Column(_("Chưa đạt"), 11, "percent"), Column(_("Lên lớp, hoàn thành"), 11, "percent"),
        *(Column(column.title, 16) for column in queries.extra_columns()),
    ]  # fmt: skip
    lines = [_export_line(row) for row in rows]
    lines.append(_total_line(queries.total_of(rows), len(queries.extra_columns())))
    title = _("Tiến độ và kết quả các trường, {term}, năm học {year}").format(
        term=labels.term_name(term).lower(), year=when.year_name
    )
    audit.record(
        action="gradebook.area_exported", organisation_id=actor.organisation_id, year=when.year, term=term,
        count=len(rows), purpose=_("Theo dõi tiến độ và kết quả các trường"),
    )  # fmt: skip
    file_name = f"cac-truong-{when.year}-{labels.term_code(term)}"
    return workbook([Sheet(_("Các trường"), columns, lines, titles=[title], frozen_columns=2)], file_name)


def _export_line(row: SchoolRow) -> list[Any]:
    locked = ", ".join(labels.term_name(term) for term in (1, 2, YEAR) if term in row.locks)
    one = row.figures
    return [
        row.code, row.name, row.area, row.level_names, one.classes, one.pupils, one.pupil_accounts,
        one.filled_share, locked, one.high_share, one.low_share, one.passed_share,
        *("" if value is None else str(value) for value in row.extra),
    ]  # fmt: skip


def _total_line(total: Figures, extra: int) -> list[Any]:
    return [
        "", _("Tổng"), "", "", total.classes, total.pupils, total.pupil_accounts,
        total.filled_share, f"{total.locked}/{total.active}", total.high_share, total.low_share, total.passed_share,
        *[""] * extra,
    ]  # fmt: skip
