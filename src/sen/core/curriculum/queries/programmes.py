"""Which programme and regime hold, and what a programme teaches in a grade."""

from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache

from django.db.models import Q
from django.utils.translation import gettext as _

from sen.core.curriculum import loading
from sen.core.curriculum.models import ProgrammeSubject
from sen.core.organisations.loading import read
from sen.shared.kit.errors import Invalid

Triple = tuple[str, str, str]  # programme, level, grade


@lru_cache(maxsize=1)
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


def programme_subjects(triples: Collection[Triple]) -> dict[Triple, list[ProgrammeSubject]]:
    """What is taught in each (programme, level, grade), in the order of official forms; one query."""
    wanted = Q(pk=None)
    for programme, level, grade in triples:
        wanted |= Q(programme=programme, level=level, grade=grade)
    found: dict[Triple, list[ProgrammeSubject]] = defaultdict(list)
    for subject in ProgrammeSubject.objects.filter(wanted).order_by("position"):
        found[subject.programme, subject.level, subject.grade].append(subject)
    return found


def is_for_all(subject: ProgrammeSubject) -> bool:
    """Taught to every pupil with an assessment of its own: no parts of another subject, no ceremonies."""
    return subject.kind in ("compulsory", "activity") and subject.form != ProgrammeSubject.Form.NONE


def is_elective(subject: ProgrammeSubject) -> bool:
    """May be chosen, by the class or by pupils. Study-topic clusters belong to their subject: none here."""
    return subject.kind in ("elective", "elective_4", "elective_4_of_9") and subject.form != ProgrammeSubject.Form.NONE
