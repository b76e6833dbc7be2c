"""Questions about persons that need more than one table."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from sen.core.identity.actor import Actor
from sen.core.people import class_desk, dictionary, keeping, rules
from sen.core.people.class_desk import ClassRef
from sen.core.people.imports.judging import province_digits
from sen.core.people.keeping import Holders
from sen.core.people.models import Enrolment, Guardianship, Person, Posting, Pupil, Staff, Transfer
from sen.core.people.permissions import MOVE_PUPILS
from sen.core.people.rules import Doubt
from sen.shared.audit.models import Line
from sen.shared.kit import scope
from sen.shared.kit.names import fold


def family(account_id: UUID) -> tuple[UUID | None, frozenset[UUID], frozenset[UUID]]:
    """(own person, readable persons, their schools) of an account: oneself, and wards whose tie lets one read.

    A school is one where a readable person has ever been enrolled, so that old years stay readable.
    """
    own = Person.objects.filter(account=account_id).values_list("pk", flat=True).first()
    if own is None:
        return None, frozenset(), frozenset()
    wards = Guardianship.objects.filter(adult=own, may_read=True, restricted_by="").values_list("pupil_id", flat=True)
    rows = Enrolment.objects.filter(person__in=[own, *wards]).values_list("person_id", "school_id")
    return own, frozenset({own, *wards}), frozenset(school for _person, school in rows)


_HAS_GUARDIAN = Exists(Guardianship.objects.filter(pupil=OuterRef("person_id")))
# What a pupil's file can lack: key -> (condition on the enrolment). Labels stand in the view.
LACKS: Mapping[str, Q] = {
    "so-dinh-danh": Q(person__personal_id=""),
    "ngay-sinh": Q(person__birth_date=None),
    "ma-nganh": Q(person__pupil__code=""),
    "gioi-tinh": Q(person__gender=""),
    "dan-toc": Q(person__ethnic_code=""),
}


@dataclass(frozen=True)
class Filters:
    """What a list of pupils is narrowed by; empty strings narrow nothing."""

    words: str = ""
    grade: str = ""
    class_id: UUID | None = None
    status: str = ""
    lacks: str = ""


def pupils(actor: Actor, school_id: UUID, year: int, filters: Filters = Filters()) -> QuerySet[Enrolment]:  # frozen
    """The year's enrolments of a school, by Vietnamese name. A teacher sees the classes he or she has to do with."""
    found = Enrolment.objects.filter(school=school_id, year=year).select_related("person__pupil")
    found = found.filter(person__in=Person.objects.visible_to(actor))
    desk = class_desk.desk()
    if desk is not None and (own := desk.own_classes(actor, year)) is not None:
        found = found.filter(person__in=[person for class_id in own for person in desk.persons_in(class_id)])
    if filters.class_id is not None and desk is not None:
        found = found.filter(person__in=desk.persons_in(filters.class_id))
    if filters.grade:
        found = found.filter(grade=filters.grade)
    if filters.status:
        found = found.filter(status=filters.status)
    if filters.lacks == "cha-me":
        found = found.filter(~_HAS_GUARDIAN)
    elif filters.lacks:
        found = found.filter(LACKS[filters.lacks])
    if filters.words:
        found = found.filter(
            _words(
                filters.words,
                "person__",
                Q(person__pupil__code=filters.words.strip())
                | Q(person__pupil__local_code__iexact=filters.words.strip()),
            )
        )
    return found.order_by("person__sort_key", "person_id")


def _words(words: str, path: str, codes: Q) -> Q:
    by_name = Q()
    for word in fold(words).split():
        by_name &= Q(**{f"{path}name_folded__contains": word})
    number = rules.personal_id_digits(words)
    return by_name | codes | (Q(**{f"{path}personal_id": number}) if number else Q())


def classes(school_id: UUID, year: int) -> Sequence[ClassRef]:
    desk = class_desk.desk()
    return desk.classes(school_id, year) if desk else []


def placed(school_id: UUID, year: int, person_ids: Iterable[UUID]) -> Mapping[UUID, ClassRef]:
    """Person id -> class in the year."""
    desk = class_desk.desk()
    return desk.placed(school_id, year, list(person_ids)) if desk else {}


def holders_of(person: Person, enrolment: Enrolment | None = None) -> Holders:
    """The rows of a file: pupil with parents, or staff; three queries at most."""
    pupil = Pupil.objects.filter(person=person).first()
    staff = Staff.objects.filter(person=person).first()
    ties = keeping.load_ties([person.pk]).get(person.pk, {}) if pupil else {}
    return Holders(person, pupil=pupil, staff=staff, enrolment=enrolment, ties=ties)


