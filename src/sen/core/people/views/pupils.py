"""Pupils: the list, the file, editing it group by group, the years."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sen.core.identity import links
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation
from sen.core.organisations.queries import name_on, names_on
from sen.core.people import dictionary, forms, keeping, queries, services
from sen.core.people.keeping import Holders
from sen.core.people.models import Enrolment, Guardianship, Person, Transfer
from sen.core.people.permissions import EDIT_FILES, EXPORT_FILES, IMPORT_FILES, MOVE_PUPILS, READ_FILES
from sen.core.people.queries import Filters
from sen.core.people.services.files import InvalidFile
from sen.core.people.views import common
from sen.shared.audit import services as audit
from sen.shared.documents.xlsx_out import Column, Sheet, write_workbook
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, RuleError

_PAGE = 50
_TONES = {"studying": "success", "transferred_out": "neutral", "left": "warning", "completed": "info"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _lacks() -> dict[str, str]:
    return {
        "so-dinh-danh": _("Số định danh cá nhân"),
        "ngay-sinh": _("Ngày sinh"),
        "ma-nganh": _("Mã học sinh ngành"),
        "cha-me": _("Cha, mẹ hoặc người giám hộ"),
        "gioi-tinh": _("Giới tính"),
        "dan-toc": _("Dân tộc"),
    }


def _filters(request: HttpRequest) -> Filters:
    lacks, status = common.text(request, "thieu"), common.text(request, "trang-thai")
    return Filters(
        words=common.text(request, "q"),
        grade=common.text(request, "khoi", 10),
        class_id=common.uuid_or_none(common.text(request, "lop")),
        status=status if status in Enrolment.Status.values else "",
        lacks=lacks if lacks in _lacks() else "",
    )


def grade_name(grade: str) -> str:
    return {"nha_tre": _("Nhà trẻ"), "mau_giao": _("Mẫu giáo")}.get(grade) or _("Khối %(n)s") % {"n": grade}


@require_GET
def pupils(request: HttpRequest) -> HttpResponse:
    """Pupils of the school in the year chosen above, filtered by chips in the address."""
    actor, when = common.actor_of(request), common.when_of(request)
    actor.require(READ_FILES)
    school = common.school_of(actor)
    filters = _filters(request)
    page = Paginator(queries.pupils(actor, school.pk, when.year, filters), _PAGE).get_page(request.GET.get("page"))
    placed = queries.placed(school.pk, when.year, [row.person_id for row in page.object_list])
    classes = queries.classes(school.pk, when.year)
    grades = sorted({ref.grade for ref in classes}, key=lambda g: (not g.isdigit(), int(g) if g.isdigit() else 0))
    context = {
        "page": page,
        "rows": [_list_row(row, placed) for row in page.object_list],
        "words": filters.words,
        "filtered": any((filters.words, filters.grade, filters.class_id, filters.status, filters.lacks)),
        "year_name": when.year_name,
        "may_edit": actor.holds(EDIT_FILES, school.pk),
        "may_export": actor.holds(EXPORT_FILES, school.pk),
        "may_import": actor.holds(IMPORT_FILES, school.pk),
        "query": request.GET.urlencode(),
        "filters": [
            {"name": "lop", "label": _("Lớp"), "value": str(filters.class_id or ""),
             "choices": [{"value": str(ref.id), "label": ref.name} for ref in classes]},
            {"name": "khoi", "label": _("Khối"), "value": filters.grade,
             "choices": [{"value": grade, "label": grade_name(grade)} for grade in grades]},
            {"name": "trang-thai", "label": _("Trạng thái"), "value": filters.status,
             "choices": [{"value": value, "label": label} for value, label in Enrolment.Status.choices]},
            {"name": "thieu", "label": _("Còn thiếu"), "value": filters.lacks,
             "choices": [{"value": value, "label": label} for value, label in _lacks().items()]},
        ],
    }  # fmt: skip
    return render(request, "people/pupils.html", context)


def _list_row(row: Enrolment, placed: Any) -> dict[str, Any]:
    person = row.person
    pupil = getattr(person, "pupil", None)
    lacks = [label for label, empty in (
        (_("số định danh"), not person.personal_id), (_("ngày sinh"), person.birth_date is None),
        (_("giới tính"), not person.gender),
    ) if empty]  # fmt: skip
    return {
        "url": reverse("people:pupil", args=[person.pk]),
        "name": person.full_name,
        "birth_date": person.birth_date,
        "gender": person.get_gender_display(),
        "class_name": ref.name if (ref := placed.get(person.pk)) else "",
        "grade": grade_name(row.grade),
        "code": (pupil.code or pupil.local_code) if pupil else "",
        "status": row.get_status_display(),
        "tone": _TONES[row.status],
        "lacks": ", ".join(lacks),
    }


@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as Excel. Personal data leave the system: the purpose is asked for and logged."""
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    actor.require(EXPORT_FILES, school.pk)
    filters = _filters(request)
    form = forms.PurposeForm(request.POST or None)
    rows = queries.pupils(actor, school.pk, when.year, filters)
    if request.method == "POST" and form.is_valid():
        found = list(rows)
        audit.record(
            action="people.pupils_exported", organisation_id=school.pk, table="people_enrolment",
            purpose=form.cleaned_data["purpose"], count=len(found), year=when.year,
        )  # fmt: skip
        answer = HttpResponse(_workbook(school, when.year, found), content_type=_XLSX)
        answer["Content-Disposition"] = f'attachment; filename="hoc-sinh-{when.year_name}.xlsx"'
        return answer
    return render(
        request,
        "people/export.html",
        {"form": form, "count": rows.count(), "back": reverse("people:pupils") + f"?{request.GET.urlencode()}"},
    )


