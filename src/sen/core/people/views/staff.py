"""Staff: the list, the file, postings."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sen.core.identity.actor import Actor
from sen.core.organisations.queries import name_on, names_on
from sen.core.people import dictionary, forms, keeping, queries, services
from sen.core.people.keeping import Holders
from sen.core.people.models import Person, Posting
from sen.core.people.permissions import EDIT_FILES, EXPORT_FILES, READ_STAFF
from sen.core.people.services.files import InvalidFile
from sen.core.people.views import common
from sen.core.people.views.pupils import edit, show, small_form
from sen.shared.audit import services as audit
from sen.shared.documents.xlsx_out import Column, Sheet, write_workbook
from sen.shared.kit.errors import RuleError

_PAGE = 50


@require_GET
def staff_list(request: HttpRequest) -> HttpResponse:
    actor = common.actor_of(request)
    actor.require(READ_STAFF)
    school = common.school_of(actor)
    words, group, former = (
        common.text(request, "q"),
        common.text(request, "nhom", 4),
        common.text(request, "da-roi", 1) == "1",
    )
    page = Paginator(queries.staff(actor, school.pk, words=words, group=group, former=former), _PAGE).get_page(
        request.GET.get("page")
    )
    counts = queries.group_counts(school.pk)
    context = {
        "page": page,
        "rows": [_list_row(row) for row in page.object_list],
        "words": words,
        "filtered": bool(words or group or former),
        "query": request.GET.urlencode(),
        "may_edit": actor.holds(EDIT_FILES, school.pk),
        "may_export": actor.holds(EXPORT_FILES, school.pk),
        "filters": [
            {"name": "nhom", "label": _("Nhóm vị trí"), "value": group, "choices": [
                {"value": code, "label": dictionary.name_of("staff-groups", code), "count": counts[code]}
                for code in dictionary.codes("staff-groups") if counts[code]]},
            {"name": "da-roi", "label": _("Tình trạng"), "value": "1" if former else "",
             "choices": [{"value": "1", "label": _("Đã rời trường")}]},
        ],
    }  # fmt: skip
    return render(request, "people/staff_list.html", context)


def _list_row(row: Posting) -> dict[str, Any]:
    staff = getattr(row.person, "staff", None)
    subject = staff.profile.get("main_subject_code", "") if staff else ""
    return {
        "url": reverse("people:staff", args=[row.person_id]),
        "name": row.person.full_name,
        "birth_date": row.person.birth_date,
        "group": dictionary.name_of("staff-groups", row.group_code) if row.group_code else "",
        "position": dictionary.name_of("staff-positions", row.position_code) if row.position_code else "",
        "subject": dictionary.name_of("teaching-subjects", subject) if subject else "",
        "code": (staff.code if staff else "") or row.local_code,
        "phone": row.person.phone,
    }


def _file(actor: Actor, person_id: UUID) -> tuple[Holders, list[Posting]]:
    """The staff file and its postings; 404 for whoever may not read staff files (one's own may be read)."""
    person = get_object_or_404(Person.objects.visible_to(actor), pk=person_id)
    holders = queries.holders_of(person)
    if holders.staff is None or not (actor.holds(READ_STAFF) or person.pk == actor.person_id):
        raise Http404
    postings = list(Posting.objects.filter(person=person).order_by("-started_on"))
    open_here = [one for one in postings if one.school_id == actor.organisation_id and one.ended_on is None]
    holders.posting = next(iter(open_here), next(iter(postings), None))
    return holders, postings


def _may_edit(actor: Actor, postings: list[Posting]) -> bool:
    return any(one.ended_on is None and actor.holds(EDIT_FILES, one.school_id) for one in postings)


@require_GET
def staff(request: HttpRequest, person_id: UUID) -> HttpResponse:
    actor = common.actor_of(request)
    holders, postings = _file(actor, person_id)
    person = holders.person
    services.note_read(actor=actor, person=person, year=common.when_of(request).year)
    may_edit = _may_edit(actor, postings)
    sensitive = common.sees_sensitive(actor, person)
    doubts = queries.doubts(holders)
    names = names_on({row.school_id for row in postings})

    def url(group: str) -> str:
        return reverse("people:staff_edit", args=[person.pk, group])

    context = {
        "person": person,
        "staff": holders.staff,
        "sections": common.sections(
            "staff", holders, sensitive=sensitive, doubts=doubts, url=url if may_edit else None
        ),
        "doubts": doubts,
        "missing": dictionary.missing("staff", keeping.values("staff", holders)) if may_edit else [],
        "postings": [_posting(row, names, actor) for row in postings],
        "may_edit": may_edit,
        "may_see_number": sensitive and bool(person.personal_id),
        "changes": common.changes(queries.history(holders), sensitive=sensitive)[:30] if may_edit else [],
    }
    return render(request, "people/staff.html", context)


def _posting(row: Posting, names: dict[UUID, str], actor: Actor) -> dict[str, Any]:
    editable = row.ended_on is None and actor.holds(EDIT_FILES, row.school_id)
    return {
        "row": row,
        "school": names.get(row.school_id, ""),
        "group": dictionary.name_of("staff-groups", row.group_code) if row.group_code else "",
        "position": dictionary.name_of("staff-positions", row.position_code) if row.position_code else "",
        "edit_url": reverse("people:posting_edit", args=[row.pk]) if editable else "",
        "leave_url": reverse("people:leave", args=[row.pk]) if editable else "",
    }


@require_http_methods(["GET", "POST"])
def staff_edit(request: HttpRequest, person_id: UUID, group: str) -> HttpResponse:
    actor = common.actor_of(request)
    holders, postings = _file(actor, person_id)
    if not _may_edit(actor, postings):
        raise Http404
    back = reverse("people:staff", args=[person_id])
    return edit(
        request,
        "staff",
        group,
        holders,
        lambda values: bool(services.update_staff(actor=actor, person=holders.person, values=values)),
        back,
    )


def _own_posting(actor: Actor, posting_id: UUID) -> Posting:
    row = get_object_or_404(Posting.objects.select_related("person"), pk=posting_id, ended_on=None)
    if not actor.holds(EDIT_FILES, row.school_id):
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
def posting_edit(request: HttpRequest, posting_id: UUID) -> HttpResponse:
    actor = common.actor_of(request)
    row = _own_posting(actor, posting_id)
    back = reverse("people:staff", args=[row.person_id])
    return edit(
        request,
        "posting",
        "post",
        Holders(row.person, posting=row),
        lambda values: services.update_posting(actor=actor, posting=row, values=values),
        back,
    )


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, posting_id: UUID) -> HttpResponse:
    actor = common.actor_of(request)
    row = _own_posting(actor, posting_id)
    back = reverse("people:staff", args=[row.person_id])
    form = forms.LeaveForm(request.POST or None, initial={"on": timezone.localdate().strftime("%d/%m/%Y")})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_posting(actor=actor, posting=row, **form.cleaned_data)
        except RuleError as refused:
            show(form, refused)
        else:
            messages.success(request, _("Đã ghi thầy/cô rời trường."))
            return redirect(back)
    title = _("Rời trường: %(name)s") % {"name": row.person.full_name}
    return small_form(request, form, title=title, action=_("Ghi rời trường"), back=back, danger=True)


