"""`sen doctor`: what this machine lacks, and how to mend it."""

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import psycopg

from config import environment

Finding = tuple[bool, str, str]  # holds, what, remedy


@click.command()
def doctor() -> None:
    """Nói máy này còn thiếu gì và sửa thế nào. Mã thoát 1 khi còn điều phải sửa."""
    bad = 0
    for check in (_python, _front, _settings, _database, _folder, _tools):
        for holds, what, remedy in check():
            bad += not holds
            click.echo(f"{'✓' if holds else '✗'} {what}" + ("" if holds else f"\n    Cách sửa: {remedy}"))
    click.echo("Máy đã sẵn sàng." if not bad else f"Còn {bad} điều phải sửa.")
    raise SystemExit(1 if bad else 0)


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield sys.version_info >= (3, 11), f"Python {version}", "cài Python 3.11 trở lên rồi chạy lại `make run`."
    yield True, f"Sen {importlib.metadata.version('sen')}, Django {importlib.metadata.version('django')}", ""


def _front() -> Iterator[Finding]:
    import sen.shared.ui

    built = (Path(sen.shared.ui.__file__).parent / "static/ui/build/.ready").exists()
    yield built, "Giao diện đã dựng", "chạy `make front`."


def _settings() -> Iterator[Finding]:
    def reads(name: str, reader: Callable[[], object]) -> Finding:
        try:
            reader()
        except environment.WrongSetting as error:
            return False, name, str(error)
        return True, name, ""

    yield reads("SECRET_KEY_FILE", environment.secret_key)
    yield reads("S3_BUCKET, S3_KEY_FILE", environment.storage)
    if url := os.environ.get("DATABASE_URL"):
        yield reads("DATABASE_URL", lambda: environment.database(url))


def _database() -> Iterator[Finding]:
    url = os.environ.get("DATABASE_URL")
    if not url:
        found = (environment.data_folder() / "db" / "PG_VERSION").exists()
        yield True, "Cơ sở dữ liệu nhúng " + ("đã có" if found else "sẽ được tạo ở lần chạy đầu"), ""
        return
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version_num')::int, rolsuper OR rolbypassrls,"
                " to_regclass('people_person')"
                " IS NOT NULL FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        yield False, "Kết nối cơ sở dữ liệu", f"kiểm tra DATABASE_URL và máy chủ PostgreSQL ({type(error).__name__})."
        return
    assert row is not None
    version, bypasses, migrated = row
    yield version >= 150_000, f"PostgreSQL {version // 10_000}", "dùng PostgreSQL 15 trở lên."
    yield (
        not bypasses,
        "Tài khoản ứng dụng chịu tường bảo vệ hàng",
        "dùng tài khoản thường, không phải superuser hay BYPASSRLS.",
    )
    yield migrated, "Bảng đã có", "chạy `sen migrate` với OWNER_DATABASE_URL."


def _folder() -> Iterator[Finding]:
    folder = environment.data_folder()
    parent = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(parent).free // 2**30
    yield os.access(parent, os.W_OK), f"Ghi được vào {folder}", "cho tài khoản này quyền ghi, hoặc đặt SEN_DATA."
    yield free >= 2, f"Đĩa còn {free} GB", "dọn đĩa: Sen cần ít nhất 2 GB."


def _tools() -> Iterator[Finding]:
    module = next((path for path in ("/usr/lib/softhsm/libsofthsm2.so",) if Path(path).exists()), "")
    yield True, "Chromium cho kiểm thử: " + (shutil.which("chromium") or "chưa có (chỉ `make test` cần, sẽ tự cài)"), ""
    yield True, "SoftHSM cho kiểm thử: " + (module or "chưa có (chỉ `make test` cần, sẽ tự cài)"), ""
