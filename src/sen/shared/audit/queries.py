"""Reading the history: of one row, and the proof of the whole chain."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from sen.shared.audit.models import Line

ZERO = b""


@dataclass(frozen=True)
class Break:
    """A place where the history does not hold: which chain, which line, what is wrong (Vietnamese sentence)."""

    organisation_id: UUID | None
    day: date
    seq: int
    line_id: int | None
    what: str


def history(subject_id: UUID) -> list[Line]:
    """Lines about one row, oldest first."""
    return list(Line.objects.filter(subject_id=subject_id).order_by("id"))


def breaks() -> Iterator[Break]:
    """Check every chain from its first link: lines changed, removed or re-ordered, chains cut short.

    Reads in chain order with a server-side cursor, so memory stays small whatever the size.
    """
    previous: tuple[UUID | None, date] | None = None
    count, link = 0, ZERO
    ends: dict[tuple[UUID | None, date], tuple[int, bytes]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id, day, count, link FROM audit_head")
        heads = {(row[0], row[1]): (row[2], bytes(row[3])) for row in cursor.fetchall()}
    for organisation_id, day, seq, line_id, noted, chained, actual in _links():
        key = (organisation_id, day)
        if key != previous:
            previous, count, link = key, 0, ZERO
        count += 1
        if seq != count:
            yield Break(organisation_id, day, count, line_id, f"thiếu mắt xích số {count} (gặp số {seq})")
            count = seq
        if actual is None:
            yield Break(organisation_id, day, seq, line_id, "dòng nhật ký đã bị xóa")
        elif actual != noted:
            yield Break(organisation_id, day, seq, line_id, "nội dung dòng nhật ký đã bị sửa")
        link = hashlib.sha256(link + noted).digest()
        if link != chained:
            yield Break(organisation_id, day, seq, line_id, "mắt xích không khớp: dòng bị đổi chỗ hoặc bị thay")
            link = chained
        ends[key] = (count, chained)
    for key, head in heads.items():
        if ends.get(key, (0, ZERO)) != head:
            yield Break(key[0], key[1], head[0], None, f"chuỗi bị cắt: phải có {head[0]} dòng")
    for key in ends.keys() - heads.keys():
        yield Break(key[0], key[1], ends[key][0], None, "chuỗi không có điểm cuối được ghi nhận")


def _links() -> Iterator[tuple[UUID | None, date, int, int, bytes, bytes, bytes | None]]:
    connection.ensure_connection()
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT k.organisation_id, k.day, k.seq, k.line_id, k.hash, k.link,"
            " CASE WHEN l.id IS NULL THEN NULL ELSE sen_line_hash(l) END"
            "  FROM audit_link k LEFT JOIN audit_line l ON l.id = k.line_id"
            " ORDER BY k.organisation_id NULLS FIRST, k.day, k.seq"
        )
        while rows := cursor.fetchmany(5_000):
            for row in rows:
                actual = bytes(row[6]) if row[6] is not None else None
                yield (row[0], row[1], row[2], row[3], bytes(row[4]), bytes(row[5]), actual)


def size() -> tuple[int, int]:
    """(chains, linked lines)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(sum(count), 0) FROM audit_head")
        chains, lines = cursor.fetchone()
        return int(chains), int(lines)
