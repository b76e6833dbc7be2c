"""The base of every table: a UUIDv7 key and a declared wall (who may read a row).

`guard` is not a comment: `kit.walls.build` turns it into row-level security, and a test fails for a table without it.
"""

from dataclasses import dataclass
from typing import ClassVar

from django.db import models

from sen.shared.kit.ids import uuid7


@dataclass(frozen=True)
class Open:
    """Readable by every signed-in person; `why` says why that is right. Writes go through services."""

    why: str


@dataclass(frozen=True)
class BySchool:
    """A school's or office's unnamed row: readable by the members of that organisation and the offices above it."""

    column: str = "school_id"


@dataclass(frozen=True)
class ByPerson:
    """A named row: readable by the school that holds it (and a second one), and by the person (and parents)."""

    school: str = "school_id"
    person: str = "person_id"
    second_school: str | None = None


@dataclass(frozen=True)
class PersonFile:
    """The file of a person: `school_ids` lists the schools that hold it now or held it before."""

    schools: str = "school_ids"
    person: str = "id"


@dataclass(frozen=True)
class ThroughPerson:
    """A part of a person's file: readable by whoever reads the person (table `person_table`)."""

    column: str = "person_id"
    person_table: str = "people_person"


Guard = Open | BySchool | ByPerson | PersonFile | ThroughPerson


class Table(models.Model):
    """Abstract base. `guard` is required on every concrete table; `tracked` False only where history is no use."""

    guard: ClassVar[Guard]
    tracked: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class Progress(models.Model):
    """Columns of a row that is a piece of long work: shown with count, rate and time left, taken by a job."""

    class State(models.TextChoices):
        QUEUED = "queued", "Đang chờ"
        RUNNING = "running", "Đang chạy"
        DONE = "done", "Xong"
        FAILED = "failed", "Lỗi"

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
