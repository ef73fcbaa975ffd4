"""How is one of the ledger's statements run, and which delivery is meant?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.delivery import Delivery

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

_SQL = Path(__file__).parent / "sql"


def run_statement(connection: Connection[Any], file: str, values: dict[str, Any]) -> Cursor[Any]:
    """Run the statement of a file in sql/ with these parameters; raises `psycopg.Error`."""
    return connection.execute(read_statement(_SQL / file), values)


def read_one(connection: Connection[Any], file: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """Run a statement that always returns one row, and return that."""
    row: tuple[Any, ...] | None = run_statement(connection, file, values).fetchone()
    assert row is not None, file  # noqa: S101 - each of these statements returns one row
    return row


def key_of(delivery: Delivery) -> dict[str, Any]:
    """Return the parameters that name a delivery."""
    return {
        "destination": delivery.destination.id,
        "event": delivery.event,
        "interval_start": delivery.interval_start,
        "interval_end": delivery.interval_end,
        "kind": delivery.kind,
    }
