"""Writing Polars frames and rows by COPY, and keys that are the same on every machine."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import psycopg
from psycopg import sql


def key(kind: int, number: int) -> str:
    """A UUID (version 7 in shape) for the number-th row of a kind."""
    return f"0189{kind:04d}-0000-7000-8000-{number:012d}"


def keys(kind: int, numbers: pl.Expr) -> pl.Expr:
    """The same for a whole column."""
    return pl.concat_str(pl.lit(f"0189{kind:04d}-0000-7000-8000-"), numbers.cast(pl.String).str.zfill(12))


def copy_frame(connection: psycopg.Connection, table: str, frame: pl.DataFrame) -> int:
    """COPY a frame into a table; its columns name the table's. Nulls are NULL, empty strings stay empty strings."""
    if frame.is_empty():
        return 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(frame.write_csv(include_header=False, quote_style="non_numeric").encode())
    return frame.height


def copy_rows(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY Python rows; for tables small enough to be made one by one."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
