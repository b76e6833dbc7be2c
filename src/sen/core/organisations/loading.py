"""Loading the tree from the data files: units, departments, offices, schools, and what changed in 2025.

Set-wise and safe to repeat: keys are UUIDv5 of the codes, so a second run finds its own rows. Units are overwritten by
a newer file; organisations and spans are only added, because what a person recorded since (a merger, a new name) is
newer than any file. Sources and doubts: `data/SOURCES.md`.
"""

import csv
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from sen.core.organisations.models import AdministrativeUnit, Change, LoadedData, Organisation, Span
from sen.shared.kit.names import fold

DATA = Path(__file__).parent / "data"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "organisations.sen.edu.vn")
BEGINNING = date(2020, 1, 1)
REFORM = date(2025, 7, 1)
HUE_CITY = date(2025, 1, 1)
SCHOOLS_EXPORTED = date(2025, 6, 23)
MINISTRY_CODE = "BGDDT"

PROVINCES_TEXT = "Nghị quyết 202/2025/QH15"
HUE_TEXT = "Nghị quyết 175/2024/QH15"
OFFICES_TEXT = "Nghị quyết 203/2025/QH15 và Luật Tổ chức chính quyền địa phương 72/2025/QH15"

# Code list school-level-groups: what a school of the group teaches.
LEVELS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("01", "02", "03", "04", "05", "19"), ("preschool",)),
    "06": ("primary",),
    "07": ("lower_secondary",),
    "08": ("upper_secondary",),
    "09": ("primary", "lower_secondary"),
    "10": ("lower_secondary", "upper_secondary"),
    "11": ("primary", "lower_secondary", "upper_secondary"),
    **dict.fromkeys(("12", "13", "14", "15"), ("continuing_lower", "continuing_upper")),
    "16": ("preschool", "primary"),
    "17": ("preschool", "primary", "lower_secondary", "upper_secondary"),
    "18": ("preschool", "primary", "lower_secondary"),
}


def organisation_id(kind: str, code: str) -> uuid.UUID:
    """The key of an organisation of the data files: `organisation_id("school", "45461501")`."""
    return uuid.uuid5(_NAMESPACE, f"{kind}/{code}")


def unit_id(tier: str, code: str, since: date = BEGINNING) -> uuid.UUID:
    """The key of an administrative unit; a province formed in 2025 may reuse a code, so the first day belongs to it."""
    return uuid.uuid5(_NAMESPACE, f"unit/{tier}/{code}/{since.isoformat()}")


def load() -> bool:
    """Bring the tree of the data files into the database. False when this version already stands there."""
    return load_once("organisations", [*sorted(DATA.glob("*.csv")), Path(__file__)], _load)


def load_once(package: str, files: Iterable[Path], work: Callable[[], None]) -> bool:
    """Do `work` in one transaction unless exactly these files were loaded before; True when it was done.

    Two servers that start together wait for each other. Packages above use it for their own data.
    """
    digest = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()
    if LoadedData.objects.filter(package=package, digest=digest).exists():
        return False
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7310513)")
        if LoadedData.objects.filter(package=package, digest=digest).exists():
            return False
        work()
        LoadedData.objects.update_or_create(package=package, defaults={"digest": digest})
    return True


def read(name: str, folder: Path = DATA) -> list[dict[str, str]]:
    """The rows of a data file."""
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _load() -> None:
    rows = Rows()
    rows.units()
    rows.authorities()
    rows.schools()
    rows.changes_of_2025()
    rows.write()


@dataclass
class Formed:
    """A province of 2025 that is new as a unit, and the department that goes on in it."""

    unit: uuid.UUID
    since: date
    full_name: str
    department: str
    merged: list[str]


