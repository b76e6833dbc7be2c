"""Two schools with everything in them, the offices above, and a signed-in browser for every kind of person.

Used by the tests of permissions and walls. A package that adds an address with a new id puts one thing of that kind
into `SchoolWorld.ids` under the name the address gives it.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.test.client import ClientHandler
from openpyxl import Workbook

from sen.core.curriculum.models import SchoolClass, SchoolYear, Week, YearDates
from sen.core.curriculum.tests.factories import ChoiceFactory
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import AccountFactory, GrantFactory, OrganisationFactory, sign_in
from sen.core.organisations.models import Organisation
from sen.core.people.imports import runs
from sen.core.people.models import Person, Posting, Transfer
from sen.core.people.tests.factories import GuardianshipFactory
from sen.school.gradebook.models import (
    ClassFigures,
    Correction,
    Exemption,
    Phrase,
    RegimeSetting,
    Sheet,
    SheetLine,
    StaleClass,
    TermLock,
)
from sen.school.gradebook.tests.factories import account_of
from sen.school.transcripts.models import SigningBatch, SigningKey, SigningPolicy
from sen.school.transcripts.tests.factories import FinishedClass, finished_class

# The columns of the table of permissions, in its order.
PEOPLE = (
    "anonymous", "stranger", "subject_teacher", "form_teacher", "clerk", "principal", "pupil", "parent", "department",
    "inspector", "operator", "auditor",
)  # fmt: skip


@dataclass
class SchoolWorld:
    """One school: its people's grants by role, and `ids`: one thing of every kind by the name addresses give its id."""

    school: Organisation
    grants: dict[str, Grant]
    ids: dict[str, Any]
    names: list[str] = field(default_factory=list)  # of pupils and parents: what no stranger may read


@dataclass
class World:
    ours: SchoolWorld
    theirs: SchoolWorld
    grants: dict[str, Grant]
    handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))

    def browser(self, who: str) -> Client:
        """A browser of one column of the table, signed in with everything the role needs."""
        client = Client()
        client.handler = self.handler  # its middleware is set up once for all
        if who != "anonymous":
            sign_in(client, self.grants[who], confirmed=True)
        return client


def build() -> World:
    """Costs a few seconds: transcripts are really built. Call it once a test."""
    return build_and_tell_apart(dict)[0]


def build_and_tell_apart(read: Callable[[], dict[str, set[str]]]) -> tuple[World, dict[str, set[str]]]:
    """The world, and what `read` (table -> ids) says came with the other school: its rows and nobody else's."""
    ministry = OrganisationFactory(kind="ministry", code="BO")
    department = OrganisationFactory(kind="department", code="SO", parent=ministry)
    far_department = OrganisationFactory(kind="department", code="SOX", parent=ministry)
    ours = _school(department, "Trường THCS Lao Bảo")
    before = read()
    theirs = _school(far_department, "Trường THCS Pác Bó")
    came = {table: ids - before[table] for table, ids in read().items()}
    inside = ("subject_teacher", "form_teacher", "clerk", "principal", "pupil", "parent")
    own = {name: ours.grants[name] for name in inside}
    above = {
        "department": GrantFactory(role=Role.DEPARTMENT_OFFICER, organisation=department),
        "inspector": GrantFactory(role=Role.INSPECTOR, organisation=department),
        "operator": GrantFactory(role=Role.OPERATOR, organisation=ministry),
        "auditor": GrantFactory(role=Role.AUDITOR, organisation=department),
    }
    return World(ours, theirs, {"stranger": theirs.grants["principal"], **own, **above}), came


def _school(department: Organisation, name: str) -> SchoolWorld:
    school = OrganisationFactory(parent=department, parent__name=name)
    done = finished_class(pupils=2, school=school)
    transcript, unsigned = done.built()
    done.seal(transcript)
    enrolment = done.enrolments[0]
    person = enrolment.person
    tie = GuardianshipFactory(pupil=person)
    teacher = Person.objects.get(pk=done.teacher.person_id)
    grants = {
        "subject_teacher": _grant(done.teacher.account_id),
        "form_teacher": _grant(done.form_teacher.account_id),
        "clerk": _grant(done.clerk.account_id),
        "principal": _grant(done.principal.account_id),
        "pupil": _grant(account_of(person, Role.PUPIL, school).pk),
        "parent": _grant(account_of(tie.adult, Role.PARENT, school).pk),
    }
    names = [person.full_name, tie.adult.full_name]
    ids = _ids(done, transcript, tie, teacher, grants) | {"unsigned_id": unsigned.pk}
    return SchoolWorld(school, grants, ids, names)


