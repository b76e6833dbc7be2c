"""The forms of dated operations. Who decides, when and by which paper is asked every time."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sen.core.organisations import services
from sen.core.organisations.models import Organisation, Span
from sen.core.organisations.permissions import Actor
from sen.core.organisations.services import NewSchool

SCHOOL_LEVELS = [(value, label) for value, label in Organisation.Level.choices]


class OperationForm(forms.Form):
    """Day, paper and reason of a change."""

    day = forms.DateField(
        label=_("Có hiệu lực từ ngày"), help_text=_("Ngày đầu tiên của tình trạng mới."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    decision = forms.CharField(
        label=_("Quyết định"),
        max_length=200,
        help_text=_("Số, ngày và nơi ban hành, ví dụ 123/QĐ-UBND ngày 15/8/2022 của UBND tỉnh."),
    )
    reason = forms.CharField(label=_("Lý do, ghi chú"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def common(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("day", "decision", "reason")}

    def run(self, actor: Actor, organisation: Organisation) -> UUID:
        """Do it and return the organisation to show next."""
        raise NotImplementedError


class RenameForm(OperationForm):
    name = forms.CharField(label=_("Tên mới"), max_length=200)
    field_order = ("name", "day", "decision", "reason")

    def run(self, actor: Actor, organisation: Organisation) -> UUID:
        services.rename(actor=actor, organisation=organisation, name=self.cleaned_data["name"], **self.common())
        return organisation.pk


class MoveForm(OperationForm):
    parent = forms.ModelChoiceField(label=_("Cơ quan quản lý mới"), queryset=Span.objects.none())
    field_order = ("parent", "day", "decision", "reason")

    def run(self, actor: Actor, organisation: Organisation) -> UUID:
        parent = self.cleaned_data["parent"].organisation
        services.move(actor=actor, organisation=organisation, parent=parent, **self.common())
        return organisation.pk


class CloseForm(OperationForm):
    def run(self, actor: Actor, organisation: Organisation) -> UUID:
        services.close(actor=actor, organisation=organisation, **self.common())
        return organisation.pk


class MergeForm(OperationForm):
    others = forms.CharField(
        label=_("Mã các đơn vị nhập vào"),
        help_text=_("Mã, cách nhau bằng dấu phẩy hoặc khoảng trắng. Các đơn vị này kết thúc."),
    )
    new_name = forms.CharField(
        label=_("Tên sau sáp nhập"), max_length=200, required=False, help_text=_("Để trống nếu giữ tên cũ.")
    )
    keep_sites = forms.BooleanField(label=_("Cơ sở cũ trở thành điểm trường"), required=False, initial=True)
    field_order = ("others", "new_name", "keep_sites", "day", "decision", "reason")

    def __init__(self, *args: Any, kind: str = Organisation.Kind.SCHOOL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_others(self) -> list[Organisation]:
        codes = set(self.cleaned_data["others"].replace(",", " ").replace(";", " ").split())
        found = {o.code: o for o in Organisation.objects.filter(kind=self.kind, code__in=codes)}
        if missing := sorted(codes - set(found)):
            raise forms.ValidationError(_t("Không có đơn vị mang mã %(codes)s.") % {"codes": ", ".join(missing)})
        return list(found.values())

    def run(self, actor: Actor, organisation: Organisation) -> UUID:
        data = self.cleaned_data
        result = services.merge(
            actor=actor, sources=data["others"], into=organisation, new_name=data["new_name"],
            keep_sites=data["keep_sites"], **self.common(),
        )  # fmt: skip
        return result.pk


class NewSchoolForm(OperationForm):
    """A new school: under an authority, or beside a school that is split."""

    name = forms.CharField(label=_("Tên trường mới"), max_length=200)
    code = forms.CharField(
        label=_("Mã trường"),
        max_length=20,
        help_text=_("Mã mới gồm 10 chữ số: tỉnh, huyện hoặc 000, cấp học, số thứ tự."),
    )
    levels = forms.MultipleChoiceField(label=_("Cấp học"), choices=SCHOOL_LEVELS, widget=forms.CheckboxSelectMultiple)
    address = forms.CharField(label=_("Địa chỉ"), max_length=250, required=False)
    field_order: tuple[str, ...] = ("name", "code", "levels", "address", "day", "decision", "reason")

    def new_school(self) -> NewSchool:
        data = self.cleaned_data
        return NewSchool(data["code"], data["name"], tuple(data["levels"]), data["address"])


class EstablishForm(NewSchoolForm):
    def run(self, actor: Actor, organisation: Organisation) -> UUID:
        made = services.establish(
            actor=actor, kind=Organisation.Kind.SCHOOL, parent=organisation, new=self.new_school(), **self.common()
        )
        return made.pk


class SplitForm(NewSchoolForm):
    """One new school out of an old one that goes on; the usual case. Campuses may go along."""

    campuses = forms.ModelMultipleChoiceField(
        label=_("Điểm trường chuyển sang trường mới"), queryset=Span.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    field_order = ("name", "code", "levels", "address", "campuses", "day", "decision", "reason")

    def run(self, actor: Actor, organisation: Organisation) -> UUID:
        new = self.new_school()
        made = services.split(
            actor=actor, organisation=organisation, parts=[new],
            campuses_to={span.organisation_id: new.code for span in self.cleaned_data["campuses"]}, **self.common(),
        )  # fmt: skip
        return made[0].pk


class CampusForm(OperationForm):
    name = forms.CharField(label=_("Tên điểm trường"), max_length=200)
    address = forms.CharField(label=_("Địa chỉ"), max_length=250, required=False)
    field_order = ("name", "address", "day", "decision")
    reason = None  # type: ignore[assignment]  # Django's way to leave out an inherited field

    def run(self, actor: Actor, organisation: Organisation) -> UUID:
        data = self.cleaned_data
        campus = services.add_campus(
            actor=actor, school=organisation, name=data["name"], address=data["address"], day=data["day"],
            decision=data["decision"],
        )  # fmt: skip
        return campus.pk


def operation_form(
    form_class: type[OperationForm], span: Span, data: Any, *, parents: Callable[[], Any], campuses: Callable[[], Any],
    today: date,
) -> OperationForm:  # fmt: skip
    """A form for this organisation with its choices filled in. Both callables give query sets of spans."""
    if form_class is MergeForm:
        return MergeForm(data, kind=span.organisation.kind, initial={"day": today, "keep_sites": True})
    form = form_class(data, initial={"day": today, "levels": span.organisation.levels})
    if isinstance(form, MoveForm):
        form.fields["parent"].queryset = parents()  # type: ignore[attr-defined]  # a ModelChoiceField
    if isinstance(form, SplitForm):
        form.fields["campuses"].queryset = campuses()  # type: ignore[attr-defined]
    return form
