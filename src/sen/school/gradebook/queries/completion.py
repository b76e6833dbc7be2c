"""What is still missing, and who owes it: per sheet, and per class for conduct and qualities."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from sen.core.curriculum.models import Assignment, Placement, SchoolClass
from sen.core.people.models import Person
from sen.school.gradebook import rules
from sen.school.gradebook.cells import Book
from sen.school.gradebook.models import RegimeSetting, Sheet, TermRecord
from sen.school.gradebook.policies import policy_of
from sen.school.gradebook.rules import Policy, Regime
from sen.school.gradebook.rules.regimes import PRIMARY

_COUNTS = """
SELECT n.sheet, count(*), sum(cardinality(n.required) - t.skips), sum((
         SELECT count(*) FROM unnest(n.required) k
          WHERE NOT jsonb_exists(l.marks, k) AND l.states ->> k IS DISTINCT FROM 'absent'
            AND NOT (k = 'cd' AND t.skips = 1)))
  FROM jsonb_to_recordset(%(needs)s::jsonb) AS n(sheet uuid, room uuid, subject uuid, term smallint, required text[])
  JOIN gradebook_sheetline l ON l.sheet_id = n.sheet
  JOIN curriculum_placement p ON p.enrolment_id = l.enrolment_id AND p.school_class_id = n.room
   AND (p.until IS NULL OR p.until > current_date)
  JOIN curriculum_classsubject cs ON cs.id = n.subject
   AND (NOT cs.chosen_by_some OR EXISTS (SELECT 1 FROM curriculum_choice c WHERE c.class_subject_id = n.subject
                                            AND c.enrolment_id = l.enrolment_id))
  CROSS JOIN LATERAL (
    SELECT CASE WHEN 'cd' = ANY (n.required)
            AND EXISTS (SELECT 1 FROM curriculum_choice c WHERE c.class_subject_id = n.subject AND c.with_cluster)
            AND NOT EXISTS (SELECT 1 FROM curriculum_choice c WHERE c.class_subject_id = n.subject AND c.with_cluster
                               AND c.enrolment_id = l.enrolment_id)
           THEN 1 ELSE 0 END AS skips) t
 WHERE NOT EXISTS (SELECT 1 FROM gradebook_exemption x WHERE x.enrolment_id = l.enrolment_id
                      AND x.class_subject_id = n.subject AND (x.term IS NULL OR x.term = n.term))
 GROUP BY n.sheet
