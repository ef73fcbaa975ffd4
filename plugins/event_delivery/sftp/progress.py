"""How far has a file come, and how fast?"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

_FEWEST_MEASURED = 1_000_000  # as in the ledger's read_rates.sql


@dataclass
class Progress:
    """How many bytes of a file the server has acknowledged, since when (seconds, monotonic), and how they went."""

    total: int
    acknowledged: int = 0
    compressed: bool | None = None
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None

    def start(self) -> None:
        """Count from now."""
        self.acknowledged, self.started, self.ended = 0, time.monotonic(), None

    def end(self) -> None:
        """Stop the clock."""
        self.ended = time.monotonic()

    def add(self, part: Progress) -> None:
        """Count what went of a part of the file, too."""
        if part.acknowledged:
            seconds = part.seconds + (self.seconds if self.acknowledged else 0)
            self.acknowledged += part.acknowledged
            self.ended = self.started + seconds

    @property
    def seconds(self) -> float:
        """Return how long the bytes have been on their way."""
        return (self.ended or time.monotonic()) - self.started

    @property
    def rates(self) -> dict[bool, float]:
        """Return the bytes/s by whether they went compressed; none where too few went to tell."""
        if self.acknowledged < _FEWEST_MEASURED or self.compressed is None:
            return {}
        return {self.compressed: self.acknowledged / max(self.seconds, 1e-3)}

    def __str__(self) -> str:
        percent = 100 * self.acknowledged / self.total if self.total else 100
        rate = self.acknowledged / 1e6 / max(self.seconds, 1e-3)
        return f"{self.acknowledged:,} of {self.total:,} bytes ({percent:.0f} %), {rate:.2f} MB/s"
