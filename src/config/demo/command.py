"""`sen demo`: make the demo province in the database."""

import os
import time
from datetime import date
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import click
import psycopg

from config import environment
from config.command import database, setup_django

# One passphrase for every demo account; its hash is made once, for 8,000 would take minutes.
PASSWORD = "hoa-sen-trong-dam"  # noqa: S105  # printed on the screen by `sen run`


@click.command()
@click.option("--size", type=click.Choice(["small", "province"]), default="small", show_default=True,
              help="small: 20 trường, 8.000 học sinh; province: 640 trường, 400.000 học sinh.")  # fmt: skip
@click.option("--if-empty", is_flag=True, help="Không làm gì khi đã có lớp học trong cơ sở dữ liệu.")
@click.option("--processes", type=click.IntRange(1, 16), default=2, show_default=True)
def demo(size: str, if_empty: bool, processes: int) -> None:
    """Nạp tỉnh mẫu: trường thật, người và điểm bịa. Luôn cho cùng một kết quả."""
    started = time.monotonic()
    with database(as_owner=True):
        setup_django()
        from config.demo import loading

        with loading.connect() as connection:
            if connection.execute("SELECT 1 FROM curriculum_schoolclass LIMIT 1").fetchone():
                if if_empty:
                    return
                raise click.ClickException("Cơ sở dữ liệu đã có lớp học; tỉnh mẫu chỉ nạp vào cơ sở dữ liệu trống.")
            plans = loading.plans(connection, size)
        counts = _load(plans, processes if size == "province" else 1, size)
        loading.finish(plans, size)
        note = loading.accounts_note(plans) if size == "small" else ""
        if note:
            (environment.data_folder() / "demo-accounts.txt").write_text(note)
    told = ", ".join(f"{count:,} {label}".replace(",", ".") for label, count in counts.items())
    click.echo(f"Tỉnh mẫu: {len(plans)} trường, {told} ({time.monotonic() - started:.0f} giây).")


def _load(plans: list[Any], processes: int, size: str) -> dict[str, int]:
    from config.demo import loading

    total: dict[str, int] = {}
    work = [(plan, size == "small") for plan in plans]
    if processes == 1:
        results = map(loading.load_school, work)
    else:
        pool = Pool(processes)
        results = pool.imap_unordered(loading.load_school, work, chunksize=4)
    for done, counts in enumerate(results, start=1):
        for label, count in counts.items():
            total[label] = total.get(label, 0) + count
        if size == "province" and done % 40 == 0:
            click.echo(f"  {done}/{len(plans)} trường…")
    return total
