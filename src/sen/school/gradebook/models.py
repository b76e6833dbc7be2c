"""Mark sheets, term records, results, locks, corrections."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from sen.core.curriculum.models import ClassSubject, SchoolClass
from sen.core.identity.models import Account
from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment, Person
from sen.shared.kit.models import ByPerson, BySchool, Guard, Table

if TYPE_CHECKING:
    from sen.core.identity.actor import Actor


class ValidMarks(models.Func):
    """SQL test that a jsonb map of marks holds only whole tenths from 0 to 100, levels and passes."""

    template = (
        "NOT jsonb_path_exists(%(expressions)s, "
        '\'$.* ? ((@.type() == "number" && (@ < 0 || @ > 100 || @.floor() != @)) '
        '|| @.type() == "object" || @.type() == "array")\')'
    )
    output_field = models.BooleanField()


class SheetQuerySet(models.QuerySet["Sheet"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Sheets the actor may open; teachers see their own subjects and, as form teacher, their class."""
        if actor.is_system:
            return self
        from sen.school.gradebook.permissions import READ_ALL_SHEETS, READ_OWN_SHEETS

        own = Q(class_subject__assignments__teacher_id=actor.person_id) | Q(
            school_class__form_teacher_id=actor.person_id
        )
        if actor.holds(READ_ALL_SHEETS):
            return self.filter(school_id__in=actor.schools_with(READ_ALL_SHEETS))
        if actor.holds(READ_OWN_SHEETS) and actor.person_id:
            mine = Sheet.objects.filter(own, school_id__in=actor.schools_with(READ_OWN_SHEETS)).values("pk")
            return self.filter(pk__in=mine)
        return self.none()


class Sheet(Table):
    """One class, one subject, one term (bảng điểm môn học). Locked sheets change by corrections alone."""

    guard: ClassVar[Guard] = BySchool()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="sheets")
    class_subject = models.ForeignKey(ClassSubject, on_delete=models.PROTECT, related_name="sheets")
    year = models.PositiveSmallIntegerField()
    term = models.PositiveSmallIntegerField()
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = SheetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["class_subject", "term"], name="gradebook_one_sheet_a_term"),
            models.CheckConstraint(condition=Q(term__in=[1, 2]), name="gradebook_sheet_term"),
        ]
        indexes = [models.Index(fields=["school", "year", "term"], name="gradebook_sheet_school")]

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None


class SheetLine(Table):
    """A learner's row in a sheet: every mark of one subject and term.

    marks: column key -> value. Marks in whole tenths (85 is 8,5), comment subjects 1 (Đạt) or 0 (Chưa đạt), primary
    levels "T", "H", "C"; primary remarks are text under "nx_" and the moment. An absent key is an empty cell.
    states: column key -> "excused" (miễn, chờ kiểm tra bù) or "absent" (vắng không phép, tính 0).
    versions: column key -> the line version in which the cell last changed; two people at once are noticed by it.
    corrected: column key -> value after an approved correction; only a locked line has any.
    """

    guard: ClassVar[Guard] = ByPerson()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="lines")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="lines")
    marks = models.JSONField(default=dict, blank=True)
    states = models.JSONField(default=dict, blank=True)
    corrected = models.JSONField(default=dict, blank=True)
    versions = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)
    remark = models.TextField(blank=True)
    average = models.PositiveSmallIntegerField(null=True, blank=True)  # tenths; derived from marks and corrections
    level = models.CharField(max_length=12, blank=True)  # comment subjects and primary: the term's result
    updated_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "enrolment"], name="gradebook_one_line_a_learner"),
            models.CheckConstraint(condition=ValidMarks(F("marks")), name="gradebook_marks_0_to_10"),
            models.CheckConstraint(condition=ValidMarks(F("corrected")), name="gradebook_corrected_0_to_10"),
            models.CheckConstraint(condition=Q(average=None) | Q(average__lte=100), name="gradebook_average_0_to_10"),
        ]
        indexes = [models.Index(fields=["enrolment"], name="gradebook_line_enrolment")]

    @property
    def effective(self) -> dict[str, Any]:
        """Marks as they count today: the book's, overlaid by approved corrections."""
        return {**self.marks, **self.corrected}


