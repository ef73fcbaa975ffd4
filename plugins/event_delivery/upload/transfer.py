"""How does a delivery file get onto a server, so that nobody ever sees half of it?

looking --> opening --> sending --> closing --> checking --> renaming --> verifying --> delivered
   |                                                ^             ^
   |-- an earlier attempt had closed the file ------'             |
   '-- an earlier attempt had renamed it -------------------------'

The journal knows how far an attempt came, at whatever moment it was killed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import asyncssh

from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.limits import LIMITS, Limits
from event_delivery.sftp import Content, RemoteFiles
from event_delivery.sftp.replacing import rename_file
from event_delivery.sftp.replies import MISSING
from event_delivery.sftp.sending import Progress, send_blocks
from event_delivery.upload.cleanup import clean_up, is_disk_full
from event_delivery.upload.decisions import Done, Rename, Send
from event_delivery.upload.looking_ahead import Ahead, act_and_look, size_after
from event_delivery.upload.plan import judge_closed, judge_final
from event_delivery.upload.protocol import TAKEN_BEFORE, Journal, Outcome, Transfer
from event_delivery.upload.resume import decide_missing, decide_transfer, remove_leftovers


@dataclass(frozen=True)
class Act:
    """What a transfer acts with: the server's files, the plan, the journal, the count of bytes, the limits."""

    remote: RemoteFiles
    transfer: Transfer
    journal: Journal
    progress: Progress
    limits: Limits = LIMITS


async def transfer_file(act: Act) -> Outcome:
    """Put the file under its final name, whole.

    Raises:
        TakenError: somebody on the server took the temporary file; sending it again would make a second copy.
        asyncssh.Error, OSError, DeliveryError: any other failure, at what the journal is doing.
    """
    decision = await decide_transfer(act.remote, act.transfer)
    if isinstance(decision, Done):
        return decision.outcome
    try:
        taken_before, ahead = await _bring(act, decision)
    except (Exception, asyncio.CancelledError) as error:
        await _leave(act, error)
        raise
    if taken_before:
        return TAKEN_BEFORE
    act.journal.path, act.journal.activity = act.transfer.remote_path, "verifying"
    return await remove_leftovers(act.remote, act.transfer, await _verify(act, ahead))


async def _bring(act: Act, decision: Send | Rename) -> tuple[bool, Ahead]:
    """Send and rename, as decided; tells whether an earlier attempt had done it, and the file is gone."""
    temporary = decision.temporary_path if isinstance(decision, Rename) else await _write(act)
    if temporary == act.transfer.remote_path:
        return False, None
    await act.journal.enter("renaming", temporary)
    return await act_and_look(_rename(act, temporary), act.remote, act.transfer.remote_path)


async def _leave(act: Act, error: BaseException) -> None:
    """Clean up after a failure; a full disk, which most servers call a bare failure, is told as such."""
    full = await is_disk_full(act.remote, act.transfer, act.journal, act.progress, error, act.limits.clean_up)
    if not (act.transfer.direct and act.journal.activity == "opening"):  # that file is an older one
        await clean_up(act.remote, act.journal, error, act.limits.clean_up)
    if full:
        raise asyncssh.SFTPNoSpaceOnFilesystem("the disk is full") from error


async def _write(act: Act) -> str:
    """Write the temporary file, whole and closed; returns its path."""
    remote, transfer, journal, path = act.remote, act.transfer, act.journal, act.transfer.temporary_path
    await journal.enter("sending", path, "opening")
    await remote.remove_all(transfer.leftover_paths)
    try:
        file = await remote.open_new(path)
    except asyncssh.SFTPPermissionDenied:
        if transfer.direct and await remote.compare(path, transfer.sha256) is Content.SAME:
            return path
        raise
    journal.activity = "sending"
    await _send(act, file)
    await journal.enter("closing", path)
    _, ahead = await act_and_look(file.close(), remote, path)
    journal.activity = "checking"
    if wrong := judge_closed(await size_after(remote, path, ahead, transfer.bytes), transfer.bytes):
        raise wrong
    return path


async def _send(act: Act, file: asyncssh.SFTPClientFile) -> None:
    transfer = act.transfer
    with transfer.local_path.open("rb", buffering=0) as source, act.remote.sending():
        sent = await send_blocks(file, source, act.remote.largest_write, act.progress, act.limits.stall)
    if sent != transfer.sha256:
        raise PermanentError(f"{transfer.local_path} is not what was formatted, wanted its sha256. Clear the run.")
    await act.remote.sync(file)


async def _rename(act: Act, temporary: str) -> bool:
    """Rename; tells whether an earlier attempt had renamed already, and the file was taken away since.

    That is so when the server does not find the temporary file whose renaming was asked for once before.
    """
    transfer = act.transfer
    try:
        await rename_file(act.remote, temporary, transfer.remote_path, transfer.sha256, act.limits.rename_pauses)
    except MISSING:
        return isinstance(await decide_missing(act.remote, transfer, temporary), Done)
    return False


async def _verify(act: Act, ahead: Ahead) -> Outcome:
    """Look at the final name; once the server has acknowledged, a broken line makes no failure of it."""
    path, wanted = act.transfer.remote_path, act.transfer.bytes
    try:
        verdict = judge_final(await size_after(act.remote, path, ahead, wanted), wanted)
    except (asyncssh.Error, OSError):
        return Outcome("the server acknowledged it, then the line broke")
    if isinstance(verdict, DeliveryError):
        await act.journal.record("sending", act.journal.path)
        raise verdict
    return verdict
