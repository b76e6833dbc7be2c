"""The kind "pupils": pupils with their parents, their year at the school and their class."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from sen.core.people import class_desk, dictionary, keeping, rules
from sen.core.people.class_desk import ClassRef, NewClass
from sen.core.people.dictionary import FAMILY
from sen.core.people.imports import judging
from sen.core.people.imports.targets import (
    CHANGED,
    FAULTY,
    NEW,
    SUSPECT,
    UNCHANGED,
    Judged,
    Likely,
    Place,
    Row,
    columns_of,
)
from sen.core.people.imports.writing import PupilWriter
from sen.core.people.keeping import Holders
from sen.core.people.models import Enrolment, Guardianship, Pupil
from sen.core.people.permissions import IMPORT_FILES
from sen.core.people.rules import Facts
from sen.shared.kit import scope
from sen.shared.kit.names import clean, fold

ANOTHER = "another"

_TEMPLATE = (
    "row_number", "student_code", "local_code", "full_name", "birth_date", "gender_code", "ethnic_code", "personal_id",
    "birth_place", "class_name", "permanent_address", "mobile_phone",
    "father_name", "father_birth_year", "father_phone", "father_occupation",
    "mother_name", "mother_birth_year", "mother_phone", "mother_occupation",
    "guardian_name", "guardian_phone", "policy_code", "is_inclusive_disabled", "disability_kind_code",
)  # fmt: skip


@dataclass
class Known:
    """A pupil of the school as the import compares it."""

    pupil: Pupil
    facts: Facts
    ties: dict[str, Guardianship]
    enrolment: Enrolment | None = None
    last_grade: str = ""
    placed: ClassRef | None = None

    @property
    def holders(self) -> Holders:
        return Holders(self.pupil.person, pupil=self.pupil, enrolment=self.enrolment, ties=self.ties)


@dataclass
class School:
    """Everything of the school that judging needs, read in a constant number of queries."""

    known: dict[UUID, Known]  # by person id
    by_code: dict[str, Known] = field(default_factory=dict)
    by_local_code: dict[str, Known] = field(default_factory=dict)
    by_number: dict[str, Known] = field(default_factory=dict)
    by_name: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    classes: dict[str, ClassRef] = field(default_factory=dict)  # by folded name
    taken_elsewhere: frozenset[str] = frozenset()


class PupilTarget:
    kind = "pupils"
    columns = columns_of("pupils", ("pupil", "enrolment"), _TEMPLATE)
    required = (("full_name", "given_name"), ("birth_date", "birth_day", "student_code", "local_code"))

    def require(self, place: Place) -> None:
        place.actor.require(IMPORT_FILES, place.school.pk)

    def choices(self, place: Place) -> Mapping[str, Sequence[str]]:
        desk = class_desk.desk()
        return {"class_name": [one.name for one in desk.classes(place.school.pk, place.year)] if desk else []}

    def judge(self, place: Place, rows: Sequence[Row]) -> list[Judged]:
        reader = judging.Reader(self.columns, ("pupil", "enrolment"))
        sexes = {key for row in rows for key in ("female", "male") if key in row.cells}
        judged = [_read(reader, row, sexes) for row in rows]
        judging.refuse_twice(judged, _keys)
        school = _school(place, judged)
        for one in judged:
            _class_of(one, place, school)
            _match(one, place, school)
            _refuse_codes_of_others(one, school)
            _compare(one, place)
            one.extra["school"] = school
        _refuse_taken_twice(judged)
        return judged

    def write(self, place: Place, judged: Sequence[Judged]) -> None:
        classes = self._create_classes(place, judged)
        adults = {
            tie.adult.pk: tie.adult
            for one in judged[:1]
            for known in one.extra["school"].known.values()
            for tie in known.ties.values()
        }
        writer = PupilWriter(place, adults.values())
        wanted: list[tuple[Enrolment, UUID]] = []
        for one in judged:
            enrolment = writer.add(one)
            if (name := one.extra.get("class")) is not None:
                target = classes.get(name) or one.extra["class_ref"]
                if one.found is None or one.found.placed is None or one.found.placed.id != target.id:
                    wanted.append((enrolment, target.id))
        writer.save()
        desk = class_desk.desk()
        if desk is not None and wanted:
            desk.place(actor=place.actor, school=place.school, year=place.year, wanted=wanted)

    def _create_classes(self, place: Place, judged: Sequence[Judged]) -> dict[str, ClassRef]:
        wanted = {
            one.extra["class"]: NewClass(one.extra["class_name"], one.extra["grade"])
            for one in judged
            if one.extra.get("class") is not None and one.extra.get("class_ref") is None
        }
        desk = class_desk.desk()
        if not wanted or desk is None:
            return {}
        made = desk.create(actor=place.actor, school=place.school, year=place.year, wanted=list(wanted.values()))
        return {fold(one.name): one for one in made}


def _read(reader: judging.Reader, row: Row, sexes: set[str]) -> Judged:
    one = reader.read(row)
    one.extra["sexes"] = sexes
    judging.compose_name(one, "pupil")
    judging.compose_birth_date(one, "pupil")
    judging.compose_gender(one, "pupil")
    held = one.values["pupil"]
    if (birth := held.get("birth_date")) is not None and birth > date.today():  # noqa: DTZ011
        one.fail("birth_date", _("ngày sinh ở tương lai; xin xem lại."))
    _share_parent_phone(one)
    guardian = fold(held.get("guardian_name", ""))
    if guardian and guardian in (fold(held.get("mother_name", "")), fold(held.get("father_name", ""))):
        held.pop("guardian_name")  # a parent named again as guardian is one person, tied once
    for kind in FAMILY:
        if f"{kind}_name" not in held:
            for key in [
                key for key in held if key.startswith(f"{kind}_") and dictionary.by_key("pupil")[key].table == kind
            ]:
                held.pop(key)  # a phone or an occupation of nobody
        elif (name := held[f"{kind}_name"]).isupper() or name.islower():
            held[f"{kind}_name"] = judging.tidy_name(name)
    judging.doubts_of(
        one,
        birth_date=held.get("birth_date"),
        gender=held.get("gender_code", ""),
        number=held.get("personal_id", ""),
    )
    one.extra["facts"] = facts_of(held)
    return one


def _share_parent_phone(one: Judged) -> None:
    """A column "SĐT phụ huynh" says a parent's number, not whose: it goes to the first named one without a number."""
    cell = one.row.cells.get("parent_phone")
    if cell is None:
        return
    held = one.values["pupil"]
    number = rules.phone(
        str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).split("/")[0].split(";")[0]
    )
    if number is None:
        one.fail(
            "parent_phone",
            _("“%(value)s” không phải số điện thoại; xin ghi 10 chữ số bắt đầu bằng 0.") % {"value": str(cell)[:30]},
        )
        return
    for kind in ("mother", "father", "guardian"):
        if held.get(f"{kind}_name") and not held.get(f"{kind}_phone"):
            held[f"{kind}_phone"] = number
            return


