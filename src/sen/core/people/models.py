"""Persons and their ties to schools. Fields of the data dictionary beyond the core stand in `profile` (see data/)."""

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from sen.core.identity.models import Account
from sen.core.organisations.models import Organisation
from sen.shared.kit import names
from sen.shared.kit.models import ByPerson, BySchool, Guard, PersonFile, Progress, Table, ThroughPerson

if TYPE_CHECKING:
    from sen.core.identity.actor import Actor


@lru_cache(maxsize=20_000)
def _name_columns(full_name: str) -> tuple[str, str, str]:
    """(clean, folded, sort key). Names come again and again within a school, and an import asks for thousands."""
    cleaned = names.clean(full_name)
    return cleaned, names.fold(cleaned), names.sort_key(cleaned)


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Persons in the actor's reach: the files of their school, oneself and one's children."""
        if actor.is_system:
            return self
        from sen.core.people.permissions import READ_FILES

        schools = actor.schools_with(READ_FILES)
        own = actor.family | ({actor.person_id} if actor.person_id else frozenset())
        return self.filter(Q(school_ids__overlap=list(schools)) | Q(pk__in=own))


class Person(Table):
    """One human being, once in the whole database: pupil, parent, teacher, or all three in a life."""

    guard: ClassVar[Guard] = PersonFile()

    class Gender(models.TextChoices):
        MALE = "01", "Nam"
        FEMALE = "02", "Nữ"

    full_name = models.CharField(max_length=120)
    name_folded = models.CharField(max_length=120, editable=False)
    sort_key = models.CharField(max_length=400, editable=False)
    birth_date = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=2, choices=Gender.choices, blank=True)
    ethnic_code = models.CharField(max_length=2, blank=True)  # code list ethnic-groups
    nationality_code = models.CharField(max_length=3, blank=True)
    birth_place = models.CharField(max_length=250, blank=True)
    personal_id = models.CharField(max_length=12, blank=True)  # 12 digits, or an older 9-digit card
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=250, blank=True)
    profile = models.JSONField(default=dict, blank=True)
    school_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    account = models.OneToOneField(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="person")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(personal_id="") | Q(personal_id__regex=r"^(\d{9}|\d{12})$"),
                name="people_personal_id_digits",
            ),
        ]
        indexes = [
            GinIndex(fields=["school_ids"], name="people_person_schools"),
            models.Index(fields=["name_folded"], name="people_person_name"),
            models.Index(fields=["personal_id"], condition=~Q(personal_id=""), name="people_person_personal_id"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: object, **kwargs: object) -> None:
        self.fill_name_columns()
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # Django's own signature is looser than its stubs

    def fill_name_columns(self) -> None:
        """Derive the search and sort columns; bulk writers call it themselves."""
        self.full_name, self.name_folded, self.sort_key = _name_columns(self.full_name)


class Pupil(Table):
    """The pupil's part of a person: sector code for life, register number, the school that holds the file now."""

    guard: ClassVar[Guard] = ThroughPerson()

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="pupil")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="pupils")
    code = models.CharField(max_length=20, blank=True)  # sector code; opaque
    local_code = models.CharField(max_length=30, blank=True)  # the school's own, never instead of the sector code
    register_no = models.CharField(max_length=30, blank=True)  # số đăng bộ
    profile = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="people_pupil_code"),
            models.UniqueConstraint(
                fields=["school", "local_code"], condition=~Q(local_code=""), name="people_pupil_local_code"
            ),
        ]


class Guardianship(Table):
    """A tie between a pupil and an adult, with the rights it gives. A court paper can restrict it."""

    guard: ClassVar[Guard] = ThroughPerson("pupil_id")

    class Kind(models.TextChoices):
        FATHER = "father", "Cha"
        MOTHER = "mother", "Mẹ"
        GUARDIAN = "guardian", "Người giám hộ"

    pupil = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardianships")
    adult = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="wards")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    occupation = models.CharField(max_length=120, blank=True)
    may_read = models.BooleanField(default=True)
    restricted_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pupil", "adult"], name="people_guardianship_once"),
            models.CheckConstraint(condition=~Q(pupil=F("adult")), name="people_guardianship_two_persons"),
        ]


