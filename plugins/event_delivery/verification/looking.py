"""What lies under a delivered file's name now? One look, which changes nothing there."""

from __future__ import annotations

import asyncio

import asyncssh

from event_delivery.ledger.verifications import UnverifiedFile
from event_delivery.sftp import Content, RemoteFiles, Session
from event_delivery.sftp.replies import MISSING, is_connection_lost
from event_delivery.verification.sighting import Found, Sighting

_CONTENTS = {Content.SAME: Found.SAME, Content.OTHER: Found.OTHER_BYTES, Content.UNREADABLE: Found.SAME_SIZE}
_FILES = (asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN)


async def look_at(session: Session, file: UnverifiedFile, check_size: bool, seconds: float) -> Sighting:
    """Look at one file, or at each piece of a split one: the first that is not as sent, or the least certain.

    Raises as `look_at_piece`; `seconds` are for all of them.
    """
    pieces, seen = file.list_pieces(), list[Sighting]()
    for piece in pieces:
        seen.append(await look_at_piece(session, piece, check_size, seconds / len(pieces)))
        if seen[-1].found.as_sent is False:
            return seen[-1]
    order = (Found.UNTOLD, Found.SAME_SIZE, Found.SAME)
    return min(seen, key=lambda sighting: order.index(sighting.found))


async def look_at_piece(session: Session, file: UnverifiedFile, check_size: bool, seconds: float) -> Sighting:
    """Look at one file: its size, and where that is right its bytes, if they are read within `seconds`.

    `check_size`: False where the server changes files on their way, so that only its being there says something.

    Raises:
        asyncssh.Error, OSError: the connection is lost.
    """
    try:
        seen = await session.sftp.stat(file.remote_path)
    except MISSING:
        return Sighting(file, Found.GONE)
    except asyncssh.SFTPError as error:
        if is_connection_lost(error):
            raise
        return Sighting(file, Found.UNTOLD)
    if seen.type not in _FILES:
        return Sighting(file, Found.NO_FILE)
    if not check_size:
        return Sighting(file, Found.SAME_SIZE if seen.size == file.bytes else Found.UNTOLD)
    if seen.size not in (None, file.bytes):
        return Sighting(file, Found.OTHER_SIZE, seen.size)
    content = await _read_back(RemoteFiles(session), file, seconds)
    return Sighting(
        file, Found.UNTOLD if seen.size is None and content is Content.UNREADABLE else _CONTENTS[content]
    )


async def _read_back(remote: RemoteFiles, file: UnverifiedFile, seconds: float) -> Content:
    try:
        async with asyncio.timeout(seconds):
            return await remote.compare(file.remote_path, file.sha256, file.bytes)
    except TimeoutError:
        return Content.UNREADABLE
