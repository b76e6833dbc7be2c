"""Electives and clusters of a class, and what each pupil takes of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sen.core.curriculum import queries, rules, services
from sen.core.curriculum.permissions import EDIT_CLASSES, READ_CLASSES
from sen.core.curriculum.views.common import actor_of, class_of
from sen.shared.kit.errors import RuleError

FOR_ALL, BY_CHOICE = "all", "some"


def electives(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Which electives the class has, for all or by choice, and where it has clusters."""
    actor = actor_of(request)
    one = class_of(actor, class_id, EDIT_CLASSES)
    key = (one.programme, one.level, one.grade)
    programme = queries.programme_subjects({key}).get(key, [])
    has = {row.subject.key: row for row in queries.subjects_of(one)}
    refusal = ""
    if request.method == "POST":
        taken = {s.key: request.POST.get(f"mon-{s.key}", "") for s in programme if queries.is_elective(s)}
        try:
            services.set_electives(
                actor=actor,
                school_class=one,
                for_all=[k for k, how in taken.items() if how == FOR_ALL],
                by_choice=[k for k, how in taken.items() if how == BY_CHOICE],
                clusters=[s.key for s in programme if request.POST.get(f"cum-{s.key}")],
            )
        except RuleError as error:
            refusal = str(error)
        else:
            messages.success(request, _("Đã lưu môn lựa chọn và cụm chuyên đề của lớp."))
            return redirect("curriculum:class", one.pk)
    need = rules.choice_need(one.programme, one.level)
    rows = [
        {
            "subject": subject,
            "elective": queries.is_elective(subject),
            "how": _how(has.get(subject.key)),
            "cluster": bool(has.get(subject.key) and has[subject.key].has_cluster),
        }
        for subject in programme
        if queries.is_elective(subject) or (need and queries.is_for_all(subject) and subject.form == "marks")
    ]
    context = {"one": one, "rows": rows, "need": need, "refusal": refusal}
    return render(request, "curriculum/electives.html", context)


def _how(row: Any) -> str:
    if row is None:
        return ""
    return BY_CHOICE if row.chosen_by_some else FOR_ALL


def grid(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The grid of choices: a line for each pupil, a column for each elective of some and each cluster."""
    actor = actor_of(request)
    one = class_of(actor, class_id, READ_CLASSES)
    subjects, rows = queries.choice_grid(one)
    if request.method == "POST":
        actor.require(EDIT_CLASSES, one.school_id)
        wanted = {
            row.placement.enrolment_id: {
                subject.pk: f"{row.placement.enrolment_id}/{subject.pk}/cum" in request.POST
                for subject in subjects
                if f"{row.placement.enrolment_id}/{subject.pk}" in request.POST
                or f"{row.placement.enrolment_id}/{subject.pk}/cum" in request.POST
            }
            for row in rows
        }
        changed = services.set_choices(actor=actor, school_class=one, wanted=wanted)
        messages.success(request, _("Đã lưu lựa chọn, %(n)s em thay đổi.") % {"n": changed})
        return redirect("curriculum:choices", one.pk)
    context = {
        "one": one,
        "subjects": subjects,
        "rows": [
            {
                "placement": row.placement,
                "faults": row.faults,
                "cells": [
                    {"subject": s, "name": f"{row.placement.enrolment_id}/{s.pk}", "takes": takes, "cluster": cluster}
                    for s, (takes, cluster) in ((s, row.cells[s.pk]) for s in subjects)
                ],
            }
            for row in rows
        ],
        "faulty": sum(1 for row in rows if row.faults),
        "may_edit": actor.holds(EDIT_CLASSES, one.school_id),
        "need": rules.choice_need(one.programme, one.level),
    }
    return render(request, "curriculum/choices.html", context)
