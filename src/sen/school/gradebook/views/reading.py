"""What the overviews share: the period in the address, a workbook as an answer, the question for a purpose."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from sen.school.gradebook.labels import TERM_CODES, YEAR, term_code, term_name
from sen.school.gradebook.views.common import when_of
from sen.shared.documents.xlsx_out import Sheet, write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PurposeForm(forms.Form):
    """Why a list with names leaves the system; it goes into the history."""

    purpose = forms.CharField(label=gettext_lazy("Mục đích xuất danh sách"), min_length=5, max_length=200)


def term_of(request: HttpRequest) -> int:
    """The period in the address (`?ki=1`, `2`, `nam`), else the term one looks at."""
    code = request.GET.get("ki", "")
    if not code:
        return when_of(request).term
    if code not in TERM_CODES:
        raise Http404
    return TERM_CODES[code]


def term_tabs(request: HttpRequest, term: int, **more: Any) -> list[dict[str, Any]]:
    """Tabs of both terms and the year; other parameters of the address named in `more` stay."""
    tabs = []
    for one in (1, 2, YEAR):
        query = request.GET.copy()
        query.clear()
        query["ki"] = term_code(one)
        for name, value in more.items():
            if value:
                query[name] = str(value)
        tabs.append({"label": term_name(one), "url": f"?{query.urlencode()}", "active": one == term})
    return tabs


def workbook(sheets: Sequence[Sheet], file_name: str) -> HttpResponse:
    answer = HttpResponse(write_workbook(sheets), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{file_name}.xlsx"'
    return answer


def ask_purpose(request: HttpRequest, form: PurposeForm, count: int, back: str) -> HttpResponse:
    """The page that asks why a list with names is exported."""
    context = {"form": form, "count": count, "back": back or reverse("identity:home")}
    return render(request, "gradebook/classes/export.html", context)
