"""Words that pages, prints and exports of the gradebook share: terms, outcomes, levels in their order."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from sen.school.gradebook.rules import Outcome, Regime

YEAR = 0
TERM_CODES: Mapping[str, int] = {"1": 1, "2": 2, "nam": YEAR}
"""How a period is written in an address: `?ki=nam`."""

# Grades that end a level: being promoted from them is having completed the programme.
_LAST_GRADES = ("9", "12")


def term_code(term: int) -> str:
    return "nam" if term == YEAR else str(term)


def term_name(term: int) -> str:
    """ "Học kì I", "Học kì II", "Cả năm"."""
    return {1: _("Học kì I"), 2: _("Học kì II"), YEAR: _("Cả năm")}[term]


def outcome_name(outcome: str, grade: str = "") -> str:
    """What became of the pupil, as the official forms say it; empty for a period without outcome."""
    if outcome == Outcome.PROMOTED and grade in _LAST_GRADES:
        return _("Hoàn thành chương trình")
    return {
        Outcome.PROMOTED.value: _("Được lên lớp"),
        Outcome.RETEST.value: _("Đánh giá lại môn học"),
        Outcome.SUMMER_CONDUCT.value: _("Rèn luyện trong hè"),
        Outcome.RETAINED.value: _("Không được lên lớp"),
        Outcome.COMPLETED.value: _("Hoàn thành chương trình lớp học"),
        Outcome.COMPLETED_PRIMARY.value: _("Hoàn thành chương trình tiểu học"),
        Outcome.SUPPLEMENT.value: _("Đánh giá bổ sung"),
        Outcome.PRINCIPAL_DECIDES.value: _("Chờ hiệu trưởng quyết định"),
        Outcome.PENDING.value: _("Chưa đủ dữ liệu"),
    }.get(outcome, outcome)


PASSED = frozenset(o.value for o in (Outcome.PROMOTED, Outcome.COMPLETED, Outcome.COMPLETED_PRIMARY))
WAITING = frozenset(
    o.value for o in (Outcome.RETEST, Outcome.SUMMER_CONDUCT, Outcome.SUPPLEMENT, Outcome.PRINCIPAL_DECIDES)
)


def outcome_tone(outcome: str) -> str:
    """Tone of the badge: the word says it, the colour helps."""
    if outcome in PASSED:
        return "success"
    if outcome in WAITING:
        return "warning"
    return "error" if outcome == Outcome.RETAINED else "neutral"


# What teachers write at the head of a narrow column; the whole name stands behind it.
_SHORT_SUBJECTS: Mapping[str, str] = {
    "gdcd": "GDCD", "gddp": "GDĐP", "gdktpl": "GDKT&PL", "gdngll": "GDNGLL", "gdqpan": "GDQP&AN", "gdtc": "GDTC",
    "giao_duc_the_chat": "GDTC", "hdtn_hn": "HĐTN, HN", "hoat_dong_trai_nghiem": "HĐTN", "huong_nghiep": "GDHN",
    "khoa_hoc_tu_nhien": "KHTN", "lich_su_dia_li": "LS&ĐL", "nghe_pho_thong": "Nghề PT", "nghe_thuat": "Nghệ thuật",
    "ngoai_ngu": "NN", "ngoai_ngu_1": "NN1", "ngoai_ngu_2": "NN2", "tieng_dan_toc": "Tiếng DT",
    "tieng_dtts": "Tiếng DTTS", "tin_hoc_cong_nghe": "TH&CN", "tu_chon": "Tự chọn", "tu_nhien_xa_hoi": "TN&XH",
}  # fmt: skip


def short_subject(key: str, name: str) -> str:
    """The subject at the head of a narrow column: "KHTN"; a name that is short as it is stays."""
    return _SHORT_SUBJECTS.get(key) or name.split(" (")[0]


def learning_heading(regime: str) -> str:
    return _("Học lực") if regime in (Regime.TT58, Regime.QD02) else _("Kết quả học tập")


def conduct_heading(regime: str) -> str:
    return _("Hạnh kiểm") if regime in (Regime.TT58, Regime.QD02) else _("Kết quả rèn luyện")


# Best first. The scales share words (Tốt, Khá, Đạt), so one order serves mixed counts of several regimes.
_WORDS = (
    *("Hoàn thành xuất sắc", "Hoàn thành tốt", "Giỏi", "Tốt", "Khá", "Đạt", "Trung bình", "Hoàn thành"),
    *("Yếu", "Chưa đạt", "Kém", "Chưa hoàn thành"),
    *("Học sinh Xuất sắc", "Học sinh Giỏi", "Học sinh giỏi", "Học sinh tiên tiến"),
    *(outcome.value for outcome in Outcome),
)
_ORDER = {word: place for place, word in enumerate(_WORDS)}


def in_order(words: Iterable[str]) -> list[str]:
    """Levels, titles or outcomes, the best first; unknown words last, by letter."""
    return sorted(set(words), key=lambda word: (_ORDER.get(word, len(_ORDER)), word))
