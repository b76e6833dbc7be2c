"""History lines and the chain that seals them. Written by database functions only (see `triggers.py`)."""

from typing import ClassVar

from django.db import models

from sen.shared.kit.models import BySchool, Guard, Open


class Line(models.Model):
    """One line of history: a changed row (op I, U, D) or a noted act (op N: a read, a sign-in, a lock).

    `hash` covers every other column, so a changed line betrays itself; `Link` fixes number and order.
    """

    guard: ClassVar[Guard] = BySchool("organisation_id")
    tracked: ClassVar[bool] = False

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    organisation_id = models.UUIDField(null=True)
    subject_table = models.CharField(max_length=63)
    subject_id = models.UUIDField(null=True)
    op = models.CharField(max_length=1)
    action = models.CharField(max_length=80, blank=True)
    actor = models.CharField(max_length=200)
    reason = models.TextField()
    request = models.CharField(max_length=64)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    hash = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "id"], name="audit_line_subject"),
            models.Index(fields=["organisation_id", "id"], name="audit_line_organisation"),
        ]


class Link(models.Model):
    """The place of a line in the chain of its organisation and day: link = sha256(previous link, line hash)."""

    guard: ClassVar[Guard] = Open("Chỉ có số thứ tự và mã băm, không có dữ liệu cá nhân; ai cũng được kiểm tra.")
    tracked: ClassVar[bool] = False

    id = models.BigAutoField(primary_key=True)
    organisation_id = models.UUIDField(null=True)
    day = models.DateField()
    seq = models.PositiveIntegerField()
    line_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField()
    link = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "day", "seq"], name="audit_link_place", nulls_distinct=False
            ),
        ]


class Head(models.Model):
    """The end of a chain: how many links, and the last one. A shortened chain does not reach its head."""

    guard: ClassVar[Guard] = Open("Chỉ có số đếm và mã băm.")
    tracked: ClassVar[bool] = False

    id = models.BigAutoField(primary_key=True)
    organisation_id = models.UUIDField(null=True)
    day = models.DateField()
    count = models.PositiveIntegerField()
    link = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "day"], name="audit_head_chain", nulls_distinct=False),
        ]
