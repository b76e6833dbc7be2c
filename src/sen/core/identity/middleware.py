"""Every request: one transaction, one actor, one scope."""

import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from sen.core.identity import queries
from sen.core.identity.actor import Actor
from sen.core.identity.roles import SECOND_FACTOR, Role
from sen.shared.kit import scope
from sen.shared.kit.errors import RuleError

Handler = Callable[[HttpRequest], HttpResponse]
_WITHOUT_DATABASE = ("/static/", "/healthz", "/metrics")
_log = structlog.get_logger("sen.request")


def one_transaction(get_response: Handler) -> Handler:
    """Wrap the whole request, sign-in and session included, in one transaction: fewer round trips, nothing by half."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]  # read by the actor and the logs
        if request.path.startswith(_WITHOUT_DATABASE):
            return get_response(request)
        with structlog.contextvars.bound_contextvars(request=request.request_id), transaction.atomic():  # type: ignore[attr-defined]
            response = get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                transaction.set_rollback(True)
            return response

    return handle


class who_acts:  # noqa: N801  # Django names middleware in settings as a callable
    """Put `request.actor` in place and work inside its scope; refuse what its sign-in does not yet allow."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_WITHOUT_DATABASE):
            return self.get_response(request)
        actor = queries.actor_of(request)
        request.actor = actor  # type: ignore[attr-defined]  # the one way a view learns who acts
        if (detour := self._detour(request, actor)) is not None:
            return detour
        with scope.use(actor.scope()):
            return self.get_response(request)

    def _detour(self, request: HttpRequest, actor: Actor) -> HttpResponse | None:
        """A first password must be changed; a role that may lock, sign or export needs its second factor."""
        if actor.account_id is None or request.path.startswith(("/tai-khoan/", "/i18n/", "/vai-tro")):
            return None
        if request.user.must_change_password:  # type: ignore[union-attr]
            return redirect("account_change_password")
        if actor.role is not None and Role(actor.role) in SECOND_FACTOR and not actor.second_factor:
            return redirect(reverse("mfa_index") + "?required=1")
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The rule says no: one answer for pages, fragments and API alike. Everything else is left to crash."""
        if not isinstance(error, RuleError):
            return None
        transaction.set_rollback(True)
        _log.info("refused", code=error.code, status=error.status)
        wants_json = request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")
        if wants_json:
            return JsonResponse({"code": error.code, "message": str(error)}, status=error.status)
        page = "ui/_refusal.html" if request.headers.get("HX-Request") else "ui/refusal.html"
        return render(request, page, {"message": str(error), "code": error.code}, status=error.status)