def facts_of(held: Mapping[str, Any]) -> Facts:
    """What tells this pupil from others, from read values."""
    parents = (fold(held[f"{kind}_name"]) for kind in FAMILY if held.get(f"{kind}_name"))
    return Facts(
        name=fold(held.get("full_name") or ""),
        birth_date=held.get("birth_date"),
        personal_id=held.get("personal_id", ""),
        code=held.get("student_code", ""),
        local_code=held.get("local_code", ""),
        parents=frozenset(parents),
    )


def _keys(one: Judged) -> list[tuple[str, Any]]:
    """What may stand only once in a file."""
    facts: Facts = one.extra["facts"]
    keys: list[tuple[str, Any]] = []
    for place, value in (
        ("student_code", facts.code),
        ("local_code", facts.local_code),
        ("personal_id", facts.personal_id),
    ):
        if value:
            keys.append((place, (place, value)))
    if facts.name and facts.birth_date:
        own = (facts.code, facts.local_code, facts.personal_id, facts.parents)
        keys.append(("full_name", (facts.name, facts.birth_date, own if any(own) else ())))
    return keys


def _school(place: Place, judged: Sequence[Judged]) -> School:
    pupils = list(Pupil.objects.filter(school=place.school).select_related("person"))
    ids = [pupil.person_id for pupil in pupils]
    ties = keeping.load_ties(ids)
    known: dict[UUID, Known] = {}
    for pupil in pupils:
        own = ties.get(pupil.person_id, {})
        person = pupil.person
        facts = Facts(
            name=person.name_folded,
            birth_date=person.birth_date,
            personal_id=person.personal_id,
            code=pupil.code,
            local_code=pupil.local_code,
            parents=frozenset(tie.adult.name_folded for tie in own.values()),
        )
        known[pupil.person_id] = Known(pupil, facts, own)
    for enrolment in Enrolment.objects.filter(school=place.school, year__in=[place.year, place.year - 1]).order_by(
        "year"
    ):
        if (one := known.get(enrolment.person_id)) is None:
            continue
        if enrolment.year == place.year:
            one.enrolment = enrolment
        else:
            one.last_grade = enrolment.grade
    school = School(known)
    for one in known.values():
        school.by_name[one.facts.name].append(one)
        for index, value in (
            (school.by_code, one.facts.code),
            (school.by_local_code, one.facts.local_code),
            (school.by_number, one.facts.personal_id if len(one.facts.personal_id) == 12 else ""),
        ):
            if value:
                index[value] = one
    codes = {code for row in judged if (code := row.values["pupil"].get("student_code")) and code not in school.by_code}
    # Sector codes are unique in the whole database: one that a pupil of another school bears is told as a fault. Only
    # the code leaves the wall, nothing of the file behind it.
    with scope.use(replace(scope.current(), schools=scope.EVERYTHING)):
        school.taken_elsewhere = frozenset(Pupil.objects.filter(code__in=codes).values_list("code", flat=True))
    if (desk := class_desk.desk()) is not None:
        school.classes = {fold(one.name): one for one in desk.classes(place.school.pk, place.year)}
        for person_id, ref in desk.placed(place.school.pk, place.year).items():
            if person_id in known:
                known[person_id].placed = ref
    return school


