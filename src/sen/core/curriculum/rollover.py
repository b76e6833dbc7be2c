"""The roll-over: pupils go into the next year by the results of the closed one (lên lớp, ở lại lớp, hoàn thành).

The gradebook registers what the results say (`register_outcomes`); nothing here knows marks. First a preview, then the
same again as a write. Doing it twice changes nothing, so late decisions (re-tests in summer) are rolled over later.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from sen.core.curriculum import links, queries, rules
from sen.core.curriculum.links import Outcome, register_outcomes
from sen.core.curriculum.models import Placement, SchoolClass
from sen.core.curriculum.permissions import EDIT_CLASSES
from sen.core.curriculum.services.placements import bulk_place
from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people import rules as people_rules
from sen.core.people.models import Enrolment, Person
from sen.core.people.services.next_year import NextYear, bulk_enrol
from sen.shared.kit.errors import RuleError

__all__ = ["Outcome", "Plan", "Row", "preview", "register_outcomes", "roll_over"]


@dataclass(frozen=True)
class Row:
    """A pupil of the old year and what the roll-over does. `to`: class of the new year, None when none fits yet."""

    enrolment: Enrolment
    person: Person
    from_class: SchoolClass | None
    outcome: Outcome
    to: SchoolClass | None
    enrolled: bool
    placed: bool

    @property
    def goes_on(self) -> bool:
        return self.outcome.step in ("promoted", "repeat")


@dataclass
class Plan:
    """What a roll-over of a school would do."""

    year: int
    rows: list[Row] = field(default_factory=list)
    classes: list[SchoolClass] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Pupils by step."""
        return Counter(row.outcome.step for row in self.rows)

    @property
    def to_enrol(self) -> int:
        return sum(1 for row in self.rows if row.goes_on and not row.enrolled)

    @property
    def to_place(self) -> int:
        return sum(1 for row in self.rows if row.goes_on and not row.placed and row.to is not None)

    @property
    def without_class(self) -> int:
        return sum(1 for row in self.rows if row.goes_on and not row.placed and row.to is None)


def preview(school: Organisation, year: int) -> Plan:
    """What rolling `year` over into `year + 1` would do; reads only, a constant number of queries.

    A promoted pupil goes to the class of the same name one grade up (6A1 to 7A1), a repeating one to the class of the
    same name in the grade; where there is none, to the smallest class of the grade.
    """
    outcomes = links.outcomes(school.pk, year)
    enrolments = list(
        Enrolment.objects.filter(
            school=school, year=year, status__in=[Enrolment.Status.STUDYING, Enrolment.Status.COMPLETED]
        ).select_related("person")
    )
    from_class = {
        row.enrolment_id: row.school_class
        for row in Placement.objects.filter(enrolment__in=enrolments, until=None).select_related("school_class")
    }
    next_classes = list(SchoolClass.objects.filter(school=school, year=year + 1).order_by("position", "name"))
    enrolled = set(Enrolment.objects.filter(school=school, year=year + 1).values_list("person_id", flat=True))
    places = _Places(next_classes)
    plan = Plan(year, classes=next_classes)
    ordered = sorted(enrolments, key=lambda e: (_class_order(from_class.get(e.pk)), e.person.sort_key))
    for enrolment in ordered:
        outcome = _settled(outcomes.get(enrolment.pk), enrolment, school)
        now = from_class.get(enrolment.pk)
        placed = enrolment.person_id in places.persons
        to = places.find(now, enrolment.grade, outcome) if not placed else places.persons[enrolment.person_id]
        plan.rows.append(Row(enrolment, enrolment.person, now, outcome, to, enrolment.person_id in enrolled, placed))
    return plan


def _settled(outcome: Outcome | None, enrolment: Enrolment, school: Organisation) -> Outcome:
    """Without a result the pupil waits; a next grade that the school does not teach means finished here."""
    if outcome is None:
        return Outcome("waiting", "", _("chưa có kết quả cả năm"))
    if outcome.step == "promoted":
        taught = people_rules.level_of(outcome.next_grade, [enrolment.level])
        if outcome.next_grade and taught is None and enrolment.level.startswith("continuing"):
            taught = "continuing_upper" if "continuing_upper" in school.levels else None
        taught = taught or people_rules.level_of(outcome.next_grade, school.levels)
        if not outcome.next_grade or taught is None:
            return Outcome("finished", "", outcome.reason)
    return outcome


