"""Locking terms: what is missing and who owes it, lock, ask to open again, open."""

from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sen.school.gradebook.models import TermLock
from sen.school.gradebook.permissions import LOCK
from sen.school.gradebook.queries.books import classes_of
from sen.school.gradebook.queries.completion import record_gaps, school_sheets, sheets_completion
from sen.school.gradebook.services import locks as services
from sen.school.gradebook.views import common


@require_GET
def locks(request: HttpRequest) -> HttpResponse:
    """The three locks of the year, and the term's sheets that are not full, class by class."""
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    actor.require(LOCK, school.pk)
    rows = TermLock.objects.filter(school=school, year=when.year).select_related(
        "locked_by", "unlock_asked_by", "unlocked_by"
    )
    known = {row.term: row for row in rows}
    completion = sheets_completion(school_sheets(school.pk, when.year, when.term))
    open_sheets = [sheet for sheet in completion if sheet.missing]
    gaps = record_gaps(classes_of([school.pk], when.year), when.term)
    context = {
        "when": when,
        "term": common.TERMS[when.term],
        "periods": [_period(term, known.get(term), actor.account_id) for term in (1, 2, 0)],
        "has_sheets": bool(completion),
        "classes": [(room, list(sheets)) for room, sheets in groupby(open_sheets, key=lambda s: s.school_class)],
        "gaps": gaps,
        "missing": sum(sheet.missing for sheet in open_sheets),
        "expected": sum(sheet.expected for sheet in completion),
        "filled": sum(sheet.filled for sheet in completion),
    }
    return render(request, "gradebook/locks.html", context)


def _period(term: int, lock: TermLock | None, account_id: UUID | None) -> dict[str, object]:
    state = lock.state if lock else TermLock.State.OPEN
    return {
        "term": term,
        "name": services.TERM_NAMES[term],
        "lock": lock,
        "is_open": state == TermLock.State.OPEN,
        "is_locked": state == TermLock.State.LOCKED,
        "is_asked": state == TermLock.State.UNLOCK_ASKED,
        "asked_by_me": lock is not None and lock.unlock_asked_by_id == account_id,
    }


@require_POST
def lock(request: HttpRequest, term: int) -> HttpResponse:
    actor, when = common.actor_of(request), common.when_of(request)
    if term not in services.TERM_NAMES:
        raise Http404
    reason = common.posted(request, "reason")
    services.lock_term(actor=actor, school=common.school_of(actor), year=when.year, term=term, despite_missing=reason)
    messages.success(request, _("Đã khóa {term}.").format(term=services.TERM_NAMES[term]))
    return redirect("gradebook:locks")


@require_POST
def unlock_act(request: HttpRequest, lock_id: UUID, act: str) -> HttpResponse:
    actor = common.actor_of(request)
    row = get_object_or_404(TermLock, pk=lock_id, school=actor.organisation_id)
    if act == "de-nghi":
        services.ask_unlock(actor=actor, lock=row, reason=common.posted(request, "reason"))
        messages.success(request, _("Đã gửi đề nghị mở khóa; cần một người thứ hai duyệt."))
    elif act == "duyet":
        services.approve_unlock(actor=actor, lock=row)
        messages.success(request, _("Đã mở khóa."))
    elif act == "khong-duyet":
        services.refuse_unlock(actor=actor, lock=row)
        messages.success(request, _("Sổ vẫn khóa."))
    else:
        raise Http404
    return redirect("gradebook:locks")
