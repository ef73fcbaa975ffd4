"""What can we do to the files on a client's server, whatever kind of server it is?"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import posixpath
from collections.abc import Sequence
from typing import cast

import asyncssh

from event_delivery.errors import PermanentError
from event_delivery.limits import LIMITS
from event_delivery.sftp.replies import MISSING, PASSING, is_connection_lost

UNKNOWN_SIZE = -1
_BLOCK_BYTES = 1 << 20


class RemoteFiles:
    """The files on one server; sizes are in bytes.

    Args:
        sftp: the session.
        check_size: False where the server changes files on their way, so that their size says nothing.
        create_folder: whether a missing folder is made.
        rename_pauses: the seconds between the tries to rename a file that somebody else holds open.
    """

    def __init__(
        self,
        sftp: asyncssh.SFTPClient,
        *,
        check_size: bool = True,
        create_folder: bool = False,
        rename_pauses: Sequence[float] = LIMITS.rename_pauses,
    ) -> None:
        self._sftp = sftp
        self._rename_pauses = rename_pauses
        self._check_size = check_size
        self._create_folder = create_folder

    @property
    def largest_write(self) -> int:
        """Return how many bytes the server takes in one write."""
        return self._sftp.limits.max_write_len

    async def size(self, path: str) -> int | None:
        """Return a file's size, None when there is no such file, UNKNOWN_SIZE when the server does not tell."""
        try:
            size = (await self._sftp.stat(path)).size
        except MISSING:
            return None
        except asyncssh.SFTPError as error:
            if is_connection_lost(error):
                raise
            return UNKNOWN_SIZE
        return UNKNOWN_SIZE if size is None or not self._check_size else size

    async def has_folder(self, path: str) -> bool:
        """Tell whether the folder of a path is there, for all that the server tells."""
        folder = posixpath.dirname(path)
        return not folder or await self.size(folder) is not None

    async def free_bytes(self, path: str) -> int | None:
        """Return the bytes left for us on the disk of a path's folder, None when the server does not tell."""
        try:
            disk = await self._sftp.statvfs(posixpath.dirname(path) or ".")
        except asyncssh.SFTPError:
            return None
        return disk.bavail * disk.frsize

    async def open_new(self, path: str) -> asyncssh.SFTPClientFile:
        """Open a file for writing from its start; make its folder if told to; remove one that bars the way."""
        try:
            return await self._sftp.open(path, "wb", block_size=0)
        except MISSING:
            if not self._create_folder:
                raise
            await self._sftp.makedirs(posixpath.dirname(path), exist_ok=True)
        except asyncssh.SFTPError as error:
            if is_connection_lost(error) or await self.size(path) is None or not await self.remove(path):
                raise
        return await self._sftp.open(path, "wb", block_size=0)

    async def sync(self, file: asyncssh.SFTPClientFile) -> None:
        """Have the server write a file to its disk, where it can."""
        with contextlib.suppress(asyncssh.SFTPOpUnsupported, asyncssh.SFTPPermissionDenied):
            await file.fsync()

    async def remove(self, path: str) -> bool:
        """Remove a file; tells whether the server says that it is gone."""
        try:
            await self._sftp.remove(path)
        except MISSING:
            return True
        except asyncssh.SFTPError as error:
            if is_connection_lost(error):
                raise
            return False
        return True

    async def remove_all(self, paths: Sequence[str]) -> list[str]:
        """Remove the files that are there, all at once; returns those that the server kept."""
        gone = await asyncio.gather(*(self.remove(path) for path in paths))
        return [path for path, is_gone in zip(paths, gone, strict=True) if not is_gone]

    async def rename(self, temporary: str, final: str, sha256: str) -> None:
        """Give a whole file its final name, replacing an older one; atomically where the server can.

        Raises:
            PermanentError: an older file lies there, and the server lets nobody replace it.
            asyncssh.SFTPError: the server refuses, and no other way worked.
        """
        for pause in self._rename_pauses:
            try:
                return await self._rename_or_replace(temporary, final, sha256)
            except asyncssh.SFTPError as error:
                if not isinstance(error, PASSING):
                    raise
            await asyncio.sleep(pause)
        return await self._rename_or_replace(temporary, final, sha256)

    async def _rename_or_replace(self, temporary: str, final: str, sha256: str) -> None:
        try:
            await self._rename_once(temporary, final)
        except asyncssh.SFTPError as error:
            if is_connection_lost(error) or isinstance(error, (*MISSING, asyncssh.SFTPOpUnsupported)):
                raise
            if await self.size(temporary) is None and await self.holds(final, sha256) is not False:
                return  # the server did rename, whatever it answered
            if await self.size(final) is None:
                raise
            await self._replace(temporary, final, sha256, error)

    async def _rename_once(self, temporary: str, final: str) -> None:
        try:
            await self._sftp.posix_rename(temporary, final)
        except asyncssh.SFTPOpUnsupported:
            await self._sftp.rename(temporary, final)

    async def _replace(self, temporary: str, final: str, sha256: str, refusal: Exception) -> None:
        """Replace an older file where rename does not: many servers know only the rename that refuses to."""
        if await self.remove(final):
            await self._rename_once(temporary, final)
        elif await self.holds(final, sha256):
            await self.remove(temporary)
        elif await self.size(final) == UNKNOWN_SIZE:
            raise refusal
        else:
            raise PermanentError(
                "an older file lies there, and the server lets nobody replace it. Ask the client to move it "
                "away, or for the right to overwrite."
            )

    async def holds(self, path: str, sha256: str) -> bool | None:
        """Tell whether a file's content, read back, is the wanted one; None when it cannot be read.

        Broken off, the file is not closed: a server that fell silent would not answer that either.
        """
        digest = hashlib.sha256()
        try:
            file = await self._sftp.open(path, "rb", encoding=None)
            while block := await file.read(_BLOCK_BYTES):
                digest.update(cast(bytes, block))
            await file.close()
        except asyncssh.SFTPError as error:
            if is_connection_lost(error):
                raise
            return None
        return digest.hexdigest() == sha256
