"""When pupils and parents see marks and results: the school's decision, year by year."""

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.school.gradebook.models import RegimeSetting
from sen.school.gradebook.permissions import SET_POLICY
from sen.shared.kit.errors import Invalid


@transaction.atomic
def set_publishing(*, actor: Actor, school: Organisation, year: int, marks: str, results: str) -> RegimeSetting:
    """Set when families see marks and results: "entered" (as soon as they are there) or "locked" (after the lock).

    The head may change it at any time: it shows or hides, and computes nothing.
    """
    actor.require(SET_POLICY, school.pk)
    for name, value in (("marks", marks), ("results", results)):
        if value not in RegimeSetting.Publish.values:
            raise Invalid("gradebook.unknown_policy", _("Lựa chọn công bố không hợp lệ."), place=name)
    setting, _made = RegimeSetting.objects.update_or_create(
        school=school, year=year, defaults={"publish_marks": marks, "publish_results": results}
    )
    return setting