def doubts(holders: Holders) -> list[Doubt]:
    """Everything in a file that does not fit together: the number, the age, the post."""
    person = holders.person
    found = rules.personal_id_doubts(
        person.personal_id, birth_date=person.birth_date, gender=person.gender, provinces=province_digits()
    )
    if holders.enrolment is not None:
        age = rules.age_doubt(birth_date=person.birth_date, grade=holders.enrolment.grade, year=holders.enrolment.year)
        found += [age] if age else []
    if holders.staff is not None and holders.posting is not None:
        position = dictionary.codes("staff-positions").get(holders.posting.position_code)
        recruited = keeping.value(dictionary.by_key("staff")["recruited_on"], holders.staff)
        found += rules.staff_doubts(
            birth_date=person.birth_date,
            recruited_on=recruited,
            position=holders.posting.position_code,
            group=holders.posting.group_code,
            position_group=position.flags["group_code"] if position else "",
        )
    return found


def staff(
    actor: Actor, school_id: UUID, *, words: str = "", group: str = "", former: bool = False
) -> QuerySet[Posting]:
    """Postings of a school, by Vietnamese name; `former`: those that have ended."""
    found = Posting.objects.filter(school=school_id, ended_on__isnull=not former).select_related("person__staff")
    found = found.filter(person__in=Person.objects.visible_to(actor))
    if group:
        found = found.filter(group_code=group)
    if words:
        found = found.filter(
            _words(words, "person__", Q(person__staff__code=words.strip()) | Q(local_code__iexact=words.strip()))
        )
    return found.order_by("person__sort_key", "person_id")


def group_counts(school_id: UUID) -> Counter[str]:
    """Open postings by staff group."""
    rows = Posting.objects.filter(school=school_id, ended_on=None).values_list("group_code").annotate(n=Count("id"))
    return Counter(dict(rows))


def lacking(school_id: UUID, year: int) -> dict[str, int]:
    """How many studying pupils lack a personal number, a birth date; one query."""
    studying = Enrolment.objects.filter(school=school_id, year=year, status=Enrolment.Status.STUDYING)
    return studying.aggregate(
        number=Count("id", filter=LACKS["so-dinh-danh"]), birth=Count("id", filter=LACKS["ngay-sinh"])
    )


@dataclass(frozen=True)
class Move:
    """A transfer as its two schools see it. `name`, `birth_date`: enough to know who it is, no more of the file."""

    transfer: Transfer
    name: str
    birth_date: object
    grade: str


def transfers(actor: Actor) -> list[Move]:
    """Transfers to and from the actor's school, open ones first, newest first."""
    schools = actor.schools_with(MOVE_PUPILS)
    rows = list(
        Transfer.objects.filter(Q(sending_school__in=schools) | Q(receiving_school__in=schools)).order_by(
            "-requested_at"
        )[:300]
    )
    # The receiving school does not hold the file yet: for the pupils of its own transfers it reads name, birth date
    # and grade through the wall, and nothing else.
    with scope.use(replace(scope.current(), schools=scope.EVERYTHING)):
        ids = [row.enrolment_id for row in rows]
        known = {
            pk: (name, birth, grade)
            for pk, name, birth, grade in Enrolment.objects.filter(pk__in=ids).values_list(
                "pk", "person__full_name", "person__birth_date", "grade"
            )
        }
    open_first = sorted(rows, key=lambda row: row.state not in (Transfer.State.REQUESTED, Transfer.State.RELEASED))
    return [Move(row, *known[row.enrolment_id]) for row in open_first if row.enrolment_id in known]


def waiting_transfers(school_id: UUID) -> int:
    """Transfers on which this school must speak."""
    return Transfer.objects.filter(
        Q(sending_school=school_id, state=Transfer.State.REQUESTED)
        | Q(receiving_school=school_id, state=Transfer.State.RELEASED)
    ).count()


def history(holders: Holders, years: Sequence[Enrolment] = ()) -> list[Line]:
    """Who changed what in a file: lines about its rows, newest first."""
    rows = [holders.person, holders.pupil, holders.staff, holders.posting, *years, *holders.ties.values()]
    ids = [row.pk for row in rows if row is not None]
    # Lines about a person's own row carry no school, so the wall of the school would hide them; the caller has shown
    # that the actor may read this file.
    with scope.use(scope.whole_system(scope.current().actor)):
        return list(Line.objects.filter(subject_id__in=ids).order_by("-id")[:100])
