"""Actors for tests of this package: somebody of a school, and an office over it."""

from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation


def of_school(school: Organisation, role: Role = Role.CLERK) -> Actor:
    return Actor(account_id=None, name="Người thử", role=role, organisation_id=school.pk)


SYSTEM = Actor.system("kiểm thử")
