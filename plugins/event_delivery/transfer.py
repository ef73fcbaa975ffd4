"""How does a delivery file get onto a server, so that nobody ever sees half of it?

looking --> sending --> closing --> checking --> renaming --> verifying --> delivered
   |                                                ^              ^
   |-- an earlier attempt had closed the file ------'              |
   '-- an earlier attempt had renamed it --------------------------'

The journal knows how far an attempt came, at whatever moment it was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import asyncssh

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.failure import is_connection_lost
from event_delivery.remote_files import UNKNOWN_SIZE, RemoteFiles
from event_delivery.sending import Progress, send_blocks

CLEAN_UP_SECONDS = 5.0
_MISSING = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
Step = Literal["sending", "closing", "renaming", "taken", "delivered"]


class TakenError(PermanentError):
    """Somebody on the server took the temporary file."""


@dataclass(frozen=True)
class Reached:
    """How far an earlier attempt came with these very bytes to this very place."""

    step: Step
    temporary_path: str


@dataclass
class Journal:
    """What the transfer is doing now, to which path; `record` keeps what the next attempt must know of it."""

    record: Callable[[Step, str], None]
    path: str
    step: Step | None = None
    doing: str = "looking for the file"

    def enter(self, step: Step, path: str, doing: str = "") -> None:
        """Record a step before it is taken."""
        self.record(step, path)
        self.step, self.path, self.doing = step, path, doing or step

    @property
    def place(self) -> str:
        """Where a failure is, for its message."""
        return f"{self.path}, {self.doing}"


@dataclass(frozen=True)
class Transfer:
    """One file on its way: where from, where to, and what is known of earlier attempts.

    A temporary path that is the remote path means: written directly under the final name.
    """

    local_path: Path
    bytes: int
    sha256: str
    remote_path: str
    temporary_path: str
    leftover_paths: tuple[str, ...] = ()
    reached: Reached | None = None
    retrying: bool = False
    robot_known: bool = False
    progress: Progress = field(default_factory=lambda: Progress(0))

    @property
    def direct(self) -> bool:
        """Whether no temporary name is used."""
        return self.temporary_path == self.remote_path


@dataclass(frozen=True)
class Outcome:
    """How the file came to be delivered, in words for the log; whether now, and taken away at once."""

    words: str
    taken: bool = False
    sent: bool = True


_ALREADY = Outcome("it was already there, whole: nothing was sent again", sent=False)
_TAKEN_BEFORE = Outcome("an earlier attempt had delivered it, and it is gone: nothing was sent again", sent=False)


async def transfer_file(remote: RemoteFiles, transfer: Transfer, journal: Journal) -> Outcome:
    """Put the file under its final name, whole.

    Raises:
        TakenError: somebody on the server took the temporary file; sending it again would make a second copy.
        asyncssh.Error, OSError, DeliveryError: any other failure, at the step where the journal is.
    """
    found = await _look(remote, transfer)
    if isinstance(found, Outcome):
        return found
    try:
        temporary = found or await _write(remote, transfer, journal)
        if temporary != transfer.remote_path:
            journal.enter("renaming", temporary)
            if await _rename(remote, transfer, temporary):
                return _TAKEN_BEFORE
    except (Exception, asyncio.CancelledError) as error:
        full = await _is_disk_full(remote, transfer, journal, error)
        if not (transfer.direct and journal.doing == "opening"):  # that file is an older one
            await _clean_up(remote, journal, error)
        if full:
            raise asyncssh.SFTPNoSpaceOnFilesystem("the disk is full") from error
        raise
    journal.path, journal.doing = transfer.remote_path, "verifying"
    outcome = await _verify(remote, transfer, journal)
    return await _remove_leftovers(remote, transfer, outcome)


def refuses_temporary_name(error: Exception, journal: Journal) -> bool:
    """Tell whether a failure may mean that the server takes no temporary names, or lets nobody rename."""
    refusing = (
        asyncssh.SFTPPermissionDenied,
        asyncssh.SFTPFailure,
        asyncssh.SFTPBadMessage,
        asyncssh.SFTPOpUnsupported,
        asyncssh.SFTPInvalidFilename,
        asyncssh.SFTPInvalidParameter,
        asyncssh.SFTPWriteProtect,
        asyncssh.SFTPCannotDelete,
    )
    if isinstance(error, TakenError):
        return True
    return isinstance(error, refusing) and journal.doing in ("opening", "renaming")


async def _look(remote: RemoteFiles, transfer: Transfer) -> Outcome | str | None:
    """Return how it was delivered before, or the temporary path of the whole file, or None to send it.

    What the journal says of an attempt that was cut off, against what now lies on the server.
    """
    reached = transfer.reached
    final = await remote.size(transfer.remote_path)
    if not reached or reached.step == "sending":
        same = final == transfer.bytes and await remote.holds(transfer.remote_path, transfer.sha256)
        return _ALREADY if same else None
    written_directly = reached.temporary_path == transfer.remote_path
    if reached.step == "delivered" or (written_directly and reached.step == "closing"):
        sure = transfer.retrying and (reached.step == "delivered" or transfer.robot_known)
        if final == transfer.bytes or (final == UNKNOWN_SIZE and sure):
            return _ALREADY
        return _TAKEN_BEFORE if final is None and sure else None
    temporary = await remote.size(reached.temporary_path)
    if temporary == transfer.bytes or (temporary == UNKNOWN_SIZE and reached.step == "renaming"):
        return reached.temporary_path
    if temporary is not None or reached.step == "closing":
        return None
    if final == transfer.bytes or (final == UNKNOWN_SIZE and reached.step == "renaming"):
        return _ALREADY
    if reached.step == "taken" and transfer.retrying:
        raise _taken(reached.temporary_path)
    return reached.temporary_path if final is None and transfer.retrying else None


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
    await file.close()
    journal.doing = "checking"
    size = await remote.size(path)
    if size not in (None, UNKNOWN_SIZE, transfer.bytes):
        raise _wrong_size(size, transfer.bytes)
    return path


async def _rename(remote: RemoteFiles, transfer: Transfer, temporary: str) -> bool:
    """Rename; tells whether an earlier attempt had renamed already, and the file was taken away since.

    That is so when the server does not find the temporary file whose renaming was asked for once before.
    """
    try:
        await remote.rename(temporary, transfer.remote_path, transfer.sha256)
    except _MISSING:
        if await remote.size(temporary) not in (None, UNKNOWN_SIZE):
            raise RetryableError("the server does not find the file that it has. Ask the client.") from None
        final = await remote.size(transfer.remote_path)
        asked_before = transfer.reached == Reached("renaming", temporary)
        if asked_before and final is None and await remote.has_folder(transfer.remote_path):
            return True
        if final != transfer.bytes and not (asked_before and final == UNKNOWN_SIZE):
            raise _taken(temporary) from None
    return False


async def _remove_leftovers(remote: RemoteFiles, transfer: Transfer, outcome: Outcome) -> Outcome:
    """Remove what earlier attempts left and the server would not let go of before; say so if it stays."""
    try:
        kept = await remote.remove_all(transfer.leftover_paths)
        staying = [path for path in kept if await remote.size(path) not in (None, UNKNOWN_SIZE)]
    except (asyncssh.Error, OSError):
        return outcome
    if not staying:
        return outcome
    return replace(outcome, words=f"{outcome.words}; the server does not let us remove {', '.join(staying)}")


async def _verify(remote: RemoteFiles, transfer: Transfer, journal: Journal) -> Outcome:
    """Look at the final name; once the server has acknowledged, a broken line makes no failure of it."""
    try:
        size = await remote.size(transfer.remote_path)
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


async def _is_disk_full(remote: RemoteFiles, transfer: Transfer, journal: Journal, error: BaseException) -> bool:
    """Find out what a bare "failure" means: most servers have no other word for a full disk."""
    if type(error) is not asyncssh.SFTPFailure or journal.step not in ("sending", "closing"):
        return False
    with contextlib.suppress(TimeoutError, asyncssh.Error, OSError):
        async with asyncio.timeout(CLEAN_UP_SECONDS):
            free = await remote.free_bytes(journal.path)
            return free is not None and free < transfer.bytes - transfer.progress.acknowledged
    return False


async def _clean_up(remote: RemoteFiles, journal: Journal, error: BaseException) -> None:
    """Remove what was written, if the line lives and the server has answered.

    Without an answer to CLOSE or rename the file stays: the next attempt finds out what became of it. The journal
    forgets a step before its file is removed, or the next attempt would take a removed file for a taken one.
    """
    unanswered = isinstance(error, asyncio.CancelledError) or is_connection_lost(error)
    if unanswered and journal.step != "sending":
        return
    if isinstance(error, TakenError):
        journal.record("taken", journal.path)
    elif journal.step != "sending":
        journal.record("sending", journal.path)
    with contextlib.suppress(TimeoutError, asyncssh.Error, OSError):
        async with asyncio.timeout(CLEAN_UP_SECONDS):
            await remote.remove(journal.path)


def _wrong_size(found: int | None, wanted: int) -> DeliveryError:
    return RetryableError(
        f"{found} bytes arrived, wanted {wanted}. If the server changes files on their way, set check_size: false."
    )


def _taken(temporary: str) -> DeliveryError:
    return TakenError(
        f"somebody on the server took {temporary} before it had its final name, so the client has the file under "
        f"the wrong name. Set temporary_name or upload_mode: direct, then clear the run to send it again."
    )
