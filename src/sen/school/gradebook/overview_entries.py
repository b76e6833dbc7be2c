"""What the overviews put on the desk: the class record, the school, the area, the family; and what waits there."""

from collections.abc import Iterable

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from sen.core.curriculum.models import Placement, SchoolClass
from sen.core.identity.actor import Actor
from sen.core.identity.desk import Entry, When, Work
from sen.core.identity.roles import FAMILY, OFFICERS, Role
from sen.school.gradebook import permissions
from sen.school.gradebook.models import ClassFigures, TermLock, TermRecord
from sen.school.gradebook.queries import region
from sen.school.gradebook.queries.completion import record_gaps
from sen.school.gradebook.rules import Regime
from sen.school.gradebook.services.locks import is_term_locked


def entries(actor: Actor, when: When) -> Iterable[Entry]:
    if actor.role in FAMILY and actor.holds(permissions.READ_OWN_CHILD):
        yield Entry("", _("Kết quả học tập"), reverse("gradebook:family"), "book-2", order=10, phone=True)
    if actor.organisation_id is None:
        return
    group = _("Sổ điểm")
    if actor.holds(permissions.KEEP_CLASS_RECORD) and _own_classes(actor, when).exists():
        yield Entry(group, _("Lớp chủ nhiệm"), reverse("gradebook:classes"), "clipboard-list", order=11, phone=True)
    if actor.holds(permissions.READ_ALL_SHEETS):
        yield Entry(group, _("Sổ các lớp"), reverse("gradebook:classes"), "clipboard-list", order=11)
        if actor.role is not Role.INSPECTOR or not actor.covered:
            yield Entry(group, _("Tiến độ, kết quả"), reverse("gradebook:school"), "chart-bar", order=12, phone=True)
    if actor.holds(permissions.READ_FIGURES) and (actor.role in OFFICERS or actor.covered):
        label = _("Tiến độ các trường")
        yield Entry(_("Các trường"), label, reverse("gradebook:region"), "report-analytics", order=10, phone=True)


def work(actor: Actor, when: When) -> Iterable[Work]:
    if actor.organisation_id is None:
        return
    if actor.holds(permissions.KEEP_CLASS_RECORD) and actor.person_id:
        yield from _form_teacher(actor, when)
    if actor.holds(permissions.LOCK):
        yield from _head(actor, when)
    if actor.role in OFFICERS:
        yield from _officer(actor, when)


def _own_classes(actor: Actor, when: When) -> QuerySet[SchoolClass]:
    return SchoolClass.objects.filter(
        school=actor.organisation_id, year=when.year, form_teacher=actor.person_id
    ).exclude(regime=Regime.PRESCHOOL)


def _form_teacher(actor: Actor, when: When) -> Iterable[Work]:
    """Conduct or qualities, and remarks, that the form teacher has not written in an open term."""
    assert actor.organisation_id is not None
    rooms = list(_own_classes(actor, when))
    if not rooms or is_term_locked(actor.organisation_id, when.year, when.term):
        return
    written = TermRecord.objects.filter(term=when.term).exclude(remark="").values("enrolment_id")
    for gap in record_gaps(rooms, when.term):
        words = _("em chưa có {what}").format(what=gap.what.lower())
        yield Work(words, gap.missing, _class_url(gap.school_class, when), hint=gap.school_class.name)
    for room in rooms:
        lacking = Placement.objects.filter(school_class=room, until=None).exclude(enrolment__in=written).count()
        if lacking:
            yield Work(_("em chưa có nhận xét của chủ nhiệm"), lacking, _class_url(room, when), hint=room.name)


def _class_url(room: SchoolClass, when: When) -> str:
    return f"{reverse('gradebook:class', args=[room.pk])}?ki={when.term}"


def _head(actor: Actor, when: When) -> Iterable[Work]:
    """Classes of an open term whose books are not full."""
    assert actor.organisation_id is not None
    figures = ClassFigures.objects.filter(school=actor.organisation_id, year=when.year, term=when.term)
    waiting = figures.filter(cells_filled__lt=F("cells_expected")).count()
    if waiting and not is_term_locked(actor.organisation_id, when.year, when.term):
        yield Work(_("lớp chưa đủ điểm"), waiting, f"{reverse('gradebook:school')}?ki={when.term}")


def _officer(actor: Actor, when: When) -> Iterable[Work]:
    """Schools with books in this term that have not locked it."""
    schools = region.schools_of(actor, when.day)
    figures = ClassFigures.objects.filter(school__in=schools, year=when.year, term=when.term)
    locked = TermLock.objects.filter(year=when.year, term=when.term).exclude(state=TermLock.State.OPEN)
    waiting = figures.exclude(school__in=locked.values("school_id")).values("school_id").distinct().count()
    if waiting:
        url = f"{reverse('gradebook:region')}?ki={when.term}&tinh-trang=chua-khoa"
        yield Work(_("trường chưa khóa sổ học kì"), waiting, url)


def years(actor: Actor) -> Iterable[int]:
    """School years of which an officer has any figures. Years of schools come from their sheets."""
    if actor.role not in OFFICERS:
        return []
    return region.years_with_figures()
