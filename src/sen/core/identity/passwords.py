"""Refusing passwords that a school would guess."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sen.shared.kit.names import fold

_WORDS = ("hocsinh", "giaovien", "truong", "matkhau", "vnedu", "smas", "abc123", "123456", "111111", "sen2022")


class NoSchoolWords:
    """ASVS 5.0: check against context words as well as common passwords."""

    def validate(self, password: str, user: object = None) -> None:
        plain = fold(password).replace(" ", "")
        if any(word in plain for word in _WORDS) and len(plain) < 15:
            raise ValidationError(_("Mật khẩu này dễ đoán trong trường học; xin chọn một câu dài hơn."), code="school_word")

    def get_help_text(self) -> str:
        return _("Không dùng những từ dễ đoán như “hocsinh”, “123456”; một câu ngắn dễ nhớ là tốt nhất.")