@require_http_methods(["GET", "POST"])
def staff_new(request: HttpRequest) -> HttpResponse:
    actor = common.actor_of(request)
    school = common.school_of(actor)
    actor.require(EDIT_FILES, school.pk)
    form = forms.NewStaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data
        try:
            made = services.create_staff(
                actor=actor,
                school=school,
                values={key: held[key] for key in ("full_name", "birth_date", "gender_code", "personal_id")},
                posting={key: held[key] for key in ("group_code", "position_code", "started_on", "local_code")},
            )
        except InvalidFile as invalid:
            for key, sentence in invalid.errors.items():
                form.add_error(key if key in form.fields else None, sentence)
        except RuleError as refused:
            show(form, refused)
        else:
            messages.success(request, _("Đã lập hồ sơ. Xin ghi tiếp các phần còn lại."))
            return redirect("people:staff", made.person_id)
    return small_form(request, form, title=_("Thêm nhân sự"), action=_("Lập hồ sơ"), back=reverse("people:staff_list"))


@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Take in a colleague whose file is at another school."""
    actor = common.actor_of(request)
    school = common.school_of(actor)
    actor.require(EDIT_FILES, school.pk)
    form = forms.ReceiveStaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        held = dict(form.cleaned_data)
        try:
            row = services.receive_staff(
                actor=actor, school=school, code=held.pop("code"), birth_date=held.pop("birth_date"), posting=held
            )
        except InvalidFile as invalid:
            for key, sentence in invalid.errors.items():
                form.add_error(key if key in form.fields else None, sentence)
        except RuleError as refused:
            show(form, refused)
        else:
            messages.success(request, _("Đã tiếp nhận; hồ sơ nay có cả ở trường."))
            return redirect("people:staff", row.person_id)
    text = _("Dùng khi thầy/cô đã có hồ sơ ở một trường khác. Mã cán bộ và ngày sinh phải cùng khớp.")
    return small_form(
        request, form, title=_("Tiếp nhận nhân sự"), action=_("Tiếp nhận"), back=reverse("people:staff_list"), text=text
    )


@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    actor = common.actor_of(request)
    school = common.school_of(actor)
    actor.require(EXPORT_FILES, school.pk)
    form = forms.PurposeForm(request.POST or None)
    rows = queries.staff(actor, school.pk, words=common.text(request, "q"), group=common.text(request, "nhom", 4))
    if request.method == "POST" and form.is_valid():
        found = [_list_row(row) for row in rows]
        audit.record(
            action="people.staff_exported", organisation_id=school.pk, table="people_posting",
            purpose=form.cleaned_data["purpose"], count=len(found),
        )  # fmt: skip
        columns = [
            Column(_("STT"), 6, "integer"), Column(_("Họ và tên"), 26), Column(_("Ngày sinh"), 12, "date"),
            Column(_("Mã"), 14),
            Column(_("Nhóm vị trí"), 20), Column(_("Chức vụ"), 22), Column(_("Môn dạy chính"), 20),
            Column(_("Số điện thoại"), 14),
        ]  # fmt: skip
        keys = ("name", "birth_date", "code", "group", "position", "subject", "phone")
        lines = [[number, *(row[key] for key in keys)] for number, row in enumerate(found, 1)]
        book = write_workbook(
            [Sheet(_("Nhân sự"), columns, lines, titles=(_("Danh sách nhân sự"), name_on(school.pk)), frozen_columns=2)]
        )
        answer = HttpResponse(book, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        answer["Content-Disposition"] = 'attachment; filename="nhan-su.xlsx"'
        return answer
    back = reverse("people:staff_list") + f"?{request.GET.urlencode()}"
    return render(request, "people/export.html", {"form": form, "count": rows.count(), "back": back})
