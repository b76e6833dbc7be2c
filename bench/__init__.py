"""Benchmarks: every figure beside a yardstick measured in the same run, so that the ratio means something anywhere.

A module `bench_*.py` has `run() -> Iterator[Row]`. `python -m bench [name ...]` runs all or the named ones.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured line. `ratio` says how the figure stands to the yardstick; `aim` what it should be, in words."""

    what: str
    figure: float
    yardstick: float
    unit: str
    aim: str
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.figure / self.yardstick if self.yardstick else float("nan")
