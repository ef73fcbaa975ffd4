"""How do staged events become a JSON array?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from event_delivery.errors import PermanentError
from event_delivery.formats.blocks import read_blocks
from event_delivery.staging import Manifest, StagedFile


def format_json(source: IO[bytes], target: StagedFile, staged: Manifest) -> None:
    """Write one array, one event a line, each as `json.dumps(event, ensure_ascii=False)` writes it.

    Raises:
        PermanentError: the number of events is not the one that was staged.
    """
    rows = 0

    def count(blocks: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal rows
        for block in blocks:
            rows += block.count(b"\n")
            yield block

    for block in join_events(count(read_blocks(source))):
        target.write(block)
    if rows != staged.rows:
        raise PermanentError(f"{staged.path} holds {rows} events, wanted {staged.rows}. Clear the whole run.")


def join_events(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the array of events that come one a line, in blocks that end anywhere."""
    held, begun = b"", False
    for block in blocks:
        lines = held + block
        held = lines[-1:] if lines.endswith(b"\n") else b""  # no comma after the last event
        yield (b"" if begun else b"[\n") + lines.removesuffix(b"\n").replace(b"\n", b",\n")
        begun = True
    yield b"\n]\n" if begun else b"[]\n"
