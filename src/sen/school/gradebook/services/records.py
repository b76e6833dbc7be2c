"""What the form teacher keeps per pupil and term: conduct, absences, qualities and competences, remarks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.curriculum.models import Placement, SchoolClass
from sen.core.identity.actor import Actor
from sen.school.gradebook.cells import LONGEST_REMARK
from sen.school.gradebook.models import TermRecord
from sen.school.gradebook.permissions import KEEP_CLASS_RECORD
from sen.school.gradebook.queries.books import MIDTERM
from sen.school.gradebook.rules import Regime, traits_for
from sen.school.gradebook.rules.regimes import CONDUCT_58, LEVELS_22, PRIMARY, TRAIT_LEVELS
from sen.school.gradebook.services.entry import CellAnswer, CellEdit, read_edits
from sen.school.gradebook.services.locks import hold_term, is_term_locked
from sen.school.gradebook.services.results import mark_stale
from sen.shared.kit.errors import NotAllowed, RuleError
from sen.shared.kit.names import fold

MOST_SESSIONS = 400
RECOGNITIONS = {"subject": "Vượt trội một môn", "progress": "Tiến bộ vượt bậc"}
OLD_CONDUCT = (Regime.TT58, Regime.QD02)


@dataclass(frozen=True)
class RecordColumn:
    """A column of the form teacher's grid. kind: choice, number or text; `choices` as they are stored and typed."""

    code: str
    heading: str
    kind: str
    choices: tuple[str, ...] = ()
    group: str = ""


@lru_cache
def record_columns(regime: str, grade: str, term: int) -> tuple[RecordColumn, ...]:
    """What is kept in a term (1, 2) or for the year (0) under the regime.

    Year: conduct under Circular 58 (it follows from the terms under Circular 22), recognition and remark.
    """
    remark = RecordColumn("remark", "Nhận xét", "text")
    if regime == Regime.PRESCHOOL:
        return (remark,) if term else ()
    absent = (
        RecordColumn("absent_excused", "Nghỉ có phép", "number", group="Số buổi nghỉ"),
        RecordColumn("absent_unexcused", "Nghỉ không phép", "number", group="Số buổi nghỉ"),
    )
    if regime in PRIMARY:
        if term == 0:
            return (RecordColumn("recognition", "Được tập thể công nhận", "choice", tuple(RECOGNITIONS)), remark)
        traits = traits_for(regime, int(grade))
        when = ((MIDTERM, "giữa kì"), ("", "cuối kì" if term == 1 else "cuối năm"))
        rated = [
            RecordColumn(
                f"q_{prefix}{trait.key}", trait.name, "choice", tuple(reversed(TRAIT_LEVELS)), f"{trait.group}, {name}"
            )
            for prefix, name in when
            for trait in traits
        ]
        groups = dict.fromkeys(trait.group for trait in traits)
        remarks = [RecordColumn(f"q_nx_{group}", f"Nhận xét {group}", "text", (), "Nhận xét") for group in groups]
        return (*rated, *remarks, *absent, remark)
    old = regime in OLD_CONDUCT
    levels = tuple(reversed(CONDUCT_58 if old else LEVELS_22))
    conduct = RecordColumn("conduct", "Hạnh kiểm" if old else "Kết quả rèn luyện", "choice", levels)
    if term == 0:
        return (conduct, remark) if old else (remark,)
    return (conduct, *absent, remark)


@dataclass(frozen=True)
class RecordsSaved:
    cells: list[CellAnswer]


def record_term(
    *,
    actor: Actor,
    school_class: SchoolClass,
    term: int,
    edits: Iterable[CellEdit | Mapping[str, Any]],
    request_id: str = "",
) -> RecordsSaved:
    """Write cells of the form teacher's record of a term (1, 2; 0 the year): row an enrolment, col a `RecordColumn`.

    Answers cell by cell as `save_cells` does, with the same rule for two people at once and for repeated requests.
    Only the form teacher of the class writes (22/2021 Art. 20, 58/2011 Art. 20), until the term is locked.
    """
    wanted = read_edits(edits)
    require_form_teacher(actor, school_class)
    columns = {column.code: column for column in record_columns(school_class.regime, school_class.grade, term)}
    with transaction.atomic():
        hold_term(school_class.school_id, school_class.year, term)
        if is_term_locked(school_class.school_id, school_class.year, term):
            raise RuleError("gradebook.term_locked", _("Sổ đã khóa, không ghi thêm được."))
        rows = _held_rows(school_class, term, {edit.row for edit in wanted})
        before = {row: record.version for row, record in rows.items()}
        answers = [_apply(columns.get(edit.col), rows.get(edit.row), edit) for edit in wanted]
        changed = [record for row, record in rows.items() if record.version != before[row]]
        _write(actor, changed, before)
        if changed:
            mark_stale([school_class])
    return RecordsSaved(answers)


