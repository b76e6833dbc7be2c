"""Second factors of the demo: real ones, whose present code the sign-in page of a demo shows.

The mark "demo" stands in the authenticator itself, so that a factor somebody adds is never shown, and nothing is
shown unless the server runs as a demo.
"""

import time
from collections.abc import Iterable

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core.cache import cache

from sen.core.identity.models import Account


def enrol_demo_second_factor(account: Account) -> None:
    """Give a demo account an authenticator whose code the second-factor page shows. Does nothing when it has one."""
    enrol_demo_second_factors([account])


def enrol_demo_second_factors(accounts: Iterable[Account]) -> None:
    """The same for many accounts, in two statements."""
    wanted = {account.pk: account for account in accounts}
    have = Authenticator.objects.filter(user_id__in=wanted, type=Authenticator.Type.TOTP)
    for account_id in have.values_list("user_id", flat=True):
        del wanted[account_id]
    adapter = get_adapter()
    Authenticator.objects.bulk_create(
        (
            Authenticator(
                user_id=account_id,
                type=Authenticator.Type.TOTP,
                data={"secret": adapter.encrypt(totp.generate_totp_secret()), "demo": True},
            )
            for account_id in wanted
        ),
        batch_size=500,
    )


def demo_code(account: Account) -> str:
    """The code that the account's demo authenticator shows now, not one already used; empty outside a demo."""
    if not settings.DEMO:
        return ""
    factor = Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.TOTP, data__demo=True).first()
    if factor is None:
        return ""
    secret = get_adapter().decrypt(factor.data["secret"])
    now = int(time.time()) // app_settings.TOTP_PERIOD
    codes = [totp.format_hotp_value(totp.hotp_value(secret, now + step)) for step in (0, 1, -1)]
    used = totp.TOTP(factor)._get_used_cache_key
    return str(next((code for code in codes if cache.get(used(code)) is None), codes[0]))
