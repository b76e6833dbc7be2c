"""What closed years say to the roll-over: who goes on, who repeats, who still waits and for what."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from sen.core.curriculum.links import Outcome as Step
from sen.core.people.models import Enrolment
from sen.school.gradebook.models import Result, Sheet
from sen.school.gradebook.rules import Outcome, Regime, next_grade

KINDERGARTEN_AGE, FIRST_GRADE_AGE = 3, 6


def outcomes(school_id: UUID, year: int) -> Mapping[UUID, Step]:
    """Enrolment id -> what the year's result says, in three queries. Preschool children move up by age."""
    results = Result.objects.filter(school=school_id, year=year, term=0).values_list(
        "enrolment_id", "outcome", "school_class__grade"
    )
    found = {enrolment: _step(outcome, grade) for enrolment, outcome, grade in results}
    preschool = Enrolment.objects.filter(
        school=school_id, year=year, placements__school_class__regime=Regime.PRESCHOOL, placements__until=None
    )
    for enrolment, born in preschool.values_list("pk", "person__birth_date"):
        found[enrolment] = _by_age(year + 1 - born.year if born else None)
    return found


def _by_age(age: int | None) -> Step:
    """Where a child of this age (in the calendar year the new school year begins) belongs."""
    if age is None:
        return Step("waiting", "", _("Chưa có ngày sinh"))
    if age >= FIRST_GRADE_AGE:
        return Step("finished", "", _("Đủ tuổi vào lớp 1"))
    return Step("promoted", "mau_giao" if age >= KINDERGARTEN_AGE else "nha_tre", _("Lên theo độ tuổi"))


def _step(outcome: str, grade: str) -> Step:
    decided = Outcome(outcome or Outcome.PENDING)
    following = next_grade(decided, int(grade))
    if decided is Outcome.RETAINED:
        return Step("repeat", grade, _("Không được lên lớp"))
    if following is not None:
        return Step("promoted", str(following), _("Được lên lớp"))
    if decided in (Outcome.PROMOTED, Outcome.COMPLETED, Outcome.COMPLETED_PRIMARY):
        return Step("finished", "", _("Hoàn thành chương trình"))
    waits = {
        Outcome.RETEST: _("Chờ đánh giá lại trong hè"),
        Outcome.SUMMER_CONDUCT: _("Chờ rèn luyện trong hè"),
        Outcome.SUPPLEMENT: _("Chờ đánh giá bổ sung"),
        Outcome.PRINCIPAL_DECIDES: _("Chờ hiệu trưởng quyết định"),
    }
    return Step("waiting", "", waits.get(decided, _("Chưa có kết quả cả năm")))


def open_books(class_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of the classes whose book is open: their pupils keep their row numbers."""
    return set(Sheet.objects.filter(school_class__in=list(class_ids)).values_list("school_class_id", flat=True))
