"""Which events does a file hold that was delivered and is kept?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO

from event_delivery.delivery import Delivery
from event_delivery.formats.reading import read_event_ids, read_rows
from event_delivery.formats.unpacked import is_encrypted, unpack_file
from event_delivery.ledger.comparisons import ReceivedFile
from event_delivery.staging import KeptFile, StagedGoneError, find_kept, read_kept
from event_delivery.staging import read_kept_ids as read_ids_of


def read_kept_ids(delivery: Delivery, file: ReceivedFile) -> Iterator[str]:
    """Yield the ids of a delivered file of an interval, in constant memory.

    Args:
        delivery: any delivery of that interval.
        file: what the ledger says of the file.

    Raises:
        StagedGoneError: it is not kept here, is not what was delivered, or is encrypted.
    """
    if file.rows == 0:
        return
    if shaped := _find_shaped(delivery, file):
        with read_ids_of(shaped) as ids:
            yield from map(json.loads, ids)
        return
    with _open_kept(delivery, file) as (kept, format):
        yield from read_event_ids(kept, format)


def read_kept_rows(delivery: Delivery, file: ReceivedFile) -> Iterator[tuple[str, bytes]]:
    """Yield the id and the bytes of each event of such a file; raises as `read_kept_ids`."""
    if file.rows == 0:
        return
    with _open_kept(delivery, file) as (kept, format):
        yield from read_rows((line.removesuffix(b"\n") for line in kept), format)


def _find_shaped(delivery: Delivery, file: ReceivedFile) -> KeptFile | None:
    """Return a kept file beside which its ids lie; None: its own bytes tell them, or it is not kept."""
    found = find_kept(replace(delivery, kind=file.kind)) if file.shape else []
    return next((each for each in found if each.manifest.sha256 == file.sha256 and each.manifest.ids_sha256), None)


@contextmanager
def _open_kept(delivery: Delivery, file: ReceivedFile) -> Iterator[tuple[IO[bytes], str]]:
    if file.sha256 is None or file.format is None:
        raise StagedGoneError(f"{file.file_name} was delivered by an older release, which kept nothing.")
    with read_kept(replace(delivery, kind=file.kind), file.sha256) as kept:
        if is_encrypted(kept):
            raise StagedGoneError(f"{file.file_name} is encrypted: only those it is for can tell what it holds.")
        yield unpack_file(kept), file.format
