"""How do a file's bytes get to the server, quickly, in flat memory, and each acknowledged?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import IO

import asyncssh

from event_delivery.limits import LIMITS
from event_delivery.sftp.blocks import Blocks, help_carrying
from event_delivery.sftp.lanes import BESIDE, Lanes
from event_delivery.sftp.progress import Progress

# Twice OpenSSH's channel window: more brings nothing, less stalls (`make bench`).
UNDER_WAY_BYTES = 4 << 20
# What OpenSSH takes in one request. A server that tells no limit must take 32 KiB; with a little less, request and
# header fit into one SSH packet.
_LARGEST_WRITE_BYTES = 255 * 1024
_SAFE_WRITE_BYTES = 32_768
_HEADER_BYTES = 64
# For a further channel that opens when all is sent: its handle must be closed before the file gets its final name.
LATE_LANE = 5.0


def choose_write_bytes(limit: int) -> int:
    """Return the bytes of one write to a server whose limit is this."""
    return min(limit, _LARGEST_WRITE_BYTES) if limit > _SAFE_WRITE_BYTES else _SAFE_WRITE_BYTES - _HEADER_BYTES


async def send_blocks(
    file: asyncssh.SFTPClientFile,
    source: IO[bytes],
    largest_write: int,
    progress: Progress,
    stall: float = LIMITS.stall,
    lanes: Lanes | None = None,
) -> str:
    """Write a local file to an open remote one; returns the sha256 of what was sent.

    Some carriers at a time each take the next block and wait for the server's answer to it, so that distance costs
    little and memory holds what is under way, no more. `lanes`: further channels help as soon as they are open.

    Raises:
        asyncssh.Error, OSError: a write was refused, or the line broke, or no byte was acknowledged for `stall`
            seconds.
    """
    size = choose_write_bytes(largest_write)
    blocks, many = Blocks(source, size, progress), max(1, UNDER_WAY_BYTES // size)
    progress.start()
    carriers = [asyncio.ensure_future(blocks.carry(file)) for _ in range(many)]
    opening = [asyncio.ensure_future(lanes.open()) for _ in range(BESIDE)] if lanes else []
    helping = [asyncio.ensure_future(help_carrying(each, blocks, file, many, lanes)) for each in opening if lanes]
    try:
        await _gather_while_alive(carriers, progress, stall)
        opened = [helper for helper, lane in zip(helping, opening, strict=True) if lane.done()]
        await _gather_while_alive(opened, progress, stall)
        if late := [helper for helper in helping if not helper.done()]:  # too late to help, but it may have opened
            await asyncio.wait(late, timeout=LATE_LANE)
    finally:
        for each in (*carriers, *opening, *helping):
            each.cancel()
    progress.end()
    return str(blocks.sha256.hexdigest())


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
