"""What every kind of person has in common: reading a row's cells into dictionary values, composing names and dates."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from sen.core.people import dictionary, keeping, rules
from sen.core.people.dictionary import Field, Wrong
from sen.core.people.imports.targets import FAULTY, Column, Judged, Row
from sen.core.people.keeping import Holders
from sen.shared.documents.xlsx_in import Value
from sen.shared.kit.names import clean

# Cells that Excel shows when a formula failed; nobody means them.
_BROKEN = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")


class Reader:
    """Reads the cells of rows by the columns of a kind. Equal texts of code columns are looked up once."""

    def __init__(self, columns: Sequence[Column], entities: Sequence[str]) -> None:
        self._fields = {column.key: column.field for column in columns if column.field is not None}
        self._entities = entities
        self._codes: dict[tuple[str, Value], Any] = {}
        # Conditional fields by entity, so that a row need not walk the whole dictionary.
        self._conditional = [one for entity in entities for one in dictionary.fields(entity) if one.condition]
        # Most rows hold none of these: a field that means its tick, or a tick that asks for a further field.
        self._watched = {one.key for one in self._conditional if "=true" in one.condition} | {
            one.condition.partition("=")[0] for one in self._conditional if one.required == "conditional"
        }

    def read(self, row: Row) -> Judged:
        """The row's values by entity, with a fault for each cell that its field does not take."""
        judged = Judged(row)
        values: dict[str, dict[str, Any]] = {entity: {} for entity in self._entities}
        for key, cell in row.cells.items():
            one = self._fields.get(key)
            if one is None:
                continue
            try:
                parsed = self._parse(one, cell)
            except Wrong as wrong:
                judged.fail(key, str(wrong))
                continue
            if parsed not in (None, "", [], False):
                values[one.entity][key] = parsed
        judged.values = values
        self._conditions(judged, values)
        return judged

    def _parse(self, one: Field, cell: Value) -> Any:
        if isinstance(cell, str) and cell.strip() in _BROKEN:
            raise Wrong(_("ô có công thức bị lỗi; xin ghi giá trị vào ô."))
        if one.type == "date" and isinstance(cell, int | float) and not isinstance(cell, bool):
            return excel_date(cell)
        if not one.code_list:
            return dictionary.parse(one, cell)
        place = (one.key, cell)
        if place not in self._codes:
            try:
                self._codes[place] = dictionary.parse(one, cell)
            except Wrong as wrong:
                self._codes[place] = wrong
        found = self._codes[place]
        if isinstance(found, Wrong):
            raise found
        return found

    def _conditions(self, judged: Judged, values: Mapping[str, dict[str, Any]]) -> None:
        if all(self._watched.isdisjoint(held) for held in values.values()):
            return
        for one in self._conditional:
            held = values[one.entity]
            name, _equals, wanted = one.condition.partition("&")[0].partition("=")
            if one.key in held and wanted == "true" and name not in held and name in dictionary.by_key(one.entity):
                held[name] = True  # a kind of disability without the tick: the tick is meant
            elif (
                one.required == "conditional"
                and name in held
                and one.key not in held
                and (dictionary.holds(one.condition, held))
            ):
                judged.fail(name, _("cần thêm cột “%(label)s” cho dòng này.") % {"label": one.label})


def excel_date(number: float) -> date:
    """The day of an Excel serial number; a bare year or an impossible day is `Wrong`."""
    if 1900 <= number <= 2100 and float(number).is_integer():
        raise Wrong(_("“%(value)d” chỉ có năm; xin ghi đủ ngày/tháng/năm.") % {"value": number})
    if not 1 <= number < 80_000:
        raise Wrong(_("“%(value)s” không phải ngày; xin viết ngày/tháng/năm, ví dụ 05/09/2010.") % {"value": number})
    return dictionary.parse_date(date.fromordinal(date(1899, 12, 30).toordinal() + int(number)))


