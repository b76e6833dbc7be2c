"""The official class book on paper."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from sen.core.organisations.queries import name_on, span_on
from sen.school.gradebook.queries.classbook import subject_pages, summary
from sen.school.gradebook.rules import Outcome, Regime
from sen.school.gradebook.rules.regimes import PRIMARY
from sen.school.gradebook.services.records import OLD_CONDUCT
from sen.school.gradebook.views import common
from sen.shared.audit import services as audit

PERIODS = {"1": 1, "2": 2, "nam": 0}
OUTCOMES = {
    Outcome.PROMOTED: "Được lên lớp",
    Outcome.RETEST: "Đánh giá lại",
    Outcome.SUMMER_CONDUCT: "Rèn luyện trong hè",
    Outcome.RETAINED: "Không được lên lớp",
    Outcome.COMPLETED: "Hoàn thành chương trình lớp học",
    Outcome.COMPLETED_PRIMARY: "Hoàn thành chương trình tiểu học",
    Outcome.SUPPLEMENT: "Đánh giá bổ sung",
    Outcome.PRINCIPAL_DECIDES: "Hiệu trưởng quyết định",
    Outcome.PENDING: "",
}


@require_GET
def class_book(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The class book of a term (?ki=1, 2) or the summary of the year (?ki=nam). Printing a class is noted."""
    actor, when = common.actor_of(request), common.when_of(request)
    room = common.class_of(actor, class_id)
    if room.regime == Regime.PRESCHOOL:
        raise Http404
    term = PERIODS.get(common.text(request, "ki", 3), when.term)
    span = span_on(room.school_id, when.day)
    audit.record(
        action="gradebook.class_book_printed", organisation_id=room.school_id, table="curriculum_schoolclass",
        subject_id=room.pk, term=term,
    )  # fmt: skip
    whole = summary(room, term)
    context = {
        "room": room,
        "issuer": span.name if span else "",
        "issuer_parent": name_on(span.parent_id, when.day) if span and span.parent_id else "",
        "place": span.province.name if span and span.province else "",
        "year_name": f"{room.year}–{room.year + 1}",
        "term": term,
        "period": {1: "HỌC KÌ I", 2: "HỌC KÌ II", 0: "CẢ NĂM"}[term],
        "pages": subject_pages(room, term) if term else [],
        "summary": whole,
        "results": [
            (row, OUTCOMES.get(Outcome(row.result.outcome)) if row.result and row.result.outcome else "")
            for row in whole.rows
        ],
        "is_primary": room.regime in PRIMARY,
        "is_old": room.regime in OLD_CONDUCT,
        "printed_at": timezone.localtime(),
        "periods": [("1", "Học kì I"), ("2", "Học kì II"), ("nam", "Cả năm")],
    }
    return render(request, "gradebook/class_book.html", context)
