"""Which events does a delivery file hold?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import IO

_LARGEST_FIELD = 1 << 30  # bytes of one value: PostgreSQL has none larger


def read_event_ids(file: IO[bytes], format: str) -> Iterator[str]:
    """Yield the ids of the events in a delivery file, in order, as text, in constant memory; reads it to its end.

    Raises:
        ValueError: it is no file that this package made.
    """
    return _READERS[format](file)


def _read_csv(file: IO[bytes]) -> Iterator[str]:
    csv.field_size_limit(_LARGEST_FIELD)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    rows = csv.reader(text, strict=True)
    place = next(rows).index("id")
    yield from (row[place] for row in rows)
    text.detach()


def _read_json(file: IO[bytes]) -> Iterator[str]:
    for line in file:
        if line not in (b"[\n", b"]\n", b"[]\n"):
            event = json.loads(line.rstrip(b",\n"), parse_int=str, parse_float=str)
            yield event["id"] if isinstance(event["id"], str) else json.dumps(event["id"])


_READERS = {"csv": _read_csv, "json": _read_json}
