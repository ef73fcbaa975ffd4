"""Which ids does a file hold that was delivered and is kept?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from event_delivery.delivery import Delivery
from event_delivery.formats.reading import read_event_ids
from event_delivery.ledger.comparisons import ReceivedFile
from event_delivery.staging import StagedGoneError, read_kept


def read_kept_ids(delivery: Delivery, file: ReceivedFile) -> Iterator[str]:
    """Yield the ids of a delivered file of an interval, in constant memory.

    Args:
        delivery: any delivery of that interval.
        file: what the ledger says of the file.

    Raises:
        StagedGoneError: it is not kept here, or is not what was delivered.
    """
    if file.sha256 is None or file.format is None:
        raise StagedGoneError(f"{file.file_name} was delivered by an older release, which kept nothing.")
    with read_kept(replace(delivery, kind=file.kind), file.sha256) as kept:
        yield from read_event_ids(kept, file.format)