def _grant(account_id: Any) -> Grant:
    return Grant.objects.select_related("account", "organisation").get(account_id=account_id)


def _ids(done: FinishedClass, transcript: Any, tie: Any, teacher: Person, grants: dict[str, Grant]) -> dict[str, Any]:
    school, enrolment = done.school, done.enrolments[0]
    principal: Account = grants["principal"].account
    clerk = done.clerk
    run = runs.start(
        actor=clerk, school=school, year=2022, kind="pupils", name="hoc-sinh.xlsx", data=_file(done.ready.school_class)
    )
    dates = YearDates.objects.create(
        school_year=SchoolYear.objects.get(year=2022), organisation=school, starts_on=date(2022, 9, 5),
        term1_ends_on=date(2023, 1, 14), term2_starts_on=date(2023, 1, 16), ends_on=date(2023, 5, 25),
    )  # fmt: skip
    week = Week.objects.create(dates=dates, starts_on=date(2022, 9, 5), kind=Week.Kind.TEACHING, term=1, number=1)
    transfer = Transfer.objects.create(
        person=done.enrolments[1].person, enrolment=done.enrolments[1], sending_school=school,
        receiving_school=OrganisationFactory(), reason="Gia đình chuyển nhà", requested_by=principal,
    )  # fmt: skip
    batch = SigningBatch.objects.create(
        school=school, year=2022, role="principal", account=principal, transcript_ids=[str(transcript.pk)], total=1
    )
    lock = TermLock.objects.create(
        school=school, year=2021, term=1, state=TermLock.State.LOCKED, locked_by=principal,
        locked_at="2022-01-10T08:00:00+07:00",
    )  # fmt: skip
    sheet = done.ready.sheets["toan", 1]
    rare = _rare_rows(done, sheet, principal)
    return rare | {
        "account_id": grants["pupil"].account_id,
        "batch_id": batch.pk,
        "class_id": done.ready.school_class.pk,
        "enrolment_id": enrolment.pk,
        "grant_id": grants["clerk"].pk,
        "key_id": SigningKey.objects.get(school=school, person=None).pk,
        "line_id": SheetLine.objects.filter(sheet=sheet).values_list("pk", flat=True)[0],
        "lock_id": lock.pk,
        "organisation_id": school.pk,
        "person_id": enrolment.person_id,
        "pk": Authenticator.objects.create(
            user=AccountFactory(), type="webauthn", data={"name": "Khóa thử", "credential": {}}
        ).pk,
        "posting_id": Posting.objects.get(person=teacher).pk,
        "public_id": transcript.public_id,
        "run_id": run.pk,
        "sheet_id": sheet.pk,
        "staff_id": teacher.pk,
        "subject_id": done.ready.subjects["toan"].pk,
        "tie_id": tie.pk,
        "transcript_id": transcript.pk,
        "transfer_id": transfer.pk,
        "week_id": week.pk,
    }


def _rare_rows(done: FinishedClass, sheet: Sheet, principal: Account) -> dict[str, Any]:
    """Rows of the tables that a usual year leaves empty, so that no wall goes untested."""
    school, room, enrolment = done.school, done.ready.school_class, done.enrolments[0]
    ChoiceFactory(enrolment=enrolment, class_subject=done.ready.subjects["toan"])
    own = {"school": school, "person": enrolment.person}
    correction = Correction.objects.create(
        **own, line=SheetLine.objects.get(sheet=sheet, enrolment=enrolment), column="m", old=80, new=90,
        reason="Vào nhầm điểm", requested_by=principal,
    )  # fmt: skip
    exemption = Exemption.objects.create(
        **own, enrolment=enrolment, class_subject=done.ready.subjects["gdtc"], paper="Giấy 3", granted_by=principal
    )
    ClassFigures.objects.get_or_create(school=school, school_class=room, term=1, defaults={"year": 2022})
    StaleClass.objects.get_or_create(school=school, school_class=room)
    RegimeSetting.objects.create(school=school, year=2022)
    SigningPolicy.objects.create(school=school)
    phrase = Phrase.objects.create(school=school, text="Em học đều các môn.")
    return {"correction_id": correction.pk, "exemption_id": exemption.pk, "phrase_id": phrase.pk}


def _file(room: SchoolClass) -> bytes:
    """An Excel file with one pupil, as a clerk brings it."""
    book = Workbook()
    for row in (["Họ và tên", "Ngày sinh", "Giới tính", "Lớp"], ["Hồ Văn Mẫu", "01/02/2011", "Nam", room.name]):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
