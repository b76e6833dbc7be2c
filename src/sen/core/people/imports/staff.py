"""The kind "staff": teachers and other staff with their posting at the school."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from sen.core.people import dictionary, keeping, rules
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
from sen.core.people.imports.writing import StaffWriter
from sen.core.people.keeping import Holders
from sen.core.people.models import Posting, Staff
from sen.core.people.permissions import IMPORT_FILES
from sen.core.people.rules import Facts
from sen.shared.kit import scope
from sen.shared.kit.names import fold

_TEMPLATE = (
    "row_number", "staff_code", "local_code", "full_name", "birth_date", "gender_code", "ethnic_code", "personal_id",
    "group_code", "position_code", "main_subject_code", "started_on", "contract_kind_code",
    "highest_qualification_code", "mobile_phone", "email", "permanent_address",
)  # fmt: skip
TEACHER = "03"
_SHOWN = ("full_name", "birth_date", "gender_code", "staff_code", "personal_id", "mobile_phone")


@dataclass
class Known:
    """A member of staff with an open posting at the school."""

    staff: Staff
    posting: Posting
    facts: Facts

    @property
    def holders(self) -> Holders:
        return Holders(self.staff.person, staff=self.staff, posting=self.posting)


@dataclass
class School:
    known: list[Known]
    by_code: dict[str, Known] = field(default_factory=dict)
    by_local_code: dict[str, Known] = field(default_factory=dict)
    by_number: dict[str, Known] = field(default_factory=dict)
    by_name: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    taken_elsewhere: frozenset[str] = frozenset()


class StaffTarget:
    kind = "staff"
    columns = columns_of("staff", ("staff", "posting"), _TEMPLATE)
    required = (("full_name", "given_name"),)

    def require(self, place: Place) -> None:
        place.actor.require(IMPORT_FILES, place.school.pk)

    def choices(self, place: Place) -> Mapping[str, Sequence[str]]:
        return {}

    def judge(self, place: Place, rows: Sequence[Row]) -> list[Judged]:
        reader = judging.Reader(self.columns, ("staff", "posting"))
        sexes = {key for row in rows for key in ("female", "male") if key in row.cells}
        judged = [_read(reader, row, sexes, place) for row in rows]
        judging.refuse_twice(judged, _keys)
        school = _school(place, judged)
        for one in judged:
            _match(one, place, school)
            _compare(one)
        return judged

    def write(self, place: Place, judged: Sequence[Judged]) -> None:
        writer = StaffWriter(place)
        for one in judged:
            writer.add(one)
        writer.save()


def _read(reader: judging.Reader, row: Row, sexes: set[str], place: Place) -> Judged:
    one = reader.read(row)
    one.extra |= {"sexes": sexes, "year": place.year}
    judging.compose_name(one, "staff")
    judging.compose_gender(one, "staff")
    held, post = one.values["staff"], one.values["posting"]
    birth = held.get("birth_date")
    if birth is not None and place.year - birth.year < 18:
        one.fail("birth_date", _("chưa đủ 18 tuổi; xin so lại ngày sinh."))
    position = dictionary.codes("staff-positions").get(post.get("position_code", ""))
    for doubt in rules.staff_doubts(
        birth_date=birth,
        recruited_on=held.get("recruited_on"),
        position=post.get("position_code", ""),
        group=post.get("group_code", ""),
        position_group=position.flags["group_code"] if position else "",
    ):
        one.doubt(doubt.fields[-1], doubt.sentence)
    judging.doubts_of(one, birth_date=birth, gender=held.get("gender_code", ""), number=held.get("personal_id", ""))
    one.extra["facts"] = _facts_of(one)
    return one


def _side(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    known = dictionary.by_key("staff")
    return tuple(
        (
            known[key].label,
            rules.mask(str(values.get(key) or ""))
            if key == "personal_id"
            else dictionary.shown(known[key], values.get(key)),
        )
        for key in _SHOWN
    )


def _facts_of(one: Judged) -> Facts:
    held, post = one.values["staff"], one.values["posting"]
    return Facts(
        name=fold(held.get("full_name") or ""),
        birth_date=held.get("birth_date"),
        personal_id=held.get("personal_id", ""),
        code=held.get("staff_code", ""),
        local_code=post.get("local_code", ""),
    )


def _keys(one: Judged) -> list[tuple[str, Any]]:
    facts: Facts = one.extra["facts"]
    keys: list[tuple[str, Any]] = []
    for place, value in (
        ("staff_code", facts.code),
        ("local_code", facts.local_code),
        ("personal_id", facts.personal_id),
    ):
        if value:
            keys.append((place, (place, value)))
    if facts.name and facts.birth_date:
        keys.append(("full_name", (facts.name, facts.birth_date, facts.code, facts.local_code, facts.personal_id)))
    return keys


def _school(place: Place, judged: Sequence[Judged]) -> School:
    postings = Posting.objects.filter(school=place.school, ended_on=None).select_related("person__staff")
    school = School([])
    for posting in postings:
        staff = getattr(posting.person, "staff", None)
        if staff is None:
            continue
        staff.person = posting.person
        person = posting.person
        facts = Facts(
            name=person.name_folded,
            birth_date=person.birth_date,
            personal_id=person.personal_id,
            code=staff.code,
            local_code=posting.local_code,
        )
        one = Known(staff, posting, facts)
        school.known.append(one)
        school.by_name[facts.name].append(one)
        for index, value in (
            (school.by_code, facts.code),
            (school.by_local_code, facts.local_code),
            (school.by_number, facts.personal_id),
        ):
            if value:
                index[value] = one
    codes = {code for row in judged if (code := row.values["staff"].get("staff_code")) and code not in school.by_code}
    # As with pupils: only whether a code is taken leaves the wall.
    with scope.use(replace(scope.current(), schools=scope.EVERYTHING)):
        school.taken_elsewhere = frozenset(Staff.objects.filter(code__in=codes).values_list("code", flat=True))
    return school


def _match(one: Judged, place: Place, school: School) -> None:
    facts: Facts = one.extra["facts"]
    if facts.code in school.taken_elsewhere:
        one.fail("staff_code", _("mã này thuộc một hồ sơ ở trường khác; xin dùng “Tiếp nhận” trong mục nhân sự."))
    if one.state == FAULTY:
        return
    found = school.by_code.get(facts.code) or school.by_local_code.get(facts.local_code)
    found = found or (school.by_number.get(facts.personal_id) if facts.personal_id else None)
    candidates: list[Known] = []
    if (
        found is not None
        and found.facts.name != facts.name
        and facts.birth_date
        and found.facts.birth_date != facts.birth_date
    ):
        candidates, found = [found], None
    elif found is None:
        # Without a birth date on the row a colleague of the same name is a question, not an answer.
        same = school.by_name.get(facts.name, [])
        sure = [other for other in same if rules.likeness(facts, other.facts) >= rules.SURE]
        found = sure[0] if len(sure) == 1 else None
        candidates = [] if found else same
    one.found = found
    if found is None and candidates:
        _decide(one, place, candidates)
    _refuse_codes_of_others(one, facts, school)


def _decide(one: Judged, place: Place, candidates: Sequence[Known]) -> None:
    decision = place.decisions.get(str(one.row.number), "")
    one.found = next((other for other in candidates if decision == str(other.staff.person_id)), None)
    if one.found is None and decision != "another":
        one.state = SUSPECT
        one.facts = _side(one.values["staff"])
        one.likely = [
            Likely(other.staff.person_id, _side(keeping.values("staff", other.holders))) for other in candidates
        ]


def _refuse_codes_of_others(one: Judged, facts: Facts, school: School) -> None:
    for key, bearer in (
        ("staff_code", school.by_code.get(facts.code)),
        ("local_code", school.by_local_code.get(facts.local_code)),
    ):
        if bearer is not None and one.state not in (FAULTY, SUSPECT) and bearer is not one.found:
            one.fail(key, _("mã này đã thuộc về một người khác của trường; xin sửa mã rồi gửi lại."))


def _compare(one: Judged) -> None:
    if one.state in (FAULTY, SUSPECT):
        return
    known: Known | None = one.found
    post = one.values["posting"]
    if known is not None:
        one.changes = judging.differences("staff", one.values["staff"], known.holders)
        one.changes += judging.differences("posting", post, known.holders)
        one.state = CHANGED if one.changes else UNCHANGED
        return
    if not post.get("group_code"):
        position = dictionary.codes("staff-positions").get(post.get("position_code", ""))
        group = (
            position.flags["group_code"]
            if position
            else TEACHER
            if one.values["staff"].get("main_subject_code")
            else ""
        )
        if not group:
            one.fail(
                "group_code",
                _("chưa rõ là cán bộ quản lý, giáo viên hay nhân viên; xin ghi nhóm vị trí, chức vụ hoặc môn dạy."),
            )
            return
        post["group_code"] = group
    post.setdefault("started_on", date(one.extra["year"], 8, 1))
    one.state = NEW