def compose_name(judged: Judged, entity: str) -> None:
    """Full name from its column, or from family name + given name. A row without one is at fault."""
    cells, held = judged.row.cells, judged.values[entity]
    if "given_name" in cells or "family_name" in cells:
        parts = [clean(str(cells.get(key, ""))) for key in ("family_name", "given_name")]
        composed = clean(" ".join(part for part in parts if part))
        # A heading "Họ và tên" over two columns leaves the family name in the first of them.
        if "full_name" not in held or held["full_name"] == parts[0]:
            held["full_name"] = composed
        if not parts[1] and "full_name" not in cells:
            judged.fail("given_name", _("chưa có tên."))
    name = held.get("full_name", "")
    if not name:
        judged.fail("full_name", _("chưa có họ và tên."))
    elif len(name) > 120:
        judged.fail("full_name", _("dài quá 120 ký tự; xin viết gọn lại."))
    elif any(letter.isdigit() for letter in name):
        judged.doubt("full_name", _("họ tên có chữ số; xin xem lại."))
    if name and (name.isupper() or name.islower()):
        held["full_name"] = name = tidy_name(name)
    judged.title = name


def tidy_name(name: str) -> str:
    """ "NGUYỄN THỊ HƯỜNG" -> "Nguyễn Thị Hường"; the part after an apostrophe keeps its capital (H’Linh)."""
    return " ".join(
        "’".join(part[:1].upper() + part[1:].lower() for part in word.replace("'", "’").split("’"))
        for word in name.split()
    )


def compose_birth_date(judged: Judged, entity: str) -> None:
    """A birth date written in three columns."""
    cells, held = judged.row.cells, judged.values[entity]
    parts = [cells.get(key) for key in ("birth_day", "birth_month", "birth_year")]
    if "birth_date" in held or not any(parts[:2]):
        return
    try:
        held["birth_date"] = dictionary.parse_date("/".join(_whole(part) for part in parts))
    except Wrong as wrong:
        judged.fail("birth_year", str(wrong))


def _whole(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "")


def compose_gender(judged: Judged, entity: str) -> None:
    """Gender from a column "Nữ" (and "Nam") with a cross in it. Without a cross under "Nữ" alone it is a boy."""
    cells, held = judged.row.cells, judged.values[entity]
    if "gender_code" in held or not judged.extra.get("sexes"):
        return
    female, male = _crossed(cells.get("female")), _crossed(cells.get("male"))
    if female and male:
        judged.fail("female", _("đánh dấu cả nam và nữ."))
    elif female:
        held["gender_code"] = rules.FEMALE
    elif male or judged.extra["sexes"] == {"female"}:
        held["gender_code"] = rules.MALE


def _crossed(value: Any) -> bool:
    return value is not None and str(value).strip().lower() not in ("", "0", "0.0", "không", "khong", "false")


def refuse_twice(judged: Iterable[Judged], keys_of: Any) -> None:
    """A row that names the same person as an earlier row of the file waits, and says which row."""
    seen: dict[Any, int] = {}
    for one in judged:
        for place, key in keys_of(one):
            first = seen.setdefault(key, one.row.number)
            if first != one.row.number and one.state != FAULTY:
                one.fail(place, _("trùng với dòng %(row)d; xin bỏ một trong hai dòng.") % {"row": first + 1})


def differences(entity: str, new: Mapping[str, Any], holders: Holders) -> list[tuple[str, str, str]]:
    """(label, before, after) of each value that the row would change; sensitive values are not spelled out."""
    found = []
    for key, value in new.items():
        one = dictionary.by_key(entity)[key]
        row = holders.of(one)
        before = keeping.value(one, row)
        if dictionary.as_text(before) != dictionary.as_text(value):
            if one.type == "personal_id":
                found.append((one.label, rules.mask(str(before or "")), rules.mask(str(value))))
            else:
                found.append((one.label, dictionary.shown(one, before), dictionary.shown(one, value)))
    return found


def doubts_of(judged: Judged, *, birth_date: date | None, gender: str, number: str) -> None:
    """Note where the personal number disagrees with the row: shown, never refused."""
    for doubt in rules.personal_id_doubts(number, birth_date=birth_date, gender=gender, provinces=province_digits()):
        judged.doubt("personal_id", doubt.sentence)


@cache
def province_digits() -> frozenset[str]:
    return frozenset(code.flags["citizen_id_code"] for code in dictionary.codes("provinces").values())
