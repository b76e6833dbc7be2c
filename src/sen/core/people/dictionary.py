"""The data dictionary of a person's file: fields, groups, code lists, and what a value must look like.

Versioned data in `data/` (sector database, Circular 42/2021/TT-BGDĐT); this module reads it once and answers
questions. It knows no table: `rules` and `services` say what is done with a field.
"""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sen.core.people import rules
from sen.shared.kit.names import clean, fold

DATA = Path(__file__).parent / "data"
# The earliest birth or event a school's file can hold, and a hair beyond today for dates typed in advance.
_OLDEST = date(1900, 1, 1)

Errors = dict[str, str]


@dataclass(frozen=True)
class Field:
    """One field of the dictionary. `kept_in` is "table.column", or "table.profile" for the JSON part."""

    entity: str
    key: str
    label_vi: str
    label_en: str
    type: str
    max_length: int | None
    required: str  # yes, no, conditional
    condition: str
    code_list: str
    group: str
    order: int
    protection: str  # P2 personal, P3 sensitive
    kept_in: str
    source: str
    valid_from: date
    valid_to: date | None

    @property
    def label(self) -> str:
        return self.label_en if get_language() == "en" else self.label_vi

    @property
    def sensitive(self) -> bool:
        return self.protection == "P3"

    @cached_property
    def table(self) -> str:
        return self.kept_in.partition(".")[0]

    @cached_property
    def column(self) -> str:
        """Name of the column, or "profile"."""
        return self.kept_in.partition(".")[2]

    @cached_property
    def in_profile(self) -> bool:
        return self.column == "profile"

    @cached_property
    def profile_key(self) -> str:
        """Key in the JSON profile; a parent's profile needs no "father_" before it."""
        return self.key.removeprefix(f"{self.table}_") if self.table in FAMILY else self.key

    def on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Group:
    entity: str
    key: str
    label_vi: str
    label_en: str
    order: int

    @property
    def label(self) -> str:
        return self.label_en if get_language() == "en" else self.label_vi


@dataclass(frozen=True)
class Code:
    """One entry of a code list; `flags` are the list's further columns."""

    code: str
    name_vi: str
    name_en: str
    flags: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_vi


FAMILY = ("father", "mother", "guardian")


@cache
def _fields() -> tuple[Field, ...]:
    with (DATA / "dictionary.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Field(
                entity=row["entity"],
                key=row["key"],
                label_vi=row["label"],
                label_en=row["label_en"],
                type=row["type"],
                max_length=int(row["max_length"]) if row["max_length"] else None,
                required=row["required"],
                condition=row["condition"],
                code_list=row["code_list"],
                group=row["group"],
                order=int(row["order"]),
                protection=row["protection"],
                kept_in=row["kept_in"],
                source=row["source"],
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            )
            for row in csv.DictReader(stream)
        )


@cache
def fields(entity: str, group: str | None = None) -> tuple[Field, ...]:
    """Fields of an entity (one group of it) in the order of the forms."""
    return tuple(f for f in _fields() if f.entity == entity and group in (None, f.group))


@cache
def by_key(entity: str) -> Mapping[str, Field]:
    return {field.key: field for field in fields(entity)}


