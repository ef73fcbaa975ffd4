"""How many rows stand otherwise in one set than in the other, under the same id, in constant memory?

SQLite keeps what does not fit into its cache in a file without a name, which goes with the connection.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

_ANONYMOUS = ""  # SQLite: a private database on disk
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
        connection.executescript(_TABLES)

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
    with closing(sqlite3.connect(_ANONYMOUS, isolation_level=None)) as connection:
        connection.execute("pragma temp_store = file")
        connection.execute("begin")
        yield RowSets(connection)


def _digest(row: tuple[str, bytes]) -> tuple[str, bytes]:
    event_id, content = row
    return event_id, hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
