"""Which statement reads a delivery's events, and how is each of its columns written?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError
from event_delivery.extract.rendering import json_pieces, render_csv, render_json

if TYPE_CHECKING:
    from psycopg import Cursor, sql

STATEMENTS = Path(__file__).parents[3] / "include" / "sql"
_REQUIRED_COLUMNS = ("id", "timestamp")


@dataclass(frozen=True)
class EventsQuery:
    """The event type's statement in parentheses, its parameters, and its columns as (name, PostgreSQL's type)."""

    delivery: Delivery
    statement: sql.Composed
    parameters: dict[str, Any]
    columns: list[tuple[str, str]]

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [name for name, _ in self.columns]

    def copy_statement(self) -> sql.Composed:
        """Return the COPY that writes the staged events: order first, render last.

        For CSV the contracted file itself, for JSON one object a line. Postgres renders both several times
        faster than Python could; JSON has no bare control characters, so quoting by them never happens.
        """
        from psycopg import sql

        if self.delivery.destination.format == "csv":
            columns = sql.SQL(", ").join(render_csv(name, kind) for name, kind in self.columns)
            line, options = columns, sql.SQL("format csv, header")
        else:
            line, options = self._json_line(), sql.SQL("format csv, quote E'\\x01', delimiter E'\\x02'")
        return sql.SQL(
            'copy (select {} from (select * from {} as event order by "timestamp", id) as event) to stdout ({})'
        ).format(line, self.statement, options)

    def _json_line(self) -> sql.Composed:
        from psycopg import sql

        first, *others = map(sql.Literal, json_pieces(self.names))
        parts: list[sql.Composable] = [first]
        for (name, kind), piece in zip(self.columns, others, strict=True):
            parts += [render_json(name, kind), piece]
        return sql.SQL(" || ").join(parts)


def query_events(cursor: Cursor[Any], delivery: Delivery) -> EventsQuery:
    """Return the query of a delivery's event type; asks the database for its columns, reads no row.

    Raises:
        PermanentError: the statement is missing, or returns no `id` or no `timestamp`.
    """
    from psycopg import sql

    file = delivery.event_type.sql
    statement = sql.SQL("(") + sql.SQL(read_statement(STATEMENTS / file)) + sql.SQL("\n)")
    parameters = {
        "company_id": delivery.destination.company_id,
        "interval_start": delivery.interval_start,
        "interval_end": delivery.interval_end,
    }
    cursor.execute(sql.SQL("select * from {} as event limit 0").format(statement), parameters)
    columns = [(column.name, _name_type(column.type_code)) for column in cursor.description or ()]
    for name in _REQUIRED_COLUMNS:
        if name not in dict(columns):
            raise PermanentError(f"include/sql/{file} returns no column {name!r}; every event needs one.")
    return EventsQuery(delivery, statement, parameters, columns)


def _name_type(oid: int) -> str:
    """Return PostgreSQL's name of a type, by psycopg's registry; empty for one that it does not know."""
    from psycopg.postgres import types

    known = types.get(oid)
    return known.name if known else ""
