"""Calendar, programmes, classes, subjects of a class, teaching assignment."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment, Person
from sen.shared.kit.models import ByPerson, BySchool, Guard, Open, Table

if TYPE_CHECKING:
    from sen.core.identity.actor import Actor


class SchoolYear(Table):
    """The Ministry's frame of a school year (khung kế hoạch thời gian năm học)."""

    guard: ClassVar[Guard] = Open("Lịch năm học công khai.")

    year = models.PositiveSmallIntegerField(unique=True)  # 2022 for 2022-2023
    opens_on = models.DateField()
    term1_ends_by = models.DateField()
    term2_ends_by = models.DateField()
    ends_by = models.DateField()
    source = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.year}-{self.year + 1}"


class YearDates(Table):
    """The dates an organisation set inside the frame; a school inherits from the nearest organisation above it."""

    guard: ClassVar[Guard] = Open("Lịch năm học công khai.")

    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="dates")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="year_dates")
    starts_on = models.DateField()
    term1_ends_on = models.DateField()
    term2_starts_on = models.DateField()
    ends_on = models.DateField()
    decision = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_year", "organisation"], name="curriculum_dates_once"),
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("term1_ends_on"))
                & Q(term1_ends_on__lt=F("term2_starts_on"))
                & Q(term2_starts_on__lt=F("ends_on")),
                name="curriculum_dates_in_order",
            ),
        ]


class Week(Table):
    """A week of the year at an organisation. Teaching weeks are numbered 1 to 35; weeks without lessons carry none."""

    guard: ClassVar[Guard] = Open("Lịch năm học công khai.")
    tracked: ClassVar[bool] = False

    class Kind(models.TextChoices):
        TEACHING = "teaching", "Thực học"
        RESERVE = "reserve", "Dự phòng"
        HOLIDAY = "holiday", "Nghỉ"

    dates = models.ForeignKey(YearDates, on_delete=models.CASCADE, related_name="weeks")
    starts_on = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    term = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dates", "starts_on"], name="curriculum_week_once"),
            models.CheckConstraint(condition=Q(term__in=[1, 2]), name="curriculum_week_term"),
        ]


class ProgrammeSubject(Table):
    """A subject of a programme in one grade (môn học, hoạt động giáo dục) with its yearly load; loaded from data."""

    guard: ClassVar[Guard] = Open("Danh mục môn học công khai.")
    tracked: ClassVar[bool] = False

    class Form(models.TextChoices):
        MARKS = "marks", "Điểm số"
        COMMENTS = "comments", "Nhận xét"
        LEVELS = "levels", "Mức đạt được"
        LEVELS_TEST = "levels+test", "Mức đạt được và điểm kiểm tra"
        NONE = "none", "Không đánh giá"

    programme = models.CharField(max_length=20)  # "2006", "2018"
    level = models.CharField(max_length=20)
    grade = models.CharField(max_length=10)
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)  # compulsory, elective, elective_4_of_9, activity, component, ...
    form = models.CharField(max_length=12, choices=Form.choices)
    lessons = models.PositiveSmallIntegerField()  # lessons a year
    position = models.PositiveSmallIntegerField()  # order in the official forms
    source = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "level", "grade", "key"], name="curriculum_programme_subject"),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class SchoolClassQuerySet(models.QuerySet["SchoolClass"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Classes the actor may open: those of the school, or of the schools of the area for an officer."""
        from sen.core.curriculum.permissions import READ_CLASSES

        if actor.is_system or (actor.role == "ministry_officer" and actor.holds(READ_CLASSES)):
            return self
        return self.filter(Q(school_id__in=actor.schools_with(READ_CLASSES)))


class SchoolClass(Table):
    """A class in a school year (lớp, nhóm lớp). Its regime and programme follow from (year, level, grade)."""

    guard: ClassVar[Guard] = BySchool()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="classes")
    campus = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    year = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    grade = models.CharField(max_length=10)
    level = models.CharField(max_length=20, choices=Organisation.Level.choices)
    programme = models.CharField(max_length=20)
    regime = models.CharField(max_length=20)
    specialised_subject = models.CharField(max_length=40, blank=True)  # subject key of a chuyên class
    form_teacher = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="form_classes"
    )
    position = models.PositiveSmallIntegerField(default=0)
    profile = models.JSONField(default=dict, blank=True)  # class fields of the data dictionary

    objects = SchoolClassQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "year", "name"], name="curriculum_class_name"),
        ]
        ordering = ["level", "position", "name"]

    def __str__(self) -> str:
        return self.name


class Placement(Table):
    """A pupil in a class (xếp lớp). Row numbers stay fixed; late comers go to the end; a move keeps the first row."""

    guard: ClassVar[Guard] = ByPerson()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="placements")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="placements")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="placements")
    row_number = models.PositiveSmallIntegerField()
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(until=None), name="curriculum_one_class_at_a_time"
            ),
            models.UniqueConstraint(fields=["school_class", "row_number"], name="curriculum_row_number"),
        ]


class ClassSubject(Table):
    """A subject of a class in its year, with the load the school set (default: the programme's)."""

    guard: ClassVar[Guard] = BySchool()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="subjects")
    subject = models.ForeignKey(ProgrammeSubject, on_delete=models.PROTECT, related_name="+")
    lessons = models.PositiveSmallIntegerField()
    chosen_by_some = models.BooleanField(default=False)  # True: only pupils with a `Choice` take it
    has_cluster = models.BooleanField(default=False)  # cụm chuyên đề học tập in this subject
    only_term = models.PositiveSmallIntegerField(null=True, blank=True)  # a subject taught in one term only

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_class", "subject"], name="curriculum_class_subject"),
            models.CheckConstraint(condition=Q(only_term=None) | Q(only_term__in=[1, 2]), name="curriculum_only_term"),
        ]


class Choice(Table):
    """A pupil's elective or study-topic cluster (môn học lựa chọn, cụm chuyên đề) among the subjects of the class."""

    guard: ClassVar[Guard] = ByPerson()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="choices")
    class_subject = models.ForeignKey(ClassSubject, on_delete=models.PROTECT, related_name="choices")
    with_cluster = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "class_subject"], name="curriculum_choice_once"),
        ]


class Assignment(Table):
    """Who teaches a subject of a class, from when to when (phân công giảng dạy). One is responsible for the marks."""

    guard: ClassVar[Guard] = BySchool()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    class_subject = models.ForeignKey(ClassSubject, on_delete=models.PROTECT, related_name="assignments")
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    is_responsible = models.BooleanField(default=True)
    term = models.PositiveSmallIntegerField(null=True, blank=True)  # None: both terms
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["class_subject", "teacher", "term"],
                condition=Q(until=None),
                name="curriculum_assignment_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["teacher"], name="curriculum_teacher")]
