"""Questions about years, classes, subjects and teaching assignment."""

from functools import lru_cache

from django.utils.translation import gettext as _

from sen.core.curriculum import loading
from sen.core.organisations.loading import read
from sen.shared.kit.errors import Invalid


@lru_cache
def _regimes() -> tuple[dict[str, str], ...]:
    return tuple(read("regimes.csv", loading.DATA))


@lru_cache(maxsize=512)
def regime_for(year: int, level: str, grade: str) -> tuple[str, str]:
    """(programme, assessment regime) of a class: ("2018", "tt22-2021") for 2022, lower_secondary, 6.

    A function of school year, level and grade alone, never of the pupil's history (roll-out of Circulars 32/2018,
    22/2021, 27/2020, 43/2021). Invalid where nothing is on file: a year before 2020-2021, a grade the level has not.
    """
    for row in _regimes():
        in_time = int(row["from_year"]) <= year and (not row["to_year"] or year <= int(row["to_year"]))
        if in_time and row["level"] == level and row["grade"] in ("*", grade):
            return row["programme"], row["regime"]
    raise Invalid(
        "curriculum.no_regime",
        _("Năm học %(year)s-%(next)s chưa có quy định đánh giá cho khối %(grade)s ở cấp học này.")
        % {"year": year, "next": year + 1, "grade": grade},
    )