class TermRecord(Table):
    """What the form teacher keeps about a pupil in a term: conduct, absences, remarks, primary qualities."""

    guard: ClassVar[Guard] = ByPerson()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="term_records")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="term_records")
    term = models.PositiveSmallIntegerField()  # 1, 2; 0 the year (old regime conduct, primary year remarks)
    conduct = models.CharField(max_length=12, blank=True)
    absent_excused = models.PositiveSmallIntegerField(default=0)  # sessions that count for promotion
    absent_unexcused = models.PositiveSmallIntegerField(default=0)
    # Primary: quality or competence key -> T, Đ, C at the end of the term; at mid-term under "gk_" and the key.
    qualities = models.JSONField(default=dict, blank=True)
    recognition = models.CharField(max_length=20, blank=True)  # primary awards: subject, progress
    remark = models.TextField(blank=True)
    versions = models.JSONField(default=dict, blank=True)  # as of SheetLine, by field
    version = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "term"], name="gradebook_one_record_a_term"),
            models.CheckConstraint(condition=Q(term__in=[0, 1, 2]), name="gradebook_record_term"),
        ]


class Result(Table):
    """The computed and confirmed result of a pupil for a term (1, 2) or the year (0), under one regime."""

    guard: ClassVar[Guard] = ByPerson()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="results")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="results")
    year = models.PositiveSmallIntegerField()
    term = models.PositiveSmallIntegerField()
    regime = models.CharField(max_length=20)
    subjects = models.JSONField(default=dict, blank=True)  # subject key -> average in tenths or level
    average = models.PositiveSmallIntegerField(null=True, blank=True)  # old regime: mean of subjects, tenths
    level_base = models.CharField(max_length=30, blank=True)
    level = models.CharField(max_length=30, blank=True)  # after the one-subject adjustment
    adjusted_by = models.CharField(max_length=40, blank=True)  # the subject that caused the adjustment
    conduct = models.CharField(max_length=12, blank=True)
    absences = models.PositiveSmallIntegerField(default=0)
    honour = models.CharField(max_length=80, blank=True)
    outcome_june = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=20, blank=True)  # after summer measures; PROMOTED, RETEST, RETAINED, ...
    retests = models.JSONField(default=dict, blank=True)  # subject key -> re-assessment result
    summer_conduct = models.CharField(max_length=12, blank=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_note = models.TextField(blank=True)
    reasons = models.JSONField(default=list, blank=True)  # sentences: why not the next level up
    is_complete = models.BooleanField(default=False)
    computed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "term"], name="gradebook_one_result_a_term"),
            models.CheckConstraint(condition=Q(term__in=[0, 1, 2]), name="gradebook_result_term"),
        ]
        indexes = [models.Index(fields=["school", "year", "term"], name="gradebook_result_school")]


class ClassFigures(Table):
    """Unnamed figures of a class and term, for the levels above: completion and results. Derived by a job."""

    guard: ClassVar[Guard] = BySchool()
    tracked: ClassVar[bool] = False

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="figures")
    year = models.PositiveSmallIntegerField()
    term = models.PositiveSmallIntegerField()
    pupils = models.PositiveSmallIntegerField(default=0)
    cells_expected = models.PositiveIntegerField(default=0)
    cells_filled = models.PositiveIntegerField(default=0)
    sheets = models.PositiveSmallIntegerField(default=0)
    sheets_locked = models.PositiveSmallIntegerField(default=0)
    levels = models.JSONField(default=dict, blank=True)  # level -> number of pupils
    conducts = models.JSONField(default=dict, blank=True)
    outcomes = models.JSONField(default=dict, blank=True)
    honours = models.JSONField(default=dict, blank=True)
    computed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_class", "term"], name="gradebook_figures_once"),
        ]
        indexes = [models.Index(fields=["school", "year", "term"], name="gradebook_figures_school")]


