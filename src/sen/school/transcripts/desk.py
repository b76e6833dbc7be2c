"""What the desk of a signed-in person shows of transcripts."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.desk import Entry, When, Work
from sen.school.transcripts import queries
from sen.school.transcripts.models import SignatureStep, Transcript
from sen.school.transcripts.permissions import KEEP_KEYS, READ, READ_CLASS, READ_OWN, SIGN

LABELS = {
    SignatureStep.Role.SUBJECT_TEACHER: "học bạ chờ thầy/cô ký phần môn học",
    SignatureStep.Role.FORM_TEACHER: "học bạ của lớp chờ thầy/cô ký",
    SignatureStep.Role.PRINCIPAL: "học bạ chờ hiệu trưởng ký",
    SignatureStep.Role.SEAL: "học bạ chờ đóng dấu",
}


def entries(actor: Actor, when: When) -> Iterable[Entry]:
    if actor.holds(READ) or actor.holds(READ_CLASS):
        yield Entry(_("Học tập"), _("Học bạ"), reverse("transcripts:school"), "certificate", order=45)
    if actor.holds(READ_OWN):
        yield Entry(_("Học tập"), _("Học bạ"), reverse("transcripts:own"), "certificate", order=45, phone=True)


def work(actor: Actor, when: When) -> Iterable[Work]:
    """Transcripts that wait for this person's signature, those that could not be built, keys about to end."""
    school = actor.organisation_id
    if school is None or not (actor.holds(SIGN) or actor.holds(KEEP_KEYS)):
        return
    for role, count in queries.waiting_counts(actor, school_id=school, year=when.year).items():
        url = reverse("transcripts:sign", args=[role])
        yield Work(_(LABELS[SignatureStep.Role(role)]), count, f"{url}?year={when.year}", urgent=True)
    if actor.holds(READ):
        failed = Transcript.objects.filter(school=school, year=when.year, state=Transcript.State.FAILED).count()
        if failed:
            hint = _("Thiếu điểm, chờ đánh giá lại hoặc thiếu người ký")
            yield Work(_("học bạ chưa lập được"), failed, f"{reverse('transcripts:school')}?year={when.year}", hint)
    ending = [state for state in queries.keys(actor, school) if state.is_ending or state.is_ended]
    if ending:
        yield Work(_("chứng thư số sắp hết hạn hoặc đã hết hạn"), len(ending), reverse("transcripts:keys"), urgent=True)


def years(actor: Actor) -> Iterable[int]:
    if actor.organisation_id is None or not (actor.holds(READ) or actor.holds(READ_CLASS)):
        return []
    rows = Transcript.objects.filter(school=actor.organisation_id).order_by().values_list("year", flat=True)
    return rows.distinct()
