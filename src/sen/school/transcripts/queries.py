"""Questions about transcripts: what waits for whom, how far a school is, the one book of a pupil."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sen.core.curriculum.models import Placement, SchoolClass
from sen.core.identity.actor import Actor
from sen.core.people.models import Person
from sen.school.transcripts.models import SignatureStep, SigningKey, Transcript
from sen.school.transcripts.permissions import READ, SEAL, SIGN
from sen.school.transcripts.services.keys import WARNINGS
from sen.school.transcripts.services.signing import STAGES
from sen.shared.files.models import StoredFile
from sen.shared.kit import scope

Step = SignatureStep.Role
State = Transcript.State


def waiting_for(
    actor: Actor, *, school_id: UUID, year: int, role: str, school_class: SchoolClass | None = None
) -> QuerySet[Transcript]:
    """Transcripts whose next signature is this actor's, in this role (of one class when it is named)."""
    right = SEAL if role == Step.SEAL else SIGN
    if not actor.holds(right, school_id):
        return Transcript.objects.none()
    open_steps = SignatureStep.objects.filter(transcript=OuterRef("pk"), signed_at=None)
    earlier = [stage for stage in STAGES if STAGES.index(stage) < STAGES.index(Step(role))]
    own = open_steps.filter(role=role) if role == Step.SEAL else open_steps.filter(role=role, signer=actor.person_id)
    rows = Transcript.objects.filter(school=school_id, year=year, state__in=[State.BUILT, State.SIGNING])
    if school_class is not None:
        rows = rows.filter(
            enrolment__in=Placement.objects.filter(school_class=school_class, until=None).values("enrolment")
        )
    return rows.filter(Exists(own), ~Exists(open_steps.filter(role__in=earlier)))


def waiting_counts(
    actor: Actor, *, school_id: UUID, year: int, school_class: SchoolClass | None = None
) -> dict[str, int]:
    """Role -> how many transcripts wait for this actor, in one query; roles with nothing are left out."""
    if not actor.holds(SIGN, school_id) and not actor.holds(SEAL, school_id):
        return {}
    counts = {
        str(role): Count(
            "pk",
            filter=Q(
                pk__in=waiting_for(actor, school_id=school_id, year=year, role=role, school_class=school_class).values(
                    "pk"
                )
            ),
        )
        for role in STAGES
    }
    rows = Transcript.objects.filter(school=school_id, year=year, state__in=[State.BUILT, State.SIGNING])
    return {role: count for role, count in rows.aggregate(**counts).items() if count}


@dataclass(frozen=True)
class Standing:
    """How far the transcripts of a class (or school) are. `queued` waits to be built, `failed` lacks something."""

    pupils: int
    queued: int
    failed: int
    built: int
    signing: int
    sealed: int

    @property
    def missing(self) -> int:
        return max(0, self.pupils - self.queued - self.failed - self.built - self.signing - self.sealed)


@dataclass(frozen=True)
class ClassStanding:
    school_class: SchoolClass
    standing: Standing


def standings(actor: Actor, *, school_id: UUID, year: int) -> list[ClassStanding]:
    """Class by class, in the order of the school's list; three queries whatever the size of the school."""
    classes = (
        SchoolClass.objects.visible_to(actor)
        .filter(school=school_id, year=year)
        .exclude(level="preschool")
        .select_related("form_teacher")
    )
    pupils = Counter(
        Placement.objects.filter(school_class__in=classes.values("pk"), until=None).values_list(
            "school_class_id", flat=True
        )
    )
    states: dict[UUID, Counter[str]] = {}
    # A sealed version and its successor in the making are one transcript under way: the newest version counts.
    rows = (
        newest(Transcript.objects.visible_to(actor).filter(school=school_id, year=year))
        .filter(enrolment__placements__until=None)
        .values_list("enrolment__placements__school_class_id", "state")
    )
    for class_id, state in rows:
        states.setdefault(class_id, Counter())[state] += 1
    return [ClassStanding(room, _standing(pupils[room.pk], states.get(room.pk, Counter()))) for room in classes]


def newest(rows: QuerySet[Transcript]) -> QuerySet[Transcript]:
    """Only the newest version of each pupil-year."""
    return rows.filter(superseded_by=None)


