"""What people needs to know of classes, which a package above owns: it registers a desk, nothing here imports it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment


@dataclass(frozen=True)
class ClassRef:
    """A class of a year, as much of it as people needs."""

    id: UUID
    name: str
    grade: str
    level: str


@dataclass(frozen=True)
class NewClass:
    """A class that a file names and the year does not have yet."""

    name: str
    grade: str


class ClassDesk(Protocol):
    """Answers in one query each; `place` writes set-wise."""

    def classes(self, school_id: UUID, year: int) -> Sequence[ClassRef]: ...

    def placed(self, school_id: UUID, year: int, person_ids: Iterable[UUID] | None = None) -> Mapping[UUID, ClassRef]:
        """Person id -> the class of the person in that year."""

    def persons_in(self, class_id: UUID) -> Sequence[UUID]: ...

    def own_classes(self, actor: Actor, year: int) -> Sequence[UUID] | None:
        """Ids of the classes a form or subject teacher has to do with; None: all of the school."""

    def form_class_of(self, teacher_id: UUID, school_id: UUID, person_id: UUID) -> bool:
        """Is the pupil in a class whose form teacher this is, this school year?"""

    def create(
        self, *, actor: Actor, school: Organisation, year: int, wanted: Sequence[NewClass]
    ) -> Sequence[ClassRef]: ...

    def place(self, *, actor: Actor, school: Organisation, year: int, wanted: Sequence[tuple[Enrolment, UUID]]) -> None:
        """Put pupils into classes in the order given; whoever is already there stays, whoever is elsewhere moves."""


_desk: list[ClassDesk] = []


def register(desk: ClassDesk) -> None:
    """Called once by the package that owns classes when it is ready."""
    _desk[:] = [desk]


def desk() -> ClassDesk | None:
    return _desk[0] if _desk else None
