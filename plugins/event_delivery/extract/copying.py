"""How do events flow from Postgres into a staged file, in constant memory?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

from event_delivery.database import hide_values
from event_delivery.errors import PermanentError
from event_delivery.extract.blocks import join_events, join_rows
from event_delivery.extract.query import EventsQuery
from event_delivery.staging import StagedFile

if TYPE_CHECKING:
    from psycopg import Cursor, Error


def copy_events(
    cursor: Cursor[Any], query: EventsQuery, target: StagedFile, look: Callable[[int], None] = lambda _: None
) -> int:
    """Write the events of a query as the client gets them; returns their number.

    `look` hears after each block how many bytes were written; what it raises ends the COPY.

    Raises:
        PermanentError: an event holds a value that cannot be written.
        psycopg.Error: the database refuses the statement or breaks off.
    """
    with read_copied(cursor, query) as blocks:
        for block in blocks:
            target.write(block)
            look(target.bytes)
    return cursor.rowcount


@contextmanager
def read_copied(cursor: Cursor[Any], query: EventsQuery) -> Iterator[Iterator[bytes]]:
    """Open the delivery file of the events of a query, in blocks that end anywhere.

    Raises as `copy_events`.
    """
    import psycopg

    try:
        with cursor.copy(query.copy_statement(), query.parameters) as copy:
            blocks = join_rows(copy)
            if header := query.header:
                blocks = chain((header,), blocks)
            yield join_events(blocks) if query.delivery.destination.format == "json" else blocks
    except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
        raise PermanentError(_explain(query, error)) from None  # the log would show its cause, with the value


def _explain(query: EventsQuery, error: Error) -> str:
    """Tell of the columns of type json, too: it alone may hold an escape of what is no character."""
    columns = [f'"{column.name}"' for column in query.columns if column.kind == "json"]
    suspects = f" Look at its columns of type json: {', '.join(columns)}." if columns else ""
    detail = f" ({hide_values(error.diag.message_detail)})" if error.diag.message_detail else ""
    words = f"{hide_values(str(error.diag.message_primary))}{detail}"
    return f"include/sql/{query.delivery.event_type.sql}: an event cannot be written: {words}.{suspects}"
