"""Forms: those of a file's groups are made from the dictionary, the few others are written out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.core.people import dictionary
from sen.core.people.dictionary import Field
from sen.core.people.models import ImportRun

_DATE = {"placeholder": "dd/mm/yyyy", "inputmode": "numeric", "autocomplete": "off"}


class DayField(forms.CharField):
    """A day as it is written here: 05/09/2022, 5-9-2022."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.TextInput(attrs=dict(_DATE)), "max_length": 20, **options})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return dictionary.parse_date(text)
        except dictionary.Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from None


class FileForm(forms.Form):
    """The fields of one group of a file. Reads nothing itself: the service does, by the same dictionary."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        fields: Sequence[Field],
        values: Mapping[str, Any],
        around: Mapping[str, Any],
    ) -> None:
        super().__init__(data, initial={one.key: _initial(one, values.get(one.key)) for one in fields})
        here = {one.key for one in fields}
        for one in fields:
            made = _form_field(one, values.get(one.key))
            made.required = one.key == "full_name"
            if one.condition and (condition := _in_page(one.condition, here, {**values, **around})):
                made.widget.attrs["data-show-when"] = condition
            self.fields[one.key] = made

    def values(self) -> dict[str, Any]:
        """What was sent, for the service. A field that the page hid was not sent and is emptied by its condition."""
        return {key: self.cleaned_data.get(key) for key in self.fields}

    def show(self, errors: Mapping[str, str]) -> None:
        """Put the service's sentences beside their fields."""
        for key, sentence in errors.items():
            self.add_error(key if key in self.fields else None, sentence)


def applicable(fields: Sequence[Field], values: Mapping[str, Any], around: Mapping[str, Any]) -> list[Field]:
    """The fields a form shows: those that ended are left out when empty, those for other levels or states too."""
    here = {one.key for one in fields}
    today = timezone.localdate()
    found = []
    for one in fields:
        if not one.on(today) and not values.get(one.key):
            continue
        outside = [part for part in one.condition.split("&") if part and part.lstrip("!").partition("=")[0] not in here]
        if all(dictionary.holds(part, {**values, **around}) for part in outside):
            found.append(one)
    return found


def _in_page(condition: str, here: set[str], values: Mapping[str, Any]) -> str:
    """The part of a condition that the page itself can watch."""
    return "&".join(part for part in condition.split("&") if part.lstrip("!").partition("=")[0] in here)


def _initial(one: Field, value: Any) -> Any:
    if one.type == "date":
        return dictionary.shown(one, value)
    if one.type == "yesno":
        return bool(value)
    if one.type == "codes":
        return value or []
    if one.type == "decimal":
        return str(value or "").replace(".", ",")
    return dictionary.as_text(value)


def _form_field(one: Field, value: Any) -> forms.Field:
    if one.type == "yesno":
        return forms.BooleanField(label=one.label, widget=forms.CheckboxInput(attrs={"value": "true"}))
    if one.type == "code":
        return forms.ChoiceField(label=one.label, choices=[("", "–"), *_choices(one, [value])])
    if one.type == "codes":
        return forms.MultipleChoiceField(
            label=one.label, choices=_choices(one, value or []), widget=forms.CheckboxSelectMultiple
        )
    if one.type == "grade":
        grades = [
            ("nha_tre", _("Nhà trẻ")),
            ("mau_giao", _("Mẫu giáo")),
            *((str(n), _("Khối %(n)d") % {"n": n}) for n in range(1, 13)),
        ]
        return forms.ChoiceField(label=one.label, choices=grades)
    attrs: dict[str, str] = {"autocomplete": "off"}
    if one.type == "date":
        attrs |= _DATE
    elif one.type in ("phone", "personal_id", "integer"):
        attrs["inputmode"] = "numeric"
    elif one.type == "email":
        attrs["inputmode"] = "email"
    elif one.type in ("commune", "district"):
        attrs |= {"inputmode": "numeric", "list": "communes" if one.type == "commune" else "districts"}
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(label=one.label, max_length=max(one.max_length or 250, 100), widget=widget)


def _choices(one: Field, held: Sequence[Any]) -> list[tuple[str, str]]:
    """The code list; a code that a file holds and the list no longer has stays choosable, or saving would lose it."""
    entries = dictionary.codes(one.code_list)
    gone = [str(code) for code in held if code and code not in entries]
    return [(code.code, code.name) for code in entries.values()] + [(code, code) for code in gone]


