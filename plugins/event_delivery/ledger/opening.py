"""How is the ledger opened, for writing and for reading?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from event_delivery.database import EVENTS_DB, LEDGER_DB, connect, open_connection, read_statement
from event_delivery.errors import PermanentError
from event_delivery.ledger.holders import describe_client
from event_delivery.ledger.schema import LATEST, read_version, upgrade_ledger
from event_delivery.limits import LIMITS

if TYPE_CHECKING:
    from psycopg import Connection

_SQL = Path(__file__).parent / "sql"
_MILLISECONDS = 1_000


@contextmanager
def open_ledger() -> Iterator[Connection[Any]]:
    """Open the ledger for writing, made or brought to the latest version if need be; each statement commits.

    Raises:
        PermanentError: the database refuses, or a newer release made the ledger; where `events_db` is read-only,
            define a `ledger_db`.
        RetryableError: the database cannot be reached.
    """
    with connect(LEDGER_DB, EVENTS_DB) as connection:
        connection.autocommit = True
        set_time_limit(connection, LIMITS.ledger_upgrade)
        upgrade_if_older(connection)
        yield connection


class Opened(NamedTuple):
    """A connection; `is_pooled`: by a pooler, so that a time limit is to be set anew in each transaction."""

    connection: Connection[Any]
    is_pooled: bool


def open_ledger_connection(seconds: float) -> Opened:
    """Open a connection to the ledger, whatever its version, on which no statement takes longer than `seconds`.

    Raises:
        PermanentError: neither `ledger_db` nor `events_db` is defined.
        psycopg.Error: the database refuses or cannot be reached.
    """
    connection = open_connection(LEDGER_DB, EVENTS_DB)
    connection.autocommit = True
    return Opened(connection, set_time_limit(connection, seconds))


def set_time_limit(connection: Connection[Any], seconds: float) -> bool:
    """Let no statement of a connection take longer than `seconds`, nor wait for a lock for half of that.

    Behind a pooler, which this returns, that counts for the transaction around alone: its session is others', too.
    """
    limits = {"statement": str(round(seconds * _MILLISECONDS)), "lock": str(round(seconds * _MILLISECONDS / 2))}
    statement = read_statement(_SQL / "limit_session.sql")
    row = connection.execute(statement, limits | describe_client(connection)).fetchone()
    return bool(row and row[0])


def close_ledger_connection(connection: Connection[Any]) -> None:
    """Let go of the locks, which a backend that lives on a little would hold, and close."""
    connection.execute(read_statement(_SQL / "release_locks.sql"), describe_client(connection))
    connection.close()


def upgrade_if_older(connection: Connection[Any]) -> list[int]:
    """Make the ledger, or bring it to the latest version; returns what was applied; raises as `upgrade_ledger`."""
    return [] if read_version(connection) == LATEST else upgrade_ledger(connection)


def require_version(connection: Connection[Any]) -> bool:
    """Tell whether there is a ledger to read.

    Raises:
        PermanentError: an older or a newer release made it.
    """
    version = read_version(connection)
    if version is not None and version < LATEST:
        raise PermanentError(
            f"The ledger has version {version}, this release reads {LATEST}. The next delivery upgrades it, "
            f"or run: python -m event_delivery.ledger upgrade"
        )
    return version is not None


def is_latest(connection: Connection[Any]) -> bool:
    """Tell by one question whether a ledger is of this release; on a connection that is in no transaction yet."""
    import psycopg

    try:
        row = connection.execute(read_statement(_SQL / "read_version.sql")).fetchone()
    except psycopg.errors.UndefinedTable:
        connection.rollback()
        return False
    return row is not None and row[0] == LATEST
