"""Accounts from the class list to the first sign-in, with the real people and classes behind them."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sen.core.curriculum.models import SchoolClass
from sen.core.curriculum.tests.factories import PlacementFactory, SchoolClassFactory
from sen.core.identity.models import Account
from sen.core.identity.services import slips
from sen.core.people.models import Person
from tests.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What went onto the slips: the data of every PDF that was really made."""
    kept: list[dict[str, Any]] = []
    real = slips.pdf.render_pdf
    monkeypatch.setattr(slips.pdf, "render_pdf", lambda template, data: (kept.append(data), real(template, data))[1])
    return kept


def test_a_clerk_issues_a_class_its_pupil_signs_in_and_the_form_teacher_resets(
    world: World, printed: list[dict[str, Any]]
) -> None:
    clerk = world.browser("clerk")
    clerk.get(reverse("identity:when"), {"year": "2022"})
    room = SchoolClass.objects.get(pk=world.ours.ids["class_id"])
    newcomer = Person.objects.get(placements__school_class=room, account=None)
    group = f"Lớp {room.name}"
    assert group in clerk.get(reverse("identity:issue")).content.decode()
    clerk.post(reverse("identity:issue"), {"group": [group]})
    newcomer.refresh_from_db()
    assert newcomer.account is not None
    clerk.post(reverse("identity:slips"), {"group": [group]})
    made = {slip["login"]: slip for page in printed[0]["groups"] for slip in page["slips"]}
    slip = made[newcomer.account.username]

    pupil = Client()
    sign_in = {"login": slip["login"], "password": slip["password"]}
    assert pupil.post(reverse("account_login"), sign_in)["Location"] == "/"
    own = {"oldpassword": slip["password"], "password1": "hoa-sen-no-som-77", "password2": "hoa-sen-no-som-77"}
    pupil.post(reverse("account_change_password"), own)
    assert newcomer.full_name in pupil.get("/").content.decode()

    reset = reverse("identity:reset_pupil", args=[newcomer.account.pk])
    assert world.browser("subject_teacher").post(reset).status_code == 403
    assert pupil.get("/").status_code == 200
    page = world.browser("form_teacher").post(reset).content.decode()
    assert re.search(r"\b[a-z]+-[a-z]+-[a-z]+-\d{4}\b", page)
    assert pupil.get("/").status_code == 302  # signed out everywhere


def test_a_form_teacher_resets_no_pupil_of_another_class(world: World) -> None:
    other = PlacementFactory(school_class=SchoolClassFactory(school=world.ours.school), school=world.ours.school).person
    other.account = Account.objects.create_user("lop.khac@98", "mat-khau-cua-em-1", full_name=other.full_name)
    Person.objects.filter(pk=other.pk).update(account=other.account)
    response = world.browser("form_teacher").post(reverse("identity:reset_pupil", args=[other.account.pk]))
    assert response.status_code == 403
    other.account.refresh_from_db()
    assert other.account.check_password("mat-khau-cua-em-1")