class NewPupilForm(forms.Form):
    """What a new file cannot do without; the rest is filled in on its page."""

    full_name = forms.CharField(label=gettext_lazy("Họ và tên"), max_length=120)
    birth_date = DayField(label=gettext_lazy("Ngày sinh"))
    gender_code = forms.ChoiceField(
        label=gettext_lazy("Giới tính"), choices=[("", "–"), ("01", gettext_lazy("Nam")), ("02", gettext_lazy("Nữ"))]
    )
    grade = forms.CharField(label=gettext_lazy("Khối"), max_length=20)
    started_on = DayField(label=gettext_lazy("Ngày vào học"))
    personal_id = forms.CharField(label=gettext_lazy("Số định danh cá nhân"), max_length=20, required=False)
    mother_name = forms.CharField(label=gettext_lazy("Họ tên mẹ"), max_length=120, required=False)
    father_name = forms.CharField(label=gettext_lazy("Họ tên cha"), max_length=120, required=False)

    def __init__(self, *args: Any, levels: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        from sen.core.people import rules

        taught = [grade for grade in rules.GRADES if rules.level_of(grade, levels)]
        names = {"nha_tre": _("Nhà trẻ"), "mau_giao": _("Mẫu giáo")}
        self.fields["grade"] = forms.ChoiceField(
            label=_("Khối"), choices=[("", "–"), *((g, names.get(g, _("Khối %(n)s") % {"n": g})) for g in taught)]
        )


class NewStaffForm(forms.Form):
    full_name = forms.CharField(label=gettext_lazy("Họ và tên"), max_length=120)
    birth_date = DayField(label=gettext_lazy("Ngày sinh"))
    gender_code = forms.ChoiceField(
        label=gettext_lazy("Giới tính"), choices=[("", "–"), ("01", gettext_lazy("Nam")), ("02", gettext_lazy("Nữ"))]
    )
    group_code = forms.ChoiceField(label=gettext_lazy("Nhóm vị trí"))
    position_code = forms.ChoiceField(label=gettext_lazy("Chức vụ"), required=False)
    started_on = DayField(label=gettext_lazy("Làm việc tại trường từ"))
    personal_id = forms.CharField(label=gettext_lazy("Số định danh cá nhân"), max_length=20, required=False)
    local_code = forms.CharField(label=gettext_lazy("Mã nhân sự của trường"), max_length=30, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _fill_posts(self)


class ReceiveStaffForm(forms.Form):
    """Taking in a person who has a file elsewhere: code and birth date must agree."""

    code = forms.CharField(label=gettext_lazy("Mã cán bộ (mã định danh ngành)"), max_length=20)
    birth_date = DayField(label=gettext_lazy("Ngày sinh"))
    group_code = forms.ChoiceField(label=gettext_lazy("Nhóm vị trí"))
    position_code = forms.ChoiceField(label=gettext_lazy("Chức vụ"), required=False)
    started_on = DayField(label=gettext_lazy("Làm việc tại trường từ"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _fill_posts(self)


def _fill_posts(form: forms.Form) -> None:
    for key, code_list in (("group_code", "staff-groups"), ("position_code", "staff-positions")):
        field = form.fields[key]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *((code.code, code.name) for code in dictionary.codes(code_list).values())]


class WithdrawForm(forms.Form):
    on = DayField(label=gettext_lazy("Ngày thôi học"))
    dropout_reason_code = forms.ChoiceField(label=gettext_lazy("Lý do"))
    note = forms.CharField(label=gettext_lazy("Ghi chú"), max_length=250, required=False)
    vocational = forms.BooleanField(label=gettext_lazy("Chuyển sang học nghề"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["dropout_reason_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *((code.code, code.name) for code in dictionary.codes("dropout-reasons").values())]


class OnDayForm(forms.Form):
    on = DayField(label=gettext_lazy("Từ ngày"))


class LeaveForm(forms.Form):
    on = DayField(label=gettext_lazy("Ngày rời trường"))
    reason = forms.CharField(label=gettext_lazy("Lý do"), max_length=250)


class GuardianForm(forms.Form):
    may_read = forms.BooleanField(
        label=gettext_lazy("Được xem hồ sơ và kết quả của con"),
        required=False,
        widget=forms.CheckboxInput(attrs={"value": "true"}),
    )
    restricted_by = forms.CharField(
        label=gettext_lazy("Căn cứ hạn chế (số quyết định, bản án)"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"data-show-when": "!may_read"}),
    )  # fmt: skip


class SendForm(forms.Form):
    """The sending school asks. The receiving school is named by its code."""

    school_code = forms.CharField(label=gettext_lazy("Mã trường đến"), max_length=20)
    reason = forms.CharField(
        label=gettext_lazy("Lý do chuyển trường"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    effective_on = DayField(label=gettext_lazy("Dự kiến chuyển từ ngày"), required=False)


class AskForm(forms.Form):
    """The receiving school asks for a pupil whom the family has named."""

    code = forms.CharField(label=gettext_lazy("Mã học sinh ngành hoặc số định danh cá nhân"), max_length=20)
    birth_date = DayField(label=gettext_lazy("Ngày sinh"))
    reason = forms.CharField(
        label=gettext_lazy("Lý do chuyển trường"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    effective_on = DayField(label=gettext_lazy("Dự kiến tiếp nhận từ ngày"), required=False)


class ImportForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Tệp này là"), widget=forms.RadioSelect)
    file = forms.FileField(label=gettext_lazy("Tệp Excel (.xlsx, .xls, .ods)"), max_length=255)

    def __init__(self, *args: Any, kinds: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        labels = dict(ImportRun.Kind.choices)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind, labels[ImportRun.Kind(kind)]) for kind in kinds]
        field.initial = "pupils"


class PurposeForm(forms.Form):
    """Why a list with personal data leaves the system; it goes into the log."""

    purpose = forms.CharField(label=gettext_lazy("Mục đích xuất danh sách"), max_length=200)
