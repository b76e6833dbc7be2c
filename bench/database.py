"""A database of its own for benchmarks that need one: embedded, migrated, thrown away."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_database() -> Iterator[Path]:
    """Django connected as the application's role to a fresh database; yields the data folder."""
    with tempfile.TemporaryDirectory(prefix="sen-bench-") as name:
        folder = Path(name)
        os.environ["SEN_DATA"] = name
        os.environ.setdefault("SEN_DEMO", "1")
        from config import embedded

        with embedded.server(folder / "db") as running:
            os.environ["OWNER_DATABASE_URL"] = running.url(embedded.OWNER)
            os.environ["DATABASE_URL"] = running.url(embedded.APPLICATION)
            os.environ["SEN_LOADER_URL"] = running.url("postgres")
            subprocess.run(
                [sys.executable, "-c", "from config.command import setup_django; setup_django();"
                 "from config import migration; migration.migrate()"],
                env={**os.environ, "DATABASE_URL": running.url(embedded.OWNER)}, check=True,
            )  # fmt: skip
            _connect(folder)
            from django.db import connections

            try:
                yield folder
            finally:
                connections.close_all()


def _connect(folder: Path) -> None:
    """Point Django here, also when another benchmark of this process has set it up already."""
    import django
    from django.conf import settings
    from django.db import connections

    from config import environment

    django.setup()
    settings.DATA = folder
    settings.STORAGES["default"] = environment.storage()
    settings.DATABASES["default"].update(environment.database(os.environ["DATABASE_URL"]))
    connections["default"].close()
    connections["default"].settings_dict.update(settings.DATABASES["default"])
