"""Questions about persons that need more than one table."""

from uuid import UUID

from sen.core.people.models import Enrolment, Guardianship, Person


def family(account_id: UUID) -> tuple[UUID | None, frozenset[UUID], frozenset[UUID]]:
    """(own person, readable persons, their schools) of an account: oneself, and wards whose tie lets one read.

    A school is one where a readable person has ever been enrolled, so that old years stay readable.
    """
    own = Person.objects.filter(account=account_id).values_list("pk", flat=True).first()
    if own is None:
        return None, frozenset(), frozenset()
    wards = Guardianship.objects.filter(adult=own, may_read=True, restricted_by="").values_list("pupil_id", flat=True)
    rows = Enrolment.objects.filter(person__in=[own, *wards]).values_list("person_id", "school_id")
    return own, frozenset({own, *wards}), frozenset(school for _person, school in rows)
