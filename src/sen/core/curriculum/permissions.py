"""Rights over classes, calendar and teaching assignment."""

from sen.core.identity.roles import OFFICERS, TEACHERS, Role, right

READ_CLASSES = right("curriculum.read_classes", *TEACHERS, Role.CLERK, Role.INSPECTOR, *OFFICERS)
EDIT_CLASSES = right("curriculum.edit_classes", Role.CLERK, Role.PRINCIPAL, Role.VICE_PRINCIPAL)
ASSIGN_TEACHERS = right("curriculum.assign_teachers", Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK)
SET_CALENDAR = right("curriculum.set_calendar", Role.DEPARTMENT_OFFICER, Role.PRINCIPAL)
