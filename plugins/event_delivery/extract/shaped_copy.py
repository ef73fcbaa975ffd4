"""Which COPY writes the events of a file that is not the contracted one, and what stands before them?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from event_delivery.destinations import Shape
from event_delivery.destinations.dialect import DEFAULT_DIALECT, Dialect
from event_delivery.extract.rendering import json_pieces
from event_delivery.extract.written_columns import WrittenColumn, write_csv_value, write_json_value

if TYPE_CHECKING:
    from psycopg import sql

JSON_OPTIONS = "format csv, quote E'\\x01', delimiter E'\\x02'"  # JSON has no bare control characters


def copy_shaped(shape: Shape, columns: Sequence[WrittenColumn], statement: sql.Composed) -> sql.Composed:
    """Return the COPY of the events of a statement, ordered first, rendered last; it writes no header."""
    from psycopg import sql

    line: sql.Composed
    options: sql.Composable
    if shape.format in ("json", "ndjson"):
        line, options = _join_json(columns), sql.SQL(JSON_OPTIONS)
    else:
        dialect = shape.csv
        line = sql.SQL(", ").join(write_csv_value(column, dialect) for column in columns)
        options = _name_options(dialect)
    return sql.SQL(
        'copy (select {} from (select * from {} as event order by "timestamp", id) as event) to stdout ({})'
    ).format(line, statement, options)


def write_header(shape: Shape, columns: Sequence[WrittenColumn]) -> bytes:
    """Return the line of names; empty for JSON, and where the client wants none."""
    dialect = shape.csv
    if shape.format in ("json", "ndjson") or not dialect.header:
        return b""
    names = (_write_name(column.title, dialect) for column in columns)
    return (dialect.delimiter.join(names) + "\n").encode()


def _write_name(name: str, dialect: Dialect) -> str:
    needs_quotes = any(character in name for character in (dialect.delimiter, '"', "\n", "\r"))
    if dialect.quote == "all" or needs_quotes:
        return '"' + name.replace('"', '""') + '"'
    return name


def _name_options(dialect: Dialect) -> sql.Composed:
    from psycopg import sql

    options: list[sql.Composable] = [sql.SQL("format csv")]
    if dialect.delimiter != DEFAULT_DIALECT.delimiter:
        options.append(sql.SQL("delimiter {}").format(_escape(dialect.delimiter)))
    if dialect.null != DEFAULT_DIALECT.null:
        options.append(sql.SQL("null {}").format(_escape(dialect.null)))
    if dialect.quote == "all":
        options.append(sql.SQL("force_quote *"))
    return sql.SQL(", ").join(options)


def _escape(text: str) -> sql.Literal:
    from psycopg import sql

    return sql.Literal(text.replace("%", "%%"))


def _join_json(columns: Sequence[WrittenColumn]) -> sql.Composed:
    from psycopg import sql

    pieces = json_pieces([column.title for column in columns])
    first, *others = (_escape(piece) for piece in pieces)
    parts: list[sql.Composable] = [first]
    for column, piece in zip(columns, others, strict=True):
        parts += [write_json_value(column), piece]
    return sql.SQL(" || ").join(parts)
