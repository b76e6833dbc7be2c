import pytest
from django.test import Client

from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import GrantFactory, sign_in

pytestmark = pytest.mark.django_db


def test_home_opens(client: Client) -> None:
    grant = GrantFactory(role=Role.SUBJECT_TEACHER)
    sign_in(client, grant)
    response = client.get("/")
    assert response.status_code == 200
