"""Rights over the gradebook (Circular 22/2021 Art. 18-20, Circular 58/2011 Art. 19-22)."""

from sen.core.identity.roles import FAMILY, OFFICERS, TEACHERS, Role, right

READ_OWN_SHEETS = right("gradebook.read_own_sheets", Role.FORM_TEACHER, Role.SUBJECT_TEACHER)
READ_ALL_SHEETS = right("gradebook.read_all_sheets", Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK, Role.INSPECTOR)
# The subject teacher enters marks in person; nobody enters for another. The service also asks for the assignment.
ENTER_MARKS = right("gradebook.enter_marks", *TEACHERS)
KEEP_CLASS_RECORD = right("gradebook.keep_class_record", Role.FORM_TEACHER)
LOCK = right("gradebook.lock", Role.PRINCIPAL, Role.VICE_PRINCIPAL)
APPROVE = right("gradebook.approve", Role.PRINCIPAL, Role.VICE_PRINCIPAL)
SET_POLICY = right("gradebook.set_policy", Role.PRINCIPAL)
EXPORT = right("gradebook.export", *TEACHERS, Role.CLERK, Role.INSPECTOR)
READ_FIGURES = right("gradebook.read_figures", *OFFICERS, Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.INSPECTOR)
READ_OWN_CHILD = right("gradebook.read_own_child", *FAMILY)
