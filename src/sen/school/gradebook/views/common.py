"""What the pages share: the actor, the moment, the school; a sheet the actor may open."""

import json
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.core.identity.desk import When
from sen.core.organisations.models import Organisation
from sen.school.gradebook.queries.facts import Facts, facts_of, may_open
from sen.shared.kit.errors import NotAllowed

TERMS = {1: "I", 2: "II"}


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]  # set by the middleware


def when_of(request: HttpRequest) -> When:
    return cast(When, request.when)  # type: ignore[attr-defined]  # set by the middleware


def school_of(actor: Actor) -> Organisation:
    """The school the actor works in."""
    here = Organisation.objects.filter(kind=Organisation.Kind.SCHOOL)
    school = here.filter(pk=actor.organisation_id).first() if actor.organisation_id else None
    if school is None:
        raise NotAllowed("gradebook.no_school", _("Vai trò hiện tại không thuộc trường nào."))
    return school


def sheet_of(actor: Actor, sheet_id: UUID) -> Facts:
    """The facts of a sheet the actor may open; any other is not there."""
    facts = facts_of(sheet_id, person_id=actor.person_id)
    if facts is None or not may_open(actor, facts):
        raise Http404
    return facts


def class_of(actor: Actor, class_id: UUID) -> SchoolClass:
    """A class the actor may open as its form teacher or as one who reads all sheets."""
    from sen.school.gradebook.permissions import READ_ALL_SHEETS, READ_OWN_SHEETS

    room = SchoolClass.objects.filter(pk=class_id).select_related("form_teacher", "school").first()
    if room is None:
        raise Http404
    as_form_teacher = actor.holds(READ_OWN_SHEETS, room.school_id) and actor.person_id == room.form_teacher_id
    if not (actor.holds(READ_ALL_SHEETS, room.school_id) or (as_form_teacher and actor.person_id)):
        raise Http404
    return room


def text(request: HttpRequest, name: str, most: int = 80) -> str:
    return request.GET.get(name, "").strip().replace("\x00", "")[:most]


def posted(request: HttpRequest, name: str, most: int = 2000) -> str:
    return request.POST.get(name, "").strip().replace("\x00", "")[:most]


def json_block(value: Any) -> SafeString:
    """JSON for a script block of an island; nothing in it can end the block."""
    escapes = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
    return mark_safe(json.dumps(value, ensure_ascii=False).translate(escapes))  # noqa: S308  # escaped just here
