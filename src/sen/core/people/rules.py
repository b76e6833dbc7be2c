"""What law and common sense say about a person's data: values in, sentences out. Knows neither tables nor pages.

Doubts are shown to the clerk and never refuse: where law lets the paper decide (a birth certificate with another
year than the number was built from), the paper wins and the doubt stays visible.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from sen.shared.kit.names import fold

MALE, FEMALE = "01", "02"

PRESCHOOL_GRADES = ("nha_tre", "mau_giao")
GRADES = (*PRESCHOOL_GRADES, *(str(number) for number in range(1, 13)))


@dataclass(frozen=True)
class Doubt:
    """Something that does not fit. `fields` are dictionary keys, `sentence` says what and what to do."""

    code: str
    fields: tuple[str, ...]
    sentence: str


def personal_id_digits(text: str) -> str | None:
    """The digits of a personal number, without the spaces people write; None when it has neither 12 nor 9.

    Excel drops the leading zero of a number typed as a figure: eleven digits get it back.
    """
    digits = re.sub(r"[\s.\-]", "", text)
    if not digits.isascii() or not digits.isdigit():
        return None
    if len(digits) == 11:
        digits = f"0{digits}"
    return digits if len(digits) in (9, 12) else None


def personal_id_doubts(number: str, *, birth_date: date | None, gender: str, provinces: Collection[str]) -> list[Doubt]:
    """Where a 12-digit number PPP G YY RRRRRR disagrees with the record. `provinces` are the known PPP.

    Decree 137/2015/NĐ-CP Article 13, Circular 07/2016/TT-BCA Article 7. A nine-digit card has no such structure.
    """
    if len(number) != 12:
        return []
    doubts = []
    if number[:3] not in provinces:
        doubts.append(
            Doubt(
                "personal_id.province",
                ("personal_id",),
                _("Ba chữ số đầu (%(code)s) không phải mã tỉnh; đúng khi khai sinh ở nước ngoài, nếu không xin so lại.")
                % {"code": number[:3]},
            )
        )
    century = 1900 + 100 * (int(number[3]) // 2)
    by_number = MALE if int(number[3]) % 2 == 0 else FEMALE
    if gender in (MALE, FEMALE) and gender != by_number:
        doubts.append(
            Doubt(
                "personal_id.gender",
                ("personal_id", "gender_code"),
                _("Chữ số thứ tư của số định danh chỉ giới %(other)s, hồ sơ ghi %(this)s; xin so với giấy khai sinh.")
                % {"other": _gender(by_number), "this": _gender(gender)},
            )
        )
    year = century + int(number[4:6])
    if birth_date is not None and birth_date.year != year:
        doubts.append(
            Doubt(
                "personal_id.year",
                ("personal_id", "birth_date"),
                _("Số định danh chỉ năm sinh %(other)d, hồ sơ ghi %(this)d; xin so với giấy khai sinh.")
                % {"other": year, "this": birth_date.year},
            )
        )
    return doubts


def _gender(code: str) -> str:
    return _("nam") if code == MALE else _("nữ")


def mask(number: str) -> str:
    """A personal number as it is shown to those who need not know it: "0792••••1234"."""
    return f"{number[:4]}••••{number[-4:]}" if len(number) >= 9 else "••••" if number else ""


def phone(text: str) -> str | None:
    """A phone number as ten digits (mobile) or eleven (landline), from what people write; None when it is none.

    "+84 912 345 678", "0912.345.678" and the figure 912345678 of Excel are the same number.
    """
    digits = re.sub(r"[\s.\-()]", "", text)
    if digits.startswith("+84"):
        digits = f"0{digits[3:]}"
    if not digits.isascii() or not digits.isdigit():
        return None
    if len(digits) == 11 and digits.startswith("84"):
        digits = f"0{digits[2:]}"
    if len(digits) in (9, 10) and digits[0] in "235789":
        digits = f"0{digits}"
    mobile = re.fullmatch(r"0[35789]\d{8}", digits)
    landline = re.fullmatch(r"02\d{8,9}", digits)
    return digits if mobile or landline else None


_GRADE_WORDS = {"nha tre": "nha_tre", "nhom tre": "nha_tre", "mau giao": "mau_giao", "lop mau giao": "mau_giao"}


def grade_of(text: str) -> str | None:
    """The grade people mean by "6", "06", "Khối 6", "lớp 6", "mẫu giáo"; None when it is none."""
    plain = re.sub(r"[\s_]+", " ", fold(text)).strip()
    if plain in _GRADE_WORDS:
        return _GRADE_WORDS[plain]
    found = re.fullmatch(r"(?:khoi |lop |k)?0?(\d{1,2})", plain)
    return found[1] if found and found[1] in GRADES else None


def grade_of_class(name: str) -> str | None:
    """The grade in the name of a class ("6A", "Lớp 10A1", "9/2"); None for names without one ("Lá 1")."""
    found = re.match(r"(?:lop )?(1[0-2]|[1-9])(?![0-9])", fold(name))
    return found[1] if found else None


_LEVELS = (
    ("preschool", PRESCHOOL_GRADES),
    ("primary", ("1", "2", "3", "4", "5")),
    ("lower_secondary", ("6", "7", "8", "9")),
    ("continuing_lower", ("6", "7", "8", "9")),
    ("upper_secondary", ("10", "11", "12")),
    ("continuing_upper", ("10", "11", "12")),
)


def level_of(grade: str, levels: Collection[str]) -> str | None:
    """The level of a grade at a school that teaches these levels; None when it does not teach the grade."""
    return next((level for level, grades in _LEVELS if grade in grades and level in levels), None)


def age_doubt(*, birth_date: date | None, grade: str, year: int) -> Doubt | None:
    """Age against grade: grade 1 at six and so on; outside -3/+5 years a doubt (cross check 4 of the data standard).

    Age is the year's first calendar year less the year of birth, as schools count it.
    """
    if birth_date is None:
        return None
    usual = {"nha_tre": 2, "mau_giao": 4}.get(grade) or (int(grade) + 5 if grade.isdigit() else None)
    if usual is None:
        return None
    age = year - birth_date.year
    if -3 <= age - usual <= 5:
        return None
    return Doubt(
        "age.grade",
        ("birth_date", "grade"),
        _("%(age)d tuổi ở khối %(grade)s: khác nhiều so với tuổi thường gặp (%(usual)d); xin so lại ngày sinh và khối.")
        % {"age": age, "grade": grade.replace("_", " "), "usual": usual},
    )


def part_of_year(day: date) -> str:
    """The part of the school year of a day: "1", "2" or "summer", by the Ministry's usual frame.

    Term 1 ends before 15/01, the year before 31/05 (plan of the school year 2022-2023).
    """
    if day.month >= 9 or (day.month == 1 and day.day <= 15):
        return "1"
    return "2" if day.month <= 5 else "summer"


def staff_doubts(
    *, birth_date: date | None, recruited_on: date | None, position: str, group: str, position_group: str
) -> list[Doubt]:
    """Recruitment at 18 or later; a position belongs to its group (cross check 9 of the data standard)."""
    doubts = []
    if birth_date and recruited_on and (recruited_on.year - birth_date.year) < 18:
        doubts.append(
            Doubt(
                "staff.recruited_young",
                ("birth_date", "recruited_on"),
                _("Tuyển dụng khi chưa đủ 18 tuổi; xin so lại ngày sinh và ngày tuyển dụng."),
            )
        )
    if position and group and position_group != group:
        doubts.append(
            Doubt(
                "staff.position_group",
                ("position_code", "group_code"),
                _("Chức vụ này không thuộc nhóm vị trí đã ghi; xin chọn lại một trong hai."),
            )
        )
    return doubts


@dataclass(frozen=True)
class Facts:
    """What tells one pupil from another. Names folded; parents' names without order."""

    name: str
    birth_date: date | None = None
    personal_id: str = ""
    code: str = ""
    local_code: str = ""
    parents: frozenset[str] = field(default_factory=frozenset)


