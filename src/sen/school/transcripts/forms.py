"""Forms of the public verifier, of keys and of the school's way of signing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sen.core.people.models import Person

LARGEST_UPLOAD = 10 * 1024 * 1024


class VerifyForm(forms.Form):
    file = forms.FileField(
        label=_("Tệp học bạ (PDF)"),
        help_text=_("Tối đa 10 MB. Tệp chỉ được kiểm tra, không lưu lại."),
        error_messages={"required": _("Vui lòng chọn tệp PDF cần kiểm tra."), "empty": _("Tệp này rỗng.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(_("Tệp lớn hơn 10 MB. Học bạ điện tử chỉ khoảng 200 KB."))
        return file


class LookUpForm(forms.Form):
    birth_year = forms.IntegerField(
        label=_("Năm sinh của học sinh"),
        min_value=1900,
        max_value=2100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 4}),
        error_messages={
            "required": _("Vui lòng nhập năm sinh."),
            "invalid": _("Vui lòng nhập năm sinh gồm bốn chữ số, ví dụ 2011."),
        },
    )


class TokenForm(forms.Form):
    token = forms.CharField(label=_("Tên thiết bị (token)"), max_length=32)
    label = forms.CharField(label=_("Tên chứng thư trong thiết bị"), max_length=100)


class RemoteForm(forms.Form):
    provider = forms.ChoiceField(label=_("Dịch vụ ký từ xa"))
    user = forms.CharField(label=_("Tài khoản tại dịch vụ"), max_length=80)

    def __init__(self, *args: Any, providers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, name) for name in providers]


class PolicyForm(forms.Form):
    subject_teachers_sign = forms.BooleanField(
        label=_("Giáo viên bộ môn ký phần môn học"),
        required=False,
        help_text=_("Mặc định chỉ giáo viên chủ nhiệm, hiệu trưởng và con dấu ký. Áp dụng cho học bạ lập từ nay."),
    )
    deputy = forms.ModelChoiceField(
        label=_("Phó hiệu trưởng được giao ký thay"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("Không có"),
    )
    deputy_decision = forms.CharField(label=_("Số quyết định giao ký thay"), max_length=200, required=False)

    def __init__(self, *args: Any, deputies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["deputy"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = deputies
