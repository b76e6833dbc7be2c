"""The kinds of file Sen takes, and what each must be able to do. Packages above people register theirs."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people import dictionary
from sen.core.people.dictionary import Field
from sen.shared.documents.xlsx_in import Value

NEW, CHANGED, UNCHANGED, FAULTY, SUSPECT = "new", "changed", "unchanged", "faulty", "suspect"


@dataclass(frozen=True)
class Column:
    """A column that a kind understands. `field`: the dictionary's field behind it, if any."""

    key: str
    label: str
    headings: tuple[str, ...]
    field: Field | None = None
    in_template: bool = True
    hint: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the file: its number (from 0, as in the sheet) and its filled cells by column key."""

    number: int
    cells: Mapping[str, Value]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row. `key`: the column, "" for the row as a whole. `sentence` names the remedy."""

    row: int
    key: str
    sentence: str


@dataclass(frozen=True)
class Likely:
    """A person of the school who may be the one of a row: shown side by side, the clerk decides."""

    id: UUID
    facts: tuple[tuple[str, str], ...]  # (label, value)


@dataclass
class Judged:
    """What applying a row would do. `values` are read values by entity; `found` the row it would change."""

    row: Row
    state: str = NEW
    title: str = ""
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    found: Any = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)  # (label, before, after)
    faults: list[Fault] = field(default_factory=list)
    doubts: list[Fault] = field(default_factory=list)
    likely: list[Likely] = field(default_factory=list)
    facts: tuple[tuple[str, str], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def fail(self, key: str, sentence: str) -> None:
        self.faults.append(Fault(self.row.number, key, sentence))
        self.state = FAULTY

    def doubt(self, key: str, sentence: str) -> None:
        self.doubts.append(Fault(self.row.number, key, sentence))


@dataclass(frozen=True)
class Place:
    """Where a file goes: who brings it, school, year. `decisions`: row number -> "another" or a person id."""

    actor: Actor
    school: Organisation
    year: int
    decisions: Mapping[str, str] = field(default_factory=dict)


class Target(Protocol):
    """One kind of file."""

    kind: str

    @property
    def columns(self) -> Sequence[Column]: ...

    @property
    def required(self) -> Sequence[tuple[str, ...]]:
        """Each entry: keys of which one column must be there."""

    def choices(self, place: Place) -> Mapping[str, Sequence[str]]:
        """Drop-down lists of the blank file that depend on the school, by column key."""

    def require(self, place: Place) -> None:
        """Refuse who may not bring this kind to this school."""

    def judge(self, place: Place, rows: Sequence[Row]) -> list[Judged]:
        """Say of each row what applying it would do. Reads only, a constant number of queries."""

    def write(self, place: Place, judged: Sequence[Judged]) -> None:
        """Write rows that are new or changed, set-wise."""


_targets: dict[str, Target] = {}


def register_target(target: Target) -> None:
    """Called once by the package that owns what such a file changes."""
    _targets[target.kind] = target


def target(kind: str) -> Target:
    return _targets[kind]


def kinds() -> list[str]:
    return list(_targets)


@cache
def headings(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Column key -> headings that schools write for it (data/headings.csv); the first is ours."""
    with (dictionary.DATA / "headings.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == kind]
    return {row["key"]: tuple(part.strip() for part in row["headings"].split("|")) for row in rows}


def columns_of(
    kind: str, entities: Sequence[str], template: Sequence[str], hints: Mapping[str, str] | None = None
) -> list[Column]:
    """The columns of a kind: those of the headings file, then every further field of the dictionary under its label.

    `template`: what stands in the blank file, what a clerk fills in first.
    """
    known = headings(kind)
    by_key = {key: one for entity in entities for key, one in dictionary.by_key(entity).items()}
    columns = []
    for key in dict.fromkeys([*template, *known, *by_key]):
        one = by_key.get(key)
        if one is not None and (one.group == "leaving" or (one.condition == "adult=true" or key.startswith("spouse_"))):
            continue
        names = known.get(key, ())
        label = names[0] if names else one.label_vi if one else key
        extra = (one.label_vi,) if one else ()
        columns.append(
            Column(key, label, tuple(dict.fromkeys([*names, *extra])), one, key in template, (hints or {}).get(key, ""))
        )
    return columns
