"""Which events does a CSV delivery file hold?"""

from __future__ import annotations

import re

_FIELD = re.compile(r'(?:"((?:[^"]++|"")*+)"|([^",\n]*+))([,\n])')


def read_rows(text: str) -> list[list[str | None]]:
    """Split RFC 4180 text, telling an empty field (null) from an empty text in quotes."""
    rows: list[list[str | None]] = [[]]
    for quoted, bare, end in (match.group(1, 2, 3) for match in _FIELD.finditer(text)):
        rows[-1].append(quoted.replace('""', '"') if quoted is not None else bare or None)
        if end == "\n":
            rows.append([])
    return rows[:-1]


def parse_csv(data: bytes) -> list[dict]:
    """Read the contracted CSV as a client would: header, dots nest, an empty field is null."""
    events = []
    header, *rows = read_rows(data.decode())
    for row in rows:
        event: dict = {}
        for name, value in zip(header, row, strict=True):
            *parents, key = name.split(".")
            place = event
            for parent in parents:
                place = place.setdefault(parent, {})
            place[key] = value
        events.append(event)
    return events
