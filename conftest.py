"""The test database: one template made by real migrations as the owner, a copy per test process, used as the
application's role. TEST_DATABASE_URL (a superuser's address) runs the suite on another PostgreSQL."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

ROOT = Path(__file__).parent
WORK = Path(os.environ.get("SEN_TEST_WORK", tempfile.gettempdir())) / f"sen-test-{os.getuid()}"
os.environ["SEN_DATA"] = str(WORK / "data")
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ.setdefault("SEN_DEMO", "1")
(WORK / "data").mkdir(parents=True, exist_ok=True)

# Tokens of the tests (SoftHSM): the library reads its configuration once a process, so all tests share one folder.
SOFTHSM = WORK / f"softhsm-{os.getpid()}"
(SOFTHSM / "tokens").mkdir(parents=True, exist_ok=True)
(SOFTHSM / "softhsm2.conf").write_text(
    f"directories.tokendir = {SOFTHSM / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
)
os.environ["SOFTHSM2_CONF"] = str(SOFTHSM / "softhsm2.conf")

import django  # noqa: E402  # the environment above must stand first

from config import embedded  # noqa: E402

django.setup()


def _fingerprint() -> str:
    """Changes when anything that shapes the template changes: migrations, models, walls, triggers, data files."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src").rglob("*")):
        wanted = path.suffix == ".csv" or path.name in (
            "models.py",
            "walls.py",
            "triggers.py",
            "migration.py",
            "loading.py",
        )
        if (wanted or path.parent.name == "migrations") and path.is_file() and path.suffix != ".pyc":
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


class TestServer:
    """The PostgreSQL of the tests: the embedded one without fsync, or the one of TEST_DATABASE_URL."""

    __test__ = False

    def __init__(self) -> None:
        self.admin_url = os.environ.get("TEST_DATABASE_URL", "")
        if not self.admin_url:
            self.server = embedded.Server(
                WORK / "db", extra="fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
            )
            self.admin_url = self.server.admin_url

    def url(self, database: str, role: str) -> str:
        """The address of a database for a role, through the same socket or host as the superuser's."""
        info = psycopg.conninfo.conninfo_to_dict(self.admin_url)
        place = {key: str(info[key]) for key in ("host", "port", "password") if info.get(key)}
        return f"postgresql://{role}@/{database}?{urlencode(place)}"

    @property
    def admin_role(self) -> str:
        return str(psycopg.conninfo.conninfo_to_dict(self.admin_url).get("user") or "postgres")

    def run(self, statement: str) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # statements are built here

    def template(self) -> str:
        """Name of the migrated template database; made once per fingerprint, whoever comes first."""
        name = f"sen_template_{_fingerprint()}"
        with (WORK / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with psycopg.connect(self.admin_url, autocommit=True) as connection:
                made = connection.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", [name]).fetchone()
            if made and made[0]:
                return name
            self.run(f"DROP DATABASE IF EXISTS {name}")
            embedded.prepare(self.admin_url, name)
            subprocess.run(
                [sys.executable, "-c", "from config.command import setup_django; setup_django();"
                 "from config import migration; migration.migrate()"],
                env={**os.environ, "DATABASE_URL": self.url(name, embedded.OWNER)}, check=True, cwd=ROOT,
            )  # fmt: skip
            self.run(f"ALTER DATABASE {name} IS_TEMPLATE true")
        return name

    def copy_template(self, name: str) -> None:
        template = self.template()
        with (WORK / "template.lock").open("w") as lock:  # PostgreSQL copies a template for one client at a time
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self.run(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {embedded.OWNER}")


def pytest_sessionfinish() -> None:
    shutil.rmtree(SOFTHSM, ignore_errors=True)


@pytest.fixture(scope="session")
def database_server() -> TestServer:
    return TestServer()


@pytest.fixture(scope="session")
def django_db_setup(database_server: TestServer, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """This process's own copy of the template, entered as the application's role."""
    from django.conf import settings
    from django.db import connections

    from config import environment

    copy = f"sen_test_{os.getpid()}"
    database_server.copy_template(copy)
    wanted = environment.database(database_server.url(copy, embedded.APPLICATION))
    settings.DATABASES["default"].update(wanted)
    connections["default"].settings_dict.update(wanted)
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]  # pytest-django's blocker
        connections.close_all()
    database_server.run(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")


@dataclass(frozen=True)
class OwnDatabase:
    """A migrated database of one test's own, where it may commit: addresses for each role."""

    application: str
    owner: str
    admin: str

    def sen(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run a `sen` command on it as a user would."""
        settings = {
            "DATABASE_URL": self.application,
            "OWNER_DATABASE_URL": self.owner,
            "BACKUP_DATABASE_URL": self.admin,
            "SEN_LOADER_URL": self.admin,
        }
        return subprocess.run(
            [sys.executable, "-m", "config", *arguments],
            env={**os.environ, **settings, **environment}, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def own_database(database_server: TestServer) -> Iterator[OwnDatabase]:
    name = f"sen_own_{os.getpid()}"
    database_server.copy_template(name)
    yield OwnDatabase(
        database_server.url(name, embedded.APPLICATION),
        database_server.url(name, embedded.OWNER),
        database_server.url(name, database_server.admin_role),
    )
    database_server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(autouse=True)
def system_scope() -> Iterator[None]:
    """Factories and services work in system scope; requests through the test client set their own."""
    from sen.shared.kit import scope

    with scope.use(scope.whole_system("test", "")):
        yield
