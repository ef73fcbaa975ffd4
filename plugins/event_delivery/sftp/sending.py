"""How do a file's bytes get to the server, quickly, in flat memory, and each acknowledged?"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO

import asyncssh

from event_delivery.limits import LIMITS

# Twice OpenSSH's channel window: more brings nothing, less stalls (`make bench`).
UNDER_WAY_BYTES = 4 << 20
# What OpenSSH takes in one request. A server that tells no limit must take 32 KiB; with a little less, request and
# header fit into one SSH packet.
_LARGEST_WRITE_BYTES = 255 * 1024
_SAFE_WRITE_BYTES = 32_768
_HEADER_BYTES = 64
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


def choose_write_bytes(limit: int) -> int:
    """Return the bytes of one write to a server whose limit is this."""
    return min(limit, _LARGEST_WRITE_BYTES) if limit > _SAFE_WRITE_BYTES else _SAFE_WRITE_BYTES - _HEADER_BYTES


async def send_blocks(
    file: asyncssh.SFTPClientFile,
    source: IO[bytes],
    largest_write: int,
    progress: Progress,
    stall: float = LIMITS.stall,
) -> str:
    """Write a local file to an open remote one; returns the sha256 of what was sent.

    Some carriers at a time each take the next block and wait for the server's answer to it, so that distance costs
    little and memory holds what is under way, no more.

    Raises:
        asyncssh.Error, OSError: a write was refused, or the line broke, or no byte was acknowledged for `stall`
            seconds.
    """
    size = choose_write_bytes(largest_write)
    offset, sha256 = 0, hashlib.sha256()
    progress.start()

    async def carry() -> None:
        nonlocal offset
        while block := source.read(size):
            start, offset = offset, offset + len(block)
            sha256.update(block)
            await file.write(block, start)
            progress.acknowledged += len(block)

    carriers = [asyncio.ensure_future(carry()) for _ in range(max(1, UNDER_WAY_BYTES // size))]
    try:
        await _gather_while_alive(carriers, progress, stall)
    finally:
        for carrier in carriers:
            carrier.cancel()
    progress.end()
    return sha256.hexdigest()


async def _gather_while_alive(carriers: Sequence[asyncio.Future[None]], progress: Progress, stall: float) -> None:
    """Wait for all while bytes are acknowledged: on a slow line a keepalive's answer would wait behind them."""
    working = asyncio.gather(*carriers)
    working.add_done_callback(lambda done: done.cancelled() or done.exception())
    seen = -1
    while seen < progress.acknowledged:
        seen = progress.acknowledged
        done, _ = await asyncio.wait({working}, timeout=stall)
        if done:
            await working
            return
    working.cancel()
    raise asyncssh.ConnectionLost(f"no byte was acknowledged for {stall:.0f} s")
