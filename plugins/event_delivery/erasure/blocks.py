"""How is what comes in blocks read as a file?"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any


class Blocks(io.RawIOBase):
    """What comes in blocks, as a file that is read once."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._block = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read as much as there is of a block."""
        while not self._block:
            try:
                self._block = next(self._blocks)
            except StopIteration:
                return 0
        size = min(len(buffer), len(self._block))
        buffer[:size], self._block = self._block[:size], self._block[size:]
        return size
