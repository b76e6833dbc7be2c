"""Applying queued imports: it calls the service in the name of the clerk who queued the file."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from sen.core.identity import queries as identity
from sen.core.identity.actor import Actor
from sen.core.identity.roles import Role
from sen.core.people.imports import runs
from sen.core.people.models import ImportRun
from sen.core.people.permissions import IMPORT_FILES
from sen.shared.kit import scope
from sen.shared.kit.errors import RuleError
from sen.shared.messaging import services as messaging

_log = structlog.get_logger("sen.import")


@app.periodic(cron="* * * * * */2")
@app.task(queueing_lock="people.import", pass_context=False)
def apply_queued_imports(timestamp: int) -> int:
    """Take queued files one by one. Safe in several workers: a file that another one holds is passed over."""
    done = 0
    with scope.use(scope.whole_system("worker", "nhập từ Excel")):
        while _apply_one():
            done += 1
    return done


def _apply_one() -> bool:
    run = _take()
    if run is None:
        return False
    try:
        actor = _actor_of(run)
        with scope.use(actor.scope()):
            runs.apply(actor=actor, run=run)
        title = "Đã nhập xong tệp Excel"
    except RuleError as error:
        _fail(run, str(error))
        title = "Tệp Excel không nhập được"
    except Exception:
        # The row must not stay "running" for ever; the error itself goes to the log and is reported.
        _log.exception("import failed", run=str(run.pk))
        _fail(run, "Hệ thống gặp lỗi khi ghi tệp này; chưa có gì được ghi. Xin thử lại hoặc báo quản trị viên.")
        title = "Tệp Excel không nhập được"
    if run.started_by_id:
        messaging.notify(account_ids=[run.started_by_id], title=title, url=reverse("people:import_run", args=[run.pk]))
    return True


@transaction.atomic
def _take() -> ImportRun | None:
    """The next queued file, marked as running; one that has been running for an hour was left by a dead worker."""
    stale = timezone.now() - timedelta(hours=1)
    left = ImportRun.objects.filter(state=ImportRun.State.RUNNING, started_at__lt=stale, applied_at=None)
    waiting = ImportRun.objects.filter(state=ImportRun.State.QUEUED) | left
    run = waiting.select_for_update(skip_locked=True).order_by("queued_at").first()
    if run is not None:
        run.state, run.started_at = ImportRun.State.RUNNING, timezone.now()
        run.save(update_fields=["state", "started_at"])
    return run


def _actor_of(run: ImportRun) -> Actor:
    """The clerk with the rights of today: a grant that has ended meanwhile applies nothing."""
    if run.started_by is None:
        return Actor.system("nhập từ Excel")
    grants = [grant for grant in identity.open_grants(run.started_by) if grant.organisation_id == run.school_id]
    able = [grant for grant in grants if Role(grant.role) in IMPORT_FILES.roles]
    return identity.actor_for(run.started_by, able[0] if able else None)


def _fail(run: ImportRun, sentence: str) -> None:
    ImportRun.objects.filter(pk=run.pk).update(
        state=ImportRun.State.FAILED, message=sentence, finished_at=timezone.now()
    )
