"""allauth's views where we add something: the demo's code, proof by a new factor, one session ended."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import PasswordChangeView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from sen.core.identity import rules, services
from sen.core.identity.roles import SECOND_FACTOR


class SecondFactor(AuthenticateView):  # type: ignore[misc]  # allauth ships no types
    """The second step of signing in. In a demo the page shows the code of a demo account."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        account = self.stage.login.user
        kinds = set(Authenticator.objects.filter(user_id=account.pk).values_list("type", flat=True))
        return context | {
            "demo_code": services.demo_code(account),
            "has_codes": bool(kinds - {Authenticator.Type.WEBAUTHN}),
            "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        }


class Factors(IndexView):  # type: ignore[misc]
    """One's second factors, and whether the role requires one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        required = actor.role in SECOND_FACTOR
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"required": required, "missing": required and not actor.second_factor}


class _ProvesItself:
    """Adding a factor proves it: this very session has shown a valid code or key, so it need not sign in anew.

    allauth notes such a proof only for factors used, and says so after the response has left; both are done here.
    """

    request: HttpRequest
    kind: str
    done: str

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        account = self.request.user
        factor = Authenticator.objects.filter(user_id=account.pk, type=self.kind).latest("created_at")
        record_authentication(self.request, account, "mfa", id=factor.pk, type=self.kind, reauthenticated=True)
        services.note_factor(account, self.kind, added=True)  # type: ignore[arg-type]  # signed in: an Account
        messages.success(self.request, self.done)
        return response


class AddAuthenticator(_ProvesItself, ActivateTOTPView):  # type: ignore[misc]
    kind = Authenticator.Type.TOTP

    @property
    def done(self) -> str:  # type: ignore[override]
        return _("Đã thêm ứng dụng xác thực. Xin cất các mã dự phòng ở nơi an toàn.")


class AddPasskey(_ProvesItself, AddWebAuthnView):  # type: ignore[misc]
    kind = Authenticator.Type.WEBAUTHN

    @property
    def done(self) -> str:  # type: ignore[override]
        return _("Đã thêm khóa truy cập.")


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]
    """Not the last factor of a role that needs one."""

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.object):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_list_webauthn")
        response: HttpResponse = super().form_valid(form)
        return response


class ChangePassword(PasswordChangeView):  # type: ignore[misc]
    """One's own password; a first one must be changed before anything else."""

    def get_default_success_url(self) -> str:
        return "/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"first": self.request.user.must_change_password}


class Sessions(ListUserSessionsView):  # type: ignore[misc]
    """Where one is signed in. One device, or all the others at once, can be signed out."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        for session in context["sessions"]:
            session.device = rules.device(session.user_agent) or _("Thiết bị không rõ")
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if chosen := request.POST.get("session", ""):
            own = UserSession.objects.filter(user_id=request.user.pk)
            get_object_or_404(own, pk=int(chosen) if chosen.isdigit() else None).end()
            messages.success(request, _("Đã đăng xuất thiết bị đó."))
            return redirect("usersessions_list")
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response
