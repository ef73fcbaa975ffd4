"""Which events does a delivery file hold?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import IO

LARGEST_FIELD = 1 << 30  # bytes of one value: PostgreSQL has none larger


def read_event_ids(file: IO[bytes], format: str) -> Iterator[str]:
    """Yield the ids of the events in a delivery file, in order, as text, in constant memory; reads it to its end.

    Raises:
        ValueError: it is no file that this package made.
    """
    return _READERS[format](file)


def read_rows(lines: Iterable[bytes], format: str) -> Iterator[tuple[str, bytes]]:
    """Yield the id and the bytes of each event, of a file or as Postgres renders them, in constant memory.

    Args:
        lines: without their ends.
        format: `csv` or `json`.

    Raises:
        ValueError: it is no file that this package made.
    """
    return _ROW_READERS[format](lines)


def _read_csv(file: IO[bytes]) -> Iterator[str]:
    csv.field_size_limit(LARGEST_FIELD)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    rows = csv.reader(text, strict=True)
    place = next(rows).index("id")
    yield from (row[place] for row in rows)
    text.detach()


def _read_csv_rows(lines: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    csv.field_size_limit(LARGEST_FIELD)
    records = join_quoted(lines)
    place = _split_record(next(records)).index("id")
    yield from ((_split_record(record)[place], record) for record in records)


def _split_record(record: bytes) -> list[str]:
    return next(csv.reader([record.decode()], strict=True))


def join_quoted(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield records, of which a quoted value may go over several lines (RFC 4180)."""
    held: list[bytes] = []
    quotes = 0
    for line in lines:
        held.append(line)
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            yield b"\n".join(held)
            held.clear()


def _read_json(file: IO[bytes]) -> Iterator[str]:
    for event_id, _ in _read_json_rows(line.removesuffix(b"\n") for line in file):
        yield event_id


def _read_json_rows(lines: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    for line in lines:
        if line not in (b"[", b"]", b"[]"):
            row = line.removesuffix(b",")
            event = json.loads(row, parse_int=str, parse_float=str)
            yield event["id"] if isinstance(event["id"], str) else json.dumps(event["id"]), row


_READERS = {"csv": _read_csv, "json": _read_json}
_ROW_READERS = {"csv": _read_csv_rows, "json": _read_json_rows}
