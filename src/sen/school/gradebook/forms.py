"""Forms of the gradebook."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sen.school.gradebook import policies
from sen.school.gradebook.rules import Policy
from sen.school.gradebook.services.phrases import LONGEST

# field of Policy -> (label, what the choice means with its article)
POLICY_WORDS: dict[str, tuple[Any, Any]] = {
    "rounding": (_("Làm tròn đến một chữ số thập phân"), _("TT 22 Điều 9, TT 58 Điều 10")),
    "year_average_from_rounded_terms": (_("Trung bình năm tính từ điểm học kì đã làm tròn"), _("TT 58 Điều 10")),
    "few_lessons_up_to": (_("Đến bao nhiêu tiết/năm thì cần 2 điểm thường xuyên"), _("TT 22 Điều 6")),
    "pending_blocks_finalisation": (_("Còn bài đánh giá bù thì chưa chốt kết quả"), _("TT 22 Điều 7, TT 58 Điều 8")),
    "cluster_term": (_("Điểm cụm chuyên đề ghi vào học kì"), _("TT 22 Điều 6")),
    "adjustment_reading": (_("Điều chỉnh do một môn: cách xét các môn còn lại"), _("TT 22 Điều 9 khoản 3")),
    "comment_subject_adjusts": (_("Môn nhận xét cũng được coi là “một môn” khi điều chỉnh"), _("TT 22 Điều 9 khoản 3")),
    "adjust_in_circular43": (_("Áp dụng điều chỉnh một môn cho giáo dục thường xuyên"), _("TT 43/2021")),
    "afternoon_counts_as_absence": (_("Tính cả buổi thứ hai vào số buổi nghỉ"), _("TT 22 Điều 12, TT 58 Điều 15")),
    "both_fail_outcome": (_("Rèn luyện và học tập đều Chưa đạt"), _("TT 22 Điều 13-14")),
    "retest_capped_at_pass": (_("Đánh giá lại chỉ lấy mức vừa đủ lên lớp"), _("TT 22 Điều 14")),
    "retest_keep_better": (_("Giữ điểm cao hơn giữa điểm cũ và điểm đánh giá lại"), _("TT 22 Điều 14, TT 58 Điều 16")),
    "adjust_after_retest": (_("Vẫn điều chỉnh một môn sau khi đánh giá lại"), _("TT 22 Điều 14, TT 58 Điều 16")),
    "honour_requires_promotion": (_("Chỉ khen thưởng học sinh được lên lớp"), _("TT 22 Điều 15")),
    "too_few_subjects": (_("Khi có ít hơn sáu môn tính điểm"), _("TT 22 Điều 11")),
    "both_art_parts_needed": (_("Môn Nghệ thuật phải đạt cả hai phần"), _("TT 22 Điều 7")),
    "optional_subjects_count": (_("Môn tự chọn được tính khi xếp loại"), _("TT 22 Điều 9, TT 58 Điều 13")),
    "core_condition_may_be_the_subject": (
        _("Thiếu điều kiện Toán, Văn, Ngoại ngữ có thể là “một môn”"), _("TT 58 Điều 13 khoản 6")
    ),
    "higher_average_uses_lower_line": (
        _("Trung bình loại Giỏi được dùng dòng điều chỉnh của loại Khá"), _("TT 58 Điều 13 khoản 6")
    ),
    "conduct58_follows_term2": (_("Đề xuất hạnh kiểm cả năm theo học kì II"), _("TT 58 Điều 3-4")),
    "titles_from_original_results": (_("Danh hiệu xét theo kết quả trước khi kiểm tra lại"), _("TT 58 Điều 18")),
    "missing_term1_uses_term2": (_("Không có kết quả học kì I thì lấy học kì II"), _("Chuyển trường, môn mới")),
    "second_award_requires_completion": (
        _("Khen thành tích vượt trội phải hoàn thành chương trình"), _("TT 30/2014 Điều 16")
    ),
    "repeater_keeps_old_regime": (_("Học sinh lưu ban giữ quy định đánh giá cũ"), _("Lộ trình TT 22, TT 27")),
    "adults_have_conduct": (_("Học viên lớn tuổi cũng xếp hạnh kiểm"), _("QĐ 02/2007")),
}  # fmt: skip
CHOICE_WORDS: dict[str, Any] = {
    "ROUND_HALF_UP": _("Từ 0,05 làm tròn lên (6,45 thành 6,5)"),
    "ROUND_HALF_EVEN": _("0,05 làm tròn về số chẵn"),
    "ROUND_HALF_DOWN": _("0,05 làm tròn xuống"),
    "last_topic": _("Học kì kết thúc chuyên đề cuối"),
    "term1": _("Học kì I"),
    "term2": _("Học kì II"),
    "drop": _("Bỏ môn đó, xét các môn còn lại"),
    "raise_to_ten": _("Coi môn đó như đạt 10"),
    "principal": _("Hiệu trưởng quyết định"),
    "count_available": _("Xét trên số môn hiện có"),
    "RETAINED": _("Không được lên lớp"),
    "SUMMER_CONDUCT": _("Rèn luyện trong hè"),
}


class PolicyForm(forms.Form):
    """Every open point of the texts with the school's reading of it."""

    decision = forms.CharField(
        label=_("Quyết định của hiệu trưởng"), max_length=200, required=False, help_text=_("Số, ngày văn bản")
    )

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in policies.NAMES:
            label, source = POLICY_WORDS[name]
            self.fields[name] = self._field(name, getattr(policy, name), label, source)
        self.order_fields([*policies.NAMES, "decision"])

    @staticmethod
    def _field(name: str, value: Any, label: Any, source: Any) -> forms.Field:
        if name in policies.CHOICES:
            choices = [(choice, CHOICE_WORDS[choice]) for choice in policies.CHOICES[name]]
            return forms.ChoiceField(label=label, help_text=source, choices=choices, initial=str(value))
        if name == "few_lessons_up_to":
            return forms.IntegerField(
                label=label, help_text=source, min_value=0, max_value=policies.MOST_LESSONS - 1, initial=value
            )
        return forms.BooleanField(label=label, help_text=source, required=False, initial=value)

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in policies.NAMES}


class PhraseForm(forms.Form):
    """One sentence for the bank."""

    text = forms.CharField(
        label=_("Câu nhận xét"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Viết {ten} ở chỗ tên học sinh, ví dụ: Em {ten} chăm học."),
    )  # fmt: skip
    subject_key = forms.ChoiceField(label=_("Dùng cho môn"), required=False)
    for_school = forms.BooleanField(label=_("Dùng chung cho cả trường"), required=False)

    def __init__(self, *args: Any, subjects: list[tuple[str, str]], may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["subject_key"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Mọi môn")), *subjects]
        if not may_share:
            del self.fields["for_school"]
