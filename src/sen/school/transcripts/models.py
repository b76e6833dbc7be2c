"""Sealed yearly records, the steps of their signing, the keys known to the school."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from sen.core.curriculum.models import Placement
from sen.core.identity.models import Account
from sen.core.organisations.models import Organisation
from sen.core.people.models import Enrolment, Person
from sen.shared.kit.models import ByPerson, BySchool, Guard, Progress, Table

if TYPE_CHECKING:
    from sen.core.identity.actor import Actor


class TranscriptQuerySet(models.QuerySet["Transcript"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Transcripts of the actor's school; a form teacher's class; one's own and one's children's sealed ones."""
        if actor.is_system:
            return self
        from sen.school.transcripts.permissions import READ, READ_CLASS, READ_OWN

        if actor.holds(READ):
            return self.filter(school_id__in=actor.schools_with(READ))
        if actor.holds(READ_CLASS) and actor.person_id:
            signs = SignatureStep.objects.filter(signer_id=actor.person_id).values("transcript")
            leads = Placement.objects.filter(school_class__form_teacher_id=actor.person_id).values("enrolment")
            return self.filter(Q(pk__in=signs) | Q(enrolment__in=leads), school_id__in=actor.schools_with(READ_CLASS))
        if actor.holds(READ_OWN):
            return self.filter(person_id__in=actor.family, state__in=["sealed", "superseded"])
        return self.none()


class Transcript(Table):
    """One pupil, one school year, one version (học bạ của một năm học). Sealed bytes never change."""

    guard: ClassVar[Guard] = ByPerson()

    class State(models.TextChoices):
        QUEUED = "queued", "Chờ lập"
        BUILT = "built", "Chờ ký"
        SIGNING = "signing", "Đang ký"
        SEALED = "sealed", "Đã đóng dấu"
        SUPERSEDED = "superseded", "Đã thay bằng bản mới"
        FAILED = "failed", "Chưa lập được"

    IN_THE_MAKING = (State.QUEUED, State.BUILT, State.SIGNING, State.FAILED)
    ISSUED = (State.SEALED, State.SUPERSEDED)

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="transcripts")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="transcripts")
    year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    public_id = models.CharField(max_length=32, unique=True)  # random 128 bits, on the page and in the QR
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    record = models.JSONField(default=dict, blank=True)  # the canonical record that was rendered
    record_sha256 = models.CharField(max_length=64, blank=True)
    results_sha256 = models.CharField(max_length=64, blank=True)  # the results it was built from, see records.digest
    pdf = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    data_json = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    data_xml = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    data_signature = models.ForeignKey(  # detached signature (.p7s) of the seal over data_json
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    reason = models.TextField(blank=True)  # why a new version
    message = models.TextField(blank=True)  # why building failed
    built_at = models.DateTimeField(null=True, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "version"], name="transcripts_version"),
            # The sealed version stays the valid one until its successor is sealed: then both rows change together.
            models.UniqueConstraint(fields=["enrolment"], condition=Q(state="sealed"), name="transcripts_one_sealed"),
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state__in=["queued", "built", "signing", "failed"]),
                name="transcripts_one_in_the_making",
            ),
            models.CheckConstraint(
                condition=Q(version=1, supersedes=None) | (Q(version__gt=1, supersedes__isnull=False) & ~Q(reason="")),
                name="transcripts_new_version_names_the_old",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "year", "state"], name="transcripts_school_year"),
            models.Index(fields=["pdf_sha256"], name="transcripts_pdf_digest"),
            models.Index(fields=["state"], condition=Q(state="queued"), name="transcripts_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.year}-{self.year + 1}, bản {self.version})"

    @property
    def is_issued(self) -> bool:
        """Sealed once, now or formerly valid: its bytes are final."""
        return self.state in self.ISSUED


class SignatureStep(Table):
    """One signature a transcript waits for or has. Steps are taken in order."""

    guard: ClassVar[Guard] = ByPerson()

    class Role(models.TextChoices):
        SUBJECT_TEACHER = "subject_teacher", "Giáo viên bộ môn"
        FORM_TEACHER = "form_teacher", "Giáo viên chủ nhiệm"
        PRINCIPAL = "principal", "Hiệu trưởng"
        SEAL = "seal", "Dấu của nhà trường"

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # the pupil
    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=16, choices=Role.choices)
    subject_key = models.CharField(max_length=40, blank=True)
    field = models.CharField(max_length=60)
    signer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    certificate = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transcript", "order"], name="transcripts_step_order"),
            models.UniqueConstraint(fields=["transcript", "field"], name="transcripts_step_field"),
        ]
        ordering = ["order"]


class SigningKey(Table):
    """A certificate a signer uses here. The private key stays in its file or token; only where it is stands here."""

    guard: ClassVar[Guard] = BySchool()

    class Kind(models.TextChoices):
        PKCS12 = "pkcs12", "Tệp trên máy chủ"
        PKCS11 = "pkcs11", "Thiết bị ký số"
        REMOTE = "remote", "Ký số từ xa"

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="signing_keys")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # None: seal
    kind = models.CharField(max_length=8, choices=Kind.choices)
    location = models.CharField(max_length=300)  # path under the key folder, or token label and certificate label
    subject = models.CharField(max_length=300)
    serial = models.CharField(max_length=64)
    valid_until = models.DateTimeField()
    is_test = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True, blank=True)
    warned_days = models.PositiveSmallIntegerField(null=True, blank=True)  # the last warning given: 60, 30 or 7 days

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "person"],
                condition=Q(removed_at=None),
                name="transcripts_one_key",
                nulls_distinct=False,
            ),
        ]


class SigningPolicy(Table):
    """How a school signs: whether subject teachers sign their lines, and who may sign for the principal."""

    guard: ClassVar[Guard] = BySchool()

    school = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    subject_teachers_sign = models.BooleanField(default=False)
    deputy = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    deputy_decision = models.CharField(max_length=200, blank=True)  # the paper by which the deputy signs (ký thay)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy_decision=""), name="transcripts_deputy_by_decision"
            ),
        ]


class SigningBatch(Progress, Table):
    """Signing many transcripts in one act: the signer saw the list, typed the count, and this row carries it out."""

    guard: ClassVar[Guard] = BySchool()

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    school_class_id = models.UUIDField(null=True, blank=True)
    role = models.CharField(max_length=16, choices=SignatureStep.Role.choices)
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    transcript_ids = models.JSONField(default=list)
    digests = models.JSONField(default=list)  # SHA-256 of each file as the signer saw it, in the same order
    previewed = models.JSONField(default=list, blank=True)  # ids of the files the signer opened before signing
    failures = models.JSONField(default=list, blank=True)  # [{transcript, message}]
