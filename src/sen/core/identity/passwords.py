"""Passwords: how they are kept, and which ones a school would guess."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sen.shared.kit.names import fold

_WORDS = ("hocsinh", "giaovien", "truong", "matkhau", "vnedu", "smas", "abc123", "123456", "111111", "sen2022")


class Argon2(Argon2PasswordHasher):
    """Argon2id, 19 MiB, 2 passes, one lane (OWASP's choice): a class of 45 signs in at once on a school's two cores.

    Django's default of 100 MiB and eight lanes takes half a second of such a machine for every sign-in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class OneTimeArgon2(Argon2):
    """For one-time passwords: random, short-lived and replaced at first use, so a quarter of the cost is enough.

    A school of 1,200 gets its slips in seconds. Django renews such a hash at the full cost when it is first checked.
    """

    time_cost = 1
    memory_cost = 8 * 1024


def one_time_hash(password: str) -> str:
    hasher = OneTimeArgon2()
    return str(hasher.encode(password, hasher.salt()))


class NoSchoolWords:
    """ASVS 5.0: check against context words as well as common passwords."""

    def validate(self, password: str, user: object = None) -> None:
        plain = fold(password).replace(" ", "")
        if any(word in plain for word in _WORDS) and len(plain) < 15:
            text = _("Mật khẩu này dễ đoán trong trường học; xin chọn một câu dài hơn.")
            raise ValidationError(text, code="school_word")

    def get_help_text(self) -> str:
        return _("Không dùng những từ dễ đoán như “hocsinh”, “123456”; một câu ngắn dễ nhớ là tốt nhất.")
