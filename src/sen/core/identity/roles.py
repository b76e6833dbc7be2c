"""Roles and rights. A package names a right in its `permissions.py` and says there which roles hold it."""

from dataclasses import dataclass

from django.db.models import TextChoices


class Role(TextChoices):
    OPERATOR = "operator", "Quản trị hệ thống"
    MINISTRY_OFFICER = "ministry_officer", "Chuyên viên Bộ"
    DEPARTMENT_OFFICER = "department_officer", "Chuyên viên Sở"
    OFFICE_OFFICER = "office_officer", "Chuyên viên Phòng"
    PRINCIPAL = "principal", "Hiệu trưởng"
    VICE_PRINCIPAL = "vice_principal", "Phó hiệu trưởng"
    CLERK = "clerk", "Văn thư, giáo vụ"
    FORM_TEACHER = "form_teacher", "Giáo viên chủ nhiệm"
    SUBJECT_TEACHER = "subject_teacher", "Giáo viên bộ môn"
    PUPIL = "pupil", "Học sinh"
    PARENT = "parent", "Cha mẹ học sinh"
    INSPECTOR = "inspector", "Thanh tra (chỉ đọc)"
    AUDITOR = "auditor", "Kiểm toán nhật ký"


SCHOOL_ROLES = frozenset({Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK, Role.FORM_TEACHER, Role.SUBJECT_TEACHER})
TEACHERS = frozenset({Role.FORM_TEACHER, Role.SUBJECT_TEACHER, Role.PRINCIPAL, Role.VICE_PRINCIPAL})
OFFICERS = frozenset({Role.MINISTRY_OFFICER, Role.DEPARTMENT_OFFICER, Role.OFFICE_OFFICER})
FAMILY = frozenset({Role.PUPIL, Role.PARENT})
# Roles that may lock, sign, export or administer must prove themselves with a second factor or a passkey.
SECOND_FACTOR = OFFICERS | frozenset(
    {Role.OPERATOR, Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK, Role.INSPECTOR, Role.AUDITOR}
)


@dataclass(frozen=True)
class Right:
    """The right to do one thing, e.g. "gradebook.lock", and the roles that hold it at their organisation."""

    name: str
    roles: frozenset[Role]

    def __str__(self) -> str:
        return self.name


_rights: dict[str, Right] = {}


def right(name: str, *roles: Role) -> Right:
    """Declare a right. Called at import of a package's `permissions.py`."""
    declared = Right(name, frozenset(roles))
    _rights[name] = declared
    return declared


def declared_rights() -> dict[str, Right]:
    return dict(_rights)
