"""How does a delivery file get onto a server, so that nobody ever sees half of it?

looking --> opening --> sending --> closing --> checking --> renaming --> verifying --> delivered
   |                                                ^             ^
   |-- an earlier attempt had closed the file ------'             |
   '-- an earlier attempt had renamed it -------------------------'

The journal knows how far an attempt came, at whatever moment it was killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncssh

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.limits import LIMITS
from event_delivery.sftp.files import UNKNOWN_SIZE, RemoteFiles
from event_delivery.sftp.replies import MISSING
from event_delivery.sftp.sending import send_blocks
from event_delivery.upload.cleanup import clean_up, is_disk_full
from event_delivery.upload.plan import TAKEN_BEFORE, Journal, Outcome, Reached, Transfer, explain_taken
from event_delivery.upload.resume import look_for_file, remove_leftovers

Result = TypeVar("Result")


async def transfer_file(
    remote: RemoteFiles, transfer: Transfer, journal: Journal, clean_up_seconds: float = LIMITS.clean_up
) -> Outcome:
    """Put the file under its final name, whole.

    Raises:
        TakenError: somebody on the server took the temporary file; sending it again would make a second copy.
        asyncssh.Error, OSError, DeliveryError: any other failure, at the step where the journal is.
    """
    found = await look_for_file(remote, transfer)
    if isinstance(found, Outcome):
        return found
    try:
        temporary, ahead = found or await _write(remote, transfer, journal), None
        if temporary != transfer.remote_path:
            journal.enter("renaming", temporary)
            renaming = _rename(remote, transfer, temporary)
            was_taken, ahead = await _act_and_look(renaming, remote, transfer.remote_path)
            if was_taken:
                return TAKEN_BEFORE
    except (Exception, asyncio.CancelledError) as error:
        full = await is_disk_full(remote, transfer, journal, error, clean_up_seconds)
        if not (transfer.direct and journal.doing == "opening"):  # that file is an older one
            await clean_up(remote, journal, error, clean_up_seconds)
        if full:
            raise asyncssh.SFTPNoSpaceOnFilesystem("the disk is full") from error
        raise
    journal.path, journal.doing = transfer.remote_path, "verifying"
    outcome = await _verify(remote, transfer, journal, ahead)
    return await remove_leftovers(remote, transfer, outcome)


async def _write(remote: RemoteFiles, transfer: Transfer, journal: Journal) -> str:
    """Write the temporary file, whole and closed; returns its path."""
    path = transfer.temporary_path
    journal.enter("sending", path, "opening")
    await remote.remove_all(transfer.leftover_paths)
    try:
        file = await remote.open_new(path)
    except asyncssh.SFTPPermissionDenied:
        if transfer.direct and await remote.holds(path, transfer.sha256):
            return path
        raise
    journal.doing = "sending"
    with transfer.local_path.open("rb", buffering=0) as source:
        sent = await send_blocks(file, source, remote.largest_write, transfer.progress)
    if sent != transfer.sha256:
        raise PermanentError(f"{transfer.local_path} is not what was formatted, wanted its sha256. Clear the run.")
    await remote.sync(file)
    journal.enter("closing", path)
    _, ahead = await _act_and_look(file.close(), remote, path)
    journal.doing = "checking"
    size = await _size_after(remote, path, ahead, transfer.bytes)
    if size not in (None, UNKNOWN_SIZE, transfer.bytes):
        raise _wrong_size(size, transfer.bytes)
    return path


async def _rename(remote: RemoteFiles, transfer: Transfer, temporary: str) -> bool:
    """Rename; tells whether an earlier attempt had renamed already, and the file was taken away since.

    That is so when the server does not find the temporary file whose renaming was asked for once before.
    """
    try:
        await remote.rename(temporary, transfer.remote_path, transfer.sha256)
    except MISSING:
        if await remote.size(temporary) not in (None, UNKNOWN_SIZE):
            raise RetryableError("the server does not find the file that it has. Ask the client.") from None
        final = await remote.size(transfer.remote_path)
        asked_before = transfer.reached == Reached("renaming", temporary)
        if asked_before and final is None and await remote.has_folder(transfer.remote_path):
            return True
        if asked_before and final == UNKNOWN_SIZE:
            return False
        if final != transfer.bytes or await remote.holds(transfer.remote_path, transfer.sha256) is False:
            raise explain_taken(temporary) from None
    return False


async def _verify(
    remote: RemoteFiles, transfer: Transfer, journal: Journal, ahead: asyncio.Future[int | None] | None
) -> Outcome:
    """Look at the final name; once the server has acknowledged, a broken line makes no failure of it."""
    try:
        size = await _size_after(remote, transfer.remote_path, ahead, transfer.bytes)
    except (asyncssh.Error, OSError):
        return Outcome("the server acknowledged it, then the line broke")
    if size is None:
        return Outcome("the server took it away at once", taken=True)
    if size == UNKNOWN_SIZE:
        return Outcome("the server does not tell its size")
    if size != transfer.bytes:
        journal.record("sending", journal.path)
        raise _wrong_size(size, transfer.bytes)
    return Outcome("its size on the server is right")


async def _act_and_look(
    action: Coroutine[Any, Any, Result], remote: RemoteFiles, path: str
) -> tuple[Result, asyncio.Future[int | None]]:
    """Ask for an action and right behind it for the size of a file: a round trip less than one after the other."""
    acting = asyncio.ensure_future(action)
    await asyncio.sleep(0)
    looking = asyncio.ensure_future(remote.size(path))
    looking.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await acting, looking


async def _size_after(
    remote: RemoteFiles, path: str, ahead: asyncio.Future[int | None] | None, wanted: int
) -> int | None:
    """Return a file's size; one asked for ahead may be older than the action, and counts only if right."""
    size = await ahead if ahead else None
    return size if size in (wanted, UNKNOWN_SIZE) else await remote.size(path)


def _wrong_size(found: int | None, wanted: int) -> DeliveryError:
    return RetryableError(
        f"{found} bytes arrived, wanted {wanted}. If the server changes files on their way, set check_size: false."
    )
