"""Rights over persons' files."""

from sen.core.identity.roles import Role, right

READ_FILES = right(
    "people.read_files",
    Role.PRINCIPAL,
    Role.VICE_PRINCIPAL,
    Role.CLERK,
    Role.FORM_TEACHER,
    Role.SUBJECT_TEACHER,
    Role.INSPECTOR,
)
# Health, policy, ethnic group, numbers, salary: class P3 of the dictionary.
READ_SENSITIVE = right(
    "people.read_sensitive", Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK, Role.FORM_TEACHER, Role.INSPECTOR
)
READ_STAFF = right("people.read_staff", Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK, Role.INSPECTOR)
EDIT_FILES = right("people.edit_files", Role.CLERK, Role.PRINCIPAL, Role.VICE_PRINCIPAL)
EXPORT_FILES = right("people.export_files", Role.CLERK, Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.INSPECTOR)
IMPORT_FILES = right("people.import_files", Role.CLERK, Role.PRINCIPAL, Role.VICE_PRINCIPAL)
MOVE_PUPILS = right("people.move_pupils", Role.CLERK, Role.PRINCIPAL, Role.VICE_PRINCIPAL)
