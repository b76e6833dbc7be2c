"""Corrections as the inbox shows them: what waits for this actor, what the actor asked, what was done."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from sen.core.identity.actor import Actor
from sen.school.gradebook import cells
from sen.school.gradebook.models import Correction
from sen.school.gradebook.permissions import APPROVE, KEEP_CLASS_RECORD
from sen.school.gradebook.queries.completion import book_of, policies

NEWEST = 100


@dataclass(frozen=True)
class Shown:
    """A correction as people read it, with what the actor may do about it."""

    row: Correction
    pupil: str
    class_name: str
    subject: str
    term: int
    heading: str
    old: str
    new: str
    may: tuple[str, ...]


def _rows() -> QuerySet[Correction]:
    return Correction.objects.select_related(
        "person", "line__sheet__school_class", "line__sheet__class_subject__subject", "requested_by__person",
        "confirmed_by", "approved_by",
    ).order_by("-requested_at")  # fmt: skip


def inbox(actor: Actor, year: int) -> list[Shown]:
    """Corrections of the year that the actor asked, confirms or approves; the newest first, in two queries."""
    rows = _rows().filter(school=actor.organisation_id, line__sheet__year=year)
    if not actor.holds(APPROVE):
        rows = rows.filter(
            Q(requested_by=actor.account_id) | Q(line__sheet__school_class__form_teacher_id=actor.person_id)
            if actor.person_id
            else Q(requested_by=actor.account_id)
        )
    found = list(rows[:NEWEST])
    chosen = policies({row.school_id for row in found})
    return [_shown(actor, row, chosen) for row in found]


def _shown(actor: Actor, row: Correction, chosen: Any) -> Shown:
    sheet = row.line.sheet
    column = book_of(sheet, chosen).column(row.column)
    old = cells.show(row.old, column) if column else str(row.old)
    new = cells.show(row.new, column) if column else str(row.new)
    return Shown(
        row, row.person.full_name, sheet.school_class.name, sheet.class_subject.subject.name, sheet.term,
        column.heading if column else row.column, old, new, may(actor, row),
    )  # fmt: skip


def may(actor: Actor, row: Correction) -> tuple[str, ...]:
    """Acts open to the actor: "confirm", "approve", "refuse" (the asker's own refusal takes it back)."""
    own = row.requested_by_id == actor.account_id
    room = row.line.sheet.school_class
    asker = getattr(getattr(row.requested_by, "person", None), "pk", None)
    head = actor.holds(APPROVE, row.school_id)
    if row.state == Correction.State.REQUESTED:
        if own:
            return ("refuse",)
        by_head = room.form_teacher_id is None or asker == room.form_teacher_id
        confirms = (
            head
            if by_head
            else (actor.holds(KEEP_CLASS_RECORD, row.school_id) and actor.person_id == room.form_teacher_id)
        )
        return ("confirm", "refuse") if confirms else ("refuse",) if head else ()
    if row.state == Correction.State.CONFIRMED:
        if own:
            return ("refuse",)
        if head:
            return ("refuse",) if row.confirmed_by_id == actor.account_id else ("approve", "refuse")
    return ()


def waiting(actor: Actor, year: int) -> int:
    """How many corrections wait for an act of this actor alone (not for taking back)."""
    return sum(1 for shown in inbox(actor, year) if {"confirm", "approve"} & set(shown.may))