def require_form_teacher(actor: Actor, school_class: SchoolClass) -> None:
    """Refuse unless the actor is the form teacher of this class."""
    actor.require(KEEP_CLASS_RECORD, school_class.school_id)
    if not actor.is_system and (actor.person_id is None or actor.person_id != school_class.form_teacher_id):
        raise NotAllowed(
            "gradebook.not_form_teacher",
            _("Chỉ giáo viên chủ nhiệm lớp {name} ghi được phần này.").format(name=school_class.name),
        )


def _held_rows(school_class: SchoolClass, term: int, enrolments: set[UUID]) -> dict[UUID, TermRecord]:
    """Records of pupils of the class: those that exist under a lock, the others new and unsaved."""
    placed = Placement.objects.filter(school_class=school_class, until=None, enrolment__in=enrolments)
    pupils = dict(placed.values_list("enrolment_id", "person_id"))
    known = TermRecord.objects.select_for_update().filter(enrolment__in=pupils, term=term).order_by("pk")
    found = {record.enrolment_id: record for record in known}
    for enrolment, person in pupils.items():
        if enrolment not in found:
            found[enrolment] = TermRecord(
                school_id=school_class.school_id, person_id=person, enrolment_id=enrolment,
                school_class=school_class, term=term,
            )  # fmt: skip
    return found


def _apply(column: RecordColumn | None, record: TermRecord | None, edit: CellEdit) -> CellAnswer:
    if record is None or column is None:
        message = _("Học sinh không học lớp này.") if record is None else _("Sổ không có cột này.")
        return CellAnswer(edit.row, edit.col, "refused", None, 0, message)
    now, version = value_of(record, column.code), record.versions.get(column.code, 0)
    try:
        value = _read(edit.value, column)
    except ValueError as error:
        return CellAnswer(edit.row, edit.col, "refused", now, version, str(error))
    if value == now:
        return CellAnswer(edit.row, edit.col, "saved", now, version)
    if edit.version != version:
        by = record.updated_by.full_name if record.updated_by else ""
        return CellAnswer(edit.row, edit.col, "conflict", now, version, by=by)
    record.version += 1
    record.versions = {**record.versions, column.code: record.version}
    _put(record, column.code, value)
    return CellAnswer(edit.row, edit.col, "saved", value, record.version)


def value_of(record: TermRecord, code: str) -> str | None:
    """A cell of the record as text; an absence of zero sessions that nobody entered is an empty cell."""
    if code.startswith("q_"):
        return record.qualities.get(code[2:]) or None
    value = getattr(record, code)
    if isinstance(value, int):
        return str(value) if value or code in record.versions else None
    return value or None


def _put(record: TermRecord, code: str, value: str | None) -> None:
    if code.startswith("q_"):
        kept = {key: old for key, old in record.qualities.items() if key != code[2:]}
        record.qualities = {**kept, code[2:]: value} if value else kept
    elif code.startswith("absent_"):
        setattr(record, code, int(value or 0))
    else:
        setattr(record, code, value or "")


def _read(text: str | None, column: RecordColumn) -> str | None:
    """Raises ValueError with a sentence for the teacher."""
    typed = (text or "").strip()
    if not typed:
        return None
    if column.kind == "choice":
        folded = fold(typed)
        for choice in column.choices:
            if typed == choice or fold(choice) == folded or fold(RECOGNITIONS.get(choice, choice)) == folded:
                return choice
        raise ValueError(
            _("“{text}” không có trong các mức: {names}.").format(text=typed, names=", ".join(column.choices))
        )
    if column.kind == "number":
        if not typed.isascii() or not typed.isdigit() or int(typed) > MOST_SESSIONS:
            raise ValueError(_("Số buổi nghỉ phải là số nguyên từ 0 đến {most}.").format(most=MOST_SESSIONS))
        return str(int(typed))
    if len(typed) > LONGEST_REMARK:
        raise ValueError(_("Lời nhận xét dài quá {most} ký tự.").format(most=LONGEST_REMARK))
    return typed


def _write(actor: Actor, changed: list[TermRecord], before: dict[UUID, int]) -> None:
    for record in changed:
        record.updated_by_id = actor.account_id
    new = [record for record in changed if record._state.adding]
    TermRecord.objects.bulk_create(new)
    TermRecord.objects.bulk_update(
        [record for record in changed if record not in new],
        [
            "conduct", "absent_excused", "absent_unexcused", "qualities", "recognition", "remark", "versions",
            "version", "updated_by",
        ],
    )  # fmt: skip
