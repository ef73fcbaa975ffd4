"""How is a client told in which format and dialect its files are written?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from event_delivery.destinations import Destination
from event_delivery.destinations.dialect import Dialect

_ENCODINGS = {
    "utf-8": "UTF-8 without a byte order mark", "utf-8-bom": "UTF-8 with a byte order mark",
    "utf-16le": "UTF-16, little endian, with its byte order mark", "windows-1252": "Windows-1252",
    "latin-1": "ISO 8859-1",
}  # fmt: skip
_DELIMITERS = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a vertical bar"}


def tell_text(destination: Destination, names: Iterable[str]) -> Iterator[str]:
    """Yield sentences; `names` are those of all columns."""
    if destination.format == "json":
        yield "JSON in UTF-8: one array, one event a line. What has no value is null; no key is left out."
    elif destination.format == "ndjson":
        yield (
            "JSON Lines in UTF-8: one object a line. What has no value is null; no key is left out. A day "
            "without events is an empty file."
        )
    elif destination.format == "parquet":
        yield from _tell_parquet()
    else:
        yield from _tell_csv(destination.csv)
    if destination.format in ("json", "ndjson") and any("." in name for name in names):
        yield "A dot in a column's name means an object: a.b is the key b of the object a."


def _tell_parquet() -> Iterator[str]:
    yield (
        "Apache Parquet, with the types that the columns' table names: pandas, DuckDB, Spark, BigQuery and nearly "
        "everything else read it. What has no value is null; an empty text is empty."
    )
    yield (
        "The columns are flat: a dot is a part of a column's name. Instants are in UTC, to the microsecond. Rows "
        "come in several row groups, in the order of the events."
    )


def _tell_csv(dialect: Dialect) -> Iterator[str]:
    delimiter = _DELIMITERS.get(dialect.delimiter, f"the character {dialect.delimiter}")
    header = "the first line names the columns" if dialect.header else "there is no line of names"
    yield f"CSV in {_ENCODINGS[dialect.encoding]}; between two values stands {delimiter}; {header}."
    end = "a carriage return and a line feed" if dialect.line_end == "crlf" else "a line feed"
    yield f"Each record ends with {end}. A value may hold line breaks of its own: use a CSV parser."
    if dialect.quote == "all":
        yield "Every value but a missing one stands in double quotes; a double quote inside is doubled."
    elif dialect.quote == "none":
        yield "No value stands in quotes, and none holds the delimiter or a line break."
    else:
        yield (
            "A value that holds the delimiter, a double quote or a line break stands in double quotes; a "
            "double quote inside is doubled."
        )
    empty = "empty" if dialect.quote == "none" else 'empty (an empty text is "")'
    missing = f"written as {dialect.null}" if dialect.null else empty
    yield f"A missing value is {missing}. True and false are {dialect.true_word} and {dialect.false_word}."
    if dialect.escape_formulas:
        yield (
            "A text that a spreadsheet would execute (it starts with =, +, -, @, a tab or a carriage return) "
            "has an apostrophe before it."
        )
    if dialect.replacement:
        yield f"A character that the encoding lacks is written as {dialect.replacement}."
