"""The parts every booklet has: school, pupil, class, history, absences, remarks, outcome, signers."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sen.core.curriculum.models import ClassSubject, Placement
from sen.core.people.dictionary import codes
from sen.core.people.models import Enrolment
from sen.school.gradebook.models import Result
from sen.school.gradebook.rules.regimes import Regime
from sen.school.transcripts.records import words
from sen.school.transcripts.records.places import year_end
from sen.school.transcripts.records.sources import Sources


def year_name(year: int) -> str:
    return f"{year}-{year + 1}"


def as_dict(labels: words.Labels) -> dict[str, str]:
    return asdict(labels)


def school(sources: Sources, enrolment: Enrolment) -> dict[str, Any]:
    """The school and the authorities above it as they were called when the year ended."""
    named = sources.places.on(enrolment.school_id, year_end(sources.ends, enrolment.year))
    return {"id": str(enrolment.school_id), "level": words.LEVEL_NAMES.get(enrolment.level, ""), **named}


def pupil(sources: Sources, enrolment: Enrolment) -> dict[str, Any]:
    """The data block of the title page. No national number: the booklets ask for none."""
    person = enrolment.person
    file = getattr(person, "pupil", None)
    profile = file.profile if file else {}
    return {
        "name": person.full_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "gender": person.get_gender_display(),
        "ethnic": _code("ethnic-groups", person.ethnic_code),
        "nationality": _code("countries", person.nationality_code),
        "birth_place": person.birth_place,
        "native_place": str(person.profile.get("native_place", "")),
        "address": person.address,
        "policy": _code("policy-beneficiaries", str(profile.get("policy_code") or "")),
        "code": file.code if file else "",
        "register_no": file.register_no if file else "",
        "family": [
            {"kind": words.KINSHIP[tie.kind], "name": tie.adult.full_name, "occupation": tie.occupation}
            for tie in sources.families.get(person.pk, [])
        ],
    }


def school_class(placement: Placement) -> dict[str, Any]:
    room = placement.school_class
    teacher = room.form_teacher
    return {
        "name": room.name,
        "grade": room.grade,
        "row": placement.row_number,
        "form_teacher": teacher.full_name if teacher else "",
    }


def history(sources: Sources, enrolment: Enrolment) -> list[dict[str, Any]]:
    """The learning history (quá trình học tập): every year so far, whatever school or regime."""
    lines = []
    for past in sources.past.get(enrolment.person_id, []):
        if past.year > enrolment.year or (past.status == Enrolment.Status.TRANSFERRED_OUT and past.pk != enrolment.pk):
            continue
        place = sources.places.on(past.school_id, year_end(sources.ends, past.year))
        placement = sources.placements.get(past.pk)
        result = sources.results.get(past.pk, {}).get(0)
        lines.append(
            {
                "year": year_name(past.year),
                "grade": past.grade,
                "class": placement.school_class.name if placement else "",
                "school": place["name"],
                "district": place["district"] or place["commune"],
                "province": place["province"],
                "result": _past_result(placement, past, result),
            }
        )
    return lines


def _past_result(placement: Placement | None, past: Enrolment, result: Result | None) -> str:
    if placement is None or result is None or words.waiting(result.outcome) or result.regime not in words.FORMS:
        return ""
    return words.outcome_sentence(Regime(result.regime), past.grade, result.outcome_june, result.outcome)


def outcome(regime: Regime, grade: str, result: Result) -> dict[str, str]:
    return {
        "june": result.outcome_june,
        "final": result.outcome,
        "sentence": words.outcome_sentence(regime, grade, result.outcome_june, result.outcome),
        "note": result.decided_note,
    }


def absences(sources: Sources, enrolment_id: UUID) -> dict[str, int]:
    """Sessions absent in the year, both terms together."""
    terms = [row for term, row in sources.records.get(enrolment_id, {}).items() if term in (1, 2)]
    excused, unexcused = sum(row.absent_excused for row in terms), sum(row.absent_unexcused for row in terms)
    return {"excused": excused, "unexcused": unexcused, "total": excused + unexcused}


def remarks(sources: Sources, enrolment_id: UUID) -> dict[str, str]:
    """The form teacher's general remark of the year: that of the year, else of the second term, else of the first."""
    found = sources.records.get(enrolment_id, {})
    text = next((found[term].remark for term in (0, 2, 1) if term in found and found[term].remark), "")
    return {"form_teacher": text}


def corrections(sources: Sources, enrolment_id: UUID) -> dict[str, Any]:
    """How many cells were corrected after the book was locked, and in which subjects."""
    subjects = sources.corrections.get(enrolment_id, [])
    return {"count": len(subjects), "subjects": list(dict.fromkeys(subjects))}


def taken(sources: Sources, enrolment: Enrolment, placement: Placement) -> list[ClassSubject]:
    """Subjects of the class which this pupil takes and which are assessed, in the order of the official form."""
    own = sources.choices.get(enrolment.pk, set())
    written = {key for key, _term in sources.lines.get(enrolment.pk, {})}
    return [
        row
        for row in sources.class_subjects.get(placement.school_class_id, [])
        if row.subject.form != "none"
        and (row.pk in own if row.chosen_by_some else True)
        and (row.subject.kind != "component" or row.subject.key in written)
    ]


def teacher_names(sources: Sources, row: ClassSubject) -> str:
    return ", ".join(teacher.name for teacher in sources.teachers.get(row.pk, []))


def signers(sources: Sources, enrolment: Enrolment, placement: Placement) -> dict[str, UUID]:
    """Who is to sign: form teacher, principal, and "subject:KEY" for each subject's teacher who closes the year."""
    form_teacher = placement.school_class.form_teacher
    head = sources.heads.get(enrolment.school_id)
    found = {"form_teacher": form_teacher.pk} if form_teacher else {}
    if head:
        found["principal"] = head.pk
    for row in taken(sources, enrolment, placement):
        if teachers := sources.teachers.get(row.pk):
            found[f"subject:{row.subject.key}"] = teachers[-1].id
    return found


def _code(code_list: str, code: str) -> str:
    """The Vietnamese name of a code: a transcript is Vietnamese whatever language the person who asked reads."""
    entry = codes(code_list).get(code) if code else None
    return entry.name_vi if entry else code
