"""The head's pages: completion of every book and who owes what; results beside last year's; what families see."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sen.core.organisations.models import Organisation
from sen.school.gradebook import labels
from sen.school.gradebook.labels import YEAR
from sen.school.gradebook.models import RegimeSetting
from sen.school.gradebook.permissions import EXPORT, LOCK, READ_ALL_SHEETS, SET_POLICY
from sen.school.gradebook.queries import school_view as queries
from sen.school.gradebook.services.publishing import set_publishing
from sen.school.gradebook.views.common import actor_of, school_of, when_of
from sen.school.gradebook.views.reading import term_of, term_tabs, workbook
from sen.shared.audit import services as audit
from sen.shared.documents.xlsx_out import Column, Sheet

SHOWN_DEBTORS = 30


def _school(request: HttpRequest) -> Organisation:
    actor = actor_of(request)
    school = school_of(actor)
    actor.require(READ_ALL_SHEETS, school.pk)
    return school


def _common(request: HttpRequest, term: int, here: str) -> dict[str, Any]:
    code = labels.term_code(term)
    pages = (("gradebook:school", _("Tiến độ nhập điểm")), ("gradebook:school_results", _("Kết quả")))
    return {
        "term": term,
        "term_code": code,
        "term_name": labels.term_name(term),
        "tabs": term_tabs(request, term),
        "pages": [
            {"label": label, "url": f"{reverse(name)}?ki={code}", "active": name == here} for name, label in pages
        ],
        "year_name": when_of(request).year_name,
    }


@require_GET
def completion(request: HttpRequest) -> HttpResponse:
    """Classes against subjects: how full, locked or not; and who owes what is missing."""
    school, term, actor, when = _school(request), term_of(request), actor_of(request), when_of(request)
    found = queries.completion(school.pk, when.year, term)
    setting = RegimeSetting.objects.filter(school=school, year=when.year).first()
    context = {
        **_common(request, term, "gradebook:school"),
        "found": found,
        "debtors": found.debtors[:SHOWN_DEBTORS],
        "more_debtors": max(len(found.debtors) - SHOWN_DEBTORS, 0),
        "may_lock": actor.holds(LOCK, school.pk),
        "may_publish": actor.holds(SET_POLICY, school.pk),
        "publish_marks": setting.publish_marks if setting else RegimeSetting.Publish.ENTERED,
        "publish_results": setting.publish_results if setting else RegimeSetting.Publish.LOCKED,
        "publish_choices": RegimeSetting.Publish.choices,
    }
    return render(request, "gradebook/school/completion.html", context)


@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """What pupils and parents see, and when."""
    school, when = _school(request), when_of(request)
    marks, results = request.POST.get("diem", ""), request.POST.get("ket-qua", "")
    set_publishing(actor=actor_of(request), school=school, year=when.year, marks=marks, results=results)
    messages.success(request, _("Đã lưu lựa chọn công bố cho học sinh và cha mẹ học sinh."))
    return redirect("gradebook:school")


@require_GET
def completion_export(request: HttpRequest) -> HttpResponse:
    """The matrix and the list of what is owed as Excel."""
    school, term, when = _school(request), term_of(request), when_of(request)
    actor_of(request).require(EXPORT, school.pk)
    found = queries.completion(school.pk, when.year, term)
    titles = [_("Tiến độ nhập điểm, {term}, {year}").format(term=labels.term_name(term).lower(), year=when.year_name)]
    sheets = [_matrix_sheet(number, matrix, titles) for number, matrix in enumerate(found.matrices, 1)]
    columns = [Column(_("Người cần bổ sung"), 26), Column(_("Lớp, môn"), 36), Column(_("Còn thiếu"), 10, "integer")]
    owed = [(debtor.name, item) for debtor in found.debtors for item in debtor.items]
    lines: list[list[Any]] = [[name, label, missing] for name, (label, missing, _sheet) in owed]
    sheets.append(Sheet(_("Còn thiếu"), columns, lines, titles=titles))
    _note_export("gradebook.completion_exported", school, when.year, term, len(lines))
    return workbook(sheets, f"tien-do-{when.year}-{labels.term_code(term)}")


def _matrix_sheet(number: int, matrix: queries.Matrix, titles: list[str]) -> Sheet:
    columns = [Column(_("Lớp"), 10), *(Column(name, 11, "percent") for _short, name in matrix.subjects)]
    columns += [Column(_("Cả lớp"), 10, "percent"), Column(_("Ô còn trống"), 12, "integer")]
    lines: list[list[Any]] = [
        [
            row.school_class.name, *(None if cell is None else cell.share for cell in row.cells),
            row.total.share, row.total.missing,
        ]
        for row in matrix.rows
    ]  # fmt: skip
    return Sheet(f"{number}. {matrix.title}"[:31], columns, lines, titles=titles, frozen_columns=1)


@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """Levels, conduct, titles and outcomes of every grade and class, drawn, and beside last year's."""
    school, term, when = _school(request), term_of(request), when_of(request)
    now = queries.figures_of(school.pk, when.year, term)
    before = queries.figures_of(school.pk, when.year - 1, term)
    sections = queries.results(now, term)
    context = {
        **_common(request, term, "gradebook:school_results"),
        "sections": [(section, _charts(section)) for section in sections],
        "comparisons": queries.comparisons(now, before),
        "last_year_name": f"{when.year - 1}-{when.year}",
        "is_year": term == YEAR,
    }
    return render(request, "gradebook/school/results.html", context)


