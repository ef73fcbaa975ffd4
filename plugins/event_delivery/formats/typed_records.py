"""Which values does a part of the text hold that PostgreSQL wrote for a Parquet file?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError

if TYPE_CHECKING:
    import pyarrow as pa

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


def read_schema(header: bytes) -> pa.Schema:
    """Return names and types of a file's columns, as the line before its records tells them."""
    import pyarrow as pa

    return pa.schema([(name, _find_type(kind)) for name, kind in json.loads(header)])


def _find_type(name: str) -> pa.DataType:
    import pyarrow as pa

    if decimal := _DECIMAL.fullmatch(name):
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    types = {
        "boolean": pa.bool_(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
        "float": pa.float32(), "double": pa.float64(), "date": pa.date32(), "string": pa.string(),
        "timestamp without zone": pa.timestamp("us"), "timestamp in UTC": pa.timestamp("us", "UTC"),
    }  # fmt: skip
    return types[name]


def read_records(delivery: Delivery, schema: pa.Schema, part: bytes, before: int) -> pa.Table:
    """Return whole records as a table, a row each.

    Args:
        delivery: whose they are.
        schema: of the table.
        part: CSV in which null alone has no quotes.
        before: how many events came before them.

    Raises:
        PermanentError: names the event and the column with a value that the column's type does not have.
    """
    import pyarrow as pa

    texts = _read_texts(part, len(schema))
    columns = []
    for field, column in zip(schema, texts.columns, strict=True):
        try:
            columns.append(column.cast(field.type))
        except pa.ArrowInvalid:
            row = _find_misfit(column, field.type)
            raise _refuse(delivery, field, _name_event(delivery, schema, texts, row, before)) from None
    return pa.table(columns, schema=schema)


def _read_texts(part: bytes, columns: int) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    names = [str(number) for number in range(columns)]
    read = csv.ReadOptions(use_threads=False, block_size=len(part) + 1, column_names=names)
    parse = csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    return csv.read_csv(pa.BufferReader(part), read, parse, convert)


def _find_misfit(column: pa.ChunkedArray, kind: pa.DataType) -> int:
    """Return the first place whose text is no value of a type."""
    import pyarrow as pa

    for place, value in enumerate(column):
        try:
            value.cast(kind)
        except pa.ArrowInvalid:
            return place
    raise ValueError("every value fits")


def _name_event(delivery: Delivery, schema: pa.Schema, texts: pa.Table, row: int, before: int) -> str:
    """Name an event by its id, where the file has that, else by its place in the day."""
    chosen = delivery.destination.columns_of(delivery.event)
    titles = [each.title for each in chosen if each.column == "id"] if chosen else ["id"]
    if titles:
        return f"event {texts.column(schema.get_field_index(titles[0]))[row]}"
    return f"event {before + row + 1} of the day"


def _refuse(delivery: Delivery, field: pa.Field, event: str) -> PermanentError:
    return PermanentError(
        f"{delivery.destination.id}: {event}, column {field.name!r}: found infinity, NaN or a year outside 1 to "
        f"9999, wanted a value of Parquet's {field.type}. Mend it in include/sql/{delivery.event_type.sql}, or "
        "let that return the column as text."
    )
