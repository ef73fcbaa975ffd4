"""What can we do to the files on a client's server, whatever kind of server it is?"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import posixpath
from collections.abc import Iterator, Sequence
from typing import cast

import asyncssh

from event_delivery.sftp.replies import MISSING, is_connection_lost
from event_delivery.sftp.session import Session
from event_delivery.sftp.sight import Content, Sight, Size


class RemoteFiles:
    """The files on one server; sizes are in bytes.

    Args:
        session: the session.
        check_size: False where the server changes files on their way, so that their size says nothing.
        create_folder: whether a missing folder is made.
    """

    def __init__(self, session: Session, *, check_size: bool = True, create_folder: bool = False) -> None:
        self._sftp = session.sftp
        self._connection = session.connection
        self._keepalive = session.keepalive
        self._check_size = check_size
        self._create_folder = create_folder

    @property
    def largest_write(self) -> int:
        """Return how many bytes the server takes in one write."""
        return self._sftp.limits.max_write_len

    async def size(self, path: str) -> Size:
        """Return a file's size in bytes, or why there is none to be had."""
        try:
            size = (await self._sftp.stat(path)).size
        except MISSING:
            return Sight.MISSING
        except asyncssh.SFTPError as error:
            if is_connection_lost(error):
                raise
            return Sight.UNTOLD
        return Sight.UNTOLD if size is None or not self._check_size else size

    async def has_folder(self, path: str) -> bool:
        """Tell whether the folder of a path is there, for all that the server tells."""
        folder = posixpath.dirname(path)
        return not folder or await self.size(folder) is not Sight.MISSING

    async def free_bytes(self, path: str) -> int | None:
        """Return the bytes left for us on the disk of a path's folder, None when the server does not tell."""
        try:
            disk = await self._sftp.statvfs(posixpath.dirname(path) or ".")
        except asyncssh.SFTPError:
            return None
        return disk.bavail * disk.frsize

    async def open_new(self, path: str, *, clear_the_way: bool = True) -> asyncssh.SFTPClientFile:
        """Open a file for writing from its start; make its folder if told to; remove one that bars the way.

        Not if told not to clear the way: what lies under a final name may be a delivered file.
        """
        try:
            return await self._sftp.open(path, "wb", block_size=0)
        except MISSING:
            if not self._create_folder:
                raise
            await self._sftp.makedirs(posixpath.dirname(path), exist_ok=True)
        except asyncssh.SFTPError as error:
            barred = clear_the_way and not is_connection_lost(error) and await self.size(path) is not Sight.MISSING
            if not barred or not await self.remove(path):
                raise
        return await self._sftp.open(path, "wb", block_size=0)

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        """Ask for no sign of life meanwhile: its answer would wait behind the bytes of a slow line."""
        self._connection.set_keepalive(0)
        try:
            yield
        finally:
            self._connection.set_keepalive(self._keepalive)

    async def sync(self, file: asyncssh.SFTPClientFile) -> None:
        """Have the server write a file to its disk, where it can."""
        with contextlib.suppress(asyncssh.SFTPOpUnsupported, asyncssh.SFTPPermissionDenied):
            await file.fsync()

    async def remove(self, path: str) -> bool:
        """Remove a file; tells whether the server says that it is gone."""
        refusal = await self._try_to_remove(path)
        return refusal is None or isinstance(refusal, MISSING)

    async def discard(self, path: str) -> bool:
        """Remove a file that should not be there; tells whether it was, as far as the server tells.

        One that can be removed twice was not: such a server says yes to everything.
        """
        return await self._try_to_remove(path) is None and await self._try_to_remove(path) is not None

    async def _try_to_remove(self, path: str) -> asyncssh.SFTPError | None:
        """Return why the server does not remove a file; None: it says that it has."""
        try:
            await self._sftp.remove(path)
        except asyncssh.SFTPError as error:
            if is_connection_lost(error):
                raise
            return error
        return None

    async def remove_all(self, paths: Sequence[str]) -> list[str]:
        """Remove the files that are there, all at once; returns those that the server kept."""
        gone = await asyncio.gather(*(self.remove(path) for path in paths))
        return [path for path, is_gone in zip(paths, gone, strict=True) if not is_gone]

    async def rename(self, old: str, new: str) -> None:
        """Rename as the server can: replacing what lies there if it knows how, else not."""
        try:
            await self._sftp.posix_rename(old, new)
        except asyncssh.SFTPOpUnsupported:
            await self._sftp.rename(old, new)

    async def compare(self, path: str, sha256: str, size: int) -> Content:
        """Read a file back, `size` bytes and no more, and tell whether it holds the bytes of this sha256.

        Without `check_size` the server may change files: other bytes than were sent say nothing.

        Broken off, the file is not closed: a server that fell silent would not answer that either.
        """
        digest, left = hashlib.sha256(), size + 1  # one more tells a longer file; a server may never end
        try:
            file = await self._sftp.open(path, "rb", encoding=None)
            while left > 0 and (block := await file.read(min(1 << 20, left))):
                digest.update(cast(bytes, block))
                left -= len(block)
            await file.close()
        except asyncssh.SFTPError as error:
            if is_connection_lost(error):
                raise
            return Content.UNREADABLE
        if digest.hexdigest() == sha256:
            return Content.SAME
        return Content.OTHER if self._check_size else Content.UNREADABLE
