"""How is a staged file read in flat memory?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import IO

from event_delivery.staging import BLOCK_BYTES


def read_blocks(source: IO[bytes]) -> Iterator[bytes]:
    """Return the file's bytes, a block at a time."""
    return iter(partial(source.read, BLOCK_BYTES), b"")
