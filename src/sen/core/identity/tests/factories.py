"""Accounts and grants for tests. Passwords are real and known: `PASSWORD`."""

import itertools
import time
from datetime import date
from functools import lru_cache
from typing import Any

import factory

from sen.core.identity import queries
from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.core.identity.passwords import one_time_hash
from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation, Span
from sen.shared.kit.names import fold

PASSWORD = "sen-hong-no-2022"
_numbers = itertools.count(1)


@lru_cache(maxsize=1)
def _hash() -> str:
    return one_time_hash(PASSWORD)


class OrganisationFactory(factory.django.DjangoModelFactory[Organisation]):
    """A node of the tree with an open span from 2000; `OrganisationFactory(kind="department", parent=ministry)`."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    kind = Organisation.Kind.SCHOOL
    code = factory.Sequence(lambda n: f"98{n:06d}")
    levels = factory.LazyAttribute(lambda o: ["lower_secondary"] if o.kind == Organisation.Kind.SCHOOL else [])

    @factory.post_generation
    def parent(self: Organisation, create: bool, extracted: Organisation | None, **span: Any) -> None:  # type: ignore[misc]
        name = span.pop("name", f"Đơn vị thử nghiệm {self.code[-4:]}")
        Span.objects.create(
            organisation=self, name=name, name_folded=fold(name), parent=extracted,
            **{"valid_from": date(2000, 1, 1)} | span,
        )  # fmt: skip


class AccountFactory(factory.django.DjangoModelFactory[Account]):
    class Meta:
        model = Account

    username = factory.LazyFunction(lambda: f"thu.nghiem.{next(_numbers):04d}@98")
    full_name = factory.Sequence(lambda n: ("Hồ Văn Thử", "Lê Thị Mẫu", "Vừ Mí Ví", "H’Bia Dụ")[n % 4])
    password = factory.LazyFunction(_hash)


class GrantFactory(factory.django.DjangoModelFactory[Grant]):
    class Meta:
        model = Grant

    account = factory.SubFactory(AccountFactory)
    role = Role.CLERK
    organisation = factory.SubFactory(OrganisationFactory)
    valid_from = date(2021, 8, 1)


def actor(role: Role, organisation: Organisation | None = None, account: Account | None = None) -> Actor:
    """The actor of a new account with one grant, its second factor proven."""
    grant = GrantFactory(
        role=role, organisation=organisation or OrganisationFactory(), **({"account": account} if account else {})
    )
    return queries.actor_for(grant.account, grant, second_factor=True)


def sign_in(client: Any, grant: Grant, *, second_factor: bool = True, confirmed: bool = False) -> None:
    """A session of the grant's account, by the back door but complete: what allauth would have noted stands in it.

    `confirmed`: the password was just asked for again, as grave acts require.
    """
    client.force_login(grant.account)
    session = client.session
    session["grant"] = str(grant.pk)
    session["account_authentication_methods_user"] = str(grant.account.pk)
    records: list[dict[str, Any]] = [{"method": "password", "at": 0}]
    if second_factor:
        records.append({"method": "mfa", "at": 0, "type": "totp"})
    if confirmed:
        records.append({"method": "password", "at": time.time(), "reauthenticated": True})
    session["account_authentication_methods"] = records
    session.save()