"""


@dataclass(frozen=True)
class SheetCompletion:
    """How full a sheet is. `teachers` are those who owe what is missing."""

    sheet_id: UUID
    school_class: SchoolClass
    subject_key: str
    subject_name: str
    term: int
    is_locked: bool
    pupils: int
    expected: int
    missing: int
    teachers: tuple[str, ...]
    teacher_ids: frozenset[UUID]

    @property
    def filled(self) -> int:
        return self.expected - self.missing

    @property
    def share(self) -> float:
        """Filled cells of all, 0 to 1; a sheet that expects nothing is full."""
        return self.filled / self.expected if self.expected else 1.0


@dataclass(frozen=True)
class RecordGap:
    """Pupils of a class without conduct (secondary) or without all qualities and competences (primary)."""

    school_class: SchoolClass
    missing: int
    teacher: str

    @property
    def what(self) -> str:
        primary = self.school_class.regime in PRIMARY
        return _("Phẩm chất, năng lực") if primary else _("Kết quả rèn luyện (hạnh kiểm)")


def policies(school_ids: Collection[UUID]) -> dict[tuple[UUID, int], Policy]:
    """(school, year) -> policy, for schools that chose anything."""
    rows = RegimeSetting.objects.filter(school__in=school_ids).values_list("school_id", "year", "values")
    return {(school, year): policy_of(values) for school, year, values in rows}


def book_of(sheet: Sheet, chosen: dict[tuple[UUID, int], Policy]) -> Book:
    """The book of a sheet whose class and subject were read along."""
    room, subject = sheet.school_class, sheet.class_subject
    policy = chosen.get((sheet.school_id, sheet.year), rules.DEFAULT_POLICY)
    grade = int(room.grade) if room.grade.isdigit() else 0
    return Book(
        room.regime, subject.subject.form, subject.lessons, grade, sheet.term, subject.subject.key,
        subject.has_cluster, policy,
    )  # fmt: skip


def sheets_completion(sheets: Iterable[Sheet]) -> list[SheetCompletion]:
    """Completion of sheets, in their order, in four queries.

    The sheets come with `school_class` and `class_subject__subject` read along.
    """
    rows = list(sheets)
    chosen = policies({sheet.school_id for sheet in rows})
    counts = _counts({sheet: book_of(sheet, chosen).required for sheet in rows})
    teachers = _teachers(rows)
    found = []
    for sheet in rows:
        pupils, expected, missing = counts.get(sheet.pk, (0, 0, 0))
        names = [(pk, name) for pk, name, term in teachers[sheet.class_subject_id] if term in (None, sheet.term)]
        found.append(
            SheetCompletion(
                sheet.pk,
                sheet.school_class,
                sheet.class_subject.subject.key,
                sheet.class_subject.subject.name,
                sheet.term,
                sheet.is_locked,
                pupils,
                expected,
                missing,
                tuple(dict.fromkeys(name for _pk, name in names)),
                frozenset(pk for pk, _name in names),
            )
        )
    return found


def _counts(needs: dict[Sheet, tuple[str, ...]]) -> dict[UUID, tuple[int, int, int]]:
    rows = [
        {
            "sheet": str(sheet.pk), "room": str(sheet.school_class_id), "subject": str(sheet.class_subject_id),
            "term": sheet.term, "required": list(required),
        }
        for sheet, required in needs.items()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"needs": json.dumps(rows)})
        return {sheet: (pupils, int(expected), int(missing)) for sheet, pupils, expected, missing in cursor.fetchall()}


def _teachers(sheets: list[Sheet]) -> dict[UUID, list[tuple[UUID, str, int | None]]]:
    found: dict[UUID, list[tuple[UUID, str, int | None]]] = defaultdict(list)
    rows = (
        Assignment.objects.filter(class_subject__in={sheet.class_subject_id for sheet in sheets}, until=None)
        .order_by("-is_responsible", "pk")
        .values_list("class_subject_id", "teacher_id", "teacher__full_name", "term")
    )
    for subject, teacher, name, term in rows:
        found[subject].append((teacher, name, term))
    return found


def school_sheets(school_id: UUID, year: int, term: int) -> list[Sheet]:
    """The sheets of a school and term, in the order of its classes and of the official form."""
    return list(
        Sheet.objects.filter(school=school_id, year=year, term=term)
        .select_related("school_class", "class_subject__subject")
        .order_by("school_class__position", "school_class__name", "class_subject__subject__position")
    )


def record_gaps(classes: Collection[SchoolClass], term: int) -> list[RecordGap]:
    """Classes where conduct or qualities are missing at the end of a term, in three queries."""
    assessed = [room for room in classes if room.regime != Regime.PRESCHOOL]
    pupils: dict[UUID, set[UUID]] = defaultdict(set)
    for room_id, enrolment in Placement.objects.filter(school_class__in=assessed, until=None).values_list(
        "school_class_id", "enrolment_id"
    ):
        pupils[room_id].add(enrolment)
    records = {
        enrolment: (conduct, qualities)
        for enrolment, conduct, qualities in TermRecord.objects.filter(
            enrolment__placements__school_class__in=assessed, enrolment__placements__until=None, term=term
        ).values_list("enrolment_id", "conduct", "qualities")
    }
    names = dict(Person.objects.filter(form_classes__in=assessed).values_list("pk", "full_name"))
    gaps = []
    for room in assessed:
        missing = sum(1 for enrolment in pupils[room.pk] if not _is_kept(room, records.get(enrolment)))
        if missing:
            teacher = names.get(room.form_teacher_id, "") if room.form_teacher_id else ""
            gaps.append(RecordGap(room, missing, teacher))
    return gaps


def _is_kept(room: SchoolClass, record: tuple[str, dict[str, str]] | None) -> bool:
    if record is None:
        return False
    conduct, qualities = record
    if room.regime in PRIMARY:
        return all(qualities.get(trait.key) for trait in rules.traits_for(room.regime, int(room.grade)))
    return bool(conduct)