class StaleClass(Table):
    """A class whose results and figures wait to be computed anew. Writers add a row, the job takes rows away."""

    guard: ClassVar[Guard] = BySchool()
    tracked: ClassVar[bool] = False

    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(auto_now_add=True)


class TermLock(Table):
    """A term (1, 2) or the year (0) of a school locked by its head (khóa sổ). Unlocking needs a second person."""

    guard: ClassVar[Guard] = BySchool()

    class State(models.TextChoices):
        LOCKED = "locked", "Đã khóa"
        UNLOCK_ASKED = "unlock_asked", "Đề nghị mở khóa"
        OPEN = "open", "Đang mở"

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="term_locks")
    year = models.PositiveSmallIntegerField()
    term = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices)
    locked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    locked_at = models.DateTimeField()
    unlock_asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unlock_reason = models.TextField(blank=True)
    unlocked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unlocked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "year", "term"], name="gradebook_one_lock_a_term"),
            models.CheckConstraint(
                condition=Q(unlocked_by=None) | ~Q(unlocked_by=F("unlock_asked_by")),
                name="gradebook_unlock_two_persons",
            ),
        ]


class Correction(Table):
    """A signed entry that corrects a cell of a locked sheet; old and new stay visible (sửa điểm sau khi khóa sổ)."""

    guard: ClassVar[Guard] = ByPerson()

    class State(models.TextChoices):
        REQUESTED = "requested", "Giáo viên đề nghị"
        CONFIRMED = "confirmed", "Chủ nhiệm xác nhận"
        APPROVED = "approved", "Đã duyệt"
        REFUSED = "refused", "Không duyệt"

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(SheetLine, on_delete=models.PROTECT, related_name="corrections")
    column = models.CharField(max_length=10)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    requested_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    refused_note = models.TextField(blank=True)
    signature = models.JSONField(default=dict, blank=True)  # detached signature over the entry, by the approver

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("requested_by")),
                name="gradebook_correction_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | (~Q(approved_by=F("requested_by")) & ~Q(approved_by=F("confirmed_by"))),
                name="gradebook_correction_three_persons",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="gradebook_correction_reason"),
            models.UniqueConstraint(
                fields=["line", "column"],
                condition=Q(state__in=["requested", "confirmed"]),
                name="gradebook_one_open_correction",
            ),
        ]


class Exemption(Table):
    """A subject waived for a pupil (miễn học môn), with its paper. term None: the whole year."""

    guard: ClassVar[Guard] = ByPerson()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="exemptions")
    class_subject = models.ForeignKey(ClassSubject, on_delete=models.PROTECT, related_name="exemptions")
    term = models.PositiveSmallIntegerField(null=True, blank=True)
    paper = models.CharField(max_length=250)
    granted_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "class_subject", "term"], name="gradebook_exemption_once", nulls_distinct=False
            ),
        ]


class RegimeSetting(Table):
    """A school's choices where the texts leave a question open (the [P] points): field of `rules.Policy` -> value.

    publish_marks, publish_results: when pupils and parents see marks, and levels, conduct, titles, outcomes.
    """

    guard: ClassVar[Guard] = BySchool()

    class Publish(models.TextChoices):
        ENTERED = "entered", "Ngay khi có"
        LOCKED = "locked", "Sau khi nhà trường khóa sổ"

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    values = models.JSONField(default=dict, blank=True)
    decision = models.CharField(max_length=200, blank=True)
    publish_marks = models.CharField(
        max_length=10, choices=Publish.choices, default=Publish.ENTERED, db_default=Publish.ENTERED
    )
    publish_results = models.CharField(
        max_length=10, choices=Publish.choices, default=Publish.LOCKED, db_default=Publish.LOCKED
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "year"], name="gradebook_one_setting_a_year")]


class Phrase(Table):
    """A sentence of the phrase bank for remarks (ngân hàng nhận xét); account None: the school's."""

    guard: ClassVar[Guard] = BySchool()
    tracked: ClassVar[bool] = False

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    subject_key = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=300)
