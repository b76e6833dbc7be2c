"""What people puts on the desk: pages, waiting work, search."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from sen.core.identity.actor import Actor
from sen.core.identity.desk import Entry, Found, When, Work
from sen.core.identity.roles import FAMILY
from sen.core.people import queries
from sen.core.people.models import Enrolment
from sen.core.people.permissions import IMPORT_FILES, MOVE_PUPILS, READ_FILES, READ_STAFF
from sen.core.people.queries import Filters


def entries(actor: Actor, when: When) -> Iterable[Entry]:
    if actor.role in FAMILY and actor.family:
        yield Entry("", _("Hồ sơ"), reverse("people:my_files"), "id", order=30, phone=True)
    if actor.organisation_id is None:
        return
    group = _("Hồ sơ")
    if actor.holds(READ_FILES):
        yield Entry(group, _("Học sinh"), reverse("people:pupils"), "users", order=20, phone=True)
    if actor.holds(READ_STAFF):
        yield Entry(group, _("Nhân sự"), reverse("people:staff_list"), "id-badge-2", order=21)
    if actor.holds(MOVE_PUPILS):
        yield Entry(group, _("Chuyển trường"), reverse("people:transfers"), "transfer", order=22)
    if actor.holds(IMPORT_FILES):
        yield Entry(group, _("Nhập từ Excel"), reverse("people:imports"), "file-import", order=23)


def work(actor: Actor, when: When) -> Iterable[Work]:
    if actor.organisation_id is None or not actor.holds(MOVE_PUPILS):
        return
    if waiting := queries.waiting_transfers(actor.organisation_id):
        yield Work(_("đề nghị chuyển trường chờ trả lời"), waiting, reverse("people:transfers"), urgent=True)
    lacking = queries.lacking(actor.organisation_id, when.year)
    pupils = reverse("people:pupils")
    if lacking["birth"]:
        yield Work(_("học sinh chưa có ngày sinh"), lacking["birth"], f"{pupils}?trang-thai=studying&thieu=ngay-sinh")
    if lacking["number"]:
        yield Work(
            _("học sinh chưa có số định danh cá nhân"),
            lacking["number"],
            f"{pupils}?trang-thai=studying&thieu=so-dinh-danh",
        )


def search(actor: Actor, when: When, words: str) -> Iterable[Found]:
    if actor.organisation_id is None or not actor.holds(READ_FILES):
        return
    found = queries.pupils(actor, actor.organisation_id, when.year, Filters(words=words))[:6]
    for enrolment in found:
        person = enrolment.person
        born = person.birth_date.strftime("%d/%m/%Y") if person.birth_date else ""
        hint = " · ".join(part for part in (_("Khối %(grade)s") % {"grade": enrolment.grade}, born) if part)
        yield Found(_("Học sinh"), person.full_name, reverse("people:pupil", args=[person.pk]), hint=hint, icon="user")
    if actor.holds(READ_STAFF):
        for posting in queries.staff(actor, actor.organisation_id, words=words)[:4]:
            url = reverse("people:staff", args=[posting.person_id])
            yield Found(_("Nhân sự"), posting.person.full_name, url, icon="id-badge-2")


def years(actor: Actor) -> Iterable[int]:
    if actor.organisation_id is None:
        return []
    return Enrolment.objects.filter(school=actor.organisation_id).values_list("year", flat=True).distinct()
