"""What the pages share: who acts, when, in which school, and classes the actor may open."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.identity.roles import Right
from sen.core.organisations.models import Organisation
from sen.shared.kit.errors import NotAllowed


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]  # set by the middleware


def when_of(request: HttpRequest) -> When:
    return cast(When, request.when)  # type: ignore[attr-defined]  # set by the middleware


def school_of(actor: Actor, right: Right) -> Organisation:
    """The school the actor works in, refused without the right there."""
    schools = Organisation.objects.filter(kind=Organisation.Kind.SCHOOL)
    school = schools.filter(pk=actor.organisation_id).first() if actor.organisation_id else None
    if school is None:
        raise NotAllowed("curriculum.no_school", _("Vai trò hiện tại không thuộc trường nào."))
    actor.require(right, school.pk)
    return school


def class_of(actor: Actor, class_id: UUID, right: Right) -> SchoolClass:
    """A class the actor may see (else 404) and has the right over (else 403)."""
    rows = SchoolClass.objects.visible_to(actor).select_related("school", "form_teacher", "campus")
    school_class = get_object_or_404(rows, pk=class_id)
    actor.require(right, school_class.school_id)
    return school_class
