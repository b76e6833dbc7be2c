"""The canonical record of one pupil-year (học bạ của một năm học): what is printed, signed and exchanged.

`records_for` gathers a class of 45 in a constant number of queries. A record is plain JSON: marks are text ("8.5"), an
empty text is an empty cell. Content by Circulars 22/2021, 58/2011 with 26/2020, 27/2020, 30/2014 with 22/2016, 43/2021.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from uuid import UUID

from sen.core.people.models import Enrolment
from sen.school.gradebook.rules.regimes import PRIMARY, Regime
from sen.school.transcripts.records import compose, primary, secondary
from sen.school.transcripts.records.digest import results_digests
from sen.school.transcripts.records.sources import Sources, gather
from sen.school.transcripts.records.words import FORMS, labels, waiting

SCHEMA = "sen.hoc-ba/1"


@dataclass(frozen=True)
class Gathered:
    """A record, or the sentences that say why there is none yet. `signers`: role or subject key -> person."""

    record: dict[str, Any]
    gaps: tuple[str, ...] = ()
    signers: dict[str, UUID] = field(default_factory=dict)


def records_for(enrolment_ids: Collection[UUID]) -> dict[UUID, Gathered]:
    """Enrolment -> its record. The caller's scope sees other schools: the learning history is one book."""
    sources = gather(enrolment_ids)
    digests = results_digests(enrolment_ids)
    return {pk: _record(sources, enrolment, digests[pk]) for pk, enrolment in sources.enrolments.items()}


def _record(sources: Sources, enrolment: Enrolment, results_digest: str) -> Gathered:
    gaps = _gaps(sources, enrolment)
    if gaps:
        return Gathered({}, gaps)
    placement = sources.placements[enrolment.pk]
    room = placement.school_class
    regime = Regime(room.regime)
    words = labels(regime, enrolment.level)
    result = sources.results[enrolment.pk][0]
    head = sources.heads.get(enrolment.school_id)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "form": FORMS[regime],
        "year": {"code": enrolment.year, "name": compose.year_name(enrolment.year)},
        "regime": {"code": regime.value, "text": regime.legal_text, "programme": room.programme},
        "rules_version": version("sen"),
        "results_sha256": results_digest,
        "labels": compose.as_dict(words),
        "school": compose.school(sources, enrolment),
        "pupil": compose.pupil(sources, enrolment),
        "class": compose.school_class(placement),
        "history": compose.history(sources, enrolment),
        "corrections": compose.corrections(sources, enrolment.pk),
        "principal": head.full_name if head else "",
        "honour": "" if result.honour in ("", "-") else result.honour,
        "outcome": compose.outcome(regime, enrolment.grade, result),
        "absences": compose.absences(sources, enrolment.pk),
        "remarks": compose.remarks(sources, enrolment.pk),
    }
    body = primary.body if regime in PRIMARY else secondary.body
    record |= body(sources, enrolment, placement, regime)
    return Gathered(record, (), compose.signers(sources, enrolment, placement))


def _gaps(sources: Sources, enrolment: Enrolment) -> tuple[str, ...]:
    """What keeps the transcript from being made, as sentences for the school."""
    placement = sources.placements.get(enrolment.pk)
    if placement is None:
        return ("Học sinh chưa được xếp lớp trong năm học.",)
    if placement.school_class.regime not in FORMS:
        return ("Cấp học này không có học bạ.",)
    result = sources.results.get(enrolment.pk, {}).get(0)
    if result is None:
        return ("Chưa có kết quả cả năm: sổ điểm của lớp chưa tổng kết.",)
    gaps: tuple[str, ...] = (
        () if result.is_complete else ("Kết quả cả năm chưa đầy đủ: còn môn học chưa đủ điểm hoặc nhận xét.",)
    )
    if wait := waiting(result.outcome):
        gaps += (wait,)
    if placement.school_class.form_teacher is None:
        gaps += (f"Lớp {placement.school_class.name} chưa có giáo viên chủ nhiệm.",)
    if enrolment.school_id not in sources.heads:
        gaps += ("Nhà trường chưa có hiệu trưởng trong hệ thống.",)
    return gaps


__all__ = ["SCHEMA", "Gathered", "records_for", "results_digests"]
