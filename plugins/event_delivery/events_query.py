"""Which statement reads a delivery's events, and how is each of its columns written?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError

if TYPE_CHECKING:
    from psycopg import Cursor, sql

_BOOLEAN, _JSON, _JSONB, _TIMESTAMPTZ = 16, 114, 3802, 1184  # PostgreSQL's pg_type.oid, fixed for ever
_NUMBERS = {20, 21, 23, 700, 701, 1700}
_REQUIRED_COLUMNS = ("id", "timestamp")


@dataclass(frozen=True)
class EventsQuery:
    """The event type's statement in parentheses, its parameters, and its columns as (name, type oid)."""

    delivery: Delivery
    statement: sql.Composed
    parameters: dict[str, Any]
    columns: list[tuple[str, int]]

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [name for name, _ in self.columns]

    @property
    def staged_columns(self) -> list[tuple[str, str]]:
        """Each column's name, and whether JSON needs it as a "string" or "raw"."""
        raw = {*_NUMBERS, _BOOLEAN, _JSON, _JSONB}
        return [(name, "raw" if oid in raw else "string") for name, oid in self.columns]

    def copy_statement(self) -> sql.Composed:
        """Return the COPY that writes the contracted CSV: order first, render last."""
        from psycopg import sql

        columns = sql.SQL(", ").join(_render(sql.Identifier(name), oid) for name, oid in self.columns)
        return sql.SQL(
            'copy (select {} from (select * from {} as event order by "timestamp", id) as event)'
            " to stdout (format csv, header)"
        ).format(columns, self.statement)


def query_events(cursor: Cursor[Any], delivery: Delivery) -> EventsQuery:
    """Return the query of a delivery's event type; asks the database for its columns, reads no row.

    Raises:
        PermanentError: the statement is missing, or returns no `id` or no `timestamp`.
    """
    from psycopg import sql

    file = delivery.event_type.sql
    statement = sql.SQL("(") + sql.SQL(read_statement(file)) + sql.SQL("\n)")
    parameters = {
        "company_id": delivery.destination.company_id,
        "interval_start": delivery.interval_start,
        "interval_end": delivery.interval_end,
    }
    cursor.execute(sql.SQL("select * from {} as event limit 0").format(statement), parameters)
    columns = [(column.name, column.type_code) for column in cursor.description or ()]
    for name in _REQUIRED_COLUMNS:
        if name not in dict(columns):
            raise PermanentError(f"include/sql/{file} returns no column {name!r}; every event needs one.")
    return EventsQuery(delivery, statement, parameters, columns)


def _render(name: sql.Identifier, oid: int) -> sql.Composed:
    from psycopg import sql

    if oid == _TIMESTAMPTZ:
        template = """to_char({0} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as {0}"""
    elif oid == _JSON:
        template = "{0}::jsonb::text as {0}"
    else:
        template = "{0}::text as {0}"
    return sql.SQL(template).format(name)
