"""The assignment grid of a grade: subjects by classes, each cell a teacher, saved by itself."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sen.core.curriculum import forms, queries, services
from sen.core.curriculum.models import ClassSubject, SchoolClass
from sen.core.curriculum.permissions import ASSIGN_TEACHERS
from sen.core.curriculum.queries import Teacher
from sen.core.curriculum.views.common import actor_of, class_of, school_of, when_of
from sen.core.people.models import Person
from sen.shared.kit.errors import Invalid, RuleError
from sen.shared.kit.names import fold


def grid(request: HttpRequest) -> HttpResponse:
    actor, when = actor_of(request), when_of(request)
    school = school_of(actor, ASSIGN_TEACHERS)
    rows = SchoolClass.objects.filter(school=school, year=when.year).select_related("form_teacher")
    classes = sorted(rows, key=lambda one: (queries.grade_order(one.grade), one.level, one.position, one.name))
    groups = list(dict.fromkeys((one.level, one.grade) for one in classes))
    chosen = request.GET.get("khoi", "")
    group = next((g for g in groups if "/".join(g) == chosen), groups[0] if groups else ("", ""))
    shown = [one for one in classes if (one.level, one.grade) == group]
    teachers = queries.teachers_of(school.pk, when.year)
    labels = {teacher.person_id: teacher.label for teacher in teachers}
    context = {
        "when": when,
        "tabs": [{"label": _tab(g, groups), "url": f"?khoi={g[0]}/{g[1]}", "active": g == group} for g in groups],
        "classes": [{"one": one, "teacher": _label(one.form_teacher, labels)} for one in shown],
        "rows": [
            {
                "subject": subject,
                "cells": [
                    {"row": cell.class_subject, "name": one.name, "teacher": _label(cell.teacher, labels)}
                    for one, cell in zip(shown, cells, strict=True)
                ],
            }
            for subject, cells in queries.assignment_grid(shown)
        ],
        "teachers": teachers,
    }
    return render(request, "curriculum/assignments.html", context)


def _tab(group: tuple[str, str], groups: list[tuple[str, str]]) -> str:
    level, grade = group
    return dict(forms.grade_choices([one for one, other in groups if other == grade]))[f"{level}/{grade}"]


def _label(person: Person | None, labels: dict[UUID, str]) -> str:
    return labels.get(person.pk, person.full_name) if person else ""


@require_POST
def cell(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """Save one cell; the answer is the cell again, with what was kept or why not."""
    actor, when = actor_of(request), when_of(request)
    rows = ClassSubject.objects.select_related("school_class", "subject")
    row = get_object_or_404(rows, pk=subject_id, school_class__in=SchoolClass.objects.visible_to(actor))
    actor.require(ASSIGN_TEACHERS, row.school_id)
    typed = request.POST.get("teacher", "").strip()
    context: dict[str, Any] = {"cell": {"row": row, "name": row.school_class.name, "teacher": typed}}
    try:
        teacher = _teacher(typed, queries.teachers_of(row.school_id, row.school_class.year))
        person = Person.objects.get(pk=teacher.person_id) if teacher else None
        services.set_teacher(actor=actor, class_subject=row, teacher=person, on=_day(row.school_class, when.day))
    except RuleError as refusal:
        context["refusal"] = str(refusal)
    else:
        context["cell"]["teacher"] = teacher.label if teacher else ""
        context["saved"] = True
    return render(request, "curriculum/_cell.html", context)


@require_POST
def form_teacher(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Save the form teacher of a class from the grid's first row."""
    actor = actor_of(request)
    one = class_of(actor, class_id, ASSIGN_TEACHERS)
    typed = request.POST.get("teacher", "").strip()
    context: dict[str, Any] = {"one": one, "teacher": typed}
    try:
        teacher = _teacher(typed, queries.teachers_of(one.school_id, one.year))
        person = Person.objects.get(pk=teacher.person_id) if teacher else None
        services.set_form_teacher(actor=actor, school_class=one, teacher=person)
    except RuleError as refusal:
        context["refusal"] = str(refusal)
    else:
        context["teacher"] = teacher.label if teacher else ""
        context["saved"] = True
    return render(request, "curriculum/_form_teacher.html", context)


def _teacher(typed: str, teachers: list[Teacher]) -> Teacher | None:
    """The teacher a label names; a name without marks, or its end, does when it fits one only. Empty: nobody."""
    if not typed:
        return None
    wanted = fold(typed)
    exact = [one for one in teachers if fold(one.label) == wanted]
    found = exact or [one for one in teachers if fold(one.name) == wanted]
    found = found or [one for one in teachers if fold(one.name).endswith(f" {wanted}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise Invalid(
            "curriculum.teacher_unclear", _("Có %(n)s người tên này; xin chọn trong danh sách.") % {"n": len(found)}
        )
    raise Invalid("curriculum.no_such_teacher", _("Trường không có giáo viên này."))


def _day(one: SchoolClass, day: date) -> date | None:
    """The day a change holds from: the day looked at within the year; before the year begins the plan is corrected."""
    effective = queries.dates_for(one.school_id, one.year)
    if effective is None or min(day, timezone.localdate()) < effective.dates.starts_on:
        return None
    return day