def total(parts: Iterable[Standing]) -> Standing:
    rows = list(parts)
    names = ("pupils", "queued", "failed", "built", "signing", "sealed")
    return Standing(**{name: sum(getattr(row, name) for row in rows) for name in names})


def _standing(pupils: int, states: Counter[str]) -> Standing:
    return Standing(pupils, states["queued"], states["failed"], states["built"], states["signing"], states["sealed"])


@dataclass(frozen=True)
class Row:
    """A pupil of a class and the newest version of the transcript, if any."""

    placement: Placement
    transcript: Transcript | None
    signed: int
    steps: int


def class_rows(actor: Actor, room: SchoolClass) -> list[Row]:
    """The class in its fixed order, three queries."""
    found = {
        row.enrolment_id: row
        for row in newest(Transcript.objects.visible_to(actor).filter(enrolment__placements__school_class=room))
        .defer("record")
        .annotate(
            steps_all=Count("steps", distinct=True),
            steps_signed=Count("steps", filter=Q(steps__signed_at__isnull=False), distinct=True),
        )
    }
    placements = Placement.objects.filter(school_class=room, until=None).select_related("person").order_by("row_number")
    rows = []
    for placement in placements:
        transcript: Any = found.get(placement.enrolment_id)
        signed, steps = (transcript.steps_signed, transcript.steps_all) if transcript else (0, 0)
        rows.append(Row(placement, transcript, signed, steps))
    return rows


def versions(transcript: Transcript) -> list[Transcript]:
    """Every version of this pupil-year, newest first."""
    rows = Transcript.objects.filter(enrolment=transcript.enrolment_id).defer("record")
    return list(rows.select_related("superseded_by").order_by("-version"))


def book(actor: Actor, person: Person) -> list[Transcript]:
    """The pupil's one book (học bạ): every sealed year, across schools and regimes, oldest first.

    The school that holds the pupil now reads the whole book, also the years at other schools; a school that held the
    pupil before reads its own years; pupil and parents read all. The caller has found the person by `visible_to`.
    """
    wide = _book_scope(actor, person)
    rows = Transcript.objects.filter(person=person, state=State.SEALED)
    if wide == scope.current():
        rows = rows.filter(pk__in=Transcript.objects.visible_to(actor).values("pk"))
    with scope.use(wide):
        return list(rows.defer("record").select_related("school", "pdf").order_by("year", "sealed_at"))


def book_files(actor: Actor, person: Person, rows: list[Transcript]) -> list[tuple[Transcript, list[StoredFile]]]:
    """The signed files of each year of a book that `book` has given to this actor."""
    with scope.use(_book_scope(actor, person)):
        found = Transcript.objects.in_bulk([row.pk for row in rows])
        stored = StoredFile.objects.in_bulk(
            [
                pk
                for row in found.values()
                for pk in (row.pdf_id, row.data_json_id, row.data_signature_id, row.data_xml_id)
                if pk
            ]
        )
    return [
        (
            row,
            [
                stored[pk]
                for pk in (row.pdf_id, row.data_json_id, row.data_signature_id, row.data_xml_id)
                if pk in stored
            ],
        )
        for row in (found[row.pk] for row in rows)
    ]


def _book_scope(actor: Actor, person: Person) -> scope.Scope:
    """The book went along with the pupil: years signed at other schools are part of the present school's file now."""
    pupil = getattr(person, "pupil", None)
    if pupil is not None and actor.holds(READ, pupil.school_id):
        return replace(scope.current(), schools=scope.EVERYTHING)
    return scope.current()


@dataclass(frozen=True)
class KeyState:
    key: SigningKey
    days_left: int

    @property
    def is_ended(self) -> bool:
        return self.days_left < 0

    @property
    def is_ending(self) -> bool:
        return 0 <= self.days_left <= WARNINGS[0]


def keys(actor: Actor, school_id: UUID) -> list[KeyState]:
    """Keys in use: all of the school for who keeps them, else one's own."""
    from sen.school.transcripts.permissions import KEEP_KEYS

    rows = SigningKey.objects.filter(school=school_id, removed_at=None).select_related("person").order_by("valid_until")
    if not actor.holds(KEEP_KEYS, school_id):
        rows = rows.filter(person=actor.person_id) if actor.person_id else rows.none()
    now = timezone.now()
    return [KeyState(key, (key.valid_until - now) // timedelta(days=1)) for key in rows]
