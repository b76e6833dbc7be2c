"""Table A and Table B of the secondary booklets: subject results, conduct, learning (22/2021, 58/2011, 43/2021)."""

from decimal import Decimal
from typing import Any

from sen.core.curriculum.models import ClassSubject, Placement
from sen.core.people.models import Enrolment
from sen.school.gradebook.models import Result
from sen.school.gradebook.rules import circular58
from sen.school.gradebook.rules.regimes import DAT, Outcome, Regime
from sen.school.gradebook.rules.values import Standing
from sen.school.transcripts.records import compose, words
from sen.school.transcripts.records.sources import Line, Sources

OLD = (Regime.TT58, Regime.QD02)


def body(sources: Sources, enrolment: Enrolment, placement: Placement, regime: Regime) -> dict[str, Any]:
    """Subjects, conduct, learning (with the average of all subjects where the regime has one)."""
    results = sources.results[enrolment.pk]
    year = results[0]
    conducts = {term: results[term].conduct if term in results else "" for term in (1, 2)}
    records = sources.records.get(enrolment.pk, {})
    for term in (1, 2):
        conducts[term] = conducts[term] or (records[term].conduct if term in records else "")
    subjects = [_subject(sources, enrolment, row) for row in compose.taken(sources, enrolment, placement)]
    content: dict[str, Any] = {
        "subjects": subjects,
        "conduct": {"term1": conducts[1], "term2": conducts[2], "year": year.conduct, "after": year.summer_conduct},
        "learning": {
            "term1": results[1].level if 1 in results else "",
            "term2": results[2].level if 2 in results else "",
            "year": year.level,
            "after": _learning_after(year, regime),
        },
    }
    if regime in OLD:
        content["average"] = {
            f"term{term}" if term else "year": words.mark(results[term].average) if term in results else ""
            for term in (1, 2, 0)
        }
    return content


def _subject(sources: Sources, enrolment: Enrolment, row: ClassSubject) -> dict[str, str]:
    """One line of Table A."""
    form, key = row.subject.form, row.subject.key
    results = sources.results[enrolment.pk]
    lines = sources.lines.get(enrolment.pk, {})
    waived = sources.exemptions.get(enrolment.pk, {}).get(row.pk, set())
    values = {}
    for term in (1, 2, 0):
        given = results[term].subjects.get(key) if term in results else None
        if given is None and term:
            given = _of_line(lines.get((key, term)), form)
        skipped = term in waived or 0 in waived
        values[term] = words.result(given, form) or ("Miễn" if skipped else "")
    remark = next((lines[key, term].remark for term in (2, 1) if (key, term) in lines and lines[key, term].remark), "")
    return {
        "key": key,
        "name": row.subject.name,
        "form": form,
        "term1": values[1],
        "term2": values[2],
        "year": values[0],
        "after": words.result(results[0].retests.get(key), form),
        "remark": remark,
        "teacher": compose.teacher_names(sources, row),
    }


def _of_line(line: Line | None, form: str) -> int | str | None:
    if line is None:
        return None
    return line.average if form == "marks" else line.level


def _learning_after(year: Result, regime: Regime) -> str:
    """The level after re-assessment. Under 22/2021 and 43/2021 it is never above what promotion needs (22 Art. 14);
    under 58/2011 the class is computed again from the replaced averages (Art. 16)."""
    if not year.retests:
        return ""
    if regime not in OLD:
        return DAT if year.outcome == Outcome.PROMOTED else year.level
    replaced = {key: _value(value) for key, value in {**year.subjects, **year.retests}.items()}
    marks = {key: value for key, value in replaced.items() if isinstance(value, Decimal)}
    verdicts = {key: value for key, value in replaced.items() if isinstance(value, bool)}
    return circular58.classify(Standing(marks, verdicts)).final or ""


def _value(value: Any) -> Decimal | bool | None:
    if isinstance(value, bool) or value in ("Đạt", "Chưa đạt", "Đ", "CĐ"):
        return value in (True, "Đạt", "Đ")
    return Decimal(value) / 10 if isinstance(value, int) else None
