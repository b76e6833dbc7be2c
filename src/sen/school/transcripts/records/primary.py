"""The year page of the primary booklets: levels, tests, qualities, competences, completion (27/2020, 30/2014)."""

from typing import Any

from sen.core.curriculum.models import ClassSubject, Placement
from sen.core.people.models import Enrolment
from sen.school.gradebook.models import TermRecord
from sen.school.gradebook.rules import traits_for
from sen.school.gradebook.rules.regimes import Outcome, Regime
from sen.school.transcripts.records import compose, words
from sen.school.transcripts.records.sources import Sources

TRAIT = {"T": "T", "D": "Đ", "Đ": "Đ", "C": "C"}
DONE = (Outcome.COMPLETED, Outcome.COMPLETED_PRIMARY)


def body(sources: Sources, enrolment: Enrolment, placement: Placement, regime: Regime) -> dict[str, Any]:
    """Only the results at the end of the year enter the booklet; the four periodic sheets stay in the class summary."""
    records = sources.records.get(enrolment.pk, {})
    year = sources.results[enrolment.pk][0]
    record = next((records[term] for term in (0, 2) if term in records and records[term].qualities), None)
    profile = enrolment.profile
    return {
        "subjects": [_subject(sources, enrolment, row) for row in compose.taken(sources, enrolment, placement)],
        "traits": _traits(regime, enrolment.grade, record),
        "result": year.level if regime is Regime.TT27 else "",
        "completed": year.outcome_june in DONE or year.outcome in DONE,
        "body": {name: str(profile.get(name) or "") for name in ("height", "weight", "health")},
    }


def _subject(sources: Sources, enrolment: Enrolment, row: ClassSubject) -> dict[str, str]:
    key = row.subject.key
    lines = sources.lines.get(enrolment.pk, {})
    line = lines.get((key, 2)) or lines.get((key, 1))
    waived = sources.exemptions.get(enrolment.pk, {}).get(row.pk, set())
    year = sources.results[enrolment.pk][0]
    level = str((line.marks.get("muc_CN") or line.level) if line else "") or _text(year.subjects.get(key))
    test = line.marks.get("kt_CN") if line else None
    return {
        "key": key,
        "name": row.subject.name,
        "form": row.subject.form,
        "level": level or ("Miễn" if waived else ""),
        # Primary marks are whole (27/2020 Art. 7): tenths in the book, "9" on the page.
        "test": str(test // 10) if isinstance(test, int) else "",
        "remark": str(line.marks.get("nx_CN") or line.remark) if line else "",
        "teacher": compose.teacher_names(sources, row),
    }


def _traits(regime: Regime, grade: str, record: TermRecord | None) -> list[dict[str, Any]]:
    """Groups (phẩm chất, năng lực) in the order of the form, each with its qualities or competences and their level."""
    given = record.qualities if record else {}
    groups: dict[str, list[dict[str, str]]] = {}
    for trait in traits_for(regime, int(grade)):
        level = TRAIT.get(str(given.get(trait.key, "")), "")
        groups.setdefault(trait.group, []).append({"key": trait.key, "name": trait.name, "level": level})
    remarks = {name: str(given.get(f"nx_{name}", "")) for name in groups}
    return [{"name": name, "items": items, "remark": remarks[name]} for name, items in groups.items()]


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value in words.SUBJECT_LEVELS else ""
