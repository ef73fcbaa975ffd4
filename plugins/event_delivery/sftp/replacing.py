"""How does a whole file get its final name, over an older one if there is one, on every kind of server?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh

from event_delivery.errors import PermanentError
from event_delivery.sftp.files import RemoteFiles
from event_delivery.sftp.replies import MISSING, PASSING, is_connection_lost
from event_delivery.sftp.sight import Content, Sight


class AskedBeforeError(Exception):
    """The server does not find a file whose renaming it had refused a moment before: it may have done it."""


@dataclass(frozen=True)
class Whole:
    """What a whole file holds: its sha256 and its size in bytes."""

    sha256: str
    bytes: int


async def rename_file(
    remote: RemoteFiles, temporary: str, final: str, content: Whole, pauses: Sequence[float]
) -> None:
    """Give a whole file its final name, replacing an older one; atomically where the server can.

    `content` is what it holds. `pauses` are the seconds between the tries, while somebody else holds the file.

    Raises:
        PermanentError: an older file lies there, and the server lets nobody replace it.
        AskedBeforeError: it is not found any more, having been refused a moment before.
        asyncssh.SFTPError: the server refuses, and no other way worked.
    """
    for tries, pause in enumerate((*pauses, None)):
        try:
            return await _rename_or_replace(remote, temporary, final, content)
        except PASSING:
            if pause is None:
                raise
            await asyncio.sleep(pause)
        except MISSING as error:
            if tries:
                raise AskedBeforeError from error
            raise
    return None


async def _rename_or_replace(remote: RemoteFiles, temporary: str, final: str, content: Whole) -> None:
    try:
        await remote.rename(temporary, final)
    except asyncssh.SFTPError as error:
        if is_connection_lost(error) or isinstance(error, (*MISSING, asyncssh.SFTPOpUnsupported)):
            raise
        gone = await remote.size(temporary) is Sight.MISSING
        if gone and await remote.compare(final, content.sha256, content.bytes) is not Content.OTHER:
            return  # whatever it answered
        older = await remote.size(final)
        if older is Sight.MISSING:
            raise
        if gone:  # nothing is left to take the older file's place
            raise asyncssh.SFTPNoSuchFile("the temporary file is gone") from error
        if older == content.bytes and await remote.compare(final, content.sha256, content.bytes) is Content.SAME:
            await remote.remove(temporary)  # it was copied, whatever it answered
        else:
            await _replace(remote, temporary, final, content, error)


async def _replace(remote: RemoteFiles, temporary: str, final: str, content: Whole, refusal: Exception) -> None:
    """Replace an older file where rename does not: many servers know only the rename that refuses to."""
    if await remote.remove(final):
        await remote.rename(temporary, final)
    elif await remote.compare(final, content.sha256, content.bytes) is Content.SAME:
        await remote.remove(temporary)
    elif await remote.size(final) is Sight.UNTOLD:
        raise refusal
    else:
        raise PermanentError(
            "an older file lies there, and the server lets nobody replace it. Ask the client to move it "
            "away, or for the right to overwrite."
        )
