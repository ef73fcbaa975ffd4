"""How does one file take several channels of a connection, where distance holds each of them back?

OpenSSH takes 2 MiB at a time of each channel: over 150 ms 14 MB/s at the most, however fast the line is and
however well the bytes compress.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncssh

from event_delivery.sftp.session import Session

BESIDE = 2  # more brings nothing at 100 Mbit/s and 150 ms (`make bench`)
_SAMPLES, SAMPLE_BYTES = 16, 4_096


@dataclass(frozen=True)
class Lane:
    """One more channel, and the handle of the file there."""

    sftp: asyncssh.SFTPClient
    file: asyncssh.SFTPClientFile

    async def close(self) -> None:
        """Close the file, which the server has to acknowledge, and the channel."""
        await self.file.close()
        self.sftp.exit()


@dataclass
class Lanes:
    """The further channels on which a file is written that the first one has made; `written` where, by offsets."""

    session: Session
    path: str
    written: list[int] = field(default_factory=list)

    async def open(self) -> Lane | None:
        """Open one more; None where the server gives none, or lets nobody read there what was written.

        The file is neither made nor emptied by that.
        """
        try:
            sftp = await self.session.connection.start_sftp_client()
        except (asyncssh.Error, OSError):
            return None
        try:
            file = await sftp.open(self.path, "r+b", encoding=None, block_size=0)
            await file.read(1, 0)
        except asyncssh.SFTPError:
            sftp.exit()
            return None
        return Lane(sftp, file)

    def choose_samples(self) -> list[int]:
        """Return where to look whether what went over further channels is in the file: evenly, and at the last."""
        offsets = sorted(self.written)
        step = max(1, len(offsets) // _SAMPLES)
        return offsets[::-1][::step]

    async def read_samples(self, offsets: Sequence[int]) -> list[bytes]:
        """Read some bytes at each offset of the closed file; raises `asyncssh.SFTPError`."""
        async with self.session.sftp.open(self.path, "rb", encoding=None, block_size=0) as file:
            parts = await asyncio.gather(*(file.read(SAMPLE_BYTES, offset) for offset in offsets))
        return [part if isinstance(part, bytes) else part.encode() for part in parts]


def takes_lanes(session: Session) -> bool:
    """Tell whether the server is OpenSSH's own, 9.0 or later, which offers to copy data within it; not on Windows.

    What another server, or what stands behind it, makes of two handles of one file nobody knows.
    """
    version = str(session.connection.get_extra_info("server_version", ""))
    return "OpenSSH_" in version and "Windows" not in version and session.sftp.supports_remote_copy
