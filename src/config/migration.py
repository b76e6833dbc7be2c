"""Bringing a database to the present form: tables, walls, history triggers, reference data. Run as the owner."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from sen.shared.audit import triggers
from sen.shared.kit import scope, walls


def migrate(*, verbosity: int = 0) -> None:
    """Migrate, then renew walls, triggers and grants. Safe to run again and again, and while servers run."""
    with scope.use(scope.whole_system("migrate", "cập nhật cơ sở dữ liệu")):
        call_command("migrate", verbosity=verbosity, interactive=False)
        call_command("createcachetable", verbosity=0)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7310511)")
            walls.build(cursor, settings.APPLICATION_ROLE)
            triggers.build(cursor, settings.APPLICATION_ROLE)
        load_reference_data()


def load_reference_data() -> None:
    """Load the versioned data files of the packages (units, calendar, subjects): idempotent."""
    # Their models need the apps registry, which stands only after `setup_django`.
    from sen.core.curriculum import loading as curriculum
    from sen.core.organisations import loading as organisations

    organisations.load()
    curriculum.load()
