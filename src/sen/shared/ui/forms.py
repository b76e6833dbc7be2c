"""The form renderer: `{{ form }}` and `{{ field }}` come out in the look of Sen, and say in plain words what is wrong.

Set `FORM_RENDERER = "sen.shared.ui.forms.SenRenderer"` and list `sen.shared.ui` before `django.forms`.
"""

from typing import Any

from django.forms import fields, models
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _


class SenRenderer(TemplatesSetting):
    """Takes form, field and widget templates from this package."""

    form_template_name = "ui/forms/form.html"
    formset_template_name = "ui/forms/formset.html"
    field_template_name = "ui/forms/field.html"


# Django's own Vietnamese calls a field "trường", which in a school means a school.
PLAIN_WORDS: dict[type[fields.Field], dict[str, Any]] = {
    fields.Field: {"required": _("Xin điền mục này.")},
    fields.IntegerField: {"invalid": _("Xin nhập một số nguyên, ví dụ 45.")},
    fields.DecimalField: {"invalid": _("Xin nhập một số, ví dụ 8,5.")},
    fields.FloatField: {"invalid": _("Xin nhập một số, ví dụ 8,5.")},
    fields.DateField: {"invalid": _("Ngày chưa đúng. Xin viết như 05/09/2022.")},
    fields.TimeField: {"invalid": _("Giờ chưa đúng. Xin viết như 07:15.")},
    fields.DateTimeField: {"invalid": _("Ngày giờ chưa đúng. Xin viết như 05/09/2022 07:15.")},
    fields.FileField: {
        "invalid": _("Tệp chưa được gửi lên. Xin chọn lại tệp."),
        "missing": _("Xin chọn một tệp."),
        "empty": _("Tệp này trống. Xin chọn tệp khác."),
    },
    fields.ImageField: {"invalid_image": _("Tệp này không phải là ảnh, hoặc ảnh đã hỏng.")},
    fields.ChoiceField: {"invalid_choice": _("“%(value)s” không có trong danh sách. Xin chọn lại.")},
    fields.MultipleChoiceField: {
        "invalid_choice": _("“%(value)s” không có trong danh sách. Xin chọn lại."),
        "invalid_list": _("Xin chọn trong danh sách."),
    },
    models.ModelChoiceField: {"invalid_choice": _("Mục đã chọn không còn nữa. Xin chọn lại.")},
    models.ModelMultipleChoiceField: {
        "invalid_choice": _("Mục đã chọn (%(value)s) không còn nữa. Xin chọn lại."),
        "invalid_list": _("Xin chọn trong danh sách."),
    },
}


def speak_plainly() -> None:
    """Let every form of every package say its common errors in our words; a field's own `error_messages` still win."""
    for field, words in PLAIN_WORDS.items():
        field.default_error_messages = {**field.default_error_messages, **words}
