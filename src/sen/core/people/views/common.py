"""What the pages share: the school one works in, the groups of a file as they are shown, who changed what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.organisations.models import AdministrativeUnit, Organisation
from sen.core.organisations.queries import span_on
from sen.core.people import dictionary, forms, keeping, rules
from sen.core.people.dictionary import Field, Group
from sen.core.people.keeping import Holders
from sen.core.people.models import Person
from sen.core.people.permissions import READ_SENSITIVE
from sen.core.people.rules import Doubt
from sen.shared.audit.models import Line
from sen.shared.kit.errors import NotAllowed


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]  # set by the middleware


def when_of(request: HttpRequest) -> When:
    return cast(When, request.when)  # type: ignore[attr-defined]  # set by the middleware


def school_of(actor: Actor) -> Organisation:
    """The school the actor works in."""
    here = actor.organisation_id
    school = Organisation.objects.filter(pk=here, kind=Organisation.Kind.SCHOOL).first() if here else None
    if school is None:
        raise NotAllowed("people.no_school", _("Vai trò hiện tại không thuộc trường nào."))
    return school


def text(request: HttpRequest, name: str, most: int = 80) -> str:
    return request.GET.get(name, "").strip().replace("\x00", "")[:most]


def uuid_or_none(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


@dataclass(frozen=True)
class Shown:
    """One field of a file as the page shows it."""

    label: str
    value: str
    doubt: str = ""


@dataclass(frozen=True)
class Section:
    """One group of a file: its fields that hold something, how many are empty, where it is edited."""

    group: Group
    rows: list[Shown]
    empty: int
    url: str = ""


def sees_sensitive(actor: Actor, person: Person) -> bool:
    """May the actor see class P3 of this file: by role, or because it is the own one or a child's."""
    return actor.is_system or actor.holds(READ_SENSITIVE) or person.pk in actor.family or person.pk == actor.person_id


def sections(
    entity: str, holders: Holders, *, sensitive: bool, doubts: Sequence[Doubt] = (), url: Any = None
) -> list[Section]:
    """The groups of an entity. `url(group)` is where a group is edited, when it may be."""
    values = keeping.values(entity, holders)
    around = keeping.context(holders)
    by_field = {key: doubt.sentence for doubt in doubts for key in doubt.fields[:1]}
    names = unit_names(values, dictionary.fields(entity))
    found = []
    for group in dictionary.groups(entity):
        fields = [one for one in dictionary.fields(entity, group.key) if sensitive or not one.sensitive]
        fields = forms.applicable(fields, values, around)
        if not fields:
            continue
        rows, empty = [], 0
        for one in fields:
            value = values.get(one.key)
            # The number shows masked; the page offers to show it in full, and that is logged.
            shown = (
                rules.mask(str(value or ""))
                if one.type == "personal_id"
                else names.get(str(value))
                if one.type in ("commune", "district") and value
                else dictionary.shown(one, value)
            )
            if shown or by_field.get(one.key):
                rows.append(Shown(one.label, shown or "", by_field.get(one.key, "")))
            else:
                empty += 1
        found.append(Section(group, rows, empty, url(group.key) if url else ""))
    return found


def unit_names(values: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, str]:
    codes = {str(values[one.key]) for one in fields if one.type in ("commune", "district") and values.get(one.key)}
    if not codes:
        return {}
    units = AdministrativeUnit.objects.filter(code__in=codes).select_related("parent__parent").order_by("valid_from")
    return {code: code for code in codes} | {
        unit.code: ", ".join(
            one.full_name for one in (unit, unit.parent, unit.parent.parent if unit.parent else None) if one
        )
        for unit in units
    }


def communes(school: Organisation, day: Any) -> list[tuple[str, str]]:
    """(code, name) of the communes of the school's province, for choosing by typing."""
    span = span_on(school.pk, day)
    if span is None or span.province_id is None:
        return []
    units = AdministrativeUnit.objects.on(day).filter(tier="commune").select_related("parent")
    inside = units.filter(parent=span.province_id) | units.filter(parent__parent=span.province_id)
    return [
        (unit.code, f"{unit.full_name}, {unit.parent.full_name if unit.parent else ''}")
        for unit in inside.order_by("name_folded")
    ]


@dataclass(frozen=True)
class Change:
    at: Any
    who: str
    why: str
    what: list[tuple[str, str, str]]


_TABLES = {
    "people_person": "pupil", "people_pupil": "pupil", "people_enrolment": "enrolment", "people_staff": "staff",
    "people_posting": "posting",
}  # fmt: skip
_HIDDEN = ("name_folded", "sort_key", "school_ids", "id")


def changes(lines: Sequence[Line], *, sensitive: bool) -> list[Change]:
    """History lines as people read them: which field, from what to what. Sensitive values are not spelled out."""
    found = []
    for line in lines:
        if line.op == "U":
            what = _changed(line, sensitive)
        elif line.op == "I":
            what = (
                [(_("Lập hồ sơ"), "", "")]
                if line.subject_table == "people_person"
                else [(_("Ghi danh năm học"), "", "")]
                if line.subject_table == "people_enrolment"
                else []
            )
        else:
            what = []
        if what:
            found.append(Change(line.at, _who(line.actor), line.reason, what))
    return found


def _changed(line: Line, sensitive: bool) -> list[tuple[str, str, str]]:
    before, after = line.before or {}, line.after or {}
    flat_before, flat_after = _flat(before), _flat(after)
    entity = _TABLES.get(line.subject_table, "pupil")
    what = []
    for key in sorted({*flat_before, *flat_after}):
        old, new = flat_before.get(key), flat_after.get(key)
        if key in _HIDDEN or old == new:
            continue
        one = _field(entity, line.subject_table, key)
        if one is None:
            continue
        if one.sensitive and not sensitive:
            what.append((one.label, "…", "…"))
        elif one.type == "personal_id":
            what.append((one.label, rules.mask(str(old or "")), rules.mask(str(new or ""))))
        else:
            what.append((one.label, _said(one, old), _said(one, new)))
    return what


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    profile = values.get("profile")
    return {key: value for key, value in values.items() if key != "profile"} | (
        profile if isinstance(profile, dict) else {}
    )


def _field(entity: str, table: str, key: str) -> Field | None:
    name = table.removeprefix("people_")
    for candidate in (entity, "staff"):
        for one in dictionary.fields(candidate):
            if one.table == name and (one.profile_key if one.in_profile else one.column) == key:
                return one
    return None


def _said(one: Field, value: Any) -> str:
    try:
        return dictionary.shown(one, value)
    except (ValueError, TypeError):
        return str(value)


def _who(actor: str) -> str:
    """The name in "id|name|role"; of the system its reason."""
    parts = actor.split("|")
    return parts[1] if len(parts) > 1 else actor
