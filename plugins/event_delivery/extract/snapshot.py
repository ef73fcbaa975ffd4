"""How is the source read: from one snapshot, whatever is set in the database or for its roles?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from event_delivery.database import EVENTS_DB, connect, read_statement

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

_SQL = Path(__file__).parent / "sql"
_OPEN, _MOMENT = _SQL / "open_snapshot.sql", _SQL / "read_moment.sql"


@contextmanager
def open_snapshot() -> Iterator[Cursor[Any]]:
    """Open a snapshot of `events_db`: in UTC, each type in one style, the planner streaming from the index.

    Its cursor writes parameters into the statement as literals, so that PostgreSQL takes a text for whatever it is
    compared with, each time anew.

    Raises:
        MissingConnectionError: `events_db` is not defined.
        PermanentError: the database refuses for good.
        RetryableError: the database cannot be reached or breaks off.
    """
    with connect(EVENTS_DB) as connection, open_cursor(connection) as cursor:
        read_one_snapshot(connection)
        set_up(cursor)
        yield cursor


def open_cursor(connection: Connection[Any]) -> Cursor[Any]:
    """Return a cursor that binds parameters as literals."""
    from psycopg import ClientCursor
    from psycopg.rows import tuple_row

    return ClientCursor(connection, row_factory=tuple_row)


def read_one_snapshot(connection: Connection[Any]) -> None:
    """Let each transaction of a connection read one snapshot, and write nothing."""
    from psycopg import IsolationLevel

    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True


def set_up(cursor: Cursor[Any]) -> None:
    """Set for a transaction how values are written, and what the planner thinks of the disk."""
    cursor.execute(read_statement(_OPEN))


def read_moment(cursor: Cursor[Any]) -> datetime:
    """Return the moment at which the snapshot was opened, by the source's clock, in UTC."""
    cursor.execute(read_statement(_MOMENT))
    row = cursor.fetchone()
    assert row is not None  # noqa: S101 - the statement returns one row
    return cast("datetime", row[0]).astimezone(UTC)


def renew_snapshot(cursor: Cursor[Any]) -> None:
    """Let go of a snapshot, and open a later one in the same session, with the same settings."""
    cursor.connection.commit()
    set_up(cursor)
