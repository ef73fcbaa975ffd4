"""Where do the records of a CSV file end, that a row group may end there, too?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain


def take_line(blocks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first line of blocks that end anywhere, without its end, and what follows it."""
    left, held = iter(blocks), b""
    for block in left:
        held += block
        if b"\n" in block:
            break
    line, _, rest = held.partition(b"\n")
    return line, chain((rest,), left)


def split_records(blocks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Yield the same bytes in parts of whole records; where the blocks end changes no part.

    Args:
        blocks: of CSV with double quotes, each record with a line feed at its end.
        most: bytes of a part; one that begins with a longer record is larger.
    """
    held, wanted = bytearray(), most
    for block in blocks:
        held += block
        while len(held) >= wanted:
            if end := _find_end(held, wanted):
                yield bytes(held[:end])
                del held[:end]
            wanted = most if end else 2 * wanted
    if held:
        yield bytes(held)


def _find_end(held: bytearray, end: int) -> int:
    """Return where the last record ends that is whole within so many bytes; 0: none is."""
    quotes = held.count(b'"', 0, end)
    while (line := held.rfind(b"\n", 0, end)) >= 0:
        quotes -= held.count(b'"', line, end)
        if quotes % 2 == 0:
            return line + 1
        end = line
    return 0
