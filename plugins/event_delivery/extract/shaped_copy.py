"""Which COPY writes the events of a file that is not the contracted one, and what stands before them?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from event_delivery.destinations import Shape
from event_delivery.destinations.dialect import DEFAULT_DIALECT, Dialect
from event_delivery.extract.rendering import join_json, write_literal
from event_delivery.extract.typed_columns import name_type, write_typed_value
from event_delivery.extract.written_columns import WrittenColumn, write_csv_value, write_json_value

if TYPE_CHECKING:
    from psycopg import sql

JSON_OPTIONS = "format csv, quote E'\\x01', delimiter E'\\x02'"  # JSON has no bare control characters
_TYPED_OPTIONS = "format csv, force_quote *"  # null alone has no quotes


def copy_shaped(shape: Shape, columns: Sequence[WrittenColumn], statement: sql.Composed) -> sql.Composed:
    """Return the COPY of the events of a statement, ordered first, rendered last; it writes no header."""
    from psycopg import sql

    if shape.format in ("json", "ndjson"):
        line = join_json([each.title for each in columns], map(write_json_value, columns))
        return copy_ordered(line, statement, sql.SQL(JSON_OPTIONS))
    if shape.format == "parquet":
        typed = sql.SQL(", ").join(map(write_typed_value, columns))
        return copy_ordered(typed, statement, sql.SQL(_TYPED_OPTIONS))
    line = sql.SQL(", ").join(write_csv_value(column, shape.csv) for column in columns)
    return copy_ordered(line, statement, _name_options(shape.csv))


def copy_ordered(line: sql.Composed, statement: sql.Composed, options: sql.Composable) -> sql.Composed:
    """Return the COPY that writes a line of each event of a statement: order first, render last."""
    from psycopg import sql

    return sql.SQL(
        'copy (select {} from (select * from {} as event order by "timestamp", id) as event) to stdout ({})'
    ).format(line, statement, options)


def write_header(shape: Shape, columns: Sequence[WrittenColumn]) -> bytes:
    """Return the line of names, in Parquet's case with types; empty for JSON, and where the client wants none."""
    dialect = shape.csv
    if shape.format == "parquet":
        typed = [(column.title, name_type(column)) for column in columns]
        return (json.dumps(typed, ensure_ascii=False) + "\n").encode()
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
        options.append(sql.SQL("delimiter {}").format(write_literal(dialect.delimiter)))
    if dialect.null != DEFAULT_DIALECT.null:
        options.append(sql.SQL("null {}").format(write_literal(dialect.null)))
    if dialect.quote == "all":
        options.append(sql.SQL("force_quote *"))
    return sql.SQL(", ").join(options)
