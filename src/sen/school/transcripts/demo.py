"""Keys and signed transcripts for a demo province: test certificates only, made in seconds."""

import time
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.core.identity.models import Account, Grant
from sen.core.identity.queries import actor_for
from sen.core.identity.roles import Role
from sen.core.people.models import Person
from sen.school.transcripts import services, setup
from sen.school.transcripts.models import SignatureStep, SigningKey, Transcript
from sen.school.transcripts.records.sources import heads

_SYSTEM = Actor.system("dữ liệu mẫu")
Step = SignatureStep.Role


@transaction.atomic
def demo_keys(school_id: UUID, *, year: int | None = None) -> int:
    """Test keys for the principal, the form teachers (of one year, else of all) and the seal of a school; how many.

    Keys that exist stay. Some 20 schools take a few seconds. Runs in the scope of the whole system.
    """
    setup.publish_demo_lists()
    head = heads([school_id]).get(school_id)
    classes = SchoolClass.objects.filter(school=school_id, form_teacher__isnull=False).exclude(level="preschool")
    if year is not None:
        classes = classes.filter(year=year)
    teachers = Person.objects.filter(pk__in=classes.values("form_teacher"))
    known = set(SigningKey.objects.filter(school=school_id, removed_at=None).values_list("person_id", flat=True))
    bearers = [None, *([head] if head else []), *teachers]
    wanted = {person.pk if person else None: person for person in bearers}
    for key, person in wanted.items():
        if key not in known:
            title = "Hiệu trưởng" if head and person and person.pk == head.pk else ""
            services.issue_test_key(actor=_SYSTEM, school_id=school_id, person=person, title=title)
    return len(wanted.keys() - known)


def sign_demo(
    school_id: UUID,
    year: int,
    *,
    classes: Collection[UUID] = (),
    most: int = 90,
    seal: bool = True,
    seconds: float = 20.0,
) -> dict[str, int]:
    """Queue the year, build and sign the transcripts of a few classes (the first ones when none are named).

    At most `most` transcripts and about `seconds` seconds; the rest of the year stays queued for the worker. Needs the
    keys of `demo_keys`. Returns how many were built and sealed. Runs in the scope of the whole system.
    """
    end = time.monotonic() + seconds
    services.queue_year(school_id=school_id, year=year)
    rooms = list(classes) or list(
        SchoolClass.objects.filter(school=school_id, year=year).exclude(level="preschool").values_list("pk", flat=True)
    )
    chosen: list[Transcript] = []
    for room in rooms:
        rows = Transcript.objects.filter(enrolment__placements__school_class=room, enrolment__placements__until=None)
        chosen += (
            rows.filter(school=school_id, year=year, state__in=["queued", "built", "signing"])
            .order_by("pk")
            .defer("record")
        )
        if len(chosen) >= most:
            break
    ids = [row.pk for row in chosen[:most]]
    built = services.build_these(ids)
    roles = [Step.FORM_TEACHER, Step.PRINCIPAL, *([Step.SEAL] if seal else [])]
    signed = 0
    for role in roles:
        signed = _sign_all(school_id, ids, role, end)
    return {"built": built, "sealed": signed if seal else 0}


def _sign_all(school_id: UUID, ids: Collection[UUID], role: str, end: float) -> int:
    """Every signer of this role signs what waits for them."""
    signed = 0
    hands: dict[UUID | None, tuple[Actor, services.Hand]] = {}
    try:
        for step in SignatureStep.objects.filter(transcript__in=ids, role=role, signed_at=None).order_by("transcript"):
            if time.monotonic() > end:
                break
            if step.signer_id not in hands:
                actor = _actor(school_id, step.signer_id)
                hands[step.signer_id] = (actor, services.open_hand(actor=actor, school_id=school_id, role=role))
            actor, hand = hands[step.signer_id]
            services.sign(actor=actor, transcript_id=step.transcript_id, hand=hand)
            signed += 1
    finally:
        for _actor_of, hand in hands.values():
            hand.__exit__(None, None, None)
    return signed


def _actor(school_id: UUID, person_id: UUID | None) -> Actor:
    """The signer with a grant of today; for the seal whoever keeps it."""
    grants = Grant.objects.on(timezone.localdate()).filter(organisation=school_id).select_related("account")
    if person_id is None:
        grant = grants.filter(role__in=[Role.CLERK, Role.PRINCIPAL]).order_by("role").first()
    else:
        grant = grants.filter(account__person=person_id, role__in=services.SIGNING_ROLES).order_by("role").first()
    if grant is None:
        raise LookupError(f"nobody may sign at {school_id}")
    account: Account = grant.account
    return actor_for(account, grant)
