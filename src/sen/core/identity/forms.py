"""Forms of sign-in (allauth's, in Vietnamese) and of the pages for accounts and grants."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as factor_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.core.identity.roles import Role


def _say(form: forms.Form, name: str, label: str, help_text: str = "", **attrs: Any) -> None:
    """Label, help and attributes of a field in our words."""
    field = form.fields[name]
    field.label = label
    field.help_text = help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


class SignInForm(account_forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "login", _("Tên đăng nhập"), autocapitalize="none", spellcheck="false")
        _say(self, "password", _("Mật khẩu"))
        if not self.is_bound and self.request is not None:
            # The QR on a slip carries the login name, so that nobody types it on a phone.
            self.initial.setdefault("login", self.request.GET.get("ten", "")[:80])
        self.fields["password" if self.initial.get("login") else "login"].widget.attrs["autofocus"] = True


class ChangePasswordForm(account_forms.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "oldpassword", _("Mật khẩu hiện tại"))
        _say(
            self,
            "password1",
            _("Mật khẩu mới"),
            _("Ít nhất 8 ký tự. Một câu ngắn dễ nhớ là tốt nhất; đừng dùng tên mình, tên trường hay dãy số dễ đoán."),
        )
        _say(self, "password2", _("Nhập lại mật khẩu mới"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = forms.Form.clean(self) or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("Hai lần nhập mật khẩu mới chưa giống nhau."))
        if first and first == cleaned.get("oldpassword"):
            self.add_error("password1", _("Mật khẩu mới phải khác mật khẩu hiện tại."))
        return cleaned


class ReauthenticateForm(account_forms.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "password", _("Mật khẩu"), autofocus=True)


_CODE: dict[str, Any] = {"inputmode": "numeric", "autofocus": True, "maxlength": "20"}


class CodeForm(factor_forms.AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", _("Mã xác nhận"), _("Mã 6 số trên ứng dụng xác thực, hoặc một mã dự phòng."), **_CODE)


class ReauthenticateByCodeForm(factor_forms.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", _("Mã xác nhận"), _("Mã 6 số trên ứng dụng xác thực, hoặc một mã dự phòng."), **_CODE)


class AddAuthenticatorForm(ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", _("Mã 6 số đang hiện trên ứng dụng"), **_CODE)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["name"] = _("Khóa của tôi")
        _say(self, "name", _("Đặt tên cho khóa"), _("Ví dụ: Điện thoại của tôi, Máy phòng văn thư."), maxlength="60")
        _say(
            self,
            "passwordless",
            _("Dùng khóa này thay cho mật khẩu"),
            _("Đăng nhập chỉ bằng khóa; thiết bị sẽ hỏi vân tay, khuôn mặt hoặc mã PIN."),
        )


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "name", _("Tên của khóa"), maxlength="60", autofocus=True)


class GrantForm(forms.Form):
    """Give a role: to an account that exists (by its login name), or to a new person."""

    role = forms.ChoiceField(label=gettext_lazy("Vai trò"))
    organisation = forms.UUIDField(label=gettext_lazy("Đơn vị"), widget=forms.Select)
    username = forms.CharField(
        label=gettext_lazy("Tên đăng nhập"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Của người đã có tài khoản. Nếu chưa có, để trống và ghi họ tên bên dưới."),
    )
    full_name = forms.CharField(label=gettext_lazy("Họ và tên người mới"), max_length=120, required=False)
    birth_year = forms.IntegerField(
        label=gettext_lazy("Năm sinh"), min_value=1920, max_value=2100, required=False,
        help_text=gettext_lazy("Chỉ để đặt tên đăng nhập cho người mới."),
    )  # fmt: skip
    valid_to = forms.DateField(
        label=gettext_lazy("Đến hết ngày"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Để trống nếu chưa định ngày thôi giữ vai trò."),
    )
    basis = forms.CharField(
        label=gettext_lazy("Căn cứ"),
        max_length=200,
        help_text=gettext_lazy("Số quyết định, hợp đồng hoặc phân công."),
    )

    def __init__(self, *args: Any, roles: list[Role], places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        self.fields["organisation"].widget.choices = places

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("username") and not cleaned.get("full_name"):
            self.add_error("username", _("Xin ghi tên đăng nhập, hoặc họ tên người mới."))
        if cleaned.get("username") and cleaned.get("full_name"):
            self.add_error("full_name", _("Chỉ ghi một trong hai: tên đăng nhập, hoặc họ tên người mới."))
        return cleaned


class ReasonForm(forms.Form):
    """Why an account is closed or a role ends: kept in the history."""

    reason = forms.CharField(label=gettext_lazy("Lý do"), max_length=200, widget=forms.TextInput())
