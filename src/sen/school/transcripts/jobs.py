"""Work that waits: transcripts to be built, batches to be signed, keys that end. Entrances like views: they call
services.
"""

import time

from procrastinate.contrib.django import app

from sen.school.transcripts import services, setup
from sen.shared.kit import scope

TURN = 15
"""Seconds a worker builds before others get their turn."""

ACT = 15 * 60
"""Seconds a worker stays with signing: as long as an act of signing may last, so that keys are opened once."""


@app.periodic(cron="* * * * * */3")
@app.task(queueing_lock="transcripts.build", pass_context=False)
def build_queued_transcripts(timestamp: int) -> None:
    with scope.use(scope.whole_system("worker", "lập học bạ")):
        end = time.monotonic() + TURN
        while services.build_next() and time.monotonic() < end:
            pass


@app.periodic(cron="* * * * * */3")
@app.task(queueing_lock="transcripts.sign", pass_context=False)
def sign_queued_batches(timestamp: int) -> None:
    hands = services.Hands()
    with scope.use(scope.whole_system("worker", "ký học bạ")):
        end = time.monotonic() + ACT
        try:
            while services.sign_next(hands) and time.monotonic() < end:
                pass
        finally:
            hands.close()


@app.periodic(cron="23 5 * * *")
@app.task(queueing_lock="transcripts.keys", pass_context=False)
def look_after_keys(timestamp: int) -> None:
    with scope.use(scope.whole_system("worker", "nhắc chứng thư sắp hết hạn")):
        services.warn_of_ending_keys()
    if setup.is_test():
        setup.publish_demo_lists()
