"""What every page of this package asks of a request."""

from uuid import UUID

from django.http import Http404, HttpRequest

from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.organisations.models import Organisation

YEARS = range(1990, 2101)


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
    return actor


def year_of(request: HttpRequest) -> int:
    """The year in the address, else the one the person looks at."""
    when: When = request.when  # type: ignore[attr-defined]  # set by the middleware
    given = request.GET.get("year", "")
    return int(given) if given.isdecimal() and int(given) in YEARS else when.year


def school_of(request: HttpRequest) -> UUID:
    """The school the actor works in; 404 for who works in none."""
    school_id = actor_of(request).organisation_id
    if school_id is None or not Organisation.objects.filter(pk=school_id, kind=Organisation.Kind.SCHOOL).exists():
        raise Http404
    return school_id


def year_name(year: int) -> str:
    return f"{year}-{year + 1}"
