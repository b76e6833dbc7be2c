"""When a dated change of the tree is possible: values in, sentences out."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from sen.shared.kit.errors import Invalid, RuleError

Period = tuple[date, date | None]

# Who may stand directly under whom (Decree 127/2018; since 01/07/2025 schools stand under the department).
PARENT_KINDS: dict[str, tuple[str, ...]] = {
    "ministry": (),
    "department": ("ministry",),
    "office": ("department",),
    "school": ("office", "department", "ministry"),
    "campus": ("school",),
}


def check_day(periods: Sequence[Period], day: date, name: str) -> None:
    """A change on `day` must fall inside the last period of the organisation and after its first day."""
    shown = f"{day:%d/%m/%Y}"
    if not periods:
        raise RuleError("organisations.closed", _("%(name)s chưa có thời gian hoạt động nào.") % {"name": name})
    start, end = periods[-1]
    if end is not None and end <= day:
        raise RuleError(
            "organisations.closed",
            _("%(name)s đã ngừng hoạt động từ %(end)s, không ghi thay đổi ngày %(day)s được.")
            % {"name": name, "end": f"{end:%d/%m/%Y}", "day": shown},
        )
    if end is not None:
        raise RuleError(
            "organisations.overlap",
            _("%(name)s đã có quyết định ngừng hoạt động ngày %(end)s; thay đổi ngày %(day)s sẽ chồng lên.")
            % {"name": name, "end": f"{end:%d/%m/%Y}", "day": shown},
        )
    if day <= start:
        code = "organisations.overlap" if len(periods) > 1 else "organisations.before_start"
        raise RuleError(
            code,
            _("Ngày %(day)s không sau lần thay đổi gần nhất của %(name)s (%(start)s). Xin chọn ngày muộn hơn.")
            % {"name": name, "day": shown, "start": f"{start:%d/%m/%Y}"},
        )


def check_parent(kind: str, parent_kind: str) -> None:
    if parent_kind not in PARENT_KINDS[kind]:
        raise Invalid(
            "organisations.wrong_parent", _("Đơn vị loại này không thể trực thuộc cơ quan đã chọn."), "parent"
        )


def check_decision(decision: str) -> str:
    text = " ".join(decision.split())
    if not text:
        raise Invalid("organisations.no_decision", _("Xin ghi số, ngày và nơi ban hành quyết định."), "decision")
    return text
