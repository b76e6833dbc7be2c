"""What curriculum puts on the desk: pages, waiting work, classes found by name, years that have classes."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from sen.core.curriculum import queries
from sen.core.curriculum.models import SchoolClass
from sen.core.curriculum.permissions import ASSIGN_TEACHERS, EDIT_CLASSES, READ_CLASSES, SET_CALENDAR
from sen.core.identity.actor import Actor
from sen.core.identity.desk import Entry, Found, When, Work
from sen.core.identity.roles import SCHOOL_ROLES
from sen.shared.kit.names import fold

MOST_HITS = 6


def entries(actor: Actor, when: When) -> Iterable[Entry]:
    if actor.organisation_id is None:
        return
    group = _("Lớp học")
    in_school = actor.role in SCHOOL_ROLES
    if in_school and actor.holds(READ_CLASSES):
        yield Entry(group, _("Lớp"), reverse("curriculum:classes"), "school", order=30, phone=True)
    if in_school and actor.holds(ASSIGN_TEACHERS):
        yield Entry(group, _("Phân công giảng dạy"), reverse("curriculum:assignments"), "grid-dots", order=31)
    if (in_school and actor.holds(READ_CLASSES)) or actor.holds(SET_CALENDAR):
        yield Entry(group, _("Lịch năm học"), reverse("curriculum:calendar"), "calendar-event", order=33)


def work(actor: Actor, when: When) -> Iterable[Work]:
    if actor.organisation_id is None or actor.role not in SCHOOL_ROLES:
        return
    school = actor.organisation_id
    if actor.holds(ASSIGN_TEACHERS):
        if missing := queries.classes_without_form_teacher(school, when.year):
            yield Work(_("lớp chưa có giáo viên chủ nhiệm"), missing, reverse("curriculum:classes"))
        if missing := queries.subjects_without_teacher(school, when.year):
            yield Work(_("môn của lớp chưa có giáo viên phụ trách"), missing, reverse("curriculum:assignments"))
    if actor.holds(EDIT_CLASSES) and (waiting := queries.unplaced(actor, school, when.year).count()):
        yield Work(_("học sinh chưa xếp lớp"), waiting, reverse("curriculum:unplaced"))


def search(actor: Actor, when: When, words: str) -> Iterable[Found]:
    """Classes of the year by name ("6a1", "lop 6a1")."""
    wanted = fold(words).removeprefix("lop ").strip()
    if actor.organisation_id is None or actor.role not in SCHOOL_ROLES or not wanted:
        return
    rows = SchoolClass.objects.visible_to(actor).filter(
        school=actor.organisation_id, year=when.year, name__icontains=wanted
    )
    for row in rows.select_related("form_teacher")[:MOST_HITS]:
        teacher = row.form_teacher.full_name if row.form_teacher else _("chưa có chủ nhiệm")
        url = reverse("curriculum:class", args=[row.pk])
        yield Found(
            _("Lớp"), row.name, url, hint=_("Khối %(grade)s") % {"grade": row.grade} + f" · {teacher}", icon="school"
        )


def years(actor: Actor) -> Iterable[int]:
    if actor.organisation_id is None:
        return []
    return queries.years_of(actor.covered | {actor.organisation_id} | actor.family_schools)
