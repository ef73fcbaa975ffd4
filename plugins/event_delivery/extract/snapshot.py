"""How is the source read: from one snapshot, whatever is set in the database or for its roles?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from event_delivery.database import EVENTS_DB, connect, read_statement

if TYPE_CHECKING:
    from psycopg import Cursor

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
    from psycopg import ClientCursor, IsolationLevel
    from psycopg.rows import tuple_row

    with connect(EVENTS_DB) as connection, ClientCursor(connection, row_factory=tuple_row) as cursor:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        cursor.execute(read_statement(_OPEN))
        yield cursor


def read_moment(cursor: Cursor[Any]) -> datetime:
    """Return the moment at which the snapshot was opened, by the source's clock, in UTC."""
    cursor.execute(read_statement(_MOMENT))
    row = cursor.fetchone()
    assert row is not None  # noqa: S101 - the statement returns one row
    return cast("datetime", row[0]).astimezone(UTC)


def renew_snapshot(cursor: Cursor[Any]) -> None:
    """Let go of a snapshot, and open a later one in the same session, with the same settings."""
    cursor.connection.commit()
    cursor.execute(read_statement(_OPEN))
