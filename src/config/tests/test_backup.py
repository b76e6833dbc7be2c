"""What was backed up comes back the same, and what was tampered with is refused."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from config import embedded


def sen(data: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if not key.endswith("DATABASE_URL")}
    return subprocess.run(
        [sys.executable, "-m", "config", *arguments],
        env={**environment, "SEN_DATA": str(data)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def saved():
    """(folder of the backup, working folder): a school and a stored file, backed up from an embedded database."""
    work = Path(tempfile.mkdtemp(prefix="sen-backup-"))
    work.chmod(0o755)  # the embedded server has a user of its own
    data = work / "data"
    assert sen(data, "migrate", "--quiet").returncode == 0
    (data / "files" / "ab").mkdir(parents=True)
    (data / "files" / "ab" / "abcd").write_bytes("học bạ".encode())
    with embedded.server(data / "db") as running, psycopg.connect(running.url("postgres")) as connection:
        connection.execute(
            "INSERT INTO messaging_notice (id, account_id, title, url, sent_at)"
            " SELECT gen_random_uuid(), gen_random_uuid(), 'Thông báo ' || n, '', now() FROM generate_series(1, 500) n"
        )
    done = sen(data, "backup", str(work / "saved"))
    assert done.returncode == 0, done.stderr
    yield work / "saved", work
    shutil.rmtree(work)


def test_a_restored_folder_has_the_same_rows_files_and_rights(saved):
    folder, work = saved
    done = sen(work / "nowhere", "restore", str(folder), "--into", str(work / "again"))
    assert done.returncode == 0, done.stderr
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["tables"]["messaging_notice"]["rows"] == 500
    assert (work / "again" / "files" / "ab" / "abcd").read_bytes() == "học bạ".encode()
    with (
        embedded.server(work / "again" / "db") as running,
        psycopg.connect(running.url(embedded.APPLICATION)) as connection,
    ):
        assert connection.execute("SELECT count(*) FROM messaging_notice").fetchone() == (500,)
        assert connection.execute("SELECT count(*) FROM people_person").fetchone() == (0,)
        walls = connection.execute("SELECT count(*) FROM pg_policies WHERE policyname = 'wall'").fetchone()
        assert walls and walls[0] > 10


def test_a_backup_is_never_written_over_another(saved):
    folder, work = saved
    before = (folder / "manifest.json").read_bytes()
    done = sen(work / "data", "backup", str(folder))
    assert done.returncode == 1
    assert "đã có tệp" in done.stderr
    assert (folder / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("part", ["database.dump", "files/ab/abcd"])
def test_a_tampered_backup_is_refused_and_nothing_is_made(saved, part):
    folder, work = saved
    copy = work / "tampered"
    shutil.copytree(folder, copy)
    with (copy / part).open("ab") as stream:
        stream.write(b"!")
    done = sen(work / "nowhere", "restore", str(copy), "--into", str(work / "refused"))
    assert done.returncode == 1
    assert "thay đổi" in done.stderr
    assert not (work / "refused").exists()
    shutil.rmtree(copy)
