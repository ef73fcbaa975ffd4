r"""How do staged events become the file that the client gets?

Postgres has rendered them in order: as the contracted CSV, header and all, or as one JSON object a line.
So CSV is a copy, and JSON needs brackets and commas. Both prove on the way that nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import IO

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError
from event_delivery.staging import (
    BLOCK_BYTES,
    Manifest,
    StagedFile,
    read_manifest,
    read_staged,
    stage_file,
    write_manifest,
)


def format_staged_events(delivery: Delivery) -> Manifest:
    """Write the delivery file of what `extract` staged; raises as `format_events` does."""
    return format_events(delivery, read_manifest(delivery, delivery.staged_name))


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
    for block in _blocks(source):
        target.write(block)


def format_json(source: IO[bytes], target: StagedFile, staged: Manifest) -> None:
    """Write one array, one event a line, each as `json.dumps(event, ensure_ascii=False)` writes it.

    Raises:
        PermanentError: the number of events is not the one that was staged.
    """
    rows, held = 0, b""
    for block in _blocks(source):
        rows += block.count(b"\n")
        lines = held + block
        held = lines[-1:] if lines.endswith(b"\n") else b""  # no comma after the last event
        target.write((b"" if target.bytes else b"[\n") + lines.removesuffix(b"\n").replace(b"\n", b",\n"))
    target.write(b"\n]\n" if rows else b"[]\n")
    if rows != staged.rows:
        raise PermanentError(f"{staged.path} holds {rows} events, wanted {staged.rows}. Clear the whole run.")


def _blocks(source: IO[bytes]) -> Iterator[bytes]:
    return iter(partial(source.read, BLOCK_BYTES), b"")
