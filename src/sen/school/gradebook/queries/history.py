"""The history of a cell, from the lines the database wrote at every change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from sen.core.identity.roles import Role
from sen.school.gradebook import cells
from sen.school.gradebook.models import SheetLine
from sen.school.gradebook.rules import Column
from sen.shared.audit.models import Line

_NAMED = dict(Role.choices)


@dataclass(frozen=True)
class CellChange:
    """One change of a cell: when, by whom in which role, before and after as people read them, and why."""

    at: datetime
    by: str
    role: str
    before: str
    after: str
    reason: str = ""
    is_correction: bool = False


def who(actor: str) -> tuple[str, str]:
    """(name, role) out of the history's actor "account|name|role"; a system's is "system|why"."""
    parts = actor.split("|")
    if len(parts) < 3:
        return parts[-1], ""
    return parts[1], str(_NAMED.get(parts[2], ""))


def last_writer(line_id: UUID, code: str) -> str:
    """Name of whoever changed this cell last; empty when the history holds no change of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor FROM audit_line WHERE subject_id = %s AND after -> 'versions' -> %s = after -> 'version'"
            " ORDER BY id DESC LIMIT 1",
            [line_id, code],
        )
        row = cursor.fetchone()
    return who(row[0])[0] if row else ""


def cell_changes(line: SheetLine, columns: tuple[Column, ...]) -> dict[str, list[CellChange]]:
    """Column code -> its changes, newest first, in one query."""
    found: dict[str, list[CellChange]] = {column.code: [] for column in columns}
    lines = Line.objects.filter(subject_id=line.pk, op__in=["I", "U"]).order_by("-id")
    for at, actor, reason, before, after in lines.values_list("at", "actor", "reason", "before", "after"):
        name, role = who(actor)
        for column in columns:
            for old, new, is_correction in _changes(before or {}, after or {}, column, line):
                if old != new:
                    found[column.code].append(CellChange(at, name, role, old, new, reason, is_correction))
    return found


def _changes(
    before: dict[str, Any], after: dict[str, Any], column: Column, line: SheetLine
) -> Iterator[tuple[str, str, bool]]:
    """(old, new, is it a correction) of one cell in one line of history, which names only the fields that changed."""
    if column.code == cells.SECONDARY_REMARK:
        if "remark" in after:
            yield str(before.get("remark") or ""), str(after["remark"] or ""), False
        return
    if {"marks", "states"} & after.keys():
        yield _entered(before, column), _entered(after, column), False
    if column.code in (after.get("corrected") or {}):
        was = (before.get("corrected") or {}).get(column.code, line.marks.get(column.code))
        yield cells.show(was, column), cells.show(after["corrected"][column.code], column), True


def _entered(row: dict[str, Any], column: Column) -> str:
    value = (row.get("marks") or {}).get(column.code)
    state = (row.get("states") or {}).get(column.code, "")
    return cells.show(value, column) or (cells.STATES[state] if state else "")
