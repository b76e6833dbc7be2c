"""`sen backup` and `sen restore`: one folder with the database, the files and a manifest that proves both.

Consistent without stopping anybody: the dump, the counts and the digests read one exported snapshot. Stored files
never change once written (their name is their digest), so copying them after the dump misses nothing it names.
"""

import hashlib
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import sql

from config import embedded, environment
from config.environment import WrongSetting

MANIFEST = "manifest.json"
DUMP = "database.dump"
FILES = "files"
# Queue and cache are of the moment; they are dumped but not compared.
_NOT_COMPARED = ("procrastinate_", "sen_cache", "django_session")

Tables = dict[str, dict[str, Any]]


class BackupError(click.ClickException):
    """The sentence says what does not hold."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Sao lưu cơ sở dữ liệu và tệp vào FOLDER (thư mục mới) kèm mã kiểm.

    Trên máy chủ cần BACKUP_DATABASE_URL: tài khoản có quyền đọc mọi hàng (BYPASSRLS), và pg_dump trong PATH.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"Thư mục {folder} đã có tệp; xin chọn thư mục mới để không ghi đè bản sao lưu cũ.")
    folder.mkdir(parents=True, exist_ok=True)
    if os.environ.get("DATABASE_URL"):
        url = environment.text("BACKUP_DATABASE_URL")
        if not url:
            raise WrongSetting("sao lưu trên máy chủ cần BACKUP_DATABASE_URL (xem hướng dẫn vận hành).")
        manifest = write(folder, url, tools=None)
    else:
        with embedded.server(environment.data_folder() / "db") as running:
            manifest = write(folder, running.url("postgres"), tools=running.tools)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    click.echo(f"Đã sao lưu {rows:,} hàng và {len(manifest['files']):,} tệp vào {folder}.".replace(",", "."))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--into", "target", type=click.Path(path_type=Path), required=True, help="Thư mục dữ liệu mới.")
def restore(folder: Path, target: Path) -> None:
    """Khôi phục bản sao lưu FOLDER vào một thư mục dữ liệu mới, rồi so số hàng và mã kiểm của từng bảng."""
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"Thư mục {target} đã có dữ liệu; khôi phục chỉ ghi vào thư mục mới.")
    manifest = read_manifest(folder)
    with embedded.server(target / "db") as running:
        _tool(running.tools, "pg_restore", "--exit-on-error", "--no-owner", f"--role={embedded.OWNER}",
              "--dbname", running.url("postgres"), str(folder / DUMP))  # fmt: skip
        with psycopg.connect(running.url("postgres")) as connection:
            differences = compare(manifest["tables"], count_tables(connection))
            _give_rights(connection)
    for name, digest in manifest["files"].items():
        destination = target / FILES / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / FILES / name, destination)
        if _digest(destination) != digest:
            differences.append(f"tệp {name} sai mã kiểm")
    key = folder / "secret_key"
    if key.exists():
        shutil.copy(key, target / "secret_key")
    if differences:
        raise BackupError("Bản khôi phục không khớp bản sao lưu: " + "; ".join(differences[:10]))
    click.echo(
        f"Đã khôi phục vào {target}; {len(manifest['tables'])} bảng và {len(manifest['files'])} tệp khớp mã kiểm."
    )


def write(folder: Path, url: str, tools: Path | None) -> dict[str, Any]:
    """Dump, copy the files, write the manifest; returns it. `tools` holds pg_dump, None means PATH."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot(), current_setting('server_version')").fetchone()
        assert row is not None
        snapshot, version = row
        _tool(tools, "pg_dump", "--format=custom", "--compress=3", f"--snapshot={snapshot}", "--no-owner", "--file",
              str(folder / DUMP), url)  # fmt: skip
        tables = count_tables(connection)
    files = _copy_files(environment.data_folder() / FILES, folder / FILES)
    key = environment.data_folder() / "secret_key"
    if key.exists():
        shutil.copy(key, folder / "secret_key")
        (folder / "secret_key").chmod(0o600)
    manifest = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": version,
        "dump_sha256": _digest(folder / DUMP),
        "tables": tables,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False))
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, refused when the dump or a file is not the one it names."""
    if not (folder / MANIFEST).exists():
        raise BackupError(f"{folder} không phải bản sao lưu của Sen: thiếu {MANIFEST}.")
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    if not (folder / DUMP).exists() or _digest(folder / DUMP) != manifest["dump_sha256"]:
        raise BackupError(f"{DUMP} thiếu hoặc đã bị thay đổi so với lúc sao lưu; không khôi phục.")
    for name, digest in manifest["files"].items():
        if not (folder / FILES / name).exists() or _digest(folder / FILES / name) != digest:
            raise BackupError(f"Tệp {name} trong bản sao lưu thiếu hoặc đã bị thay đổi; không khôi phục.")
    return manifest


def count_tables(connection: psycopg.Connection) -> Tables:
    """Rows and an order-free digest of every table; times in UTC, so that two servers agree whatever their zone."""
    connection.execute("SET TIME ZONE 'UTC'")
    names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    tables: Tables = {}
    for (name,) in names:
        if name.startswith(_NOT_COMPARED):
            continue
        row = connection.execute(
            sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 7)::numeric), 0)::text FROM {} t").format(
                sql.Identifier(name)
            )
        ).fetchone()
        assert row is not None
        tables[name] = {"rows": row[0], "digest": row[1]}
    return tables


def compare(wanted: Tables, found: Tables) -> list[str]:
    """Sentences for every table that differs."""
    return [
        f"bảng {name}: có {found.get(name, {}).get('rows', 'không')} hàng, bản sao lưu ghi {table['rows']}"
        if found.get(name, {}).get("rows") != table["rows"]
        else f"bảng {name}: nội dung khác bản sao lưu"
        for name, table in wanted.items()
        if found.get(name) != table
    ]


def _give_rights(connection: psycopg.Connection) -> None:
    """Tables belong to the owner again; rights and walls came with the dump."""
    role = sql.Identifier(embedded.APPLICATION)
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))


def _copy_files(source: Path, destination: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    for path in sorted(source.rglob("*")) if source.exists() else []:
        if path.is_file():
            name = path.relative_to(source).as_posix()
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, destination / name)
            files[name] = _digest(destination / name)
    return files


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _tool(tools: Path | None, name: str, *arguments: str) -> None:
    program = str(tools / name) if tools else name
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(
            f"{name} không xong: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}"
        )
