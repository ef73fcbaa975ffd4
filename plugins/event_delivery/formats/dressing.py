"""How do staged events become the bytes that a client asked for: its text, then packed?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from event_delivery.delivery import Delivery
from event_delivery.formats.packed import pack_blocks
from event_delivery.formats.text import write_text


def dress_events(delivery: Delivery, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a delivery file of staged events, in constant memory.

    Args:
        delivery: whose destination says what its files look like.
        blocks: the staged events, in order, in blocks that end anywhere.

    Raises:
        PermanentError: an event cannot be written so, or a key is missing, wrong or expired.
    """
    return pack_blocks(delivery, write_text(delivery, blocks))