def _charts(section: queries.ResultSection) -> list[tuple[str, list[tuple[str, int]]]]:
    titles = {
        "levels": labels.learning_heading(section.regime), "conducts": labels.conduct_heading(section.regime),
        "honours": _("Danh hiệu, khen thưởng"), "outcomes": _("Kết quả cuối năm"),
    }  # fmt: skip
    charts = [(title, section.counts(kind)) for kind, title in titles.items()]
    return [(title, rows) for title, rows in charts if any(number for _label, number in rows)]


@require_GET
def results_export(request: HttpRequest) -> HttpResponse:
    """Results by grade and class as Excel: counts alone, no names."""
    school, term, when = _school(request), term_of(request), when_of(request)
    actor_of(request).require(EXPORT, school.pk)
    sections = queries.results(queries.figures_of(school.pk, when.year, term), term)
    title = _("Kết quả {term}, năm học {year}").format(term=labels.term_name(term).lower(), year=when.year_name)
    sheets = [_result_sheet(number, section, [title, section.law]) for number, section in enumerate(sections, 1)]
    if not sheets:
        sheets = [Sheet(_("Kết quả"), [Column(_("Lớp"), 14), Column(_("Sĩ số"), 10, "integer")], titles=[title])]
    _note_export("gradebook.results_exported", school, when.year, term, len(sections))
    return workbook(sheets, f"ket-qua-{when.year}-{labels.term_code(term)}")


def _result_sheet(number: int, section: queries.ResultSection, titles: list[str]) -> Sheet:
    columns = [Column(_("Khối, lớp"), 14), Column(_("Sĩ số"), 9, "integer")]
    columns += [Column(column.label, 13, "integer") for column in section.columns]
    lines: list[list[Any]] = []
    for grade, classes in section.grades:
        lines += [[one.label, one.pupils, *one.values(section.columns)] for one in (grade, *classes)]
    lines.append([section.total.label, section.total.pupils, *section.total.values(section.columns)])
    return Sheet(f"{number}. {section.title}"[:31], columns, lines, titles=titles, frozen_columns=1)


def _note_export(action: str, school: Organisation, year: int, term: int, count: int) -> None:
    purpose = _("Theo dõi tiến độ và kết quả của trường")
    audit.record(action=action, organisation_id=school.pk, year=year, term=term, count=count, purpose=purpose)
