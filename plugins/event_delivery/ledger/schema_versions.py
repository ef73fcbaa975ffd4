"""Which columns have a destination's files had, since when?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.ledger.statements import key_of, read_one, run_statement

if TYPE_CHECKING:
    from psycopg import Connection


def note_schema_version(connection: Connection[Any], delivery: Delivery, columns: Sequence[str]) -> int:
    """Return the version of a file's columns, from 1: one number for one list of columns, for ever.

    Args:
        connection: of the ledger.
        delivery: whose file it is.
        columns: their names, in order.
    """
    values = {**key_of(delivery), "columns": json.dumps(list(columns))}
    with connection.transaction():  # in turn: days of a catchup meet new columns at once
        run_statement(connection, "lock_destination.sql", values)
        return int(read_one(connection, "note_schema_version.sql", values)[0])
