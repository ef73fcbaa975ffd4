"""How do staged events become a JSON array?"""

from __future__ import annotations

from typing import IO

from event_delivery.errors import PermanentError
from event_delivery.formats.blocks import read_blocks
from event_delivery.staging import Manifest, StagedFile


def format_json(source: IO[bytes], target: StagedFile, staged: Manifest) -> None:
    """Write one array, one event a line, each as `json.dumps(event, ensure_ascii=False)` writes it.

    Raises:
        PermanentError: the number of events is not the one that was staged.
    """
    rows, held = 0, b""
    for block in read_blocks(source):
        rows += block.count(b"\n")
        lines = held + block
        held = lines[-1:] if lines.endswith(b"\n") else b""  # no comma after the last event
        target.write((b"" if target.bytes else b"[\n") + lines.removesuffix(b"\n").replace(b"\n", b",\n"))
    target.write(b"\n]\n" if rows else b"[]\n")
    if rows != staged.rows:
        raise PermanentError(f"{staged.path} holds {rows} events, wanted {staged.rows}. Clear the whole run.")
