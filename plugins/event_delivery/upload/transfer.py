"""How does a delivery file get onto a server, so that nobody ever sees half of it?

looking --> opening --> sending --> closing --> checking --> renaming --> verifying --> delivered
   |                                                ^             ^
   |-- an earlier attempt had closed the file ------'             |
   '-- an earlier attempt had renamed it -------------------------'

The journal knows how far an attempt came, at whatever moment it was killed.
"""

from __future__ import annotations

import asyncio

import asyncssh

from event_delivery.errors import DeliveryError
from event_delivery.sftp import Content, Sight
from event_delivery.sftp.replacing import AskedBeforeError, Whole, rename_file
from event_delivery.sftp.replies import MISSING
from event_delivery.upload.cleanup import clean_up, is_disk_full
from event_delivery.upload.decisions import Done, Rename, Send
from event_delivery.upload.looking_ahead import Ahead, act_and_look, size_after
from event_delivery.upload.protocol import TAKEN_BEFORE, Outcome, Reached, UnconfirmedError, explain_copied
from event_delivery.upload.resume import decide_missing, decide_transfer, remove_leftovers
from event_delivery.upload.verdicts import judge_content, judge_final, judge_temporary
from event_delivery.upload.writing import Act, write_temporary


async def transfer_file(act: Act) -> Outcome:
    """Put the file under its final name, whole.

    Raises:
        UnconfirmedError: nobody can tell whether the file arrived.
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
    outcome = await _verify(act, ahead, isinstance(decision, Send) and decision.twin)
    return await remove_leftovers(act.remote, act.transfer, outcome)


async def _bring(act: Act, decision: Send | Rename) -> tuple[bool, Ahead]:
    """Send and rename, as decided; tells whether an earlier attempt had done it, and the file is gone."""
    if act.transfer.direct:
        await act.clear_the_way(act)
    temporary = decision.temporary_path if isinstance(decision, Rename) else await write_temporary(act)
    if temporary == act.transfer.remote_path:
        return False, None
    await act.clear_the_way(act)
    await act.journal.enter("renaming", temporary)
    taken_before, ahead = await act_and_look(_rename(act, temporary), act.remote, act.transfer.remote_path)
    if not taken_before:
        await _prove_renamed(act, temporary)
    return taken_before, ahead


async def _prove_renamed(act: Act, temporary: str) -> None:
    """Look whether the temporary name is gone; where the server does not tell, an attempt to remove it does.

    Where it is there, and so is the whole file under its final name, the server has copied: to send that again
    would double it, so that the other one is removed.

    Raises:
        RetryableError: it is there, and the whole file is not seen under its final name.
        UnconfirmedError: both are there, and the server does not remove the one.
    """
    act.journal.activity, transfer, remote = "verifying", act.transfer, act.remote
    size = await remote.size(temporary)
    if size is Sight.UNTOLD and await remote.discard(temporary):
        size = transfer.bytes
    if (wrong := judge_temporary(size, temporary)) is None:
        return
    if await remote.compare(transfer.remote_path, transfer.sha256, transfer.bytes) is not Content.SAME:
        raise wrong
    await remote.remove(temporary)
    if not isinstance(await remote.size(temporary), Sight):
        raise explain_copied(transfer.remote_path, temporary)


async def _leave(act: Act, error: BaseException) -> None:
    """Clean up after a failure; a full disk, which most servers call a bare failure, is told as such."""
    seconds = act.limits.clean_up
    full = await is_disk_full(act.remote, act.transfer, act.journal, act.progress, error, seconds)
    await clean_up(act.remote, act.transfer, act.journal, error, seconds)
    if full:
        raise asyncssh.SFTPNoSpaceOnFilesystem("the disk is full") from error


async def _rename(act: Act, temporary: str) -> bool:
    """Rename; tells whether an earlier attempt had renamed already, and the file was taken away since."""
    transfer = act.transfer
    try:
        whole = Whole(transfer.sha256, transfer.bytes)
        await rename_file(act.remote, temporary, transfer.remote_path, whole, act.limits.rename_pauses)
    except (*MISSING, AskedBeforeError) as error:
        asked = isinstance(error, AskedBeforeError) or transfer.reached == Reached("renaming", temporary)
        return isinstance(await decide_missing(act.remote, transfer, temporary, asked), Done)
    return False


async def _verify(act: Act, ahead: Ahead, twin: bool) -> Outcome:
    """Look at the final name; where its size proves nothing, or it seems to be gone, read it back."""
    path, wanted, robot_known = act.transfer.remote_path, act.transfer.bytes, act.transfer.robot_known
    verdict = judge_final(await size_after(act.remote, path, ahead, wanted), wanted, path, robot_known)
    if twin or isinstance(verdict, UnconfirmedError):
        verdict = judge_content(await act.remote.compare(path, act.transfer.sha256, act.transfer.bytes), verdict)
    if isinstance(verdict, DeliveryError):
        if not isinstance(verdict, UnconfirmedError):
            await act.journal.record("sending", act.journal.path)
        raise verdict
    return verdict
