"""The phrase bank for remarks: a teacher's own sentences, and the school's that its heads keep."""

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.school.gradebook.models import Phrase
from sen.school.gradebook.permissions import APPROVE, ENTER_MARKS
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

LONGEST = 300
MOST = 200


@transaction.atomic
def keep_phrase(
    *, actor: Actor, school: Organisation, text: str, subject_key: str = "", for_school: bool = False
) -> Phrase:
    """Add a sentence; `{ten}` in it becomes the pupil's given name. The same again changes nothing."""
    actor.require(APPROVE if for_school else ENTER_MARKS, school.pk)
    if actor.account_id is None:
        raise NotAllowed("gradebook.needs_person", _("Việc này phải do một người có tài khoản thực hiện."))
    clean = " ".join(text.split())
    if not clean or len(clean) > LONGEST:
        raise Invalid(
            "gradebook.phrase_length", _("Câu nhận xét dài từ 1 đến {n} ký tự.").format(n=LONGEST), place="text"
        )
    account = None if for_school else actor.account_id
    kept = Phrase.objects.filter(school=school, account=account)
    if kept.count() >= MOST:
        raise RuleError("gradebook.too_many_phrases", _("Ngân hàng đã có {n} câu; xin xóa bớt.").format(n=MOST))
    row, _made = kept.get_or_create(
        text=clean, subject_key=subject_key[:40], defaults={"school": school, "account_id": account}
    )
    return row


@transaction.atomic
def drop_phrase(*, actor: Actor, phrase: Phrase) -> None:
    """Remove a sentence of one's own, or as a head one of the school's."""
    if phrase.account_id is None:
        actor.require(APPROVE, phrase.school_id)
    elif phrase.account_id != actor.account_id:
        raise NotAllowed("gradebook.not_your_phrase", _("Câu này của người khác."))
    phrase.delete()
