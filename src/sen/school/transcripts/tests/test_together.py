"""Two at once, on real transactions."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from sen.school.transcripts import services
from sen.school.transcripts.models import SignatureStep
from sen.shared.kit import scope
from sen.shared.kit.errors import RuleError

from .factories import finished_class

pytestmark = pytest.mark.usefixtures("committed")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts in threads that start together; a result or the refusal's code each."""
    gate = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            with scope.use(scope.whole_system("test", "")):
                gate.wait()
                outcomes[number] = act()
        except RuleError as refusal:
            outcomes[number] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_hands_at_once_one_signs_and_the_other_is_told() -> None:
    finished = finished_class(pupils=1)
    (transcript,) = finished.built()
    first, second = (
        services.open_hand(actor=finished.form_teacher, school_id=finished.school.pk, role="form_teacher")
        for _ in range(2)
    )
    outcomes = at_once(
        *(
            lambda hand=hand: services.sign(actor=finished.form_teacher, transcript_id=transcript.pk, hand=hand).state
            for hand in (first, second)
        )
    )
    assert sorted(map(str, outcomes)) == ["signing", "transcripts.already_signed"]
    assert SignatureStep.objects.exclude(signed_at=None).count() == 1


def test_two_workers_build_each_transcript_once() -> None:
    finished = finished_class(pupils=4, keys=False)
    services.queue_year(school_id=finished.school.pk, year=2022)
    outcomes = at_once(lambda: services.build_next(limit=2), lambda: services.build_next(limit=2))
    assert outcomes == [2, 2]
    assert SignatureStep.objects.count() == 4 * 3


def test_two_workers_sign_a_batch_once() -> None:
    finished = finished_class(pupils=3)
    rows = finished.built()
    items = [services.Item(row.pk, row.pdf_sha256) for row in rows]
    services.start_batch(
        actor=finished.form_teacher, school_id=finished.school.pk, year=2022, role="form_teacher", items=items,
        typed_count=3, previewed=[item.id for item in items],
    )  # fmt: skip

    def work() -> int:
        hands, turns = services.Hands(), 0
        while services.sign_next(hands, size=1) and turns < 20:
            turns += 1
        hands.close()
        return turns

    at_once(work, work)
    from sen.school.transcripts.models import SigningBatch

    batch = SigningBatch.objects.get()
    if batch.state != "done":  # both may have looked while the other held the row
        work()
        batch.refresh_from_db()
    assert (batch.state, batch.done, batch.failures) == ("done", 3, [])
    assert SignatureStep.objects.exclude(signed_at=None).count() == 3
