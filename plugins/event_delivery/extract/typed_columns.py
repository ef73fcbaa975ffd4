"""Of which type is a column in a Parquet file, and how does PostgreSQL write its values on the way there?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from event_delivery.destinations.dialect import DEFAULT_DIALECT
from event_delivery.extract.rendering import identify
from event_delivery.extract.written_columns import WrittenColumn, write_csv_value
from event_delivery.staging import Column

if TYPE_CHECKING:
    from psycopg import sql

# By types' names in pg_catalog; a numeric that is declared is a decimal, any other type is a string.
_TYPES = {
    "bool": "boolean", "int2": "int16", "int4": "int32", "int8": "int64", "float4": "float", "float8": "double",
    "date": "date", "timestamp": "timestamp without zone", "timestamptz": "timestamp in UTC",
}  # fmt: skip
_STRING = "string"
_DECLARED = re.compile(r"numeric\((\d+),(\d+)\)")
_MOST_DIGITS = 38  # of a decimal that every reader takes: 16 bytes


def name_type(written: WrittenColumn) -> str:
    """Return what the type of a column is called, such as `int64`, `decimal(10,2)` or `timestamp in UTC`."""
    if written.column is None or written.time_format:
        return _STRING
    return _name_decimal(written.column) or _TYPES.get(written.column.kind, _STRING)


def _name_decimal(column: Column) -> str | None:
    """Return the decimal that holds all of a column's values; a numeric without limits has none that does."""
    if column.kind != "numeric" or not (declared := _DECLARED.fullmatch(column.type)):
        return None
    precision, scale = int(declared[1]), int(declared[2])
    return f"decimal({precision},{scale})" if scale <= precision <= _MOST_DIGITS else None


def write_typed_value(written: WrittenColumn) -> sql.Composed:
    """Return a value as text that tells all of it: an instant with every microsecond."""
    from psycopg import sql

    if written.column and written.column.kind == "timestamptz" and not written.time_format:
        return sql.SQL("{}::text").format(identify(written.column.name))
    return write_csv_value(written, DEFAULT_DIALECT)