def _workbook(school: Organisation, year: int, rows: list[Enrolment]) -> bytes:
    ids = [row.person_id for row in rows]
    placed, ties = queries.placed(school.pk, year, ids), keeping.load_ties(ids)
    keys = ("full_name", "birth_date", "gender_code", "ethnic_code", "personal_id", "student_code", "local_code",
            "birth_place", "permanent_address", "father_name", "father_phone", "mother_name",
            "mother_phone")  # fmt: skip
    fields = [dictionary.by_key("pupil")[key] for key in keys]
    columns = [Column(_("STT"), 6, "integer"), Column(_("Lớp"), 9), Column(_("Khối"), 8)]
    columns += [
        Column(
            one.label,
            24 if one.key in ("full_name", "permanent_address", "birth_place") else 15,
            "date" if one.type == "date" else "text",
        )
        for one in fields
    ]
    columns.append(Column(_("Trạng thái"), 18))
    lines = []
    for number, row in enumerate(rows, 1):
        holders = Holders(
            row.person, pupil=getattr(row.person, "pupil", None), enrolment=row, ties=ties.get(row.person_id, {})
        )
        values = [keeping.value(one, holders.of(one)) for one in fields]
        shown = [
            value if one.type == "date" else dictionary.shown(one, value)
            for one, value in zip(fields, values, strict=True)
        ]
        ref = placed.get(row.person_id)
        lines.append([number, ref.name if ref else "", row.grade, *shown, row.get_status_display()])
    title = _("Danh sách học sinh năm học %(year)s") % {"year": f"{year}-{year + 1}"}
    return write_workbook([Sheet(_("Học sinh"), columns, lines, titles=(title, name_on(school.pk)), frozen_columns=4)])


def _person(actor: Actor, person_id: UUID) -> Person:
    return get_object_or_404(Person.objects.visible_to(actor), pk=person_id)


def _enrolments(actor: Actor, person: Person) -> list[Enrolment]:
    """The years that the actor may see: row-level security leaves a former school its own ones."""
    return list(Enrolment.objects.filter(person=person).order_by("-year", "-started_on"))


