"""The history betrays whoever changes it."""

import pytest
from django.db import connection

from sen.core.organisations.models import Organisation
from sen.shared.audit import queries, services
from sen.shared.kit import scope

pytestmark = pytest.mark.django_db


def test_a_changed_row_leaves_a_line_with_actor_reason_before_and_after():
    school = Organisation.objects.create(kind="school", code="1900000001")
    with scope.use(scope.whole_system("cô Lan", "sửa theo quyết định")):
        Organisation.objects.filter(pk=school.pk).update(code="1900000002")
    created, updated = queries.history(school.pk)
    assert (created.op, updated.op) == ("I", "U")
    assert (updated.before, updated.after) == ({"code": "1900000001"}, {"code": "1900000002"})
    assert (updated.actor, updated.reason) == ("cô Lan", "sửa theo quyết định")


def test_an_unbroken_chain_has_no_breaks():
    for number in range(5):
        Organisation.objects.create(kind="school", code=f"190000010{number}")
    assert services.seal() >= 5
    assert list(queries.breaks()) == []


def test_the_applications_role_cannot_change_the_history():
    Organisation.objects.create(kind="school", code="1900000001")
    with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_line SET actor = 'ai khác'")
