"""What each pupil takes of the electives and study-topic clusters (Circular 13/2022: 4 of 9 subjects, 3 clusters)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.curriculum import events
from sen.core.curriculum.models import Choice, ClassSubject, Placement, SchoolClass
from sen.core.curriculum.permissions import EDIT_CLASSES
from sen.core.identity.actor import Actor
from sen.shared.kit.errors import Invalid

CLUSTERS = 3


@transaction.atomic
def set_choices(*, actor: Actor, school_class: SchoolClass, wanted: Mapping[UUID, Mapping[UUID, bool]]) -> int:
    """Set what pupils take: enrolment id -> {class subject id: with its cluster}. Pupils not named stay as they are.

    A subject that all pupils take is named only for its cluster. Returns how many pupils' choices changed. Counts
    (4 and 3) are not refused here: `queries.choice_faults` shows them, because a choice is often settled step by step.
    """
    actor.require(EDIT_CLASSES, school_class.school_id)
    subjects = {row.pk: row for row in ClassSubject.objects.select_for_update().filter(school_class=school_class)}
    persons = dict(
        Placement.objects.filter(school_class=school_class, until=None, enrolment__in=list(wanted)).values_list(
            "enrolment_id", "person_id"
        )
    )
    if set(wanted) - set(persons):
        raise Invalid("curriculum.not_in_class", _("Có em không ở trong lớp này."))
    for chosen in wanted.values():
        for subject_id, with_cluster in chosen.items():
            subject = subjects.get(subject_id)
            if subject is None or (with_cluster and not subject.has_cluster):
                raise Invalid("curriculum.no_such_choice", _("Lớp không có môn hoặc cụm chuyên đề này."))
    before: dict[UUID, dict[UUID, bool]] = {enrolment: {} for enrolment in wanted}
    for row in Choice.objects.filter(enrolment__in=list(wanted), class_subject__in=subjects):
        before[row.enrolment_id][row.class_subject_id] = row.with_cluster
    changed = [enrolment for enrolment in wanted if before[enrolment] != _kept(wanted[enrolment], subjects)]
    Choice.objects.filter(enrolment__in=changed, class_subject__in=subjects).delete()
    Choice.objects.bulk_create(
        Choice(
            school_id=school_class.school_id, person_id=persons[enrolment], enrolment_id=enrolment,
            class_subject_id=subject_id, with_cluster=with_cluster,
        )
        for enrolment in changed
        for subject_id, with_cluster in _kept(wanted[enrolment], subjects).items()
    )  # fmt: skip
    if changed:
        events.choices_changed.send(sender=SchoolClass, school_class_id=school_class.pk, enrolment_ids=changed)
    return len(changed)


def _kept(chosen: Mapping[UUID, bool], subjects: Mapping[UUID, ClassSubject]) -> dict[UUID, bool]:
    """What becomes a row: an elective of some, or the cluster of a subject of all."""
    return {key: cluster for key, cluster in chosen.items() if cluster or subjects[key].chosen_by_some}


def give_default_choices(placements: Sequence[Placement]) -> None:
    """New pupils of a class with one fixed combination take its clusters; called when pupils are placed."""
    classes = {row.school_class_id for row in placements}
    clusters: dict[UUID, list[ClassSubject]] = {}
    fixed = ClassSubject.objects.filter(school_class__in=classes, has_cluster=True, chosen_by_some=False)
    for subject in fixed:
        clusters.setdefault(subject.school_class_id, []).append(subject)
    Choice.objects.bulk_create(
        [
            Choice(
                school_id=row.school_id, person_id=row.person_id, enrolment_id=row.enrolment_id, class_subject=subject,
                with_cluster=True,
            )
            for row in placements
            if len(clusters.get(row.school_class_id, ())) <= CLUSTERS
            for subject in clusters.get(row.school_class_id, ())
        ],
        batch_size=2_000,
        ignore_conflicts=True,
    )  # fmt: skip
