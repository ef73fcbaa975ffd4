"""Which columns, of which types, have a destination's files had, since when?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.ledger.reading import LedgerReading
from event_delivery.ledger.statements import key_of, read_one, run_statement

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class SchemaVersion:
    """Columns that a file has had, in order, from `since` on; `types` in words for a client, none: unknown."""

    version: int
    since: datetime
    columns: Sequence[str]
    types: Sequence[str]


def note_schema_version(
    connection: Connection[Any], delivery: Delivery, columns: Sequence[str], types: Sequence[str] = ()
) -> int:
    """Return the version of a file's columns, from 1: one number for one list of columns, for ever.

    Args:
        connection: of the ledger.
        delivery: whose file it is.
        columns: their names, in order.
        types: of each column, in a word; none: unknown, then the names alone decide.
    """
    values = key_of(delivery)
    with connection.transaction():  # in turn: days of a catchup meet new columns at once
        run_statement(connection, "lock_destination.sql", values)
        return note_while_locked(connection, values, columns, types)


def note_while_locked(
    connection: Connection[Any], values: dict[str, Any], columns: Sequence[str], types: Sequence[str]
) -> int:
    """Do so in a transaction that holds the destination's lock; `values` name the delivery."""
    told = {"columns": json.dumps(list(columns)), "types": json.dumps(list(types)) if types else None}
    return int(read_one(connection, "note_schema_version.sql", {**values, **told})[0])


def read_schema_versions(ledger: LedgerReading, destination: str, event: str) -> list[SchemaVersion]:
    """Return every version that the files of an event type have had, the first one first."""
    if ledger.connection is None:
        return []
    values = {"destination": destination, "event": event}
    rows = run_statement(ledger.connection, "read_schema_versions.sql", values)
    return [SchemaVersion(*row) for row in rows]
