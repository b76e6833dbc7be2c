"""What the gradebook puts on the desk: pages, waiting work, sheets found by class and subject."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.core.identity.desk import Entry, Found, When, Work
from sen.school.gradebook import permissions
from sen.school.gradebook.models import Sheet, TermLock
from sen.school.gradebook.queries import corrections
from sen.school.gradebook.queries.completion import sheets_completion
from sen.school.gradebook.rules import Regime
from sen.shared.kit.names import fold


def entries(actor: Actor, when: When) -> Iterable[Entry]:
    if actor.organisation_id is None:
        return
    group = _("Sổ điểm")
    if actor.holds(permissions.READ_OWN_SHEETS) or actor.holds(permissions.READ_ALL_SHEETS):
        yield Entry(group, _("Sổ điểm"), reverse("gradebook:sheets"), "book-2", order=10, phone=True)
    if actor.holds(permissions.ENTER_MARKS):
        yield Entry(group, _("Sửa điểm sau khóa"), reverse("gradebook:corrections"), "edit", order=14)
    if actor.holds(permissions.LOCK):
        yield Entry(group, _("Khóa sổ"), reverse("gradebook:locks"), "lock", order=15)
    if actor.person_id and actor.holds(permissions.KEEP_CLASS_RECORD):
        rooms = SchoolClass.objects.filter(
            school=actor.organisation_id, year=when.year, form_teacher=actor.person_id, regime=Regime.PRESCHOOL
        )
        for room in rooms:
            label = _("Theo dõi trẻ {name}").format(name=room.name)
            yield Entry(group, label, reverse("gradebook:followup", args=[room.pk]), "notebook", order=11, phone=True)


def work(actor: Actor, when: When) -> Iterable[Work]:
    if actor.organisation_id is None:
        return
    if actor.person_id and actor.holds(permissions.ENTER_MARKS):
        own = Sheet.objects.filter(
            school=actor.organisation_id, year=when.year, term=when.term, locked_at=None,
            class_subject__assignments__teacher=actor.person_id, class_subject__assignments__until=None,
        )  # fmt: skip
        sheets = sheets_completion(own.select_related("school_class", "class_subject__subject").distinct())
        missing = sum(sheet.missing for sheet in sheets)
        if missing:
            open_sheets = sum(1 for sheet in sheets if sheet.missing)
            hint = _("{n} sổ chưa đủ").format(n=open_sheets)
            yield Work(_("ô điểm chưa nhập"), missing, reverse("gradebook:sheets") + "?tinh-trang=thieu", hint=hint)
    if actor.holds(permissions.ENTER_MARKS) and (waiting := corrections.waiting(actor, when.year)):
        yield Work(_("đề nghị sửa điểm chờ thầy/cô"), waiting, reverse("gradebook:corrections"), urgent=True)
    if actor.holds(permissions.LOCK):
        asked = TermLock.objects.filter(school=actor.organisation_id, state=TermLock.State.UNLOCK_ASKED)
        if number := asked.exclude(unlock_asked_by=actor.account_id).count():
            yield Work(_("đề nghị mở khóa sổ"), number, reverse("gradebook:locks"), urgent=True)


def search(actor: Actor, when: When, words: str) -> Iterable[Found]:
    """Sheets by class and subject: "9a1 toan"."""
    if actor.organisation_id is None or not words:
        return
    rows = (
        Sheet.objects.visible_to(actor)
        .filter(year=when.year, term=when.term, school=actor.organisation_id)
        .values_list("pk", "school_class__name", "class_subject__subject__name")
        .order_by("school_class__position", "class_subject__subject__position")
    )
    wanted = words.split()
    hits = 0
    for pk, room, subject in rows:
        text = fold(f"{room} {subject}")
        if all(word in text for word in wanted):
            yield Found(_("Sổ điểm"), f"{room} · {subject}", reverse("gradebook:sheet", args=[pk]), icon="book-2")
            hits += 1
        if hits == 6:
            return
