"""Classes whose year is over: `finished_class("tt22-2021")` has marks, records, results, a principal, a clerk, keys."""

from dataclasses import dataclass, field
from typing import Any

from sen.core.curriculum.models import ClassSubject
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment, Person
from sen.core.people.tests.factories import StaffFactory
from sen.school.gradebook.models import Result, Sheet, SheetLine, TermRecord
from sen.school.gradebook.rules import traits_for
from sen.school.gradebook.tests.factories import ReadyClass, actor_with, ready_class
from sen.school.transcripts import services
from sen.school.transcripts.models import SignatureStep, Transcript

SYSTEM = Actor.system("test")
Step = SignatureStep.Role
# Regime -> (conduct, learning, outcome) of a good pupil.
GOOD: dict[str, tuple[str, str, str]] = {
    "tt22-2021": ("Tốt", "Tốt", "PROMOTED"),
    "tt58-2011": ("Tốt", "Giỏi", "PROMOTED"),
    "tt43-2021": ("Tốt", "Tốt", "PROMOTED"),
    "qd02-2007": ("Tốt", "Giỏi", "PROMOTED"),
    "tt27-2020": ("", "Hoàn thành xuất sắc", "COMPLETED"),
    "tt30-2014": ("", "", "COMPLETED_PRIMARY"),
}


@dataclass
class FinishedClass:
    """A class, its people and what they sign with."""

    ready: ReadyClass
    principal: Actor
    clerk: Actor
    hands: dict[str, services.Hand] = field(default_factory=dict)

    @property
    def school(self) -> Organisation:
        return self.ready.school

    @property
    def enrolments(self) -> list[Enrolment]:
        return self.ready.enrolments

    @property
    def form_teacher(self) -> Actor:
        return self.ready.form_teacher

    @property
    def teacher(self) -> Actor:
        return self.ready.teacher

    def signer(self, role: str) -> Actor:
        return {
            Step.SUBJECT_TEACHER: self.teacher,
            Step.FORM_TEACHER: self.form_teacher,
            Step.PRINCIPAL: self.principal,
            Step.SEAL: self.clerk,
        }[Step(role)]

    def give_keys(self) -> None:
        """Test keys for everybody who signs, and the seal."""
        for actor in (self.teacher, self.form_teacher, self.principal):
            services.issue_test_key(actor=actor, school_id=self.school.pk, person=person_of(actor))
        services.issue_test_key(actor=self.clerk, school_id=self.school.pk, person=None)

    def hand(self, role: str) -> services.Hand:
        if role not in self.hands:
            self.hands[role] = services.open_hand(actor=self.signer(role), school_id=self.school.pk, role=role)
        return self.hands[role]

    def built(self) -> list[Transcript]:
        """Queue and build everything; in the order of the class."""
        services.queue_year(school_id=self.school.pk, year=2022)
        while services.build_next():
            pass
        return [self.transcript(number) for number in range(len(self.enrolments))]

    def transcript(self, pupil: int = 0) -> Transcript:
        """The newest version of a pupil's transcript."""
        return Transcript.objects.filter(enrolment=self.enrolments[pupil]).latest("version")

    def sign(self, transcript: Transcript, *roles: str) -> Transcript:
        for role in roles:
            services.sign(actor=self.signer(role), transcript_id=transcript.pk, hand=self.hand(role))
        transcript.refresh_from_db()
        return transcript

    def seal(self, transcript: Transcript) -> Transcript:
        return self.sign(transcript, Step.FORM_TEACHER, Step.PRINCIPAL, Step.SEAL)


FEW = ("ngu_van", "toan", "gdtc")


def finished_class(
    regime: str = "tt22-2021", *, pupils: int = 2, keys: bool = True, subjects: tuple[str, ...] = (), **fields: Any
) -> FinishedClass:
    """A class whose year is complete, with few subjects. `keys=False` leaves the signers without keys."""
    ready = ready_class(regime, pupils=pupils, keys=subjects or (FEW if regime == "tt22-2021" else ()), **fields)
    principal = actor_with(Role.PRINCIPAL, ready.school)
    clerk = actor_with(Role.CLERK, ready.school)
    for enrolment in ready.enrolments:
        finish(ready, enrolment, regime)
    finished = FinishedClass(ready, principal, clerk)
    if keys:
        finished.give_keys()
    return finished


def finish(ready: ReadyClass, enrolment: Enrolment, regime: str, **changes: Any) -> Result:
    """Fill a pupil's year with good results; `changes` go into the year's result."""
    conduct, learning, outcome = GOOD[regime]
    room = ready.school_class
    is_primary = regime in ("tt27-2020", "tt30-2014")
    for (key, term), sheet in ready.sheets.items():
        _fill(sheet, enrolment, ready.subjects[key], term)
    values = {key: _value(subject) for key, subject in ready.subjects.items()}
    for term in (1, 2):
        qualities = {trait.key: "T" for trait in traits_for(regime, int(room.grade))} if is_primary else {}
        TermRecord.objects.create(
            school=room.school,
            person=enrolment.person,
            enrolment=enrolment,
            school_class=room,
            term=term,
            conduct=conduct,
            absent_excused=term,
            absent_unexcused=term - 1,
            qualities=qualities,
            remark="Ngoan, chăm học." if term == 2 else "",
        )
    made: dict[int, Result] = {}
    for term in (1, 2, 0):
        fields: dict[str, Any] = {
            "subjects": values,
            "level": learning,
            "level_base": learning,
            "conduct": conduct,
            "is_complete": True,
            "outcome_june": "" if term else outcome,
            "outcome": "" if term else outcome,
            "absences": 4,
            "average": 85 if regime in ("tt58-2011", "qd02-2007") else None,
        }
        made[term] = Result.objects.create(
            school=room.school,
            person=enrolment.person,
            enrolment=enrolment,
            school_class=room,
            year=room.year,
            term=term,
            regime=regime,
            **(fields | ({} if term else changes)),
        )
    return made[0]


def new_teacher(school: Organisation) -> Person:
    person: Person = StaffFactory(school=school).person
    return person


def person_of(actor: Actor) -> Person:
    return Person.objects.get(pk=actor.person_id)


def _value(subject: ClassSubject) -> int | str:
    return {"marks": 85, "comments": "Đạt"}.get(subject.subject.form, "T")


def _fill(sheet: Sheet, enrolment: Enrolment, subject: ClassSubject, term: int) -> None:
    value = _value(subject)
    is_primary = subject.subject.form.startswith("levels")
    marks: dict[str, Any] = {"muc_CN": "T", "kt_CN": 90} if is_primary and term == 2 else {}
    if not is_primary:
        marks = {"gk": 80, "ck": 90} if value == 85 else {"gk": 1, "ck": 1}
    SheetLine.objects.filter(sheet=sheet, enrolment=enrolment).update(
        marks=marks,
        average=value if isinstance(value, int) else None,
        level=value if isinstance(value, str) else "",
        remark="Tiếp thu nhanh, cần trình bày cẩn thận hơn." if term == 2 else "",
    )
