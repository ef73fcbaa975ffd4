"""How do staged events become the bytes that a client asked for: its text, then packed?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from event_delivery.delivery import Delivery
from event_delivery.formats.packed import pack_blocks
from event_delivery.formats.parquet import write_parquet
from event_delivery.formats.text import write_text
from event_delivery.staging import BLOCK_BYTES, Manifest


def dress_events(delivery: Delivery, staged: Manifest, events: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a delivery file of staged events, in constant memory.

    Args:
        delivery: whose destination says what its files look like.
        staged: what is known of its staged events.
        events: these, open.

    Raises:
        PermanentError: an event cannot be written so, or a key is missing, wrong or expired.
    """
    format, blocks = delivery.destination.format, iter(lambda: events.read(BLOCK_BYTES), b"")
    if format == "csv":
        blocks = write_text(delivery, list(staged.columns), blocks)
    elif format == "parquet":
        blocks = write_parquet(delivery, blocks)
    return pack_blocks(delivery, blocks, delivery.file_name)