SURE, SUSPECT = 90, 50


def likeness(one: Facts, other: Facts) -> int:
    """How likely two records are one person, 0 to 100: from `SURE` upwards taken as one, from `SUSPECT` ask the clerk.

    Codes and personal numbers decide when both sides have them; else name + birth date, weighed by the parents.
    Cross check 12 of the data standard.
    """
    if one.code and one.code == other.code:
        return 100
    if one.local_code and one.local_code == other.local_code:
        return 100
    if len(one.personal_id) == 12 and one.personal_id == other.personal_id:
        return 100
    if one.name != other.name:
        return 0
    apart = (one.code and other.code) or (one.personal_id and other.personal_id)
    apart = apart or (one.local_code and other.local_code)
    parents_known = bool(one.parents and other.parents)
    same_parent = bool(one.parents & other.parents)
    if one.birth_date and one.birth_date == other.birth_date:
        if apart:
            return 70 if same_parent or not parents_known else 40
        if parents_known and not same_parent:
            return 60
        return 100 if same_parent else SURE
    if one.birth_date and other.birth_date:
        slip = _one_slip(one.birth_date, other.birth_date)
        return (
            60 if slip and not apart and (same_parent or not parents_known) else 50 if same_parent and not apart else 0
        )
    # A birth date is missing on one side: the parents must speak.
    return 60 if same_parent and not apart else 0


def _one_slip(one: date, other: date) -> bool:
    """Day and month swapped, or a single part of the date different: what a slip of the pen does."""
    parts = [(one.day, other.day), (one.month, other.month), (one.year, other.year)]
    swapped = one.year == other.year and (one.day, one.month) == (other.month, other.day)
    return swapped or sum(a != b for a, b in parts) == 1
