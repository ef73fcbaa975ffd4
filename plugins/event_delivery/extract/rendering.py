"""How does PostgreSQL write each column, by its type, and what stands between the columns of a JSON object?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import sql

# Names of PostgreSQL's types whose text is JSON as it stands, or only needs quotes.
_BARE = {"int2", "int4", "int8", "float4", "float8", "numeric", "bool", "json", "jsonb"}
_QUOTED = {"timestamptz", "uuid"}


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


def render_csv(name: str, kind: str) -> sql.Composed:
    """Return a column as text, under its name; `kind` is PostgreSQL's name of its type."""
    from psycopg import sql

    return sql.SQL("{} as {}").format(_text(name, kind), sql.Identifier(name))


def render_json(name: str, kind: str) -> sql.Composed:
    """Return a column as a JSON value."""
    from psycopg import sql

    if kind in _BARE:
        template = "coalesce({}, 'null')"
    elif kind in _QUOTED:
        template = "coalesce('\"' || {} || '\"', 'null')"
    else:
        template = "coalesce(to_json({})::text, 'null')"
    return sql.SQL(template).format(_text(name, kind))


def _text(name: str, kind: str) -> sql.Composed:
    from psycopg import sql

    if kind == "timestamptz":
        template = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
    elif kind == "json":
        template = "{}::jsonb::text"
    else:
        template = "{}::text"
    return sql.SQL(template).format(sql.Identifier(name))
