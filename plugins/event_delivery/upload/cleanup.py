"""What is done on the server when an attempt fails there?"""

from __future__ import annotations

import asyncio
import contextlib

import asyncssh

from event_delivery.ledger import LedgerError
from event_delivery.sftp import RemoteFiles
from event_delivery.sftp.progress import Progress
from event_delivery.sftp.replies import REFUSING, is_connection_lost
from event_delivery.upload.protocol import Journal, TakenError, Transfer, UnconfirmedError


async def clean_up(
    remote: RemoteFiles, transfer: Transfer, journal: Journal, error: BaseException, seconds: float
) -> None:
    """Remove what was written, if the line and the ledger live and the server has answered.

    Without an answer to CLOSE or rename the file stays: the next attempt finds out what became of it. The journal
    forgets a step before its file is removed, or the next attempt would take a removed file for a taken one.
    Whoever has lost the ledger may have lost its lock, and touches nothing. Nor is a final name ever removed: what
    was written directly stays until the next attempt overwrites it.
    """
    unanswered = isinstance(error, asyncio.CancelledError) or is_connection_lost(error)
    if isinstance(error, LedgerError) or (unanswered and journal.step != "sending"):
        return
    with contextlib.suppress(TimeoutError, asyncssh.Error, OSError, LedgerError):
        async with asyncio.timeout(seconds):
            if isinstance(error, UnconfirmedError):
                await _remember(journal, error)
                return
            if journal.step != "sending":
                await journal.record("sending", journal.path)
            if not transfer.direct:
                await remote.remove(journal.path)


async def _remember(journal: Journal, error: UnconfirmedError) -> None:
    """Keep under which name the file vanished: a person decides what comes of it."""
    if isinstance(error, TakenError):
        await journal.record("taken", journal.path)


async def is_disk_full(
    remote: RemoteFiles,
    transfer: Transfer,
    journal: Journal,
    progress: Progress,
    error: BaseException,
    seconds: float,
) -> bool:
    """Find out what a bare "failure" means: most servers have no other word for a full disk."""
    if type(error) is not asyncssh.SFTPFailure or journal.step not in ("sending", "closing"):
        return False
    with contextlib.suppress(TimeoutError, asyncssh.Error, OSError):
        async with asyncio.timeout(seconds):
            free = await remote.free_bytes(journal.path)
            return free is not None and free < transfer.bytes - progress.acknowledged
    return False


def refuses_temporary_name(error: Exception, journal: Journal) -> bool:
    """Tell whether a failure may mean that the server takes no temporary names, or lets nobody rename."""
    if isinstance(error, TakenError):
        return True
    return isinstance(error, REFUSING) and journal.activity in ("opening", "renaming")
