"""What every page's frame shows: where am I, when am I, what may I open."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if actor is None or actor.account_id is None:
        return {}
    return {"actor": actor}
