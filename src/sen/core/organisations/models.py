"""The tree. A node lives for ever; what may change (name, parent, place) stands in dated spans."""

from datetime import date
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import F, Q

from sen.shared.kit.models import Guard, Open, Table

_Row = TypeVar("_Row", bound=models.Model)


class Dated(models.QuerySet[_Row]):
    def on(self, day: date) -> Self:
        """Rows valid on that day (valid_from included, valid_to excluded)."""
        return self.filter(Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day))


class UnitQuerySet(Dated["AdministrativeUnit"]):
    """Units, with `on(day)`."""


class SpanQuerySet(Dated["Span"]):
    """Spans, with `on(day)`."""


class AdministrativeUnit(Table):
    """Province, district or commune (đơn vị hành chính) of the GSO list; codes of 2, 3 and 5 digits.

    Units do not change: a merged or renamed unit ends and another one begins (`successor` tells which).
    """

    guard: ClassVar[Guard] = Open("Danh mục công khai.")
    tracked: ClassVar[bool] = False

    class Tier(models.TextChoices):
        PROVINCE = "province", "Tỉnh, thành phố"
        DISTRICT = "district", "Quận, huyện"
        COMMUNE = "commune", "Xã, phường"

    tier = models.CharField(max_length=10, choices=Tier.choices)
    code = models.CharField(max_length=5)
    name = models.CharField(max_length=100)
    full_name = models.CharField(max_length=120)
    name_folded = models.CharField(max_length=120)
    kind = models.CharField(max_length=30)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tier", "code", "valid_from"], name="organisations_unit_code"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="organisations_unit_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


class Organisation(Table):
    """A node of the tree (cơ quan quản lý, trường, điểm trường). Its code is for life; see `Span` for the rest."""

    guard: ClassVar[Guard] = Open("Mạng lưới trường lớp là thông tin công khai.")

    class Kind(models.TextChoices):
        MINISTRY = "ministry", "Bộ"
        DEPARTMENT = "department", "Sở"
        OFFICE = "office", "Phòng"
        SCHOOL = "school", "Trường"
        CAMPUS = "campus", "Điểm trường"

    class Level(models.TextChoices):
        PRESCHOOL = "preschool", "Mầm non"
        PRIMARY = "primary", "Tiểu học"
        LOWER = "lower_secondary", "THCS"
        UPPER = "upper_secondary", "THPT"
        CONTINUING_LOWER = "continuing_lower", "GDTX cấp THCS"
        CONTINUING_UPPER = "continuing_upper", "GDTX cấp THPT"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=20)
    levels = models.JSONField(default=list, blank=True)  # list of Level values, schools only
    level_group_code = models.CharField(max_length=2, blank=True)  # code list school-level-groups
    ownership_code = models.CharField(max_length=2, blank=True)  # code list school-ownership
    kind_code = models.CharField(max_length=2, blank=True)  # code list school-kinds
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="organisations_code")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}"


class Span(Table):
    """What an organisation is during a period: its name, its place in the tree, where it stands."""

    guard: ClassVar[Guard] = Open("Mạng lưới trường lớp là thông tin công khai.")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="spans")
    name = models.CharField(max_length=200)
    name_folded = models.CharField(max_length=200)
    parent = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="child_spans"
    )
    province = models.ForeignKey(AdministrativeUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    district = models.ForeignKey(AdministrativeUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    commune = models.ForeignKey(AdministrativeUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    address = models.CharField(max_length=250, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "valid_from"], name="organisations_span_start"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(valid_to=None), name="organisations_one_open_span"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="organisations_span_dates"
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "valid_from"], name="organisations_span_parent"),
            models.Index(fields=["name_folded"], name="organisations_span_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Change(Table):
    """A dated operation on the tree (sáp nhập, chia tách, đổi tên, giải thể, chuyển cơ quan quản lý)."""

    guard: ClassVar[Guard] = Open("Quyết định về mạng lưới trường lớp là thông tin công khai.")

    class Kind(models.TextChoices):
        MERGE = "merge", "Sáp nhập"
        SPLIT = "split", "Chia tách"
        RENAME = "rename", "Đổi tên"
        MOVE = "move", "Chuyển cơ quan quản lý"
        CLOSE = "close", "Giải thể"
        OPEN = "open", "Thành lập"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    effective_on = models.DateField()
    decision = models.CharField(max_length=200)  # number and issuer of the paper
    reason = models.TextField(blank=True)
    sources = models.ManyToManyField(Organisation, related_name="changes_from", blank=True)
    results = models.ManyToManyField(Organisation, related_name="changes_to", blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)


class LoadedData(Table):
    """Which version of a package's data files stands in the database, so that loading them again is free."""

    guard: ClassVar[Guard] = Open("Chỉ chứa tên và mã kiểm của tệp danh mục.")
    tracked: ClassVar[bool] = False

    package = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now=True)