@cache
def groups(entity: str) -> tuple[Group, ...]:
    with (DATA / "groups.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["entity"] == entity]
    return tuple(
        sorted(
            (Group(entity, row["group"], row["label"], row["label_en"], int(row["order"])) for row in rows),
            key=lambda group: group.order,
        )
    )


@cache
def codes(code_list: str) -> Mapping[str, Code]:
    """Entries of a code list by code, in the list's order. An unknown list is a mistake of the programmer."""
    with (DATA / "code-lists" / f"{code_list}.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["code"]: Code(code=row.pop("code"), name_vi=row.pop("name_vi"), name_en=row.pop("name_en"), flags=row)
            for row in [dict(line) for line in csv.DictReader(stream)]
        }


@cache
def _code_by_words(code_list: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for entry in codes(code_list).values():
        names = [entry.name_vi, entry.name_en, *entry.flags.get("alt_names", "").split("|")]
        for name in [*names, entry.flags.get("full_name_vi", ""), entry.flags.get("rank_code", "")]:
            if name:
                found.setdefault(_plain(name), entry.code)
    return found


def code_of(code_list: str, text: str) -> str | None:
    """The code that people mean: the code itself ("01", also "1"), or its name written with or without marks."""
    entries = codes(code_list)
    text = clean(text)
    if text in entries:
        return text
    if text.isascii() and text.isdigit():
        width = len(next(iter(entries)))
        return padded if (padded := text.zfill(width)) in entries else None
    return _code_by_words(code_list).get(_plain(text))


def name_of(code_list: str, code: str) -> str:
    """The name of a code; an unknown one comes back as it is, so that nothing that is kept is hidden."""
    entry = codes(code_list).get(code)
    return entry.name if entry else code


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Does a condition hold? The same small language as the page's `data-show-when`.

    "name=a|b": the value is one of these; "name": something is filled in; "!name": nothing is; "&" joins.
    """

    def one(part: str) -> bool:
        name, equals, wanted = part.strip().partition("=")
        if equals:
            return as_text(values.get(name)) in wanted.split("|")
        if name.startswith("!"):
            return not as_text(values.get(name[1:]))
        return bool(as_text(values.get(name)))

    return not condition or all(one(part) for part in condition.split("&"))


def as_text(value: Any) -> str:
    """A stored value as a form carries it: true for yes, nothing for no or empty, ISO dates."""
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    if isinstance(value, list | tuple):
        return ",".join(str(one) for one in value)
    return str(value)


def shown(field: Field, value: Any) -> str:
    """A stored value as people read it: the name of a code, 05/09/2022, Có / Không."""
    if field.type == "yesno":
        return "" if value is None else _("Có") if value else _("Không")
    if value in (None, "", []):
        return ""
    if field.type == "codes":
        return ", ".join(name_of(field.code_list, one) for one in value)
    if field.code_list:
        return name_of(field.code_list, str(value))
    if field.type == "date":
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return day.strftime("%d/%m/%Y")
    if field.type == "decimal":
        return str(value).replace(".", ",")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)


class Wrong(ValueError):
    """A value that a field does not take; the text is a Vietnamese sentence that names the remedy."""


def parse(field: Field, value: Any) -> Any:
    """The value as it is kept: date, bool, list, code or text; "" or None when empty. Raises `Wrong`.

    Reads what people write: "5/9/2010", "Nữ", "x", "1.234,5". Dates may be Python dates (from Excel).
    """
    if isinstance(value, str):
        value = clean(value.replace("\x00", ""))
    if value in (None, ""):
        return None if field.type in ("date", "yesno", "integer", "decimal") else [] if _many(field) else ""
    parser: Callable[[Field, Any], Any] = _PARSERS.get(field.type, _text)
    parsed = parser(field, value)
    if field.max_length and isinstance(parsed, str) and len(parsed) > field.max_length:
        raise Wrong(_("dài quá %(most)d ký tự; xin viết gọn lại.") % {"most": field.max_length})
    return parsed


def _many(field: Field) -> bool:
    return field.type in ("codes", "subjects")


def _text(field: Field, value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # Excel keeps a code such as 4500123 as a number
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return clean(str(value))


def parse_date(value: Any) -> date:
    """A date people write: dd/mm/yyyy, with - or . between, two-digit day or one, or yyyy-mm-dd. Raises `Wrong`."""
    if isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date):
        day = value
    else:
        text = str(value).strip()
        ordered = re.fullmatch(r"(\d{1,2})[/\-. ](\d{1,2})[/\-. ](\d{4})(?: 0{1,2}:00(?::00)?)?", text)
        iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00:00)?", text)
        if ordered:
            numbers = [int(part) for part in ordered.groups()[::-1]]
        elif iso:
            numbers = [int(part) for part in iso.groups()]
        else:
            raise Wrong(
                _("“%(value)s” không phải ngày; xin viết ngày/tháng/năm, ví dụ 05/09/2010.") % {"value": text[:30]}
            )
        try:
            day = date(*numbers)
        except ValueError:
            raise Wrong(_("“%(value)s” không có trong lịch; xin viết ngày/tháng/năm.") % {"value": text[:30]}) from None
    if day < _OLDEST or day.year > 2100:
        raise Wrong(_("năm %(year)d không hợp lý; xin kiểm tra lại.") % {"year": day.year})
    return day


def _date(field: Field, value: Any) -> date:
    return parse_date(value)


_YES = frozenset({"1", "co", "x", "true", "yes", "v", "dung", "roi"})
_NO = frozenset({"0", "khong", "false", "no", "k", "chua"})


def _yesno(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = _plain(_text(field, value))
    if word in _YES:
        return True
    if word in _NO or not word:
        return False
    raise Wrong(_("“%(value)s” không rõ là có hay không; xin ghi “x” hoặc để trống.") % {"value": str(value)[:30]})


def _code(field: Field, value: Any) -> str:
    text = _text(field, value)
    found = code_of(field.code_list, text)
    if found is None:
        raise Wrong(
            _("“%(value)s” không có trong danh mục “%(list)s”; xin chọn một giá trị của danh mục.")
            % {"value": text[:40], "list": field.label}
        )
    return found


def _codes(field: Field, value: Any) -> list[str]:
    parts = value if isinstance(value, list | tuple) else re.split(r"[,;]", _text(field, value))
    return [_code(field, part) for part in parts if str(part).strip()]


def _integer(field: Field, value: Any) -> int:
    text = _text(field, value)
    if not text.isascii() or not text.isdigit() or len(text) > (field.max_length or 9):
        raise Wrong(_("“%(value)s” không phải số nguyên.") % {"value": text[:30]})
    return int(text)


def _decimal(field: Field, value: Any) -> str:
    # Kept as text with a point, exact: JSON would make it a float.
    text = str(value).strip()
    plain = text.replace(".", "").replace(",", ".") if "," in text else text
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or number > 1_000_000_000:
        raise Wrong(_("“%(value)s” không phải số; xin viết như 3,66.") % {"value": text[:30]})
    return f"{number.normalize():f}"


def _phone(field: Field, value: Any) -> str:
    text = _text(field, value)
    number = rules.phone(text)
    if number is None:
        raise Wrong(_("“%(value)s” không phải số điện thoại; xin ghi 10 chữ số bắt đầu bằng 0.") % {"value": text[:30]})
    return number


def _email(field: Field, value: Any) -> str:
    text = _text(field, value)
    if not re.fullmatch(r"[^@\s<>\"',;]+@[^@\s<>\"',;.]+(\.[^@\s<>\"',;.]+)+", text):
        raise Wrong(_("“%(value)s” không phải địa chỉ thư điện tử.") % {"value": text[:40]})
    return text.lower()


def _personal_id(field: Field, value: Any) -> str:
    text = _text(field, value)
    digits = rules.personal_id_digits(text)
    if digits is None:
        # The number itself is not repeated: messages end up on screens and in files that travel.
        raise Wrong(_("phải có 12 chữ số (thẻ cũ: 9 chữ số); xin so lại với giấy tờ."))
    return digits


def _unit(field: Field, value: Any) -> str:
    width = 5 if field.type == "commune" else 3
    found = re.match(r"\d{1,5}", _text(field, value))
    if not found or len(found[0]) > width:
        raise Wrong(_("xin ghi mã đơn vị hành chính gồm %(n)d chữ số.") % {"n": width})
    return found[0].zfill(width)


def _grade(field: Field, value: Any) -> str:
    grade = rules.grade_of(_text(field, value))
    if grade is None:
        raise Wrong(
            _("“%(value)s” không phải khối lớp; xin ghi 1 đến 12, hoặc nhà trẻ, mẫu giáo.") % {"value": str(value)[:20]}
        )
    return grade


def _list(field: Field, value: Any) -> list[str]:
    parts = value if isinstance(value, list | tuple) else re.split(r"[,;]", _text(field, value))
    return [clean(str(part)) for part in parts if str(part).strip()]


_PARSERS: dict[str, Callable[[Field, Any], Any]] = {
    "date": _date,
    "yesno": _yesno,
    "code": _code,
    "codes": _codes,
    "integer": _integer,
    "decimal": _decimal,
    "phone": _phone,
    "email": _email,
    "personal_id": _personal_id,
    "commune": _unit,
    "district": _unit,
    "grade": _grade,
    "subjects": _list,
}


def validate(entity: str, values: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> Errors:
    """Sentences per field for what is wrong in `values`: unknown fields, codes, dates, lengths, conditional fields.

    `context` are further values that conditions ask about (level, status, fields not being edited).
    """
    return read(entity, values, context)[1]


def read(
    entity: str, values: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], Errors]:
    """(values as they are kept, errors). A field whose condition does not hold is emptied, not refused."""
    known = by_key(entity)
    kept: dict[str, Any] = {}
    errors: Errors = {}
    for key, value in values.items():
        if (field := known.get(key)) is None:
            errors[key] = _("không có trường này trong hồ sơ.")
            continue
        try:
            kept[key] = parse(field, value)
        except Wrong as wrong:
            errors[key] = str(wrong)
    around = {**(context or {}), **kept}
    for key in list(kept):
        field = known[key]
        if field.condition and field.condition.split("&")[0].lstrip("!").partition("=")[0] in around:
            if not holds(field.condition, around):
                kept[key] = parse(field, None)
            elif field.required == "conditional" and not as_text(kept[key]):
                errors[key] = _("cần ghi khi “%(why)s”.") % {"why": _why(entity, field)}
    if "full_name" in kept and not kept["full_name"]:
        errors["full_name"] = _("chưa có họ và tên.")
    return kept, errors


def _why(entity: str, field: Field) -> str:
    name, _equals, _value = field.condition.partition("&")[0].partition("=")
    cause = by_key(entity).get(name.lstrip("!"))
    return cause.label if cause else _("trạng thái của hồ sơ đòi hỏi")


def missing(entity: str, values: Mapping[str, Any]) -> list[Field]:
    """Fields the sector database asks for and that are still empty."""
    return [
        field
        for field in fields(entity)
        if not as_text(values.get(field.key))
        and (field.required == "yes" or (field.required == "conditional" and holds(field.condition, values)))
    ]
