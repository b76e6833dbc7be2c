"""Every request: one transaction, one actor, one scope, and headers that keep a page to itself."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sen.core.identity import queries
from sen.core.identity.actor import Actor
from sen.core.identity.roles import SECOND_FACTOR, Role
from sen.shared.kit import scope
from sen.shared.kit.errors import RuleError

Handler = Callable[[HttpRequest], HttpResponse]
_WITHOUT_DATABASE = ("/static/", "/healthz", "/metrics")
_READS = ("GET", "HEAD", "OPTIONS")
_log = structlog.get_logger("sen.request")

# Pages of one's own account that stay open while a first password, or a second factor, is still missing. Nothing by
# which a protection is taken away is among them.
_ALWAYS_OPEN = {"account_logout", "set_language"}
_FOR_FIRST_PASSWORD = _ALWAYS_OPEN | {"account_change_password"}
_FOR_SECOND_FACTOR = _FOR_FIRST_PASSWORD | {
    "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_index", "mfa_activate_totp",
    "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_download_recovery_codes", "identity:roles",
}  # fmt: skip


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


_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",  # no inline script anywhere; data for islands stands in application/json blocks
        "style-src 'self'",
        "img-src 'self' data: blob:",  # data: the QR of an authenticator; blob: a chart on its way to a PNG
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "frame-src 'self'",  # the preview of a document before it is signed
        "form-action 'self'",
        "base-uri 'none'",
    )
)


def guard_the_page(get_response: Handler) -> Handler:
    """Headers of every answer: only our own scripts run, nobody frames us, and a shared computer keeps no copy.

    A view that means to be shown inside a page of ours says so by `@xframe_options_sameorigin`.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "pdf" not in response.get("Content-Type", ""):  # a browser's own reader of PDFs would obey it and stay empty
            ancestors = "'self'" if response.get("X-Frame-Options") == "SAMEORIGIN" else "'none'"
            response.setdefault("Content-Security-Policy", f"{_POLICY}; frame-ancestors {ancestors}")
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        signed_in = getattr(getattr(request, "actor", None), "account_id", None) is not None
        if signed_in and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    return handle


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")


class SignInRequired(LoginRequiredMiddleware):
    """Every view needs a sign-in unless it says `@login_not_required`. Scripts get an answer that they can read."""

    def handle_no_permission(  # type: ignore[override]  # Django only ever redirects here
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        message = _("Phiên làm việc đã hết. Xin đăng nhập lại.")
        if wants_json(request):
            return JsonResponse({"code": "identity.signed_out", "message": message}, status=HTTPStatus.UNAUTHORIZED)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": reverse("account_login")})
        return super().handle_no_permission(request, view_func)


_SEEN_EVERY = timedelta(minutes=5)


def note_activity(get_response: Handler) -> Handler:
    """Keep "last seen" of the session list, at most once in five minutes and in one statement."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        key = request.session.session_key if getattr(request, "actor", queries.NOBODY).account_id else None
        if key and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            now = timezone.now()
            UserSession.objects.filter(session_key=key, last_seen_at__lt=now - _SEEN_EVERY).update(
                last_seen_at=now, ip=get_adapter().get_client_ip(request)
            )
        return response

    return handle


class who_acts:  # Django names middleware in settings as a callable
    """Put `request.actor` and `request.when` in place and work inside the actor's scope.

    Refuses what the sign-in does not yet allow, and answers a rule's refusal for pages, fragments and API alike.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_WITHOUT_DATABASE):
            return self.get_response(request)
        actor, grants = queries.sign_in_of(request)
        request.actor = actor  # type: ignore[attr-defined]  # the one way a view learns who acts
        request.grants = grants  # type: ignore[attr-defined]  # what this person may change to
        # Lazily: saving a mark asks nobody which years there are.
        request.when = SimpleLazyObject(lambda: queries.when_of(request, actor))  # type: ignore[attr-defined]
        with scope.use(actor.scope()):
            response = self._answer(request)
            if (error := getattr(request, "refusal", None)) is not None:
                return _refuse(request, error)
            return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """What is refused is undone, but only what the view did: the session and its sign-in stay."""
        if request.method in _READS:
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                transaction.set_rollback(True)
            return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """A first password must be changed; a role that may lock, sign or export needs its second factor."""
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None or actor.account_id is None or not getattr(view, "login_required", True):
            return None
        page = request.resolver_match.view_name if request.resolver_match else ""
        if request.user.must_change_password:  # type: ignore[union-attr]  # an Account: the actor has an id
            if page in _FOR_FIRST_PASSWORD:
                return None
            message = _("Xin đổi mật khẩu ban đầu trước.")
            return _detour(request, reverse("account_change_password"), "identity.first_password", message)
        if actor.role is not None and Role(actor.role) in SECOND_FACTOR and not actor.second_factor:
            if page in _FOR_SECOND_FACTOR:
                return None
            message = _("Vai trò này cần lớp bảo vệ thứ hai. Xin xác nhận trước.")
            return _detour(request, _second_factor_page(request), "identity.second_factor", message)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The rule says no: answered outside, when what the view wrote is undone. Everything else is left to crash."""
        if not isinstance(error, RuleError):
            return None
        request.refusal = error  # type: ignore[attr-defined]
        return HttpResponse(status=error.status)


def _second_factor_page(request: HttpRequest) -> str:
    """To the proof when the account has a factor already (added on another device), else to adding one."""
    factors = Authenticator.objects.filter(user_id=request.user.pk).exclude(type=Authenticator.Type.RECOVERY_CODES)
    kinds = set(factors.values_list("type", flat=True))
    if not kinds:
        return reverse("mfa_index") + "?required=1"
    page = "mfa_reauthenticate" if Authenticator.Type.TOTP in kinds else "mfa_reauthenticate_webauthn"
    return f"{reverse(page)}?{urlencode({'next': request.get_full_path() if request.method == 'GET' else '/'})}"


def _detour(request: HttpRequest, url: str, code: str, message: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"code": code, "message": message}, status=HTTPStatus.FORBIDDEN)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})
    return redirect(url)


def _refuse(request: HttpRequest, error: RuleError) -> HttpResponse:
    _log.info("refused", code=error.code, status=error.status)
    if wants_json(request):
        return JsonResponse({"code": error.code, "message": str(error)}, status=error.status)
    page = "identity/_refusal.html" if request.headers.get("HX-Request") else "identity/refusal.html"
    return render(request, page, {"message": str(error), "code": error.code}, status=error.status)
