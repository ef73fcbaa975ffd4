"""How do the rows of a COPY become the bytes of a delivery file, in flat memory?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

_ROWS = 64  # at once: PostgreSQL sends each by itself, and to handle one costs as much as to hash it


def join_rows(rows: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Yield the same bytes in fewer, larger blocks."""
    left = iter(rows)
    while some := list(islice(left, _ROWS)):
        yield b"".join(some)


def join_events(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the JSON array of events that come one a line, in blocks that end anywhere.

    Each event is as `json.dumps(event, ensure_ascii=False)` writes it.
    """
    held, begun = b"", False
    for block in blocks:
        lines = held + block
        held = lines[-1:] if lines.endswith(b"\n") else b""  # no comma after the last event
        yield (b"" if begun else b"[\n") + lines.removesuffix(b"\n").replace(b"\n", b",\n")
        begun = True
    yield b"\n]\n" if begun else b"[]\n"
