"""`sen demo`: make the demo province in the database."""

import os
import time
from multiprocessing import Pool
from typing import Any

import click

from config import environment
from config.command import database, setup_django


@click.command()
@click.option(
    "--size",
    type=click.Choice(["tiny", "small", "province"]),
    default="small",
    show_default=True,
    help="tiny: 3 trường; small: 20 trường, 8.000 học sinh; province: 640 trường, 400.000 học sinh.",
)
@click.option("--if-empty", is_flag=True, help="Không làm gì khi đã có lớp học trong cơ sở dữ liệu.")
@click.option("--processes", type=click.IntRange(1, 16), default=2, show_default=True)
def demo(size: str, if_empty: bool, processes: int) -> None:
    """Nạp tỉnh mẫu: trường thật, người và điểm bịa. Luôn cho cùng một kết quả."""
    started = time.monotonic()
    with database(as_owner=True):
        if loader := os.environ.get("SEN_LOADER_URL"):
            # The state in which a demo begins has no history: a superuser's session may leave the triggers out.
            os.environ["DATABASE_URL"] = loader + "&options=-c%20session_replication_role%3Dreplica"
        setup_django()
        from config.demo import loading

        with loading.connect() as connection:
            if connection.execute("SELECT 1 FROM curriculum_schoolclass LIMIT 1").fetchone():
                if if_empty:
                    return
                raise click.ClickException("Cơ sở dữ liệu đã có lớp học; tỉnh mẫu chỉ nạp vào cơ sở dữ liệu trống.")
            plans = loading.plans(connection, size)
        counts = _load(plans, processes, size)
        loading.finish(plans, size, environment.data_folder() / "demo-accounts.txt")
    told = ", ".join(f"{count:_}".replace("_", ".") + f" {label}" for label, count in counts.items())
    click.echo(f"Tỉnh mẫu: {len(plans)} trường, {told} ({time.monotonic() - started:.0f} giây).")


def _load(plans: list[Any], processes: int, size: str) -> dict[str, int]:
    from config.demo import loading

    total: dict[str, int] = {}
    work = [(plan, size != "province") for plan in plans]
    with Pool(processes) as pool:
        for done, counts in enumerate(pool.imap_unordered(loading.load_school, work), start=1):
            for label, count in counts.items():
                total[label] = total.get(label, 0) + count
            if size == "province" and done % 40 == 0:
                click.echo(f"  {done}/{len(plans)} trường…")
    return total
