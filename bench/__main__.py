"""Run the benchmarks and print figure, yardstick and ratio."""

import importlib
import os
import sys
from pathlib import Path

from bench import Row


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    names = sys.argv[1:] or sorted(
        path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")
    )
    print(f"{'what':<58} {'figure':>12} {'yardstick':>12} {'unit':<10} {'ratio':>7}  aim")
    for name in names:
        for row in importlib.import_module(f"bench.bench_{name}").run():
            show(row)


def show(row: Row) -> None:
    print(
        f"{row.what:<58} {row.figure:>12.4g} {row.yardstick:>12.4g} {row.unit:<10} {row.ratio:>6.2f}x  {row.aim}",
        flush=True,
    )
    if row.note:
        print(f"    {row.note}", flush=True)


main()
