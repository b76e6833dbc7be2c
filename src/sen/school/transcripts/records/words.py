"""The words of each booklet. They differ by regime and are never translated into those of another (no mapping)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sen.school.gradebook.rules.regimes import Outcome, Regime

LAST_PRIMARY_GRADE = "5"
LAST_GRADES = ("9", "12")
CONTINUING = ("continuing_lower", "continuing_upper")

LEVEL_NAMES = {
    "primary": "Tiểu học",
    "lower_secondary": "Trung học cơ sở",
    "upper_secondary": "Trung học phổ thông",
    "continuing_lower": "Giáo dục thường xuyên cấp trung học cơ sở",
    "continuing_upper": "Giáo dục thường xuyên cấp trung học phổ thông",
}
SUBJECT_LEVELS = {"T": "Hoàn thành tốt", "H": "Hoàn thành", "C": "Chưa hoàn thành"}
TRAIT_LEVELS = {"T": "Tốt", "Đ": "Đạt", "C": "Cần cố gắng"}
VERDICTS = {1: "Đ", 0: "CĐ", "Đạt": "Đ", "Chưa đạt": "CĐ", "Đ": "Đ", "CĐ": "CĐ"}
KINSHIP = {"father": "Cha", "mother": "Mẹ", "guardian": "Người giám hộ"}

FORMS = {
    Regime.TT22: "secondary_new",
    Regime.TT58: "secondary_old",
    Regime.QD02: "secondary_old",
    Regime.TT43: "continuing",
    Regime.TT27: "primary_new",
    Regime.TT30: "primary_old",
}
"""Regime -> booklet form (the Typst template of that name). A regime that is not here has no transcript."""

FINAL = (Outcome.PROMOTED, Outcome.RETAINED, Outcome.COMPLETED, Outcome.COMPLETED_PRIMARY)
"""Only these are written into a booklet; the others wait for the summer or for a decision."""

WAITING = {
    Outcome.RETEST: "Đang chờ kết quả kiểm tra, đánh giá lại trong kì nghỉ hè.",
    Outcome.SUMMER_CONDUCT: "Đang chờ kết quả rèn luyện trong kì nghỉ hè.",
    Outcome.SUPPLEMENT: "Đang chờ kết quả đánh giá bổ sung.",
    Outcome.PRINCIPAL_DECIDES: "Đang chờ hiệu trưởng quyết định việc lên lớp.",
    Outcome.PENDING: "Kết quả cả năm chưa đủ dữ liệu.",
}


@dataclass(frozen=True)
class Labels:
    """Headings and titles of one form."""

    title: str
    pupil: str
    conduct: str
    learning: str
    average: str
    form_teacher: str
    principal: str
    retest: str
    summer: str


_NEW = Labels(
    "HỌC BẠ",
    "Học sinh",
    "Kết quả rèn luyện",
    "Kết quả học tập",
    "",
    "Giáo viên chủ nhiệm",
    "Hiệu trưởng",
    "Đánh giá lại",
    "Rèn luyện trong kì nghỉ hè",
)
_OLD = Labels(
    "HỌC BẠ",
    "Học sinh",
    "Hạnh kiểm",
    "Học lực",
    "Điểm trung bình các môn",
    "Giáo viên chủ nhiệm",
    "Hiệu trưởng",
    "Kiểm tra lại",
    "Rèn luyện thêm về hạnh kiểm",
)
_PRIMARY = Labels("HỌC BẠ", "Học sinh", "", "", "", "Giáo viên chủ nhiệm", "Hiệu trưởng", "Đánh giá bổ sung", "")


def labels(regime: Regime, level: str) -> Labels:
    """The labels of a regime; a continuing education centre has learners (học viên) and a director."""
    if regime in (Regime.TT27, Regime.TT30):
        return _PRIMARY
    chosen = _OLD if regime in (Regime.TT58, Regime.QD02) else _NEW
    if level not in CONTINUING:
        return chosen
    return Labels(
        chosen.title,
        "Học viên",
        chosen.conduct,
        chosen.learning,
        chosen.average,
        chosen.form_teacher,
        "Giám đốc",
        chosen.retest,
        chosen.summer,
    )


def outcome_sentence(regime: Regime, grade: str, june: str, final: str) -> str:
    """What the booklet says about the year, in the words of the regime (22 Art. 12-14, 58 Art. 15-17, 27 Art. 11)."""
    outcome = Outcome(final)
    if regime in (Regime.TT27, Regime.TT30):
        return _primary_outcome(grade, june, outcome)
    if outcome is Outcome.RETAINED:
        return "Không được lên lớp" if grade not in LAST_GRADES else "Chưa hoàn thành chương trình"
    how = {
        Outcome.RETEST: " sau đánh giá lại" if regime in (Regime.TT22, Regime.TT43) else " sau kiểm tra lại",
        Outcome.SUMMER_CONDUCT: " sau rèn luyện trong kì nghỉ hè"
        if regime in (Regime.TT22, Regime.TT43)
        else " sau rèn luyện thêm về hạnh kiểm",
    }.get(Outcome(june) if june else outcome, "")
    if grade in LAST_GRADES:
        level = "trung học cơ sở" if grade == "9" else "trung học phổ thông"
        return f"Hoàn thành chương trình {level}{how}"
    return f"Được lên lớp {int(grade) + 1}{how}"


def _primary_outcome(grade: str, june: str, outcome: Outcome) -> str:
    """Grade 5 closes the level: "Hoàn thành chương trình tiểu học" (Circular 27 Art. 11, Circular 30 Art. 14)."""
    if outcome is Outcome.COMPLETED_PRIMARY or (outcome is Outcome.COMPLETED and grade == LAST_PRIMARY_GRADE):
        return "Hoàn thành chương trình tiểu học"
    if outcome is Outcome.COMPLETED:
        return f"Hoàn thành chương trình lớp {grade}; được lên lớp {int(grade) + 1}"
    if outcome is Outcome.PROMOTED:
        following = (
            "hoàn thành chương trình tiểu học" if grade == LAST_PRIMARY_GRADE else f"được lên lớp {int(grade) + 1}"
        )
        return f"Hiệu trưởng xét: {following}"
    return f"Chưa hoàn thành chương trình lớp {grade}; học lại lớp {grade}"


def waiting(outcome: str) -> str:
    """Why no transcript can be made yet; empty when the year is decided."""
    decided = Outcome(outcome) if outcome else Outcome.PENDING
    return WAITING.get(decided, "")


def mark(tenths: int | None) -> str:
    """A mark of whole tenths as the record writes it: 85 -> "8.5"."""
    return "" if tenths is None else f"{tenths // 10}.{tenths % 10}"


def result(value: Any, form: str) -> str:
    """A subject's result as the record writes it: "8.5", "Đ", "CĐ", or a primary level "T", "H", "C"."""
    if value is None or value == "":
        return ""
    if form == "comments":
        return VERDICTS.get(int(value) if isinstance(value, bool) else value, str(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return mark(value)
    return str(value)


def known(pairs: Mapping[str, str], key: str) -> str:
    return pairs.get(key, key)
