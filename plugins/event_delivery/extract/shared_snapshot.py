"""How do two connections read one snapshot of the source?

One exports it, the other joins it: on a primary, and on a hot standby since PostgreSQL 10. Behind a proxy that
connects to several servers, a snapshot of that name may be another one: so what was joined is compared.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import EVENTS_DB, open_connection, read_statement
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.extract.snapshot import read_one_snapshot, renew_snapshot, set_up
from event_delivery.limits import LOCK_WAITED_FOR

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

CONNECTIONS = "EVENT_DELIVERY_EXTRACT_CONNECTIONS"
_log = logging.getLogger(__name__)
_SQL = Path(__file__).parent / "sql"
_SHARE, _JOIN, _IDENTIFY = (_SQL / f"{name}_snapshot.sql" for name in ("share", "join", "identify"))
_WAIT_LITTLE = _SQL / "wait_little.sql"


@dataclass(frozen=True)
class SharedSnapshot:
    """A snapshot that others may join: its name on its server; which server, and which transactions it sees."""

    name: str
    identity: str


def share_snapshot(cursor: Cursor[Any]) -> SharedSnapshot | None:
    """Export the snapshot of a cursor that has read nothing in it yet; None where that is not to be, or refused.

    Raises:
        PermanentError: EVENT_DELIVERY_EXTRACT_CONNECTIONS is neither 1 nor 2.
        psycopg.OperationalError: the database breaks off.
    """
    import psycopg

    if not _may_take_two():
        return None
    try:
        cursor.execute(read_statement(_SHARE))
        return SharedSnapshot(*(cursor.fetchone() or ("", "")))
    except psycopg.OperationalError:
        raise
    except psycopg.DatabaseError as error:
        _log.info("The source is read over one connection: %s.", error.diag.message_primary)
        renew_snapshot(cursor)
        return None


def open_second() -> Connection[Any]:
    """Open a second connection to the source, for a snapshot to join; raises as `open_connection`."""
    connection = open_connection(EVENTS_DB)
    read_one_snapshot(connection)
    return connection


def join_snapshot(cursor: Cursor[Any], shared: SharedSnapshot) -> None:
    """Read, from now on, what the snapshot sees, and wait for no lock for long.

    A change of the table that queues behind the first connection, and before this one, would wait for the first,
    that for this one, and this one for the change: nothing that PostgreSQL could see.

    Raises:
        RetryableError: what has that name here is another snapshot.
        psycopg.Error: there is none, or the database breaks off.
    """
    from psycopg import sql

    cursor.execute(sql.SQL(read_statement(_JOIN)).format(name=sql.Literal(shared.name)))
    set_up(cursor)
    cursor.execute(read_statement(_WAIT_LITTLE), {"milliseconds": str(round(1_000 * LOCK_WAITED_FOR))})
    cursor.execute(read_statement(_IDENTIFY))
    if cursor.fetchone() != (shared.identity,):
        raise RetryableError("the second connection leads to another server")


def _may_take_two() -> bool:
    text = os.environ.get(CONNECTIONS) or "2"
    if text not in ("1", "2"):
        raise PermanentError(f"{CONNECTIONS}: found {text[:40]!r}, wanted 1 or 2.")
    return text == "2"
