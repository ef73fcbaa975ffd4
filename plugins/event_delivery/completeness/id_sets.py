"""Which ids stand in one set and not in the other, in constant memory?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from event_delivery.completeness.scratch import open_scratch

_TABLES = """
create table source (id text primary key) without rowid;
create table delivered (id text not null);
"""
_INDEX = "create index delivered_id on delivered (id)"
_LATE = "select id from source where id not in (select id from delivered) order by id"
_DELETED = "select distinct id from delivered where id not in (select id from source) order by id"
_DUPLICATED = "select id from delivered group by id having count(*) > 1 order by id"


class IdSets:
    """The ids that the source holds, and those of each delivered file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add_source(self, ids: Iterable[str]) -> None:
        """Add ids that the source holds."""
        self._connection.executemany("insert or ignore into source values (?)", ((each,) for each in ids))

    def add_file(self, ids: Iterable[str]) -> None:
        """Add the ids of a delivered file."""
        self._connection.executemany("insert into delivered values (?)", ((each,) for each in ids))

    def index(self) -> None:
        """Make ready for questions, once all is added."""
        self._connection.execute(_INDEX)

    def list_late(self) -> Iterator[str]:
        """Yield the ids that the source holds and no file, in order."""
        return (row[0] for row in self._connection.execute(_LATE))

    def list_deleted(self) -> Iterator[str]:
        """Yield the ids that a file holds and the source does not, in order."""
        return (row[0] for row in self._connection.execute(_DELETED))

    def list_duplicated(self) -> Iterator[str]:
        """Yield the ids that files hold more than once, in order."""
        return (row[0] for row in self._connection.execute(_DUPLICATED))


@contextmanager
def open_id_sets() -> Iterator[IdSets]:
    """Open empty sets; they go at the end."""
    with open_scratch(_TABLES) as connection:
        yield IdSets(connection)
