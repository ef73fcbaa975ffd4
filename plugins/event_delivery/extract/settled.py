"""Does a snapshot of the source see its tables as they are, or was one replaced meanwhile?

Who truncates a table, rewrites it (`alter table ... type`) or puts a new one in its place holds its lock until
that is committed. Whoever waited for the lock then finds, in an older snapshot, an empty table, and no error: such
changes are not safe under MVCC. What a statement has locked stays as it is from then on: so it is looked once,
right behind that, whether what the snapshot knows of each table is still so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.errors import RetryableError
from event_delivery.extract.query import EventsQuery, query_events

if TYPE_CHECKING:
    from psycopg import Cursor

    from event_delivery.delivery import Delivery

_FIND_REPLACED = Path(__file__).parent / "sql" / "find_replaced.sql"


class ReplacedError(RetryableError):
    """A table of the source was replaced after the snapshot was opened, which sees an empty one."""


def query_settled(cursor: Cursor[Any], delivery: Delivery) -> EventsQuery:
    """Return the query of a delivery's event type, whose tables the cursor's snapshot sees as they are.

    Raises:
        ReplacedError: a later snapshot sees them.
        PermanentError, psycopg.Error: as `query_events`.
    """
    query = query_events(cursor, delivery)
    cursor.execute(read_statement(_FIND_REPLACED))
    if cursor.fetchone() != (0,):
        raise ReplacedError(
            f"{delivery.destination.id}: a table that include/sql/{delivery.event_type.sql} reads was replaced, "
            "truncated or rewritten while it was opened. The next try reads it; if that stays so, see what works "
            "on the source at this time of the day, and let include/sql/source_ready.sql wait for it."
        )
    return query