def _class_order(school_class: SchoolClass | None) -> tuple[int, str]:
    return (school_class.position, school_class.name) if school_class else (10_000, "")


class _Places:
    """The classes of the new year, with sizes that grow while pupils are planned into them."""

    def __init__(self, classes: list[SchoolClass]) -> None:
        self.classes = classes
        by_id = {c.pk: c for c in classes}
        self.by_name = {(c.grade, c.name.casefold()): c for c in classes}
        rows = Placement.objects.filter(school_class__in=classes, until=None)
        self.persons = {person: by_id[key] for person, key in rows.values_list("person_id", "school_class_id")}
        self.sizes: Counter[UUID] = Counter(dict(rows.values_list("school_class").annotate(Count("id"))))

    def find(self, now: SchoolClass | None, grade: str, outcome: Outcome) -> SchoolClass | None:
        if outcome.step not in ("promoted", "repeat"):
            return None
        wanted = outcome.next_grade or grade
        name = rules.next_class_name(now.name, grade, wanted) if now else ""
        found = self.by_name.get((wanted, name.casefold()))
        if found is None:
            same_grade = [c for c in self.classes if c.grade == wanted]
            found = min(same_grade, key=lambda c: (self.sizes[c.pk], c.position), default=None)
        if found is not None:
            self.sizes[found.pk] += 1
        return found


@transaction.atomic
def roll_over(
    *, actor: Actor, school: Organisation, year: int, classes: Mapping[UUID, UUID] | None = None, on: date | None = None
) -> Plan:
    """Enrol and place what `preview` shows. Returns the plan that was carried out.

    `classes` sends the pupils of an old class (id) who go up into another new class (id) than the one proposed. Pupils
    who wait, left or finished are untouched; who is enrolled or placed stays where he or she is.
    """
    actor.require(EDIT_CLASSES, school.pk)
    if not links.has_outcomes():
        raise RuleError("curriculum.no_outcomes", _("Chưa có kết quả năm học để kết chuyển."))
    plan = preview(school, year)
    plan.rows = [_sent(row, plan, classes or {}) for row in plan.rows]
    going = [row for row in plan.rows if row.goes_on]
    started_on = on or _first_day(school, year + 1)
    wanted = [
        NextYear(row.enrolment.person_id, row.outcome.next_grade or row.enrolment.grade, row.outcome.step == "repeat")
        for row in going
    ]
    enrolments = bulk_enrol(actor=actor, school=school, year=year + 1, wanted=wanted, started_on=started_on)
    moving = sorted(
        (
            (row.to, enrolments[row.enrolment.person_id], row.person.sort_key)
            for row in going
            if row.to and not row.placed
        ),
        key=lambda one: one[2],
    )
    fitting = [
        (to, enrolment)
        for to, enrolment, _key in moving
        if to.grade == enrolment.grade and enrolment.status == Enrolment.Status.STUDYING
    ]
    bulk_place(actor=actor, wanted=fitting, since=started_on)
    return plan


def _sent(row: Row, plan: Plan, classes: Mapping[UUID, UUID]) -> Row:
    if row.placed or row.outcome.step != "promoted" or row.from_class is None or row.from_class.pk not in classes:
        return row
    to = next((c for c in plan.classes if c.pk == classes[row.from_class.pk]), None)
    if to is None or to.grade != row.outcome.next_grade:
        raise RuleError("curriculum.wrong_next_class", _("Lớp được chọn không thuộc khối mà học sinh lên."))
    return Row(row.enrolment, row.person, row.from_class, row.outcome, to, row.enrolled, row.placed)


def _first_day(school: Organisation, year: int) -> date:
    effective = queries.dates_for(school.pk, year)
    return effective.dates.starts_on if effective else date(year, 9, 5)
