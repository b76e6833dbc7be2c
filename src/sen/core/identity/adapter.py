"""How allauth behaves here: no self-registration, its words in Vietnamese, one-time passwords, secrets encrypted."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.core.identity import queries, services
from sen.core.identity.models import Account
from sen.core.identity.roles import SECOND_FACTOR, Role


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("Tên đăng nhập hoặc mật khẩu chưa đúng."),
        "too_many_login_attempts": _(
            "Đã nhập sai nhiều lần nên tài khoản này tạm khóa 5 phút. Xin chờ rồi thử lại, hoặc nhờ giáo viên chủ"
            " nhiệm, văn thư đặt lại mật khẩu."
        ),
        "enter_current_password": _("Mật khẩu hiện tại chưa đúng."),
        "incorrect_password": _("Mật khẩu chưa đúng."),
        "incorrect_code": _("Mã chưa đúng hoặc đã dùng."),
        "rate_limited": _("Đã nhập sai nhiều lần. Xin chờ 5 phút rồi thử lại."),
        "one_time_expired": _(
            "Mật khẩu dùng một lần này đã hết hạn. Xin nhờ giáo viên chủ nhiệm hoặc văn thư cấp lại."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are issued by schools and offices, never taken."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # By the login alone: the name under which the server is called must not give five more tries.
        return services.lockout_key(str(credentials.get("username", "")))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        try:
            account: Account | None = super().authenticate(request, **credentials)
        except ValidationError:
            services.note_failed_sign_in(username=str(credentials.get("username", "")), locked_out=True)
            raise
        if account and account.password_valid_until and account.password_valid_until < timezone.now():
            # Said only to who typed it right: it betrays nothing about other people's logins.
            raise self.validation_error("one_time_expired")
        return account

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        services.note_failed_sign_in(username=str(credentials.get("username", "")))

    def set_password(self, user: Account, password: str) -> None:
        """A password of one's own: no longer a one-time one. Ends the account's sessions; allauth keeps this one."""
        user.session_epoch += 1
        user.must_change_password = False
        user.password_valid_until = None
        super().set_password(user, password)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets of authenticators are encrypted with a key derived from SECRET_KEY."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("Mã chưa đúng hoặc đã dùng. Xin chờ mã mới trên ứng dụng rồi nhập lại."),
        "cannot_delete_authenticator": _(
            "Vai trò của tài khoản này cần ít nhất một lớp bảo vệ thứ hai. Xin thêm cách khác trước khi bỏ cách này."
        ),
        "cannot_generate_recovery_codes": _("Xin thêm ứng dụng xác thực hoặc khóa truy cập trước khi tạo mã dự phòng."),
    }

    def _cipher(self) -> Fernet:
        digest = hashlib.sha256(b"sen.mfa" + settings.SECRET_KEY.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(digest))

    def encrypt(self, text: str) -> str:
        return self._cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last factor of an account whose roles need one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        if others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            return True
        return not any(Role(grant.role) in SECOND_FACTOR for grant in queries.open_grants(authenticator.user))