@dataclass
class Rows:
    """All rows of the data files, in memory, then written in one go."""

    unit_rows: dict[uuid.UUID, AdministrativeUnit] = field(default_factory=dict)
    organisations: list[Organisation] = field(default_factory=list)
    spans: dict[uuid.UUID, list[Span]] = field(default_factory=lambda: defaultdict(list))
    changes: list[tuple[Change, list[uuid.UUID], list[uuid.UUID]]] = field(default_factory=list)
    formed: dict[str, Formed] = field(default_factory=dict)  # by code of a province that went into it
    offices_of: dict[str, list[uuid.UUID]] = field(default_factory=lambda: defaultdict(list))
    schools_of: dict[str, list[uuid.UUID]] = field(default_factory=lambda: defaultdict(list))

    def units(self) -> None:
        for row in read("provinces.csv"):
            self._unit("province", row, None)
        for row in read("provinces-2025.csv"):
            self._formed_province(row)
        for row in read("districts.csv"):
            self._unit("district", row, unit_id("province", row["province_code"]), until=REFORM)
        for row in read("communes.csv"):
            self._unit("commune", row, unit_id("district", row["district_code"]))

    def _unit(
        self,
        tier: str,
        row: dict[str, str],
        parent: uuid.UUID | None,
        since: date = BEGINNING,
        until: date | None = None,
    ) -> AdministrativeUnit:
        unit = AdministrativeUnit(
            id=unit_id(tier, row["code"], since), tier=tier, code=row["code"], name=row["name"],
            full_name=row["full_name"], name_folded=fold(row["full_name"]), kind=row["kind"], parent_id=parent,
            valid_from=since, valid_to=until,
        )  # fmt: skip
        self.unit_rows[unit.id] = unit
        return unit

    def _formed_province(self, row: dict[str, str]) -> None:
        merged = row["formed_from"].split()
        old = [self.unit_rows[unit_id("province", code)] for code in merged]
        if len(merged) == 1 and old[0].full_name == row["full_name"]:
            return
        since = REFORM if len(merged) > 1 else HUE_CITY
        unit = self._unit("province", row, None, since)
        for before in old:
            before.valid_to, before.successor_id = since, unit.id
        formed = Formed(unit.id, since, row["full_name"], row["department_goes_on"], merged)
        self.formed.update(dict.fromkeys(merged, formed))

    def _organisation(self, kind: str, code: str, **fields: Any) -> uuid.UUID:
        organisation = Organisation(id=organisation_id(kind, code), kind=kind, code=code, **fields)
        self.organisations.append(organisation)
        return organisation.id

    def _span(self, organisation: uuid.UUID, name: str, since: date = BEGINNING, **fields: Any) -> Span:
        earlier = self.spans[organisation]
        if earlier and earlier[-1].valid_to is None:
            earlier[-1].valid_to = since
        span = Span(
            id=uuid.uuid5(_NAMESPACE, f"span/{organisation}/{since.isoformat()}"), organisation_id=organisation,
            name=name, name_folded=fold(name), valid_from=since, **fields,
        )  # fmt: skip
        earlier.append(span)
        return span

    def authorities(self) -> None:
        ministry = self._organisation("ministry", MINISTRY_CODE, source="Bộ Giáo dục và Đào tạo")
        self._span(ministry, "Bộ Giáo dục và Đào tạo")
        for row in read("offices.csv"):
            place: dict[str, Any] = {"province_id": unit_id("province", row["province_code"])}
            if row["kind"] == "department":
                parent = ministry
            else:
                parent = organisation_id("department", row["province_code"])
                place["district_id"] = unit_id("district", row["district_code"])
            organisation = self._organisation(row["kind"], row["code"], source="Danh mục đơn vị của CSDL ngành")
            span = self._span(organisation, row["name"], parent_id=parent, **place)
            if row["kind"] == "office":
                span.valid_to = REFORM
                self.offices_of[row["province_code"]].append(organisation)
        for code, formed in self.formed.items():
            self._department_of_2025(code, formed)

    def _department_of_2025(self, province: str, formed: Formed) -> None:
        department = organisation_id("department", province)
        last = self.spans[department][-1]
        if province != formed.department:
            last.valid_to = formed.since
            return
        name = last.name
        if len(formed.merged) == 1:  # renamed with its province
            name = f"Sở Giáo dục và Đào tạo {formed.full_name[0].lower()}{formed.full_name[1:]}"
            self._change("rename", formed.since, HUE_TEXT, [department], [department])
        self._span(department, name, formed.since, parent_id=last.parent_id, province_id=formed.unit)

    def schools(self) -> None:
        for row in read("schools.csv"):
            school = self._organisation(
                "school", row["code"], levels=list(LEVELS[row["level_group_code"]]),
                level_group_code=row["level_group_code"], ownership_code=row["ownership_code"],
                kind_code=row["kind_code"], source="Danh sách trường của CSDL ngành",
            )  # fmt: skip
            office = row["office_code"]
            under_office = len(office) == 3
            span = self._span(
                school, row["name"], parent_id=organisation_id("office" if under_office else "department", office),
                province_id=unit_id("province", row["province_code"]),
                district_id=unit_id("district", row["district_code"]) if row["district_code"] else None,
                commune_id=unit_id("commune", row["commune_code"]) if row["commune_code"] else None,
            )  # fmt: skip
            if row["closed"]:
                span.valid_to = SCHOOLS_EXPORTED
                reason = "Không còn hoạt động theo danh sách ngày 23/06/2025; ngày giải thể thật không rõ."
                self._change("close", SCHOOLS_EXPORTED, "Danh sách trường của CSDL ngành", [school], [], reason)
                continue
            self._school_of_2025(school, span, row)
            if under_office:
                self.schools_of[office].append(school)

    def _school_of_2025(self, school: uuid.UUID, span: Span, row: dict[str, str]) -> None:
        province = row["province_code"]
        formed = self.formed.get(province)
        self._span(
            school, span.name, REFORM, commune_id=span.commune_id,
            parent_id=organisation_id("department", formed.department if formed else province),
            province_id=formed.unit if formed else span.province_id,
        )  # fmt: skip

    def changes_of_2025(self) -> None:
        for formed in {formed.unit: formed for formed in self.formed.values() if len(formed.merged) > 1}.values():
            into = organisation_id("department", formed.department)
            departments = [organisation_id("department", code) for code in formed.merged]
            self._change("merge", formed.since, PROVINCES_TEXT, departments, [into])
        for province, offices in self.offices_of.items():
            going_on = self.formed[province].department if province in self.formed else province
            department = organisation_id("department", going_on)
            self._change("close", REFORM, OFFICES_TEXT, offices, [department], "Kết thúc hoạt động của cấp huyện.")
        for office, schools in self.schools_of.items():
            new_parent = self.spans[schools[0]][-1].parent_id
            assert new_parent is not None, office  # set by _school_of_2025 for every school of an office
            self._change(
                "move", REFORM, OFFICES_TEXT, schools, [new_parent],
                "Phòng Giáo dục và Đào tạo kết thúc hoạt động; trường thuộc Sở.",
            )  # fmt: skip

    def _change(
        self, kind: str, day: date, decision: str, sources: list[uuid.UUID], results: list[uuid.UUID], reason: str = ""
    ) -> None:
        key = uuid.uuid5(_NAMESPACE, f"change/{kind}/{day.isoformat()}/{sources[0]}")
        change = Change(id=key, kind=kind, effective_on=day, decision=decision, reason=reason)
        self.changes.append((change, sources, results))

    def write(self) -> None:
        units = list(self.unit_rows.values())
        _insert(units, overwrite=["name", "full_name", "name_folded", "kind", "parent", "successor", "valid_to"])
        _insert(self.organisations)
        _insert([span for spans in self.spans.values() for span in spans])
        _insert([change for change, _, _ in self.changes])
        _insert(
            [_tie(Change.sources.through, change, source) for change, sources, _ in self.changes for source in sources]
        )
        _insert(
            [_tie(Change.results.through, change, result) for change, _, results in self.changes for result in results]
        )


def _tie(through: type[Model], change: Change, organisation: uuid.UUID) -> Model:
    return through(change_id=change.id, organisation_id=organisation)


def _insert(rows: list[Any], overwrite: list[str] | None = None) -> None:
    if not rows:
        return
    model: type[Model] = type(rows[0])
    if overwrite:
        model._default_manager.bulk_create(
            rows, batch_size=4_000, update_conflicts=True, unique_fields=["id"], update_fields=overwrite
        )
    else:
        model._default_manager.bulk_create(rows, batch_size=4_000, ignore_conflicts=True)
