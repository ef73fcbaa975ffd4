"""Which statement reads a delivery's events, and how is each of its columns written?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError

if TYPE_CHECKING:
    from psycopg import Cursor, sql

_BOOLEAN, _JSON, _JSONB, _TIMESTAMPTZ, _UUID = (
    16,
    114,
    3802,
    1184,
    2950,
)  # pg_type.oid, fixed for ever
_NUMBERS = {20, 21, 23, 700, 701, 1700}
STATEMENTS = Path(__file__).parents[3] / "include" / "sql"
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

    def copy_statement(self) -> sql.Composed:
        """Return the COPY that writes the staged events: order first, render last.

        For CSV the contracted file itself, for JSON one object a line. Postgres renders both several times
        faster than Python could; JSON has no bare control characters, so quoting by them never happens.
        """
        from psycopg import sql

        if self.delivery.destination.format == "csv":
            columns = sql.SQL(", ").join(_render(sql.Identifier(name), oid) for name, oid in self.columns)
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
        for (name, oid), piece in zip(self.columns, others, strict=True):
            parts += [_render_json(sql.Identifier(name), oid), piece]
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
    columns = [(column.name, column.type_code) for column in cursor.description or ()]
    for name in _REQUIRED_COLUMNS:
        if name not in dict(columns):
            raise PermanentError(f"include/sql/{file} returns no column {name!r}; every event needs one.")
    return EventsQuery(delivery, statement, parameters, columns)


def json_pieces(names: list[str]) -> list[str]:
    """Return the text before, between and after one event's values, as json.dumps spaces it.

    A column `a.b` becomes key `b` of an object `a`.
    """
    text = ""
    open_keys: list[str] = []
    for name in names:
        *parents, key = name.split(".")
        shared = _shared_length(open_keys, parents)
        text += "}" * (len(open_keys) - shared) + (", " if text else "{")
        text += "".join(f"{json.dumps(parent)}: {{" for parent in parents[shared:])
        text += f"{json.dumps(key)}: \0"
        open_keys = parents
    return (text + "}" * len(open_keys) + "}").split("\0")


def _shared_length(first: list[str], second: list[str]) -> int:
    pairs = zip(first, second, strict=False)
    return next((length for length, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _render(name: sql.Identifier, oid: int) -> sql.Composed:
    from psycopg import sql

    return sql.SQL("{} as {}").format(_text(name, oid), name)


def _render_json(name: sql.Identifier, oid: int) -> sql.Composed:
    from psycopg import sql

    if oid in _NUMBERS or oid in (_BOOLEAN, _JSON, _JSONB):
        template = "coalesce({}, 'null')"
    elif oid in (_TIMESTAMPTZ, _UUID):
        template = "coalesce('\"' || {} || '\"', 'null')"
    else:
        template = "coalesce(to_json({})::text, 'null')"
    return sql.SQL(template).format(_text(name, oid))


def _text(name: sql.Identifier, oid: int) -> sql.Composed:
    from psycopg import sql

    if oid == _TIMESTAMPTZ:
        template = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
    elif oid == _JSON:
        template = "{}::jsonb::text"
    else:
        template = "{}::text"
    return sql.SQL(template).format(name)
