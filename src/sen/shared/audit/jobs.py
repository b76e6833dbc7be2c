"""Sealing the history: every few seconds a worker links new lines into their chains."""

from procrastinate.contrib.django import app

from sen.shared.audit import services
from sen.shared.kit import scope


@app.periodic(cron="* * * * * */5")
@app.task(queueing_lock="audit.seal", pass_context=False)
def seal_new_lines(timestamp: int) -> None:
    with scope.use(scope.whole_system("worker", "niêm phong nhật ký")):
        while services.seal() == 5_000:
            pass
