"""Unnamed figures of a class for the levels above: completion, levels, outcomes. Derived, never entered."""

from collections import Counter
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from sen.core.curriculum.models import SchoolClass
from sen.school.gradebook import cells
from sen.school.gradebook.models import ClassFigures, Result, Sheet
from sen.school.gradebook.queries.books import Books, Room, gather

_FIGURES = [
    "year", "pupils", "cells_expected", "cells_filled", "sheets", "sheets_locked", "levels", "conducts", "outcomes",
    "honours", "computed_at",
]  # fmt: skip


@transaction.atomic
def refresh_figures(*, classes: Collection[SchoolClass]) -> int:
    """Count anew the figures of classes for both terms and the year; returns how many rows were written."""
    books = gather(classes)
    counted = {
        (room, term): (sheets, locked)
        for room, term, sheets, locked in Sheet.objects.filter(school_class__in=books.rooms)
        .values_list("school_class_id", "term")
        .annotate(all=Count("pk"), locked=Count("pk", filter=Q(locked_at__isnull=False)))
    }
    rows = []
    for room in books.rooms.values():
        for term in (1, 2, 0):
            rows.append(_figures(books, room, term, counted))
    ClassFigures.objects.bulk_create(
        rows, batch_size=1_000, update_conflicts=True, unique_fields=["school_class", "term"], update_fields=_FIGURES
    )
    return len(rows)


def _figures(books: Books, room: Room, term: int, counted: dict[tuple[UUID, int], tuple[int, int]]) -> ClassFigures:
    present = [pupil for pupil in room.pupils if pupil.is_present]
    parts = [cells_of(books, room, part) for part in ((1, 2) if term == 0 else (term,))]
    sheets = [counted.get((room.school_class.pk, part), (0, 0)) for part in ((1, 2) if term == 0 else (term,))]
    results: list[Result] = [
        result for pupil in present if (result := books.results.get(pupil.enrolment_id, {}).get(term)) is not None
    ]
    return ClassFigures(
        school_id=room.school_class.school_id,
        school_class_id=room.school_class.pk,
        year=room.school_class.year,
        term=term,
        pupils=len(present),
        cells_expected=sum(expected for expected, _filled in parts),
        cells_filled=sum(filled for _expected, filled in parts),
        sheets=sum(number for number, _locked in sheets),
        sheets_locked=sum(locked for _number, locked in sheets),
        levels=_count(result.level for result in results),
        conducts=_count(result.conduct for result in results),
        outcomes=_count(result.outcome for result in results),
        honours=_count(result.honour for result in results),
        computed_at=timezone.now(),
    )


def cells_of(books: Books, room: Room, term: int) -> tuple[int, int]:
    """(cells that must be filled, cells filled) of a class in a term."""
    expected = filled = 0
    for subject in room.subjects:
        if subject.only_term not in (None, term):
            continue
        required = room.book(subject, term).required
        for pupil in room.pupils:
            if not pupil.is_present or not books.takes(subject, pupil.enrolment_id):
                continue
            if books.is_exempt(subject, pupil.enrolment_id, term):
                continue
            line = books.lines.get(pupil.person_id, {}).get((subject.subject.key, term))
            cluster = books.takes_cluster(subject, pupil.enrolment_id)
            number = len(required) - (0 if cluster or "cd" not in required else 1)
            expected += number
            filled += number - len(
                cells.missing(required, line.marks if line else {}, line.states if line else {}, cluster=cluster)
            )
    return expected, filled


def _count(words: Iterable[str]) -> dict[str, int]:
    return dict(Counter(word for word in words if word))
