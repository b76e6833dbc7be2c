"""What a pupil and the pupil's parents look at: own marks and results, all children on one screen."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.core.identity.roles import Role
from sen.school.gradebook import labels
from sen.school.gradebook.labels import YEAR
from sen.school.gradebook.permissions import READ_OWN_CHILD
from sen.school.gradebook.queries.family import children
from sen.school.gradebook.views.common import actor_of, when_of
from sen.school.gradebook.views.reading import term_of, term_tabs
from sen.shared.kit.errors import NotAllowed


@require_GET
def family(request: HttpRequest) -> HttpResponse:
    """Marks and results of the children (or of the pupil) in a term or the year, as the school publishes them."""
    actor, when, term = actor_of(request), when_of(request), term_of(request)
    if not actor.holds(READ_OWN_CHILD):
        raise NotAllowed("gradebook.family_only", _("Trang này dành cho học sinh và cha mẹ học sinh."))
    context = {
        "children": children(actor, when, term),
        "tabs": term_tabs(request, term),
        "term": term,
        "term_name": labels.term_name(term),
        "is_year": term == YEAR,
        "when": when,
        "is_pupil": actor.role is Role.PUPIL,
    }
    return render(request, "gradebook/family/family.html", context)
