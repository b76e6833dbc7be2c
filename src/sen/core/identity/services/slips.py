"""Slips with login name and one-time password, made at the moment of printing: the password is on paper alone."""

import io
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import segno
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.core.identity.permissions import ISSUE_ACCOUNTS
from sen.core.identity.services.one_time import ONE_TIME_FIELDS, SLIP_DAYS, require_manage, set_one_time
from sen.core.organisations.models import Organisation
from sen.shared.audit import services as audit
from sen.shared.documents import pdf
from sen.shared.kit.errors import RuleError

_TEMPLATE = Path(__file__).parent.parent / "templates" / "identity" / "slips.typ"
MOST = 2_000


@transaction.atomic
def make_slips(
    *,
    actor: Actor,
    school: Organisation,
    school_name: str,
    groups: Sequence[tuple[str, Sequence[Account]]],
    sign_in_url: str,
) -> tuple[bytes, int]:
    """A PDF with one slip a person, group by group (class by class), and how many there are.

    Every account on it gets a new one-time password, so a lost slip is printed again and the old one is worth nothing.
    Accounts that somebody already signed in with are left out: their password is their owner's.
    Raises RuleError("identity.no_slips") when nobody is left. Costs about 15 ms a person (one light Argon2 hash).
    """
    actor.require(ISSUE_ACCOUNTS, school.pk)
    ids = [account.pk for _, accounts in groups for account in accounts]
    if len(ids) > MOST:
        raise RuleError("identity.too_many_slips", f"Mỗi lần in tối đa {MOST} phiếu. Xin in theo từng lớp.")
    open_now = Prefetch("grants", Grant.objects.on(timezone.localdate()), to_attr="held")
    waiting = {
        account.pk: account
        for account in Account.objects.select_for_update(no_key=True)
        .filter(pk__in=ids, is_active=True, last_login=None)
        .prefetch_related(open_now)
    }
    printed, rows = [], []
    for group, accounts in groups:
        slips = []
        for listed in accounts:
            if (account := waiting.pop(listed.pk, None)) is None:
                continue
            require_manage(actor, account, school, grants=account.held)
            password = set_one_time(account, SLIP_DAYS)
            printed.append(account)
            slips.append(_slip(account, password, sign_in_url))
        if slips:
            rows.append({"name": group, "slips": slips})
    if not printed:
        raise RuleError("identity.no_slips", "Không còn ai cần phiếu: mọi người trong danh sách đều đã đăng nhập.")
    Account.objects.bulk_update(printed, ONE_TIME_FIELDS, batch_size=500)
    audit.record(
        action="identity.slips_printed", organisation_id=school.pk, table="identity_account", slips=len(printed)
    )
    valid_until = timezone.localtime(printed[0].password_valid_until)
    data = {
        "school": school_name,
        "address": urlsplit(sign_in_url).netloc,  # what people type; the way to sign in follows from there
        "valid_until": valid_until.strftime("%d/%m/%Y"),
        "groups": rows,
    }
    return pdf.render_pdf(_TEMPLATE, data), len(printed)


def _slip(account: Account, password: str, sign_in_url: str) -> dict[str, str]:
    # The QR opens the sign-in page with the login filled in; the password is never in it.
    code = segno.make(f"{sign_in_url}?{urlencode({'ten': account.username})}", error="m", micro=False, mask=2)
    picture = io.BytesIO()
    code.save(picture, kind="svg", xmldecl=False, border=0, omitsize=True)
    return {
        "name": account.full_name,
        "login": account.username,
        "password": password,
        "qr": picture.getvalue().decode(),
    }
