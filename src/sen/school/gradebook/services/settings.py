"""What a head decides for the school or for one pupil: the open points of the texts, and waived subjects."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.curriculum.models import ClassSubject
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment, Pupil
from sen.school.gradebook import cells, policies
from sen.school.gradebook.models import Exemption, RegimeSetting, Sheet, SheetLine
from sen.school.gradebook.permissions import APPROVE, SET_POLICY
from sen.school.gradebook.queries.books import Books, classes_of, gather
from sen.school.gradebook.rules import Exemption as Waiver
from sen.school.gradebook.rules import Policy, exemption_refusal
from sen.school.gradebook.services.locks import TERM_NAMES, hold_term, is_term_locked
from sen.school.gradebook.services.results import BATCH, mark_stale
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

WAIVERS = {None: Waiver.YEAR, 1: Waiver.TERM1, 2: Waiver.TERM2}


@transaction.atomic
def set_policy(
    *, actor: Actor, school: Organisation, year: int, values: Mapping[str, Any], decision: str = ""
) -> RegimeSetting:
    """Set the school's readings of the open points for a year; what is not named stays at its default.

    Averages of open sheets are computed anew at once, results by the job. A year with a locked term keeps the policy it
    was locked under.
    """
    actor.require(SET_POLICY, school.pk)
    for term in (1, 2, 0):
        hold_term(school.pk, year, term)
        if is_term_locked(school.pk, year, term):
            raise RuleError(
                "gradebook.policy_fixed",
                _("Đã khóa {term}: cách tính của năm học này không đổi được nữa.").format(term=TERM_NAMES[term]),
            )
    policy = Policy(**policies.checked(values))
    setting, _made = RegimeSetting.objects.update_or_create(
        school=school, year=year, defaults={"values": policies.stored(policy), "decision": decision.strip()[:200]}
    )
    classes = classes_of([school.pk], year)
    recompute_averages(gather(classes))
    mark_stale(classes)
    return setting


def recompute_averages(books: Books) -> int:
    """Averages and levels of every line in the open sheets of these classes; returns how many changed."""
    sheets = {
        sheet.pk: sheet
        for sheet in Sheet.objects.filter(school_class__in=books.rooms, locked_at=None).select_related(
            "class_subject__subject"
        )
    }
    changed = []
    for line in SheetLine.objects.select_for_update().filter(sheet__in=sheets).order_by("pk"):
        sheet = sheets[line.sheet_id]
        room = books.rooms[sheet.school_class_id]
        cluster = books.takes_cluster(sheet.class_subject, line.enrolment_id)
        book = room.book(sheet.class_subject, sheet.term)
        average, level = cells.line_result(book, line.effective, line.states, cluster=cluster)
        if (average, level) != (line.average, line.level):
            line.average, line.level = average, level
            changed.append(line)
    SheetLine.objects.bulk_update(changed, ["average", "level"], batch_size=BATCH)
    return len(changed)


@transaction.atomic
def exempt(
    *, actor: Actor, enrolment: Enrolment, class_subject: ClassSubject, term: int | None, paper: str
) -> Exemption:
    """Waive a subject for a pupil for a term or (None) the year, on the paper named. The cells are closed then.

    Circular 58/2011 Art. 12; under Circular 22/2021 only for pupils with a disability (Art. 11).
    """
    actor.require(APPROVE, enrolment.school_id)
    if actor.account_id is None:
        raise NotAllowed("gradebook.needs_person", _("Việc này phải do một người có tài khoản thực hiện."))
    if not paper.strip():
        raise Invalid("gradebook.no_paper", _("Xin ghi giấy tờ làm căn cứ miễn học."), place="paper")
    _require_open(class_subject, term)
    if not enrolment.placements.filter(school_class=class_subject.school_class_id, until=None).exists():
        raise Invalid("gradebook.not_in_class", _("Học sinh không học lớp này."), place="enrolment")
    pupil = Pupil.objects.filter(person=enrolment.person_id).values_list("profile", flat=True).first() or {}
    refusal = exemption_refusal(
        class_subject.school_class.regime,
        class_subject.subject.key,
        WAIVERS[term],
        disability=bool(pupil.get("is_inclusive_disabled")),
    )
    if refusal:
        raise RuleError("gradebook.no_such_waiver", refusal)
    row, _made = Exemption.objects.update_or_create(
        enrolment=enrolment,
        class_subject=class_subject,
        term=term,
        defaults={
            "school_id": enrolment.school_id, "person_id": enrolment.person_id, "paper": paper.strip()[:250],
            "granted_by_id": actor.account_id,
        },
    )  # fmt: skip
    mark_stale([class_subject.school_class])
    return row


@transaction.atomic
def lift_exemption(*, actor: Actor, exemption: Exemption) -> None:
    """Take a waiver back, while the term is open."""
    actor.require(APPROVE, exemption.school_id)
    _require_open(exemption.class_subject, exemption.term)
    exemption.delete()
    mark_stale([exemption.class_subject.school_class])


def _require_open(class_subject: ClassSubject, term: int | None) -> None:
    room = class_subject.school_class
    for one in (1, 2) if term is None else (term,):
        hold_term(room.school_id, room.year, one)
        if is_term_locked(room.school_id, room.year, one):
            raise RuleError(
                "gradebook.term_locked", _("Đã khóa {term}, không đổi miễn học được.").format(term=TERM_NAMES[one])
            )
