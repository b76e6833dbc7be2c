"""Keeping results and figures fresh: a class whose marks changed waits as a row; workers take such rows."""

from procrastinate.contrib.django import app

from sen.school.gradebook.services.fresh import freshen_stale_classes
from sen.shared.kit import scope


@app.periodic(cron="* * * * * */20")
@app.task(queueing_lock="gradebook.freshen", pass_context=False)
def freshen(timestamp: int) -> None:
    """Compute what waits, some classes a transaction, until nothing waits."""
    with scope.use(scope.whole_system("worker", "tính kết quả và số liệu lớp")):
        while freshen_stale_classes():
            pass
