"""How a school signs."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.people.models import Person
from sen.school.transcripts.models import SigningPolicy
from sen.school.transcripts.permissions import SET_POLICY
from sen.shared.kit.errors import Invalid


@transaction.atomic
def set_policy(
    *,
    actor: Actor,
    school_id: UUID,
    subject_teachers_sign: bool = False,
    deputy: Person | None = None,
    deputy_decision: str = "",
) -> SigningPolicy:
    """Set whether subject teachers sign and who signs for the principal; holds for transcripts built from now on.

    Raises NotAllowed, Invalid("transcripts.deputy_without_decision").
    """
    actor.require(SET_POLICY, school_id)
    if deputy is not None and not deputy_decision.strip():
        text = _("Vui lòng ghi số quyết định giao phó hiệu trưởng ký thay.")
        raise Invalid("transcripts.deputy_without_decision", text, "deputy_decision")
    policy, _created = SigningPolicy.objects.update_or_create(
        school_id=school_id,
        defaults={
            "subject_teachers_sign": subject_teachers_sign,
            "deputy": deputy,
            "deputy_decision": deputy_decision.strip() if deputy else "",
        },
    )
    return policy
