"""Which events does the source hold: how many, under which ids?

The digest of ids does not depend on their order, and digests of parts add up to that of the whole: the sum of
PostgreSQL's `hashtextextended(id, 0)`, modulo 2^64. MD5 would cost a tenth of an extract, this a fortieth.
Tables that are partitioned by hash rest on it, so releases keep it. Where it came out otherwise all the same (a
source on a machine of the other byte order), ids are compared. Two sets of ids that nobody made to collide
share a digest in one case of 2^64.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from event_delivery.database import read_statement
from event_delivery.extract.blocks import join_rows
from event_delivery.extract.rendering import render_id
from event_delivery.staging import StagedFile

if TYPE_CHECKING:
    from psycopg import Cursor, sql

    from event_delivery.extract.query import EventsQuery

_SQL = Path(__file__).parent / "sql"
_DIGEST_IDS, _READ_IDS = _SQL / "digest_ids.sql", _SQL / "read_ids.sql"
_COUNT_EVENTS = _SQL / "count_events.sql"
_MODULUS = 1 << 64


class IdDigest(NamedTuple):
    """How many ids, and their digest: 16 hexadecimal digits."""

    rows: int
    digest: str


def add_digests(parts: Iterable[IdDigest]) -> IdDigest:
    """Return the number and the digest of the ids of all parts."""
    rows = total = 0
    for part in parts:
        rows += part.rows
        total += int(part.digest, 16)
    return IdDigest(rows, write_digest(total))


def write_digest(total: int) -> str:
    """Return a sum of hashes as a digest."""
    return f"{total % _MODULUS:016x}"


def read_id_digest(cursor: Cursor[Any], query: EventsQuery) -> IdDigest:
    """Return the number and the digest of the ids that the source holds now; one row comes back."""
    from psycopg import sql

    statement = sql.SQL(read_statement(_DIGEST_IDS))
    cursor.execute(statement.format(events=query.statement, hash=hash_id(query)), query.parameters)
    rows, total = cursor.fetchone() or (0, 0)
    return IdDigest(rows, write_digest(int(total)))


def read_ids(cursor: Cursor[Any], query: EventsQuery) -> Iterator[str]:
    """Yield the ids that the source holds now, in no order, in constant memory."""
    with cursor.copy(_copy_ids(query), query.parameters) as copy:
        yield from map(json.loads, split_lines(copy))


def write_ids(cursor: Cursor[Any], query: EventsQuery, target: StagedFile) -> None:
    """Stage the ids of a query's events, each as JSON in a line of its own, in no order."""
    with cursor.copy(_copy_ids(query), query.parameters) as copy:
        for block in join_rows(copy):
            target.write(block)


def _copy_ids(query: EventsQuery) -> sql.Composed:
    from psycopg import sql

    return sql.SQL(read_statement(_READ_IDS)).format(id=render_id(query.columns), events=query.statement)


def count_filtered(cursor: Cursor[Any], query: EventsQuery) -> int:
    """Return how many events of the statement the destination does not want; 0 where it wants all."""
    if query.unfiltered is None:
        return 0
    return _count(cursor, query, query.unfiltered) - _count(cursor, query, query.statement)


def _count(cursor: Cursor[Any], query: EventsQuery, events: sql.Composed) -> int:
    from psycopg import sql

    cursor.execute(sql.SQL(read_statement(_COUNT_EVENTS)).format(events=events), query.parameters)
    [count] = cursor.fetchone() or (0,)
    return int(count)


def split_lines(blocks: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Yield the lines of blocks that end anywhere, without their ends."""
    held = b""
    for block in blocks:
        *lines, held = (held + block).split(b"\n")
        yield from lines


def hash_id(query: EventsQuery) -> sql.Composed:
    """Return the hash of an event's id as a bigint: of its text as the file has it, byte by byte."""
    from psycopg import sql

    return sql.SQL('hashtextextended({} collate "C", 0)').format(render_id(query.columns))
