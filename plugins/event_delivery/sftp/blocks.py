"""Who carries which block of a file?"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import IO, Any

import asyncssh

from event_delivery.sftp.lanes import Lane, Lanes
from event_delivery.sftp.progress import Progress


@dataclass
class Blocks:
    """A local file's blocks: whoever carries takes the next one, and waits for the server's answer to it."""

    source: IO[bytes]
    size: int
    progress: Progress
    offset: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)

    async def carry(self, file: asyncssh.SFTPClientFile) -> None:
        """Write blocks until there are none; raises `asyncssh.Error`."""
        while taken := self._take():
            await self._write(file, *taken)

    async def carry_beside(self, lane: Lane, file: asyncssh.SFTPClientFile, written: list[int]) -> None:
        """Do the same on a further channel; what is refused there goes over the first one, and ends it."""
        while taken := self._take():
            try:
                await self._write(lane.file, *taken)
            except asyncssh.SFTPError:
                await self._write(file, *taken)
                return
            written.append(taken[1])

    async def _write(self, file: asyncssh.SFTPClientFile, block: bytes, offset: int) -> None:
        await file.write(block, offset)
        self.progress.acknowledged += len(block)

    def _take(self) -> tuple[bytes, int] | None:
        block, offset = self.source.read(self.size), self.offset
        self.sha256.update(block)
        self.offset += len(block)
        return (block, offset) if block else None


async def help_carrying(
    opening: asyncio.Future[Lane | None], blocks: Blocks, file: asyncssh.SFTPClientFile, many: int, lanes: Lanes
) -> None:
    """Carry on a further channel, if there is one, and close it: the server has to acknowledge that, too."""
    if not (lane := await opening):
        return
    carriers = [asyncio.ensure_future(blocks.carry_beside(lane, file, lanes.written)) for _ in range(many)]
    try:
        await asyncio.gather(*carriers)
        await lane.close()
    finally:
        for carrier in carriers:
            carrier.cancel()
