"""How does PostgreSQL write each column, by its type, and what stands between the columns of a JSON object?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from event_delivery.staging import Column

if TYPE_CHECKING:
    from psycopg import sql

# Types, by their names in pg_catalog, whose text is JSON as it stands, only needs quotes, or is JSON but for NaN.
_BARE = {"int2", "int4", "int8", "bool", "json", "jsonb"}
_QUOTED = {"timestamptz", "uuid"}
_NUMBERS = {"float4", "float8", "numeric"}
UNQUOTED = _BARE | _NUMBERS

# to_char has no spelling for infinity, forgets BC, and writes five digits for years after 9999.
_INSTANT = """case when {0} >= '0001-01-01 00:00Z' and {0} < '10000-01-01 00:00Z'
  then to_char({0} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') else to_json({0}) #>> '{{}}' end"""


def json_pieces(names: Sequence[str]) -> list[str]:
    """Return the text before, between and after one event's values, as json.dumps spaces it.

    A column `a.b` becomes key `b` of an object `a`.
    """
    text = ""
    open_keys: list[str] = []
    for name in names:
        *parents, key = name.split(".")
        shared = _shared_length(open_keys, parents)
        text += "}" * (len(open_keys) - shared) + (", " if text else "{")
        text += "".join(f"{_quote(parent)}: {{" for parent in parents[shared:])
        text += f"{_quote(key)}: \0"
        open_keys = parents
    return (text + "}" * len(open_keys) + "}").split("\0")


def join_json(names: Sequence[str], values: Iterable[sql.Composable]) -> sql.Composed:
    """Return one event as text: a JSON object with these keys, and its values as JSON."""
    from psycopg import sql

    first, *others = map(write_literal, json_pieces(names))
    parts: list[sql.Composable] = [first]
    for value, piece in zip(values, others, strict=True):
        parts += [value, piece]
    return sql.SQL(" || ").join(parts)


def _quote(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)


def _shared_length(first: list[str], second: list[str]) -> int:
    pairs = zip(first, second, strict=False)
    return next((length for length, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def render_csv(column: Column) -> sql.Composed:
    """Return a column as text, under its name."""
    from psycopg import sql

    return sql.SQL("{} as {}").format(render_text(column), identify(column.name))


def render_json(column: Column) -> sql.Composed:
    """Return a column as a JSON value."""
    from psycopg import sql

    if column.kind in _NUMBERS:
        return sql.SQL("coalesce(to_json({})::text, 'null')").format(identify(column.name))
    if column.kind in _BARE:
        template = "coalesce({}, 'null')"
    elif column.kind in _QUOTED:
        template = "coalesce('\"' || {} || '\"', 'null')"
    else:
        template = "coalesce(to_json({})::text, 'null')"
    return sql.SQL(template).format(render_text(column))


def identify(name: str) -> sql.Identifier:
    """Return a column's name for a statement with parameters, where a percent sign is written twice."""
    from psycopg import sql

    return sql.Identifier(name.replace("%", "%%"))


def write_literal(text: str) -> sql.Literal:
    """Return a text for a statement with parameters, where a percent sign is written twice."""
    from psycopg import sql

    return sql.Literal(text.replace("%", "%%"))


def render_id(columns: Sequence[Column]) -> sql.Composed:
    """Return an event's id as text, as the file has it."""
    return render_text(next(column for column in columns if column.name == "id"))


def render_text(column: Column) -> sql.Composed:
    """Return a column as text, as a CSV file has it."""
    from psycopg import sql

    if column.kind == "timestamptz":
        template = _INSTANT
    elif column.kind == "json":
        template = "{0}::jsonb::text"
    else:
        template = "{0}::text"
    return sql.SQL(template).format(identify(column.name))