def _class_of(one: Judged, place: Place, school: School) -> None:
    """Class and grade of the row; a class that the year does not have yet is made when its grade is clear."""
    cell = one.row.cells.get("class_name")
    held = one.values["enrolment"]
    grade = held.get("grade")
    if cell is not None:
        name = clean(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell))
        name = clean(name[4:]) if fold(name).startswith("lop ") else name
        if len(name) > 40:
            one.fail("class_name", _("tên lớp dài quá 40 ký tự; xin viết gọn lại."))
            return
        ref = school.classes.get(fold(name))
        of_class = ref.grade if ref else grade or rules.grade_of_class(name)
        if of_class is None:
            one.fail(
                "class_name",
                _("lớp “%(name)s” chưa có trong năm học; xin thêm cột “Khối” hoặc nhập danh sách lớp trước.")
                % {"name": name},
            )
            return
        if grade is not None and grade != of_class:
            one.fail("grade", _("khối %(grade)s không khớp với lớp %(name)s.") % {"grade": grade, "name": name})
            return
        grade = of_class
        one.extra |= {"class": fold(name), "class_name": name, "class_ref": ref}
        if ref is None and class_desk.desk() is None:
            one.extra.pop("class")
    if grade is not None:
        if rules.level_of(grade, place.school.levels) is None:
            one.fail(
                "grade" if "grade" in one.row.cells else "class_name",
                _("trường không dạy khối %(grade)s.") % {"grade": grade},
            )
        held["grade"] = one.extra["grade"] = grade


def _match(one: Judged, place: Place, school: School) -> None:
    facts: Facts = one.extra["facts"]
    if facts.code in school.taken_elsewhere:
        one.fail("student_code", _("mã này thuộc một hồ sơ ở trường khác; xin làm thủ tục chuyển trường cho em."))
    if one.state == FAULTY:
        return
    by_key = school.by_code.get(facts.code) or school.by_local_code.get(facts.local_code)
    by_key = by_key or (school.by_number.get(facts.personal_id) if facts.personal_id else None)
    if by_key is not None:
        if by_key.facts.name == facts.name or not facts.birth_date or by_key.facts.birth_date == facts.birth_date:
            one.found = by_key
            return
        candidates = [(rules.SUSPECT, by_key)]  # the same code on another name and birth date: codes that slipped a row
    else:
        scored = [(rules.likeness(facts, other.facts), other) for other in school.by_name.get(facts.name, [])]
        candidates = sorted((pair for pair in scored if pair[0] >= rules.SUSPECT), key=lambda pair: -pair[0])
        sure = [pair for pair in candidates if pair[0] >= rules.SURE]
        best = [pair for pair in sure if pair[0] == sure[0][0]]
        if len(best) == 1:
            one.found = best[0][1]
            return
    _decide(one, place, candidates, by_key is not None)


