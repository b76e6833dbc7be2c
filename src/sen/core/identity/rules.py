"""Calculations of identity: the school year of a day, login names, first passwords. Python only."""

import secrets
from datetime import date

from sen.shared.kit import names

# Syllables without marks that are written as they are heard, none of them rude alone or beside another.
_SYLLABLES = (
    "an ba bao bay ben bien binh bong bui ca cam canh cao cau cay chan chao che chi chim chuong co com cua cuc da "
    "dao dau day den deo diem diu doi dong dua duong gac gao ghe gio gui ha hai han hat hoa hoai hong hue huong ke "
    "keo khe khoai kim kinh la lam lan lang lanh lau lua lung mai man mang mat may me mit mo moi mong mua nam nang "
    "nem nghe ngo ngoc ngon nhac nhan nho non nui nuoc oc oi ong phao pho phong phuc quan que quyt rau ron rung sa "
    "sam san sao sau sen soi son song su suong suoi tam tan tau tet tham than thanh thao the thoc thom thu thuyen "
    "tien tim to toi tom tra trang tre trong truc tu tui tuyet van vang ve ven vien vit voi vui vung vuon xa xanh "
    "xe xoai xuan yen yeu"
)
SYLLABLES = tuple(_SYLLABLES.split())


def school_year_of(day: date) -> tuple[int, int]:
    """(first calendar year, term) of a day. A year runs from August; its first term ends in the middle of January.

    Circulars on the calendar (khung kế hoạch thời gian năm học) open the year in late August or on 5 September and
    end the first term before mid January; a province may shift by two weeks, which does not matter for a default.
    """
    year = day.year if day.month >= 8 else day.year - 1
    return year, 1 if day < date(year + 1, 1, 16) else 2


def day_of(year: int, today: date) -> date:
    """The day on which the tree is read for a school year: today for the present one, else its last day, 31 May."""
    return today if school_year_of(today)[0] == year else date(year + 1, 5, 31)


def term_of(year: int, today: date) -> int:
    """The term one looks at first: today's in the present year, the last of a past one, the first of a coming one."""
    present, term = school_year_of(today)
    return term if year == present else (2 if year < present else 1)


def login_stem(full_name: str, birth_year: int | None) -> str:
    """Given name, initials of the rest, birth year: "Nguyễn Văn An", 2014 -> "an.nv.2014". Never a national number."""
    head, given = names.split(full_name)
    parts = [_letters(given), "".join(_letters(word)[:1] for word in head.split())]
    return ".".join(part for part in [*parts, str(birth_year or "")] if part) or "tk"


def _letters(word: str) -> str:
    return "".join(letter for letter in names.fold(word) if "a" <= letter <= "z")


def first_password() -> str:
    """A one-time password that can be read aloud and typed on a phone: three syllables and four digits.

    More than 2**34 equally likely ones: at five tries in five minutes (the lock-out) nobody guesses one in the
    fourteen days it lives, and its hash is replaced when it is first used.
    """
    words = "-".join(secrets.choice(SYLLABLES) for _ in range(3))
    return f"{words}-{secrets.randbelow(10_000):04d}"


# The first that is found counts: most browsers also call themselves by the names further down.
_BROWSERS = (("Edg", "Edge"), ("CocCoc", "Cốc Cốc"), ("coc_coc", "Cốc Cốc"), ("OPR", "Opera"), ("Firefox", "Firefox"),
             ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
            ("CrOS", "Chromebook"), ("Linux", "Linux"))  # fmt: skip


def device(user_agent: str) -> str:
    """A browser as its owner knows it: "Chrome, Android". What it says about itself, shortened, when it is another."""
    found = [next((name for mark, name in names if mark in user_agent), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(part for part in found if part) or user_agent[:60]
