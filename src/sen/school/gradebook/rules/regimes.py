"""The names the rules share: regimes, outcomes, states of a result. Official Vietnamese words are the values."""

from enum import StrEnum


class Regime(StrEnum):
    """An assessment regime (quy định đánh giá), named by its text and year; "Thông tư 22" alone is ambiguous."""

    TT22 = "tt22-2021"
    TT58 = "tt58-2011"
    TT27 = "tt27-2020"
    TT30 = "tt30-2014"
    TT43 = "tt43-2021"
    QD02 = "qd02-2007"
    PRESCHOOL = "preschool-followup"

    @property
    def legal_text(self) -> str:
        """The text as a Vietnamese reader cites it."""
        return LEGAL_TEXTS[self]


LEGAL_TEXTS = {
    Regime.TT22: "Thông tư 22/2021/TT-BGDĐT",
    Regime.TT58: "Thông tư 58/2011/TT-BGDĐT, sửa đổi bởi Thông tư 26/2020/TT-BGDĐT",
    Regime.TT27: "Thông tư 27/2020/TT-BGDĐT",
    Regime.TT30: "Thông tư 30/2014/TT-BGDĐT, sửa đổi bởi Thông tư 22/2016/TT-BGDĐT",
    Regime.TT43: "Thông tư 43/2021/TT-BGDĐT",
    Regime.QD02: "Quyết định 02/2007/QĐ-BGDĐT, sửa đổi bởi Thông tư 26/2014/TT-BGDĐT",
    Regime.PRESCHOOL: "Thông tư 17/2009/TT-BGDĐT, sửa đổi bởi Thông tư 28/2016 và 51/2020/TT-BGDĐT",
}
SECONDARY = (Regime.TT22, Regime.TT58, Regime.TT43, Regime.QD02)
PRIMARY = (Regime.TT27, Regime.TT30)


class Outcome(StrEnum):
    """What becomes of the pupil at year end (June) or after the summer (August)."""

    PROMOTED = "PROMOTED"  # được lên lớp; in grades 9 and 12: programme completed
    RETEST = "RETEST"  # kiểm tra, đánh giá lại môn học trong hè
    SUMMER_CONDUCT = "SUMMER_CONDUCT"  # rèn luyện trong kì nghỉ hè
    RETAINED = "RETAINED"  # không được lên lớp
    COMPLETED = "COMPLETED"  # hoàn thành chương trình lớp học
    COMPLETED_PRIMARY = "COMPLETED_PRIMARY"  # hoàn thành chương trình tiểu học
    SUPPLEMENT = "SUPPLEMENT"  # hướng dẫn, giúp đỡ, đánh giá bổ sung
    PRINCIPAL_DECIDES = "PRINCIPAL_DECIDES"  # hiệu trưởng quyết định
    PENDING = "PENDING"  # chưa đủ dữ liệu


class Status(StrEnum):
    """Whether a result stands, and if not why."""

    COMPLETE = "COMPLETE"
    INCOMPLETE = "INCOMPLETE"  # a required assessment is missing or its make-up is pending
    INVALID = "INVALID"  # a value outside the rules
    EXEMPT = "EXEMPT"  # miễn học, miễn đánh giá
    NOT_TAUGHT = "NOT_TAUGHT"  # not on the plan of that term
    NO_LEVEL = "NO_LEVEL"  # too few subjects for the law's count: no automatic level


class Form(StrEnum):
    """How a subject is assessed."""

    MARKS = "marks"  # bằng nhận xét kết hợp điểm số
    COMMENTS = "comments"  # bằng nhận xét: Đạt / Chưa đạt
    LEVELS = "levels"  # tiểu học: T / H / C
    LEVELS_AND_TEST = "levels+test"  # tiểu học: T / H / C and periodic tests
    NONE = "none"  # on the plan but not assessed, such as class hours: no cell, no part in any result


class Exemption(StrEnum):
    """A waiver the principal granted to one pupil in one subject (miễn học, miễn đánh giá)."""

    NONE = ""
    TERM1 = "hk1"
    TERM2 = "hk2"
    YEAR = "year"
    PRACTICAL = "practical"  # practical part only: assessed on theory instead, the subject stays

    def covers(self, term: int) -> bool:
        """Whether the subject is waived in that term."""
        return self is Exemption.YEAR or self is (Exemption.TERM1 if term == 1 else Exemption.TERM2)


# Conduct and learning of Circulars 22/2021 and 43/2021, worst first.
CHUA_DAT, DAT, KHA, TOT = "Chưa đạt", "Đạt", "Khá", "Tốt"
LEVELS_22 = (CHUA_DAT, DAT, KHA, TOT)

# Academic class (học lực) and conduct (hạnh kiểm) of Circular 58/2011, worst first.
KEM, YEU, TRUNG_BINH, GIOI = "Kém", "Yếu", "Trung bình", "Giỏi"
CLASSES_58 = (KEM, YEU, TRUNG_BINH, KHA, GIOI)
CONDUCT_58 = (YEU, TRUNG_BINH, KHA, TOT)

# Primary: subject levels (Hoàn thành tốt, Hoàn thành, Chưa hoàn thành) and trait levels (Tốt, Đạt, Cần cố gắng).
SUBJECT_LEVELS = ("C", "H", "T")
TRAIT_LEVELS = ("C", "Đ", "T")
MOMENTS = ("GK1", "CK1", "GK2", "CN")

NO_TITLE = "-"
