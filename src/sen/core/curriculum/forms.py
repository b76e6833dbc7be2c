"""Forms of calendar and classes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sen.core.curriculum import queries
from sen.core.curriculum.models import SchoolClass
from sen.core.curriculum.rules import Dates
from sen.core.curriculum.services import NewClass
from sen.core.organisations import queries as tree
from sen.core.organisations.models import Organisation, Span
from sen.core.people import rules as people_rules


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget)


class DatesForm(forms.Form):
    """The four days of a school year and the paper behind them."""

    starts_on = _day(_("Bắt đầu học kỳ I"))
    term1_ends_on = _day(_("Kết thúc học kỳ I"))
    term2_starts_on = _day(_("Bắt đầu học kỳ II"))
    ends_on = _day(_("Kết thúc năm học"))
    decision = forms.CharField(label=_("Quyết định"), max_length=200, required=False)

    def dates(self) -> Dates:
        data = self.cleaned_data
        return Dates(data["starts_on"], data["term1_ends_on"], data["term2_starts_on"], data["ends_on"])


class ClassForm(forms.Form):
    """A new class. Electives and clusters are asked on the class page, where its programme is known."""

    name = forms.CharField(label=_("Tên lớp"), max_length=40, help_text=_("Ví dụ 6A1. Mỗi năm học một tên."))
    grade = forms.ChoiceField(label=_("Khối"))
    campus = forms.ModelChoiceField(
        label=_("Điểm trường"), queryset=Span.objects.none(), required=False, empty_label=_("Trường chính")
    )
    form_teacher = forms.ChoiceField(label=_("Giáo viên chủ nhiệm"), required=False)

    def __init__(self, *args: Any, school: Organisation, year: int, day: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = grade_choices(school.levels)  # type: ignore[attr-defined]
        teachers = queries.teachers_of(school.pk, year)
        self.fields["form_teacher"].choices = [  # type: ignore[attr-defined]
            ("", _("Chưa phân công")),
            *((str(teacher.person_id), teacher.label) for teacher in teachers),
        ]
        sites = tree.campuses(school.pk, day)
        if sites.exists():
            self.fields["campus"].queryset = sites  # type: ignore[attr-defined]
        else:
            del self.fields["campus"]

    def new_class(self) -> NewClass:
        data = self.cleaned_data
        level, _sep, grade = data["grade"].partition("/")
        site = data.get("campus")
        return NewClass(
            data["name"],
            grade,
            level,
            campus_id=site.organisation_id if site else None,
            form_teacher_id=data["form_teacher"] or None,
        )


def grade_choices(levels: Sequence[str]) -> list[tuple[str, str]]:
    """("lower_secondary/6", "Khối 6"); grades taught at a general and a continuing level name the level."""
    pairs = [
        (level, grade)
        for grade in people_rules.GRADES
        for level in Organisation.Level.values
        if level in levels and people_rules.level_of(grade, [level])
    ]
    grades = [grade for _level, grade in pairs]
    return [
        (f"{level}/{grade}", grade_name(grade) if grades.count(grade) == 1 else _with_level(grade, level))
        for level, grade in pairs
    ]


def grade_name(grade: str) -> str:
    """Khối 6, Nhà trẻ, Mẫu giáo."""
    words = {"nha_tre": _("Nhà trẻ"), "mau_giao": _("Mẫu giáo")}
    return str(words.get(grade) or _("Khối %(grade)s") % {"grade": grade})


def _with_level(grade: str, level: str) -> str:
    return f"{grade_name(grade)} · {Organisation.Level(level).label}"


class ClassEditForm(forms.Form):
    name = forms.CharField(label=_("Tên lớp"), max_length=40)
    position = forms.IntegerField(label=_("Thứ tự trong danh sách"), min_value=0, max_value=999)
    specialised_subject = forms.ChoiceField(label=_("Môn chuyên"), required=False)

    def __init__(self, *args: Any, school_class: SchoolClass, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if school_class.level != "upper_secondary":
            del self.fields["specialised_subject"]
            return
        subjects = queries.subjects_of(school_class)
        self.fields["specialised_subject"].choices = [  # type: ignore[attr-defined]
            ("", _("Không phải lớp chuyên")),
            *((row.subject.key, row.subject.name) for row in subjects if row.subject.form == "marks"),
        ]


class MoveForm(forms.Form):
    """Another class of the grade, from a day on."""

    to = forms.ModelChoiceField(label=_("Chuyển sang lớp"), queryset=SchoolClass.objects.none())
    on = _day(_("Từ ngày"), _("Em giữ số thứ tự cũ ở lớp này và vào cuối danh sách lớp mới."))
