"""One digest over all a pupil's year rests on: it tells whether a result changed after a transcript was built."""

import hashlib
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sen.school.gradebook.models import Result, SheetLine, TermRecord
from sen.shared.documents.canonical import canonical_json

_RESULT = (
    "term",
    "regime",
    "subjects",
    "average",
    "level_base",
    "level",
    "conduct",
    "absences",
    "honour",
    "outcome_june",
    "outcome",
    "retests",
    "summer_conduct",
    "is_complete",
)
_RECORD = ("term", "conduct", "absent_excused", "absent_unexcused", "qualities", "recognition", "remark")


def results_digests(enrolment_ids: Collection[UUID]) -> dict[UUID, str]:
    """Enrolment -> digest of its results as they stand now, in three queries."""
    ids = list(enrolment_ids)
    parts: dict[UUID, dict[str, list[Any]]] = {pk: {"results": [], "records": [], "lines": []} for pk in ids}
    for owner, *row in Result.objects.filter(enrolment__in=ids).values_list("enrolment_id", *_RESULT):
        parts[owner]["results"].append(row)
    for owner, *row in TermRecord.objects.filter(enrolment__in=ids).values_list("enrolment_id", *_RECORD):
        parts[owner]["records"].append(row)
    for owner, key, term, marks, corrected, remark, average, level in SheetLine.objects.filter(
        enrolment__in=ids
    ).values_list(
        "enrolment_id",
        "sheet__class_subject__subject__key",
        "sheet__term",
        "marks",
        "corrected",
        "remark",
        "average",
        "level",
    ):
        parts[owner]["lines"].append([key, term, {**marks, **corrected}, remark, average, level])
    return {pk: _digest(rows) for pk, rows in parts.items()}


def _digest(rows: dict[str, list[Any]]) -> str:
    ordered = {name: sorted(items, key=lambda item: [str(part) for part in item]) for name, items in rows.items()}
    return hashlib.sha256(canonical_json(ordered)).hexdigest()