def _decide(one: Judged, place: Place, candidates: Sequence[tuple[int, Known]], code_taken: bool) -> None:
    if not candidates:
        return
    decision = place.decisions.get(str(one.row.number), "")
    for _score, other in candidates:
        if decision == str(other.pupil.person_id):
            one.found = other
            return
    if decision == ANOTHER:
        if code_taken:
            one.fail("local_code", _("mã này đã thuộc về một em khác của trường; xin sửa mã rồi gửi lại."))
        return
    one.state = SUSPECT
    one.facts = _side(one.values["pupil"])
    one.likely = [
        Likely(other.pupil.person_id, _side(keeping.values("pupil", other.holders))) for _score, other in candidates
    ]


def _side(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """One side of the comparison that the clerk sees."""
    known = dictionary.by_key("pupil")
    shown = ("full_name", "birth_date", "gender_code", "student_code", "local_code", "father_name", "mother_name")
    return tuple((known[key].label, dictionary.shown(known[key], values.get(key))) for key in shown)


def _compare(one: Judged, place: Place) -> None:
    """New, changed or unchanged; which doubts the row leaves."""
    grade = one.extra.get("grade")
    if grade is not None:
        birth = one.values["pupil"].get("birth_date")
        if doubt := rules.age_doubt(birth_date=birth, grade=grade, year=place.year):
            one.doubt("birth_date", doubt.sentence)
    if one.state in (FAULTY, SUSPECT):
        return
    known: Known | None = one.found
    if known is None:
        _require_new(one, grade)
        return
    holders = known.holders
    one.changes = judging.differences("pupil", one.values["pupil"], holders)
    if known.enrolment is None:
        if grade is None:
            one.fail("class_name", _("em chưa có năm học này; xin thêm cột “Lớp” hoặc “Khối”."))
            return
        one.changes.append((_("Năm học"), "", f"{place.year}-{place.year + 1}"))
    else:
        one.changes += judging.differences("enrolment", one.values["enrolment"], holders)
        if known.enrolment.status != Enrolment.Status.STUDYING:
            one.doubt(
                "full_name",
                _("em không còn học trong năm này (%(state)s); dòng này chỉ cập nhật hồ sơ.")
                % {"state": known.enrolment.get_status_display()},
            )
            one.extra.pop("class", None)
    if one.extra.get("class") is not None:
        before = known.placed.name if known.placed else ""
        if fold(before) != one.extra["class"]:
            one.changes.append((_("Lớp"), before, one.extra["class_name"]))
    one.state = CHANGED if one.changes else UNCHANGED


def _refuse_codes_of_others(one: Judged, school: School) -> None:
    """A row that fits one pupil by name and carries the code of another one waits."""
    facts: Facts = one.extra["facts"]
    for key, bearer in (
        ("student_code", school.by_code.get(facts.code)),
        ("local_code", school.by_local_code.get(facts.local_code)),
    ):
        if bearer is not None and one.state not in (FAULTY, SUSPECT) and bearer is not one.found:
            one.fail(key, _("mã này đã thuộc về một em khác của trường; xin sửa mã rồi gửi lại."))


def _require_new(one: Judged, grade: str | None) -> None:
    """What a new file cannot do without."""
    if "birth_date" not in one.values["pupil"]:
        one.fail("birth_date", _("hồ sơ mới cần ngày sinh."))
    elif grade is None:
        one.fail("class_name", _("hồ sơ mới cần lớp hoặc khối."))
    else:
        one.state = NEW


def _refuse_taken_twice(judged: Sequence[Judged]) -> None:
    """Two rows that lead to one file: the second waits."""
    seen: dict[UUID, int] = {}
    for one in judged:
        if one.found is None or one.state == FAULTY:
            continue
        first = seen.setdefault(one.found.pupil.person_id, one.row.number)
        if first != one.row.number:
            one.fail("full_name", _("cùng hồ sơ với dòng %(row)d; xin bỏ một trong hai dòng.") % {"row": first + 1})
