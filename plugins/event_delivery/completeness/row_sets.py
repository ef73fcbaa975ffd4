"""How many rows stand otherwise in one set than in the other, under the same id, in constant memory?"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from event_delivery.completeness.scratch import open_scratch

_DIGEST_BYTES = 16
_TABLES = """
create table source (id text not null, row blob not null);
create table delivered (id text not null, row blob not null);
"""
_INDEX = "create index delivered_id on delivered (id, row)"  # sorted once: a tree that grows at random is slow
_CHANGED = """
select count(distinct id)
from source
where
  exists (select 1 from delivered where delivered.id = source.id)
  and not exists (select 1 from delivered where delivered.id = source.id and delivered.row = source.row)
"""


class RowSets:
    """The digest of each row that the source holds, and of each that was delivered, by id."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add_source(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Add rows that the source holds."""
        self._connection.executemany("insert into source values (?, ?)", map(_digest, rows))

    def add_file(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Add the rows of a delivered file."""
        self._connection.executemany("insert into delivered values (?, ?)", map(_digest, rows))

    def count_changed(self) -> int:
        """Return how many ids stand in both, and in no delivered file with the row that the source has now."""
        self._connection.execute(_INDEX)
        return int(self._connection.execute(_CHANGED).fetchone()[0])


@contextmanager
def open_row_sets() -> Iterator[RowSets]:
    """Open empty sets; they go at the end."""
    with open_scratch(_TABLES) as connection:
        yield RowSets(connection)


def _digest(row: tuple[str, bytes]) -> tuple[str, bytes]:
    event_id, content = row
    return event_id, hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