class Enrolment(Table):
    """A pupil at a school in a school year (ghi danh năm học). One row a year and school; the past is never changed."""

    guard: ClassVar[Guard] = ByPerson()

    class Status(models.TextChoices):
        STUDYING = "studying", "Đang học"
        TRANSFERRED_OUT = "transferred_out", "Chuyển đi"
        LEFT = "left", "Thôi học"
        COMPLETED = "completed", "Đã hoàn thành năm học"

    class Entry(models.TextChoices):
        NEW = "new", "Tuyển mới"
        CONTINUED = "continued", "Lên lớp"
        REPEATED = "repeated", "Học lại"
        TRANSFERRED_IN = "transferred_in", "Chuyển đến"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="enrolments")
    year = models.PositiveSmallIntegerField()  # first calendar year: 2022 for 2022-2023
    grade = models.CharField(max_length=10)  # "1".."12", "nha_tre", "mau_giao"
    level = models.CharField(max_length=20, choices=Organisation.Level.choices)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.STUDYING)
    entry = models.CharField(max_length=16, choices=Entry.choices, default=Entry.CONTINUED)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    profile = models.JSONField(default=dict, blank=True)  # fields of the dictionary that change with the year

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "school", "year"], name="people_one_enrolment_a_year"),
            # One school at a time: a transfer out must end the old enrolment before the new one begins.
            models.UniqueConstraint(
                fields=["person", "year"], condition=Q(status="studying"), name="people_one_school_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="people_enrolment_dates"
            ),
            models.CheckConstraint(condition=Q(year__gte=1990, year__lte=2100), name="people_enrolment_year"),
        ]
        indexes = [models.Index(fields=["school", "year", "grade"], name="people_enrolment_school_year")]


class Staff(Table):
    """The staff member's part of a person (cán bộ, giáo viên, nhân viên): sector code and professional fields."""

    guard: ClassVar[Guard] = ThroughPerson()

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="staff")
    code = models.CharField(max_length=20, blank=True)
    profile = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="people_staff_code")]


class Posting(Table):
    """A staff member's post at a school for a period (vị trí việc làm)."""

    guard: ClassVar[Guard] = ByPerson()

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="postings")
    local_code = models.CharField(max_length=30, blank=True)
    group_code = models.CharField(max_length=2, blank=True)  # code list staff-groups
    position_code = models.CharField(max_length=4, blank=True)  # code list staff-positions
    subjects = models.JSONField(default=list, blank=True)  # subject keys the teacher is trained for
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "school"], condition=Q(ended_on=None), name="people_one_open_posting"
            ),
            models.UniqueConstraint(
                fields=["school", "local_code"],
                condition=~Q(local_code="") & Q(ended_on=None),
                name="people_posting_local_code",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="people_posting_dates"
            ),
        ]


class Transfer(Table):
    """A move between schools: both sides consent, then the record goes along (chuyển trường)."""

    guard: ClassVar[Guard] = ByPerson("sending_school_id", second_school="receiving_school_id")

    class State(models.TextChoices):
        REQUESTED = "requested", "Đã đề nghị"
        RELEASED = "released", "Trường đi đồng ý"
        ACCEPTED = "accepted", "Trường đến tiếp nhận"
        REFUSED = "refused", "Từ chối"
        CANCELLED = "cancelled", "Rút đề nghị"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="transfers")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="transfers")
    sending_school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="transfers_out")
    receiving_school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="transfers_in")
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    reason = models.TextField()
    decided_note = models.TextField(blank=True)
    requested_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # Who may take the request back; empty on rows older than this column: the sending school.
    requested_by_school = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    released_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    effective_on = models.DateField(null=True, blank=True)
    new_enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=["requested", "released"]), name="people_one_open_transfer"
            ),
            models.CheckConstraint(
                condition=~Q(sending_school=F("receiving_school")), name="people_transfer_two_schools"
            ),
        ]


class ImportRun(Progress, Table):
    """An Excel file brought in: kept, previewed with counts, applied; the faulty rows wait in a marked copy."""

    guard: ClassVar[Guard] = BySchool()

    class Kind(models.TextChoices):
        CLASSES = "classes", "Lớp học"
        PUPILS = "pupils", "Học sinh và cha mẹ"
        STAFF = "staff", "Cán bộ, giáo viên"
        ASSIGNMENTS = "assignments", "Phân công giảng dạy"

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="imports")
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    file_name = models.CharField(max_length=255)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    marked_file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    preview = models.JSONField(default=dict, blank=True)  # counts, recognised columns, faults, suspicions
    decisions = models.JSONField(default=dict, blank=True)  # what the clerk decided about suspected duplicates
    applied_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
