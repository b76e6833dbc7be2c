"""What allauth tells: sign-ins, changed passwords and removed factors go into the history; the language comes along."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from sen.core.identity import services
from sen.core.identity.models import Account


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Account, response: HttpResponse | None = None, **_: Any) -> None:
    services.note_sign_in(user, [str(record["method"]) for record in get_authentication_records(request, user)])
    if response is not None:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )


@receiver(password_changed)
def changed_password(user: Account, **_: Any) -> None:
    services.note_password_changed(user)


@receiver(authenticator_removed)
def removed_factor(user: Account, authenticator: Authenticator, **_: Any) -> None:
    services.note_factor(user, authenticator.type, added=False)
