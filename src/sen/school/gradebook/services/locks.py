"""Locking a term (khóa sổ) and the year, and opening it again by two persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.school.gradebook import events
from sen.school.gradebook.models import Sheet, TermLock
from sen.school.gradebook.permissions import LOCK
from sen.school.gradebook.queries.books import classes_of
from sen.school.gradebook.queries.completion import record_gaps, school_sheets, sheets_completion
from sen.school.gradebook.services.results import compute_results, mark_stale
from sen.shared.audit import services as audit
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

TERM_NAMES = {1: "học kì I", 2: "học kì II", 0: "cả năm"}
SHOWN = 20
SHORTEST_REASON = 10


@dataclass(frozen=True)
class Owed:
    """Something missing before a lock: class, what, how much, who owes it."""

    class_name: str
    what: str
    missing: int
    who: str

    def __str__(self) -> str:
        return f"{self.class_name}, {self.what}: còn {self.missing} ({self.who or 'chưa phân công'})"


class StillMissing(RuleError):
    """The term is not complete; `owed` lists what is missing."""

    def __init__(self, term: int, owed: Sequence[Owed]) -> None:
        lines = "; ".join(str(item) for item in owed[:SHOWN])
        more = f"; … và {len(owed) - SHOWN} mục nữa" if len(owed) > SHOWN else ""
        super().__init__(
            "gradebook.still_missing",
            _("Chưa khóa được {term}: {lines}.").format(term=TERM_NAMES[term], lines=lines + more),
        )
        self.owed = tuple(owed)


def hold_term(school_id: UUID, year: int, term: int, *, to_lock: bool = False) -> None:
    """Keep a term from being locked while something is written in it, and the other way round, to the end of the
    transaction. Term records have no row of their own to hold before they are made."""
    share = "" if to_lock else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_xact_lock{share}(hashtextextended(%s, 0))",  # one of two constants
            [f"gradebook.term|{school_id}|{year}|{term}"],
        )


def is_term_locked(school_id: UUID, year: int, term: int) -> bool:
    locks = TermLock.objects.filter(school=school_id, year=year, term=term)
    return locks.exclude(state=TermLock.State.OPEN).exists()


def owed_of(school: Organisation, year: int, term: int) -> list[Owed]:
    """What is missing in a term before it may be locked, class by class."""
    sheets = [sheet for sheet in sheets_completion(school_sheets(school.pk, year, term)) if sheet.missing]
    owed = [Owed(s.school_class.name, s.subject_name, s.missing, ", ".join(s.teachers)) for s in sheets]
    gaps = record_gaps(classes_of([school.pk], year), term)
    return owed + [Owed(gap.school_class.name, gap.what, gap.missing, gap.teacher) for gap in gaps]


@transaction.atomic
def lock_term(*, actor: Actor, school: Organisation, year: int, term: int, despite_missing: str = "") -> TermLock:
    """Lock a term (1, 2) or, when both are locked, the year (0). The same again changes nothing.

    Computes results first; the year's lock is what transcripts are built from. Where something is missing it refuses
    with the list (`StillMissing`), unless the head says why it is locked all the same: `despite_missing` goes into the
    history, and those pupils' results stay incomplete.
    """
    actor.require(LOCK, school.pk)
    hold_term(school.pk, year, term, to_lock=True)
    lock = TermLock.objects.select_for_update().filter(school=school, year=year, term=term).first()
    if lock is not None and lock.state != TermLock.State.OPEN:
        return lock
    classes = classes_of([school.pk], year)
    if term == 0:
        _require_terms_locked(school, year)
        compute_results(classes=classes, terms=(0,), locked_too=True)
    else:
        _lock_sheets(actor, school, year, term, despite_missing)
        compute_results(classes=classes, terms=(term, 0), locked_too=False)
    lock = _write(actor, school, year, term, lock)
    mark_stale(classes)
    audit.record(
        action="gradebook.locked", organisation_id=school.pk, table="gradebook_termlock", subject_id=lock.pk,
        year=year, term=term, despite_missing=despite_missing,
    )  # fmt: skip
    if term == 0:
        events.year_locked.send(sender=TermLock, school_id=school.pk, year=year)
    return lock


def _require_terms_locked(school: Organisation, year: int) -> None:
    open_terms = [TERM_NAMES[term] for term in (1, 2) if not is_term_locked(school.pk, year, term)]
    if open_terms:
        raise RuleError(
            "gradebook.terms_open", _("Phải khóa {terms} trước khi khóa cả năm.").format(terms=", ".join(open_terms))
        )


def _lock_sheets(actor: Actor, school: Organisation, year: int, term: int, despite_missing: str) -> None:
    """Lock the sheets first: that waits for cells being saved and keeps out new ones, so what is counted stays."""
    sheets = Sheet.objects.filter(school=school, year=year, term=term)
    if not sheets.exists():
        raise RuleError("gradebook.no_sheets", _("Năm học này chưa mở sổ điểm."))
    sheets.filter(locked_at=None).update(locked_at=timezone.now(), locked_by=actor.account_id)
    if len(despite_missing.strip()) >= SHORTEST_REASON:
        return
    if despite_missing:
        raise Invalid("gradebook.no_reason", _("Xin ghi rõ lí do khóa sổ khi còn thiếu (từ 10 ký tự)."), place="reason")
    if owed := owed_of(school, year, term):
        raise StillMissing(term, owed)


def _write(actor: Actor, school: Organisation, year: int, term: int, lock: TermLock | None) -> TermLock:
    if actor.account_id is None:
        raise NotAllowed("gradebook.lock_needs_person", _("Khóa sổ phải do một người có tài khoản thực hiện."))
    row = lock or TermLock(school=school, year=year, term=term)
    row.state, row.locked_by_id, row.locked_at = TermLock.State.LOCKED, actor.account_id, timezone.now()
    row.unlock_asked_by = row.unlocked_by = row.unlocked_at = None
    row.unlock_reason = ""
    row.save()
    return row


@transaction.atomic
def ask_unlock(*, actor: Actor, lock: TermLock, reason: str) -> TermLock:
    """Ask for a locked term to be opened again; another person decides."""
    row = _held(actor, lock)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid("gradebook.no_reason", _("Xin ghi rõ lí do mở khóa (từ 10 ký tự)."), place="reason")
    if row.state != TermLock.State.LOCKED:
        raise RuleError("gradebook.not_locked", _("Sổ không ở trạng thái đã khóa."))
    if row.term and is_term_locked(row.school_id, row.year, 0):
        raise RuleError("gradebook.year_locked", _("Cả năm đã khóa. Phải mở khóa cả năm trước."))
    row.state, row.unlock_asked_by_id, row.unlock_reason = TermLock.State.UNLOCK_ASKED, actor.account_id, reason.strip()
    row.save()
    return row


@transaction.atomic
def refuse_unlock(*, actor: Actor, lock: TermLock) -> TermLock:
    """Leave the term locked (also: the one who asked takes it back)."""
    row = _held(actor, lock)
    if row.state == TermLock.State.UNLOCK_ASKED:
        row.state, row.unlock_asked_by, row.unlock_reason = TermLock.State.LOCKED, None, ""
        row.save()
    return row


@transaction.atomic
def approve_unlock(*, actor: Actor, lock: TermLock) -> TermLock:
    """Open a locked term: a second person with the right to lock."""
    row = _held(actor, lock)
    if row.state != TermLock.State.UNLOCK_ASKED:
        raise RuleError("gradebook.unlock_not_asked", _("Chưa có đề nghị mở khóa."))
    if row.unlock_asked_by_id == actor.account_id:
        raise NotAllowed("gradebook.second_person", _("Người đề nghị không được tự duyệt mở khóa; cần người thứ hai."))
    row.state, row.unlocked_by_id, row.unlocked_at = TermLock.State.OPEN, actor.account_id, timezone.now()
    with scope.because(row.unlock_reason):
        row.save()
        if row.term:
            sheets = Sheet.objects.filter(school=row.school_id, year=row.year, term=row.term)
            sheets.update(locked_at=None, locked_by=None)
        else:
            events.year_unlocked.send(sender=TermLock, school_id=row.school_id, year=row.year)
    mark_stale(SchoolClass.objects.filter(school=row.school_id, year=row.year))
    return row


def _held(actor: Actor, lock: TermLock) -> TermLock:
    row = TermLock.objects.select_for_update().get(pk=lock.pk)
    actor.require(LOCK, row.school_id)
    if actor.account_id is None:
        raise NotAllowed("gradebook.lock_needs_person", _("Việc này phải do một người có tài khoản thực hiện."))
    return row
