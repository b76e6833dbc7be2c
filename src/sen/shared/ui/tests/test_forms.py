from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from sen.shared.ui.forms import SenRenderer


class Moving(forms.Form):
    default_renderer = SenRenderer

    name = forms.CharField(
        label="Họ và tên", help_text="Như giấy khai sinh", widget=forms.TextInput(attrs={"class": "wide"})
    )
    kind = forms.ChoiceField(label="Lý do", choices=[("m", "Chuyển trường"), ("l", "Thôi học")])
    school = forms.CharField(label="Trường đến", widget=forms.TextInput(attrs={"data-show-when": "kind=m"}))
    sex = forms.ChoiceField(label="Giới tính", choices=[("f", "Nữ"), ("m", "Nam")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="Đồng ý")
    note = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_has_label_help_and_required_mark_tied_to_its_input():
    row = Moving()["name"].as_field_group()
    assert '<label class="form-label" for="id_name">Họ và tên' in row
    assert 'class="required" aria-hidden="true"' in row
    assert 'aria-describedby="id_name_helptext"' in row
    assert 'id="id_name_helptext">Như giấy khai sinh' in row
    assert 'class="form-control wide"' in row
    assert row.count(" required") == 1


def test_an_error_stands_at_its_field_and_in_the_list_above():
    page = str(Moving({"name": "", "kind": "m", "school": "x", "sex": "f", "agree": "on"}))
    assert "Có 1 chỗ cần sửa." in page
    assert '<a href="#id_name">Họ và tên</a>: Xin điền mục này.' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_error"' in page


def test_what_was_typed_comes_back_escaped():
    page = str(Moving({"name": "<script>alert(1)</script>"}))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_condition_is_carried_to_the_whole_row_and_not_to_the_input():
    row = Moving()["school"].as_field_group()
    assert '<div class="field" data-show-when="kind=m">' in row
    assert row.count("data-show-when") == 1


def test_choices_stand_in_a_fieldset_and_a_single_box_beside_its_label():
    assert "<fieldset" in Moving()["sex"].as_field_group()
    assert "<legend" in Moving()["sex"].as_field_group()
    assert Moving()["sex"].as_field_group().count("form-check-input") == 2
    row = Moving()["agree"].as_field_group()
    assert row.index("<input") < row.index('<label class="form-check-label" for="id_agree"')


def test_the_whole_form_has_every_field_once_and_hidden_ones_without_a_row():
    page = str(Moving())
    for name in Moving.base_fields:
        assert f'name="{name}"' in page
    assert page.count('name="secret"') == 1
    assert "field" not in Moving()["secret"].as_field_group().replace('name="secret"', "")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (forms.CharField(), "", "Xin điền mục này."),
        (forms.DateField(), "31/02/2022", "Ngày chưa đúng. Xin viết như 05/09/2022."),
        (forms.IntegerField(), "abc", "Xin nhập một số nguyên, ví dụ 45."),
        (forms.ChoiceField(choices=[("a", "A")]), "b", "“b” không có trong danh sách. Xin chọn lại."),
        (forms.FileField(), SimpleUploadedFile("a.xlsx", b""), "Tệp này trống. Xin chọn tệp khác."),
    ],
)
def test_common_errors_are_said_in_plain_words(field, value, words):
    with override("vi"), pytest.raises(forms.ValidationError) as refused:
        field.clean(value)
    assert refused.value.messages == [words]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_dates_and_numbers_are_read_the_vietnamese_way_in_both_languages(settings, language):
    from django.utils import formats

    settings.FORMAT_MODULE_PATH = "sen.shared.ui.locales"
    formats.reset_format_cache()
    with override(language):
        assert forms.DateField().clean("05/09/2022") == date(2022, 9, 5)
        assert forms.DateField().clean("2022-09-05") == date(2022, 9, 5)
        assert forms.DecimalField(localize=True).clean("8,5") == Decimal("8.5")
        assert formats.date_format(date(2022, 9, 5), "SHORT_DATE_FORMAT") == "05/09/2022"
    formats.reset_format_cache()