@require_GET
def pupil(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """A pupil's file, grouped; doubts stand beside the fields."""
    actor, when = common.actor_of(request), common.when_of(request)
    person = _person(actor, person_id)
    years = _enrolments(actor, person)
    current = next((row for row in years if row.year == when.year), years[0] if years else None)
    holders = queries.holders_of(person, current)
    if holders.pupil is None:
        raise Http404
    services.note_read(actor=actor, person=person, year=when.year)
    may_edit = actor.holds(EDIT_FILES, holders.pupil.school_id)
    sensitive = common.sees_sensitive(actor, person)
    doubts = queries.doubts(holders)
    names = names_on({row.school_id for row in years} | {holders.pupil.school_id})
    may_edit_year = current is not None and actor.holds(EDIT_FILES, current.school_id)
    year_url = _year_url(person, current) if may_edit_year and current else None
    transfers = (
        list(Transfer.objects.filter(person=person).order_by("-requested_at")) if actor.holds(MOVE_PUPILS) else []
    )
    context = {
        "person": person,
        "pupil": holders.pupil,
        "school_name": names.get(holders.pupil.school_id, ""),
        "current": current,
        "class_name": ref.name
        if current and (ref := queries.placed(current.school_id, current.year, [person.pk]).get(person.pk))
        else "",
        "grade": grade_name(current.grade) if current else "",
        "status_tone": _TONES[current.status] if current else "neutral",
        "sections": common.sections(
            "pupil", holders, sensitive=sensitive, doubts=doubts, url=_group_url(person) if may_edit else None
        ),
        "year_sections": common.sections("enrolment", holders, sensitive=sensitive, url=year_url) if current else [],
        "doubts": [doubt for doubt in doubts if sensitive or not doubt.code.startswith("personal_id")],
        "missing": dictionary.missing("pupil", keeping.values("pupil", holders)) if may_edit else [],
        "ties": _ties(holders, may_edit),
        "years": [
            {
                "row": row,
                "school": names.get(row.school_id, ""),
                "grade": grade_name(row.grade),
                "tone": _TONES[row.status],
            }
            for row in years
        ],
        "transfers": transfers,
        "changes": common.changes(queries.history(holders, years), sensitive=sensitive)[:30]
        if actor.holds(EDIT_FILES)
        else [],
        "may_edit": may_edit,
        "may_see_number": sensitive and bool(person.personal_id),
        "actions": (_actions(actor, person, current) if may_edit and current else []) + _form_teachers(actor, person),
        "family_view": person.pk in actor.family,
    }
    return render(request, "people/pupil.html", context)


def _group_url(person: Person) -> Any:
    return lambda group: reverse("people:pupil_edit", args=[person.pk, group])


def _year_url(person: Person, enrolment: Enrolment) -> Any:
    if enrolment.status == Enrolment.Status.COMPLETED:
        return None
    return lambda group: reverse("people:enrolment_edit", args=[person.pk, enrolment.pk, group])


def _ties(holders: Holders, may_edit: bool) -> list[dict[str, Any]]:
    return [
        {
            "kind": tie.get_kind_display(),
            "adult": tie.adult,
            "may_read": tie.may_read and not tie.restricted_by,
            "restricted_by": tie.restricted_by,
            "url": reverse("people:guardian", args=[holders.person.pk, tie.pk]) if may_edit else "",
        }
        for tie in holders.ties.values()
    ]


def _form_teachers(actor: Actor, person: Person) -> list[dict[str, Any]]:
    """What a form teacher may do for a pupil of the own class who lost the password."""
    if actor.role is not Role.FORM_TEACHER or not person.account_id or not links.is_own_pupil(actor, person.account_id):
        return []
    url = reverse("identity:reset_pupil", args=[person.account_id])
    return [{"label": _("Cấp mật khẩu dùng một lần"), "url": url, "icon": "key"}]


def _actions(actor: Actor, person: Person, enrolment: Enrolment) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if enrolment.status == Enrolment.Status.STUDYING:
        if actor.holds(MOVE_PUPILS, enrolment.school_id):
            found.append(
                {
                    "label": _("Đề nghị chuyển trường"),
                    "url": reverse("people:send", args=[enrolment.pk]),
                    "icon": "transfer-out",
                }
            )
        found.append(
            {
                "label": _("Cho thôi học"),
                "url": reverse("people:withdraw", args=[enrolment.pk]),
                "icon": "user-off",
                "danger": True,
            }
        )
    if enrolment.status == Enrolment.Status.LEFT:
        found.append(
            {"label": _("Nhận học lại"), "url": reverse("people:readmit", args=[enrolment.pk]), "icon": "user-check"}
        )
    return found


@require_POST
def number(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show a personal number in full, once; that it was shown is logged."""
    actor = common.actor_of(request)
    person = _person(actor, person_id)
    if not common.sees_sensitive(actor, person):
        raise Http404
    services.note_read(actor=actor, person=person, year=common.when_of(request).year, what="number")
    return render(request, "people/number.html", {"person": person, "back": _back(person)})


def _back(person: Person) -> str:
    name = "people:pupil" if hasattr(person, "pupil") else "people:staff"
    return reverse(name, args=[person.pk])


@require_http_methods(["GET", "POST"])
def pupil_edit(request: HttpRequest, person_id: UUID, group: str) -> HttpResponse:
    """One group of a pupil's file as a form made from the dictionary."""
    actor, when = common.actor_of(request), common.when_of(request)
    person = _person(actor, person_id)
    current = next((row for row in _enrolments(actor, person) if row.year == when.year), None)
    holders = queries.holders_of(person, current)
    if holders.pupil is None or not actor.holds(EDIT_FILES, holders.pupil.school_id):
        raise Http404
    return edit(
        request,
        "pupil",
        group,
        holders,
        lambda values: bool(services.update_pupil(actor=actor, person=person, values=values)),
        reverse("people:pupil", args=[person.pk]),
    )


@require_http_methods(["GET", "POST"])
def enrolment_edit(request: HttpRequest, person_id: UUID, enrolment_id: UUID, group: str) -> HttpResponse:
    """One group of a year."""
    actor = common.actor_of(request)
    person = _person(actor, person_id)
    enrolment = get_object_or_404(Enrolment, pk=enrolment_id, person=person)
    if not actor.holds(EDIT_FILES, enrolment.school_id):
        raise Http404
    holders = Holders(person, enrolment=enrolment)
    return edit(
        request,
        "enrolment",
        group,
        holders,
        lambda values: services.update_enrolment(actor=actor, enrolment=enrolment, values=values),
        reverse("people:pupil", args=[person.pk]),
    )


def edit(request: HttpRequest, entity: str, group: str, holders: Holders, save: Any, back: str) -> HttpResponse:
    """Show and save one group of a file; the service's sentences come back beside the fields."""
    found = next((one for one in dictionary.groups(entity) if one.key == group), None)
    if found is None:
        raise Http404
    values, around = keeping.values(entity, holders), keeping.context(holders)
    fields = forms.applicable(dictionary.fields(entity, group), values, around)
    form = forms.FileForm(
        request.POST if request.method == "POST" else None, fields=fields, values=values, around=around
    )
    if request.method == "POST" and form.is_valid():
        try:
            with scope.because(request.POST.get("reason", "").strip()[:250]):
                changed = save(form.values())
        except InvalidFile as invalid:
            form.show(invalid.errors)
        except RuleError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Đã lưu.") if changed else _("Không có gì thay đổi."))
            return redirect(back)
    has_units = any(one.type == "commune" for one in fields)
    names = common.unit_names(values, fields)
    for one in fields:
        if one.type in ("commune", "district") and one.key in form.fields:
            form.fields[one.key].help_text = names.get(str(values.get(one.key)), _("Gõ tên để chọn trong danh mục."))
    actor = common.actor_of(request)
    context = {
        "form": form,
        "group": found,
        "person": holders.person,
        "back": back,
        "communes": common.communes(common.school_of(actor), timezone.localdate()) if has_units else [],
    }
    return render(request, "people/edit.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def pupil_new(request: HttpRequest) -> HttpResponse:
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    actor.require(EDIT_FILES, school.pk)
    form = forms.NewPupilForm(
        request.POST or None, levels=school.levels, initial={"started_on": timezone.localdate().strftime("%d/%m/%Y")}
    )
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data
        values = {
            key: held[key]
            for key in ("full_name", "birth_date", "gender_code", "personal_id", "mother_name", "father_name")
        }
        try:
            enrolment = services.create_pupil(
                actor=actor,
                school=school,
                year=when.year,
                grade=held["grade"],
                values=values,
                started_on=held["started_on"],
            )
        except InvalidFile as invalid:
            for key, sentence in invalid.errors.items():
                form.add_error(key if key in form.fields else None, sentence)
        except RuleError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Đã lập hồ sơ. Xin ghi tiếp các phần còn lại."))
            return redirect("people:pupil", enrolment.person_id)
    title = _("Thêm học sinh, năm học %(year)s") % {"year": when.year_name}
    return small_form(request, form, title=title, action=_("Lập hồ sơ"), back=reverse("people:pupils"))


def small_form(
    request: HttpRequest, form: Any, *, title: str, action: str, back: str, text: str = "", danger: bool = False
) -> HttpResponse:
    """A page with one form and one button."""
    context = {"form": form, "title": title, "action": action, "back": back, "text": text, "danger": danger}
    return render(request, "people/form.html", context, status=400 if form.is_bound and form.errors else 200)


def _own_enrolment(actor: Actor, enrolment_id: UUID) -> Enrolment:
    """A year at the actor's school, or 404: others stand behind the wall."""
    row = get_object_or_404(Enrolment.objects.select_related("person"), pk=enrolment_id)
    if not actor.holds(EDIT_FILES, row.school_id):
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    actor = common.actor_of(request)
    row = _own_enrolment(actor, enrolment_id)
    back = reverse("people:pupil", args=[row.person_id])
    form = forms.WithdrawForm(request.POST or None, initial={"on": timezone.localdate().strftime("%d/%m/%Y")})
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data
        try:
            services.withdraw(
                actor=actor, enrolment=row, on=held["on"], reason_code=held["dropout_reason_code"], note=held["note"],
                vocational=held["vocational"],
            )  # fmt: skip
        except RuleError as refused:
            show(form, refused)
        else:
            messages.success(request, _("Đã ghi em thôi học."))
            return redirect(back)
    title = _("Cho thôi học: %(name)s") % {"name": row.person.full_name}
    note = _("Hồ sơ và kết quả các năm vẫn còn. Em có thể được nhận học lại.")
    return small_form(request, form, title=title, action=_("Ghi thôi học"), back=back, text=note, danger=True)


def show(form: Any, refused: RuleError) -> None:
    """A refusal beside the field it is about, or above the form."""
    place = refused.place if isinstance(refused, Invalid) and refused.place in form.fields else None
    form.add_error(place, str(refused))


@require_http_methods(["GET", "POST"])
def readmit(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    actor = common.actor_of(request)
    row = _own_enrolment(actor, enrolment_id)
    back = reverse("people:pupil", args=[row.person_id])
    form = forms.OnDayForm(request.POST or None, initial={"on": timezone.localdate().strftime("%d/%m/%Y")})
    if request.method == "POST" and form.is_valid():
        try:
            services.readmit(actor=actor, enrolment=row, on=form.cleaned_data["on"])
        except RuleError as refused:
            show(form, refused)
        else:
            messages.success(request, _("Đã nhận em học lại."))
            return redirect(back)
    title = _("Nhận học lại: %(name)s") % {"name": row.person.full_name}
    return small_form(request, form, title=title, action=_("Nhận học lại"), back=back)


@require_http_methods(["GET", "POST"])
def guardian(request: HttpRequest, person_id: UUID, tie_id: UUID) -> HttpResponse:
    """A parent's right to read."""
    actor = common.actor_of(request)
    person = _person(actor, person_id)
    tie = get_object_or_404(Guardianship.objects.select_related("adult"), pk=tie_id, pupil=person)
    holders = queries.holders_of(person)
    if holders.pupil is None or not actor.holds(EDIT_FILES, holders.pupil.school_id):
        raise Http404
    back = reverse("people:pupil", args=[person.pk])
    form = forms.GuardianForm(
        request.POST or None, initial={"may_read": tie.may_read, "restricted_by": tie.restricted_by}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.set_guardian(actor=actor, guardianship=tie, **form.cleaned_data)
        except RuleError as refused:
            show(form, refused)
        else:
            messages.success(request, _("Đã lưu."))
            return redirect(back)
    title = _("Quyền của %(kind)s: %(name)s") % {"kind": tie.get_kind_display().lower(), "name": tie.adult.full_name}
    return small_form(request, form, title=title, action=_("Lưu"), back=back)


@require_GET
def my_files(request: HttpRequest) -> HttpResponse:
    """A pupil's or parent's way to the own files; with a single one straight to it."""
    actor = common.actor_of(request)
    persons = list(
        Person.objects.visible_to(actor).filter(pk__in=actor.family, pupil__isnull=False).order_by("sort_key")
    )
    if len(persons) == 1:
        return redirect("people:pupil", persons[0].pk)
    return render(request, "people/my_files.html", {"persons": persons})
