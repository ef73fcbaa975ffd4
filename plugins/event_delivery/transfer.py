"""How does a delivery file get onto a server, so that nobody ever sees half of it?

look for the final file -> adopt it, if this delivery had come to its commit point
write a temporary name -> close -> check its size -> rename -> check the final name's size
"""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from event_delivery.errors import DeliveryError, PermanentError, RetryableError

WINDOW_REQUESTS = 128
WRITE_BYTES = 32_768  # every server takes this much in one request; more needs the limits extension
_CLEAN_UP_SECONDS = 5.0
_UNKNOWN = -1
_COMMITTED = ("renaming", "delivered")


@dataclass(frozen=True)
class Transfer:
    """One file on its way: where from, where to, and under which temporary name in between."""

    local_path: Path
    bytes: int
    sha256: str
    remote_path: str
    attempt: int
    step_before: str | None = None
    retrying: bool = False

    def temporary_path(self, attempt: int) -> str:
        """Return the remote name that belongs to this delivery and one attempt of it."""
        folder, name = posixpath.split(self.remote_path)
        return posixpath.join(folder, f".{name}.{attempt}.part")

    def earlier_temporary_paths(self) -> list[str]:
        """Return the temporary names of the attempts before this one, as many as one run has."""
        return [self.temporary_path(attempt) for attempt in range(max(1, self.attempt - 11), self.attempt)]


async def transfer_file(sftp: asyncssh.SFTPClient, transfer: Transfer, record: Callable[[str], None]) -> str:
    """Put the file under its final name, whole; `record` is told each step before it is taken.

    Returns how it came there, for the log.

    Raises:
        PermanentError: a folder is missing or a right.
        RetryableError: anything that may pass: a broken line, a full disk, a wrong size.
    """
    step = Step(transfer.remote_path, record)
    try:
        if await _is_delivered(sftp, transfer):
            return "it was already there, whole: nothing was sent again"
        step.enter("sending")
        await _remove_leftovers(sftp, transfer)
        await _send(sftp, transfer, step)
        return await _rename(sftp, transfer, step)
    except (asyncssh.Error, OSError, DeliveryError) as error:
        if await _clean_up(sftp, transfer):
            record("not renamed")
        raise error if isinstance(error, DeliveryError) else _explain(error, step) from None


class Step:
    """What the transfer is doing now."""

    def __init__(self, remote_path: str, record: Callable[[str], None]) -> None:
        self.remote_path = remote_path
        self.name = "looking for the file"
        self._record = record

    def enter(self, name: str) -> None:
        """Record the next step before it is taken, so that the next attempt knows after a kill."""
        self._record(name)
        self.name = name


async def _is_delivered(sftp: asyncssh.SFTPClient, transfer: Transfer) -> bool:
    if transfer.step_before not in _COMMITTED:
        return False
    size = await _size(sftp, transfer.remote_path)
    if size is None and transfer.retrying:  # a robot may have been quicker than the answer to our rename
        return not await _has_leftovers(sftp, transfer)
    return size == transfer.bytes


async def _has_leftovers(sftp: asyncssh.SFTPClient, transfer: Transfer) -> bool:
    return any([await _size(sftp, path) is not None for path in transfer.earlier_temporary_paths()])


async def _remove_leftovers(sftp: asyncssh.SFTPClient, transfer: Transfer) -> None:
    for path in transfer.earlier_temporary_paths():
        await _remove(sftp, path)


async def _send(sftp: asyncssh.SFTPClient, transfer: Transfer, step: Step) -> None:
    """Keep a window of writes under way, and collect the server's answer to each, and to CLOSE."""
    temporary = transfer.temporary_path(transfer.attempt)
    file = await sftp.open(temporary, "wb")
    pending: set[asyncio.Future[Any]] = set()
    offset, sha256 = 0, hashlib.sha256()
    with transfer.local_path.open("rb") as source:
        while block := source.read(WRITE_BYTES):
            if len(pending) >= WINDOW_REQUESTS:
                pending = await _collect(pending, asyncio.FIRST_COMPLETED)
            pending.add(asyncio.ensure_future(file.write(block, offset)))
            offset += len(block)
            sha256.update(block)
    if pending:
        await _collect(pending, asyncio.ALL_COMPLETED)
    if sha256.hexdigest() != transfer.sha256:
        raise PermanentError(f"{transfer.local_path} is not what was formatted, wanted its sha256. Clear the run.")
    step.enter("closing")
    await file.close()
    await _check_size(sftp, temporary, transfer.bytes, step)


async def _collect(pending: set[asyncio.Future[Any]], when: str) -> set[asyncio.Future[Any]]:
    done, pending = await asyncio.wait(pending, return_when=when)
    for answer in done:
        answer.result()
    return pending


async def _rename(sftp: asyncssh.SFTPClient, transfer: Transfer, step: Step) -> str:
    temporary = transfer.temporary_path(transfer.attempt)
    step.enter("renaming")
    try:
        await sftp.posix_rename(temporary, transfer.remote_path)
    except asyncssh.SFTPOpUnsupported:
        await _rename_plainly(sftp, temporary, transfer.remote_path)
    step.name = "looking at the renamed file"
    size = await _check_size(sftp, transfer.remote_path, transfer.bytes, step)
    if size is None:
        return "the server took it away at once"
    return "its size on the server is right" if size >= 0 else "the server does not tell its size"


async def _rename_plainly(sftp: asyncssh.SFTPClient, temporary: str, final: str) -> None:
    """Rename without the POSIX extension; many servers then refuse to replace an older file."""
    try:
        await sftp.rename(temporary, final)
    except asyncssh.SFTPError:
        if await _size(sftp, final) is None:
            raise
        await sftp.remove(final)
        await sftp.rename(temporary, final)


async def _check_size(sftp: asyncssh.SFTPClient, path: str, wanted: int, step: Step) -> int | None:
    size = await _size(sftp, path)
    if size not in (None, _UNKNOWN, wanted):
        raise RetryableError(f"{step.remote_path}, {step.name}: {size} bytes arrived, wanted {wanted}.")
    return size


async def _size(sftp: asyncssh.SFTPClient, path: str) -> int | None:
    """Return a remote file's bytes, None when there is no such file, -1 when the server does not tell."""
    try:
        size = (await sftp.stat(path)).size
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return None
    except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPOpUnsupported):
        return _UNKNOWN
    return _UNKNOWN if size is None else size


async def _remove(sftp: asyncssh.SFTPClient, path: str) -> bool:
    """Remove a remote file; tells whether the server says that it did."""
    try:
        await sftp.remove(path)
    except asyncssh.SFTPError:
        return False
    return True


async def _clean_up(sftp: asyncssh.SFTPClient, transfer: Transfer) -> bool:
    """Remove the temporary file if the line still lives; if it was there, it was not renamed."""
    try:
        async with asyncio.timeout(_CLEAN_UP_SECONDS):
            return await _remove(sftp, transfer.temporary_path(transfer.attempt))
    except (TimeoutError, asyncssh.Error, OSError):
        return False


def _explain(error: Exception, step: Step) -> DeliveryError:
    place = f"{step.remote_path}, {step.name}"
    if isinstance(error, (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)):
        return PermanentError(f"{place}: the folder does not exist. Ask the client to create it, or set path.")
    if isinstance(error, (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect)):
        return PermanentError(f"{place}: permission denied. Ask the client for the right to write there.")
    reason = getattr(error, "reason", "") or getattr(error, "strerror", "") or type(error).__name__
    return RetryableError(f"{place}: {str(reason).rstrip('.')}.")
