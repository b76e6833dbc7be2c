"""Rights over transcripts."""

from sen.core.identity.roles import FAMILY, Role, right

READ = right("transcripts.read", Role.PRINCIPAL, Role.VICE_PRINCIPAL, Role.CLERK, Role.INSPECTOR)
READ_CLASS = right("transcripts.read_class", Role.FORM_TEACHER, Role.SUBJECT_TEACHER)
READ_OWN = right("transcripts.read_own", *FAMILY)
SIGN = right("transcripts.sign", Role.SUBJECT_TEACHER, Role.FORM_TEACHER, Role.PRINCIPAL, Role.VICE_PRINCIPAL)
SEAL = right("transcripts.seal", Role.PRINCIPAL, Role.CLERK)
REISSUE = right("transcripts.reissue", Role.PRINCIPAL, Role.VICE_PRINCIPAL)
SET_POLICY = right("transcripts.set_policy", Role.PRINCIPAL)
# A person brings the own key; the clerk, who holds the seal, and the principal bring that of the school.
KEEP_KEYS = right("transcripts.keep_keys", Role.PRINCIPAL, Role.CLERK)
