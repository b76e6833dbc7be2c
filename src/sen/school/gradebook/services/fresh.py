"""Taking stale classes from the queue and computing them anew."""

from django.db import connection, transaction

from sen.core.curriculum.models import SchoolClass
from sen.core.identity.actor import Actor
from sen.school.gradebook.models import Sheet
from sen.school.gradebook.services.figures import refresh_figures
from sen.school.gradebook.services.results import compute_results
from sen.school.gradebook.services.sheets import open_sheets

_TAKE = """
WITH taken AS (
  SELECT id FROM gradebook_staleclass
   WHERE school_class_id IN (SELECT school_class_id FROM gradebook_staleclass ORDER BY since LIMIT %s)
   FOR UPDATE SKIP LOCKED
)
DELETE FROM gradebook_staleclass s USING taken WHERE s.id = taken.id RETURNING s.school_class_id
"""
CLASSES_A_TIME = 10


def _open_where_open(classes: list[SchoolClass]) -> None:
    """Give late joiners and new subjects their lines, in classes whose book the school has opened."""
    opened = set(Sheet.objects.filter(school_class__in=classes).values_list("school_class_id", flat=True))
    actor = Actor.system("mở sổ điểm cho học sinh và môn mới")
    open_sheets(actor=actor, classes=[room for room in classes if room.pk in opened])


def freshen_stale_classes(limit: int = CLASSES_A_TIME) -> int:
    """Compute results and figures of classes that wait; returns how many. Several workers may do it at once.

    The rows go away in the same transaction: a worker that is killed leaves them waiting. A mark that is saved
    meanwhile adds a row of its own and is looked at next time.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [limit])
            ids = {row[0] for row in cursor.fetchall()}
        classes = list(SchoolClass.objects.filter(pk__in=ids))
        for year in sorted({room.year for room in classes}):
            rooms = [room for room in classes if room.year == year]
            _open_where_open(rooms)
            compute_results(classes=rooms)
            refresh_figures(classes=rooms)
    return len(ids)
