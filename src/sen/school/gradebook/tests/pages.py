"""A browser of somebody in a role, and the names that must never reach an officer."""

from typing import Any

from django.test import Client

from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import GrantFactory, OrganisationFactory, sign_in
from sen.core.organisations.models import Organisation
from sen.core.people.models import Person
from sen.core.people.tests.factories import AccountFactory, GuardianshipFactory
from sen.school.gradebook.services.figures import refresh_figures
from sen.school.gradebook.services.results import compute_results
from sen.school.gradebook.tests.factories import ReadyClass


def browser(actor: Actor, year: int = 2022, term: int = 1) -> Client:
    """A signed-in client of the actor's grant, looking at a term."""
    grant = Grant.objects.get(
        account_id=actor.account_id, role=actor.role, organisation_id=actor.organisation_id, valid_to=None
    )
    return browser_of(grant, year, term)


def browser_of(grant: Grant, year: int = 2022, term: int = 1) -> Client:
    client = Client()
    sign_in(client, grant)
    session = client.session
    session["year"], session["term"] = year, term
    session.save()
    return client


def _account() -> Account:
    """Named like nobody in the classes: the frame of a page shows the name of whoever looks at it."""
    return AccountFactory(full_name="Người Đang Xem")


def role_at(role: Role, organisation: Organisation, **looks_at: int) -> Client:
    """Somebody new with one role at an organisation."""
    return browser_of(GrantFactory(role=role, organisation=organisation, account=_account()), **looks_at)


def parent_of(person: Person, **looks_at: int) -> Client:
    """A mother of the pupil, signed in."""
    tie = GuardianshipFactory(pupil=person)
    account = _account()
    Person.objects.filter(pk=tie.adult_id).update(account=account)
    school = Organisation.objects.get(pk=person.school_ids[0])
    return browser_of(GrantFactory(role=Role.PARENT, organisation=school, account=account), **looks_at)


def pupil_account(person: Person, **looks_at: int) -> Client:
    account = _account()
    Person.objects.filter(pk=person.pk).update(account=account)
    school = Organisation.objects.get(pk=person.school_ids[0])
    return browser_of(GrantFactory(role=Role.PUPIL, organisation=school, account=account), **looks_at)


def office_over(*schools: Organisation, **fields: Any) -> Organisation:
    """A Phòng with the schools under it."""
    office = OrganisationFactory(kind=Organisation.Kind.OFFICE, **fields)
    for school in schools:
        school.spans.update(parent=office)
    return office


def derive(*rooms: ReadyClass) -> None:
    """Results and figures, as the job leaves them."""
    classes = [room.school_class for room in rooms]
    compute_results(classes=classes)
    refresh_figures(classes=classes)


def names_in(html: str, *rooms: ReadyClass) -> set[str]:
    """Names of pupils and teachers of the classes that stand in the page."""
    people = set(
        Person.objects.filter(placements__school_class__in=[r.school_class for r in rooms]).values_list(
            "full_name", flat=True
        )
    )
    people |= {room.teacher.name for room in rooms} | {room.form_teacher.name for room in rooms}
    return {name for name in people if name and name in html}
