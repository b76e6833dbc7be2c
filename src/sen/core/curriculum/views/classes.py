"""The classes of a year, one class, a new class, and pupils who have none."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sen.core.curriculum import forms, links, queries, rules, services
from sen.core.curriculum.models import Assignment, Placement, SchoolClass
from sen.core.curriculum.permissions import ASSIGN_TEACHERS, EDIT_CLASSES, READ_CLASSES
from sen.core.curriculum.views.common import actor_of, class_of, school_of, when_of
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.people.models import Enrolment
from sen.shared.kit.errors import Invalid, RuleError

REGIMES = {
    "tt22-2021": "Thông tư 22/2021",
    "tt58-2011": "Thông tư 58/2011, 26/2020",
    "tt27-2020": "Thông tư 27/2020",
    "tt30-2014": "Thông tư 30/2014, 22/2016",
    "tt43-2021": "Thông tư 43/2021",
    "qd02-2007": "Quyết định 02/2007",
    "preschool-followup": "Chương trình GDMN",
}


def classes(request: HttpRequest) -> HttpResponse:
    actor, when = actor_of(request), when_of(request)
    school = school_of(actor, READ_CLASSES)
    rows = queries.class_rows(actor, school.pk, when.year)
    mine, grade = request.GET.get("cua-toi", ""), request.GET.get("khoi", "")
    own = set(_own(actor, when.year)) if actor.person_id else set()
    grades = list(dict.fromkeys(row.school_class.grade for row in rows))
    shown = [
        row
        for row in rows
        if (not grade or row.school_class.grade == grade) and (not mine or row.school_class.pk in own)
    ]
    filters = [
        {
            "name": "khoi",
            "label": _("Khối"),
            "value": grade,
            "choices": [
                {
                    "value": one,
                    "label": forms.grade_name(one),
                    "count": sum(1 for row in rows if row.school_class.grade == one),
                }
                for one in grades
            ],
        }
    ]
    if own:
        choices = [{"value": "1", "label": _("Lớp tôi dạy, chủ nhiệm"), "count": len(own)}]
        filters.append({"name": "cua-toi", "label": _("Lớp của tôi"), "value": mine, "choices": choices})
    context = {
        "rows": [_row(row) for row in shown],
        "any": bool(rows),
        "filters": filters,
        "when": when,
        "pupils": sum(row.size for row in shown),
        "may_edit": actor.holds(EDIT_CLASSES, school.pk),
        "menu": _menu(actor, school.pk),
    }
    return render(request, "curriculum/classes.html", context)


def _own(actor: Actor, year: int) -> QuerySet[SchoolClass, UUID]:
    assert actor.person_id is not None  # asked only for actors who are persons of the school
    found = queries.classes_of_teacher(actor.person_id, year).filter(school=actor.organisation_id)
    return found.values_list("pk", flat=True)


def _row(row: queries.ClassRow) -> dict[str, Any]:
    one = row.school_class
    return {
        "url": reverse("curriculum:class", args=[one.pk]),
        "name": one.name,
        "grade": one.grade if one.grade.isdigit() else forms.grade_name(one.grade),
        "size": row.size,
        "large": row.size > rules.size_limit(one.level),
        "form_teacher": row.form_teacher,
        "regime": REGIMES.get(one.regime, one.regime),
        "programme": one.programme,
        "subjects": row.subjects,
        "missing": row.without_teacher,
        "campus": one.campus_id,
    }


def _menu(actor: Actor, school_id: UUID) -> list[dict[str, str]]:
    items = []
    if actor.holds(ASSIGN_TEACHERS, school_id):
        items.append({"label": _("Phân công giảng dạy"), "url": reverse("curriculum:assignments"), "icon": "grid-dots"})
    if actor.holds(EDIT_CLASSES, school_id):
        items += [
            {"label": _("Học sinh chưa xếp lớp"), "url": reverse("curriculum:unplaced"), "icon": "users"},
            {"label": _("Sao chép lớp năm trước"), "url": reverse("curriculum:copy"), "icon": "copy"},
            {"label": _("Kết chuyển lên năm sau"), "url": reverse("curriculum:rollover"), "icon": "trending-up"},
        ]
    return items


def new(request: HttpRequest) -> HttpResponse:
    actor, when = actor_of(request), when_of(request)
    school = school_of(actor, EDIT_CLASSES)
    form = forms.ClassForm(request.POST or None, school=school, year=when.year, day=when.day)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_class(actor=actor, school=school, year=when.year, new=form.new_class())
        except Invalid as refusal:
            form.add_error(refusal.place if refusal.place in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Đã mở lớp %(name)s với các môn của chương trình.") % {"name": made.name})
            return redirect("curriculum:class", made.pk)
    return render(request, "curriculum/class_new.html", {"form": form, "when": when})


def school_class(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    one = class_of(actor, class_id, READ_CLASSES)
    placements = list(queries.pupils_of(one))
    subjects = list(queries.subjects_of(one))
    present = sum(1 for row in placements if row.until is None)
    may_edit = actor.holds(EDIT_CLASSES, one.school_id)
    context = {
        "one": one,
        "grade": forms.grade_name(one.grade),
        "regime": REGIMES.get(one.regime, one.regime),
        "placements": placements,
        "present": present,
        "limit": rules.size_limit(one.level) if present > rules.size_limit(one.level) else None,
        "subjects": _with_teachers(one, subjects),
        "needs_choice": rules.choice_need(one.programme, one.level) is not None,
        "has_electives": _has_electives(one),
        "has_choices": any(row.chosen_by_some or row.has_cluster for row in subjects),
        "may_edit": may_edit,
        "may_assign": actor.holds(ASSIGN_TEACHERS, one.school_id),
        "may_renumber": may_edit and present > 1 and _renumbers(one, placements),
        "names_pupils": actor.role not in (Role.DEPARTMENT_OFFICER, Role.OFFICE_OFFICER, Role.MINISTRY_OFFICER),
    }
    return render(request, "curriculum/class.html", context)


def _has_electives(one: SchoolClass) -> bool:
    key = (one.programme, one.level, one.grade)
    return any(queries.is_elective(subject) for subject in queries.programme_subjects({key}).get(key, []))


def _renumbers(one: SchoolClass, placements: list[Placement]) -> bool:
    """Offered while it is allowed and would change anything."""
    if any(row.until for row in placements) or one.pk in set(links.with_open_book([one.pk])):
        return False
    return placements != sorted(placements, key=lambda row: (row.person.sort_key, row.person_id))


def _with_teachers(one: SchoolClass, subjects: list[Any]) -> list[dict[str, Any]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = (
        Assignment.objects.filter(class_subject__school_class=one).select_related("teacher").order_by("term", "since")
    )
    for row in rows:
        if row.until is None or not row.is_responsible:
            found.setdefault(row.class_subject_id, []).append(
                {
                    "name": row.teacher.full_name,
                    "term": row.term,
                    "since": row.since,
                    "until": row.until,
                    "helps": not row.is_responsible,
                }
            )
    return [{"row": subject, "teachers": found.get(subject.pk, [])} for subject in subjects]


def edit(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    one = class_of(actor, class_id, EDIT_CLASSES)
    initial = {"name": one.name, "position": one.position, "specialised_subject": one.specialised_subject}
    form = forms.ClassEditForm(request.POST or None, school_class=one, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.update_class(
                actor=actor, school_class=one, name=data["name"], position=data["position"],
                specialised_subject=data.get("specialised_subject"),
            )  # fmt: skip
        except Invalid as refusal:
            form.add_error(refusal.place if refusal.place in form.fields else None, str(refusal))
        else:
            return redirect("curriculum:class", one.pk)
    return render(request, "curriculum/class_edit.html", {"form": form, "one": one})


@require_POST
def renumber(request: HttpRequest, class_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    one = class_of(actor, class_id, EDIT_CLASSES)
    number = services.renumber(actor=actor, school_class=one)
    messages.success(request, _("Đã đánh số %(n)s học sinh theo thứ tự tên.") % {"n": number})
    return redirect("curriculum:class", one.pk)


def move(request: HttpRequest, class_id: UUID, enrolment_id: UUID) -> HttpResponse:
    """Move one pupil to another class of the grade."""
    actor, when = actor_of(request), when_of(request)
    one = class_of(actor, class_id, EDIT_CLASSES)
    row = get_object_or_404(one.placements.select_related("person", "enrolment"), enrolment=enrolment_id, until=None)
    form = forms.MoveForm(request.POST or None, initial={"on": max(when.day, row.since)})
    same = SchoolClass.objects.filter(school=one.school_id, year=one.year, grade=one.grade, level=one.level)
    form.fields["to"].queryset = same.exclude(pk=one.pk)  # type: ignore[attr-defined]  # a ModelChoiceField
    if request.method == "POST" and form.is_valid():
        try:
            services.move(actor=actor, enrolment=row.enrolment, to=form.cleaned_data["to"], on=form.cleaned_data["on"])
        except RuleError as refusal:
            form.add_error("on" if isinstance(refusal, Invalid) and refusal.place == "on" else None, str(refusal))
        else:
            messages.success(request, _("Đã chuyển em %(name)s.") % {"name": row.person.full_name})
            return redirect("curriculum:class", form.cleaned_data["to"].pk)
    return render(request, "curriculum/move.html", {"form": form, "one": one, "row": row})


def unplaced(request: HttpRequest) -> HttpResponse:
    """Pupils of the year without a class; choose some, choose a class, place them by name."""
    actor, when = actor_of(request), when_of(request)
    school = school_of(actor, EDIT_CLASSES)
    if request.method == "POST":
        return _place(request, actor, school.pk, when.year)
    waiting = list(queries.unplaced(actor, school.pk, when.year))
    rows = [row.school_class for row in queries.class_rows(actor, school.pk, when.year)]
    groups = [
        {
            "grade": grade,
            "label": forms.grade_name(grade),
            "pupils": [one for one in waiting if one.grade == grade],
            "classes": [one for one in rows if one.grade == grade],
        }
        for grade in sorted({one.grade for one in waiting}, key=queries.grade_order)
    ]
    return render(request, "curriculum/unplaced.html", {"groups": groups, "count": len(waiting), "when": when})


def _place(request: HttpRequest, actor: Actor, school_id: UUID, year: int) -> HttpResponse:
    one = get_object_or_404(SchoolClass, pk=_uuid(request.POST.get("lop")), school=school_id, year=year)
    ids = [key for key in (_uuid(value) for value in request.POST.getlist("em")) if key]
    chosen = Enrolment.objects.filter(pk__in=ids, school=school_id, year=year)
    pairs = [(one, enrolment) for enrolment in chosen.select_related("person").order_by("person__sort_key")]
    placed = services.bulk_place(actor=actor, wanted=pairs)
    messages.success(request, _("Đã xếp %(n)s em vào lớp %(name)s.") % {"n": placed, "name": one.name})
    return redirect("curriculum:unplaced")


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None
