"""One's own and one's children's transcripts; the one book of a pupil for the school that holds the file."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from sen.core.people.models import Person
from sen.school.transcripts import queries
from sen.school.transcripts.permissions import READ_OWN
from sen.school.transcripts.views.common import actor_of


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """A pupil's or a family's sealed transcripts, by child."""
    actor = actor_of(request)
    actor.require(READ_OWN)
    persons = Person.objects.visible_to(actor).filter(pk__in=actor.family, pupil__isnull=False).order_by("sort_key")
    context = {"books": [(person, queries.book(actor, person)) for person in persons.select_related("pupil")]}
    return render(request, "transcripts/own.html", context)


@require_GET
def book(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """All sealed years of a pupil, across schools and regimes."""
    actor = actor_of(request)
    person = get_object_or_404(
        Person.objects.visible_to(actor).select_related("pupil"), pk=person_id, pupil__isnull=False
    )
    return render(request, "transcripts/book.html", {"person": person, "rows": queries.book(actor, person)})
