r"""How do staged events become the file that the client gets?

Staged events are already the contracted CSV: header, `\n` line ends, a null as an empty field, an empty
text as `""`, ordered. So CSV is a copy, and JSON is one pass over it.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from json.encoder import encode_basestring
from typing import IO

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError
from event_delivery.staging import (
    BLOCK_BYTES,
    STAGED_EVENTS,
    Manifest,
    StagedFile,
    read_manifest,
    read_staged,
    stage_file,
    write_manifest,
)

Row = list[str | None]
_BATCH_ROWS = 2_000
_CSV_FIELD = re.compile(r'(?:"((?:[^"]++|"")*+)"|([^",\r\n]*+))(?:,|\Z)')


def format_staged_events(delivery: Delivery) -> Manifest:
    """Write the delivery file of what `extract` staged; raises as `format_events` does."""
    return format_events(delivery, read_manifest(delivery, STAGED_EVENTS))


def format_events(delivery: Delivery, staged: Manifest) -> Manifest:
    """Write the delivery file from the staged events; memory does not grow with their number.

    Raises:
        PermanentError: the staged events have expired, or are not the ones that were checked.
        RetryableError: the staging area cannot be written.
    """
    write = {"csv": format_csv, "json": format_json}[delivery.destination.format]
    with read_staged(staged) as source, stage_file(delivery, delivery.file_name) as target:
        write(source, target, staged)
    return write_manifest(delivery, delivery.file_name, target.manifest(staged.rows, profile=staged.profile))


def format_csv(source: IO[bytes], target: StagedFile, _staged: Manifest) -> None:
    r"""Copy the staged events: RFC 4180 with `\n` line ends, UTF-8 without a byte order mark."""
    for block in iter(partial(source.read, BLOCK_BYTES), b""):
        target.write(block)


def format_json(source: IO[bytes], target: StagedFile, staged: Manifest) -> None:
    """Write one array, one event a line, each as `json.dumps(event, ensure_ascii=False)` writes it.

    Raises:
        PermanentError: the number of events is not the one that was staged.
    """
    events = read_rows(io.TextIOWrapper(source, encoding="utf-8", newline=""))
    next(events)
    lines = map(json_renderer(staged.columns), events)
    rows = 0
    while batch := list(islice(lines, _BATCH_ROWS)):
        target.write(((",\n" if rows else "[\n") + ",\n".join(batch)).encode())
        rows += len(batch)
    target.write(b"\n]\n" if rows else b"[]\n")
    if rows != staged.rows:
        raise PermanentError(f"{staged.path} holds {rows} events, wanted {staged.rows}. Clear the whole run.")


def json_renderer(columns: list[tuple[str, str]]) -> Callable[[Row], str]:
    """Return a function that renders one row; a column `a.b` becomes key `b` of an object `a`.

    `columns` pairs names with "string" (escaped) or "raw" (numbers, booleans, JSON).
    """
    template = _json_template([name for name, _ in columns])
    raw = {position for position, (_, kind) in enumerate(columns) if kind == "raw"}

    def render(row: Row) -> str:
        return template % tuple(["null" if value is None else encode_basestring(value) for value in row])

    def render_mixed(row: Row) -> str:
        values = enumerate(row)
        return template % tuple(
            ["null" if v is None else v if position in raw else encode_basestring(v) for position, v in values]
        )

    return render_mixed if raw else render


def _json_template(names: list[str]) -> str:
    """Return one event's JSON with %s for each value, nested by the dots in the columns' names."""
    template = ""
    open_keys: list[str] = []
    for name in names:
        *parents, key = name.split(".")
        shared = _shared_length(open_keys, parents)
        template += "}" * (len(open_keys) - shared)
        template += ", " if template else "{"
        template += "".join(f"{encode_basestring(parent)}: {{" for parent in parents[shared:])
        template += f"{encode_basestring(key)}: \0"
        open_keys = parents
    return (template + "}" * len(open_keys) + "}").replace("%", "%%").replace("\0", "%s")


def _shared_length(first: list[str], second: list[str]) -> int:
    pairs = zip(first, second, strict=False)
    return next((length for length, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def read_rows(text: Iterable[str]) -> Iterator[Row]:
    """Yield the rows of contracted CSV, header first, telling a null from an empty text.

    The csv module reads both as ''. Only a record that holds `""` somewhere can hold an empty text:
    the others keep the module's full speed.
    """
    csv.field_size_limit(sys.maxsize)
    record: list[str] = []

    def remember() -> Iterator[str]:
        for line in text:
            record.append(line)
            yield line

    for row in csv.reader(remember(), strict=True):
        lines = "".join(record)
        record.clear()
        yield _split_record(lines, len(row)) if '""' in lines else [value or None for value in row]


def _split_record(record: str, width: int) -> Row:
    fields = islice(_CSV_FIELD.finditer(record.removesuffix("\n")), width)
    return [
        quoted.replace('""', '"') if quoted is not None else bare or None
        for quoted, bare in (field.groups() for field in fields)
    ]
