"""Calendar, size and choice rules: values in, values and sentences out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sen.shared.kit.errors import Invalid

TEACHING_WEEKS = (18, 17)  # Decision 2159/QĐ-BGDĐT: 35 weeks, 18 in term I
EARLIEST_DAYS_BEFORE_OPENING = 14  # grade 1; the others one week
HOLIDAY_DAYS = 3  # a week that loses three of its five school days is no teaching week
LAST_GRADE = {
    "primary": "5",
    "lower_secondary": "9",
    "upper_secondary": "12",
    "continuing_lower": "9",
    "continuing_upper": "12",
}


@dataclass(frozen=True)
class Dates:
    """The dates of a school year at an organisation."""

    starts_on: date
    term1_ends_on: date
    term2_starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Frame:
    """The Ministry's frame: the opening day, and days before which each part must be over."""

    opens_on: date
    term1_ends_by: date
    term2_ends_by: date
    ends_by: date


@dataclass(frozen=True)
class PlannedWeek:
    starts_on: date
    kind: str
    term: int
    number: int | None


def check_dates(dates: Dates, frame: Frame) -> None:
    """Refuse dates outside the frame, naming the first wrong one (the Ministry's yearly plan, e.g. 2159/QĐ-BGDĐT)."""
    if not dates.starts_on < dates.term1_ends_on < dates.term2_starts_on < dates.ends_on:
        raise Invalid(
            "curriculum.dates_order", _("Các mốc phải theo thứ tự: bắt đầu, hết học kỳ I, vào học kỳ II, kết thúc.")
        )
    earliest = frame.opens_on - timedelta(days=EARLIEST_DAYS_BEFORE_OPENING)
    if not earliest <= dates.starts_on <= frame.opens_on + timedelta(days=EARLIEST_DAYS_BEFORE_OPENING):
        raise Invalid(
            "curriculum.dates_start",
            _("Ngày bắt đầu phải từ %(first)s (hai tuần trước khai giảng), không quá hai tuần sau %(opening)s.")
            % {"first": _shown(earliest), "opening": _shown(frame.opens_on)},
            "starts_on",
        )
    for place, day, limit, what in (
        ("term1_ends_on", dates.term1_ends_on, frame.term1_ends_by, _("Học kỳ I")),
        ("ends_on", dates.ends_on, frame.ends_by, _("Năm học")),
    ):
        if day >= limit:
            raise Invalid(
                "curriculum.dates_frame",
                _("%(what)s phải kết thúc trước ngày %(limit)s theo khung của Bộ.")
                % {"what": what, "limit": _shown(limit)},
                place,
            )


def plan_weeks(
    dates: Dates, holidays: Sequence[tuple[date, date]], teaching: tuple[int, int] = TEACHING_WEEKS
) -> list[PlannedWeek]:
    """Weeks from Monday of the first to the last day. Teaching weeks count 1 to 35 across the year.

    A week that holidays take most of carries no number; what is left of a term after its teaching weeks is reserve.
    """
    weeks: list[PlannedWeek] = []
    number = 0
    for term, (first, last) in enumerate(
        ((dates.starts_on, dates.term1_ends_on), (dates.term2_starts_on, dates.ends_on)), start=1
    ):
        taught = 0
        monday = first - timedelta(days=first.weekday())
        if weeks and monday <= weeks[-1].starts_on:
            monday = weeks[-1].starts_on + timedelta(days=7)
        while monday <= last:
            if _lost_days(monday, holidays) >= HOLIDAY_DAYS:
                weeks.append(PlannedWeek(monday, "holiday", term, None))
            elif taught < teaching[term - 1]:
                taught, number = taught + 1, number + 1
                weeks.append(PlannedWeek(monday, "teaching", term, number))
            else:
                weeks.append(PlannedWeek(monday, "reserve", term, None))
            monday += timedelta(days=7)
    return weeks


def missing_weeks(weeks: Iterable[PlannedWeek], teaching: tuple[int, int] = TEACHING_WEEKS) -> int:
    """How many teaching weeks the dates leave no room for."""
    return sum(teaching) - sum(1 for week in weeks if week.kind == "teaching")


def _lost_days(monday: date, holidays: Sequence[tuple[date, date]]) -> int:
    days = [monday + timedelta(days=number) for number in range(5)]
    return sum(1 for day in days if any(first <= day <= last for first, last in holidays))


def _shown(day: date) -> str:
    return f"{day:%d/%m/%Y}"


# Classes


def size_limit(level: str) -> int:
    """The usual largest class: 35 in primary, 45 in secondary (charters 28/2020, 32/2020); only a warning."""
    return 35 if level in ("primary", "preschool") else 45


@dataclass(frozen=True)
class ChoiceNeed:
    """How many electives and study-topic clusters a pupil takes."""

    electives: int
    clusters: int


def choice_need(programme: str, level: str) -> ChoiceNeed | None:
    """4 of 9 and three clusters (Circular 13/2022), 4 of 7 in the new continuing programme (12/2022); else None."""
    if (programme, level) in (("2018", "upper_secondary"), ("gdtx-new", "continuing_upper")):
        return ChoiceNeed(4, 3)
    return None


def choice_faults(need: ChoiceNeed, electives: int, clusters: int, clusters_outside: int = 0) -> list[str]:
    """What is wrong with one pupil's choice, in words; warnings, because a transfer may need time to settle."""
    faults = []
    if electives != need.electives:
        faults.append(_("đang có %(has)s môn lựa chọn, cần %(need)s") % {"has": electives, "need": need.electives})
    if clusters != need.clusters:
        faults.append(_("đang có %(has)s cụm chuyên đề, cần %(need)s") % {"has": clusters, "need": need.clusters})
    if clusters_outside:
        faults.append(
            ngettext("%(n)s cụm của môn không học", "%(n)s cụm của môn không học", clusters_outside)
            % {"n": clusters_outside}
        )
    return faults


def next_class_name(name: str, grade: str, next_grade: str) -> str:
    """ "6A1" becomes "7A1": the grade at the beginning of a name moves on; any other name stays."""
    if name.startswith(grade) and not name[len(grade) :][:1].isdigit():
        return next_grade + name[len(grade) :]
    return name
