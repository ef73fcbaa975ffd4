"""How is a file written under its temporary name, whole and closed, and how over several channels at once?"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncssh

from event_delivery.errors import RetryableError
from event_delivery.limits import LIMITS, Limits
from event_delivery.sftp import Content, RemoteFiles, Session
from event_delivery.sftp.lanes import SAMPLE_BYTES, Lanes, takes_lanes
from event_delivery.sftp.progress import Progress
from event_delivery.sftp.replies import MISSING, is_connection_lost
from event_delivery.sftp.sending import send_blocks
from event_delivery.upload.line_rate import FAR_SECONDS
from event_delivery.upload.looking_ahead import Ahead, act_and_look, size_after
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.protocol import Journal, Transfer
from event_delivery.upload.source import check_sent, open_source
from event_delivery.upload.verdicts import judge_closed

_SMALLEST_BESIDE = 8_000_000


async def _clear_nothing(_: Act) -> None:
    """Nothing lies beside the file."""


@dataclass(frozen=True)
class Act:
    """What a transfer acts with; `beside`: the session, where further channels of it may help.

    `clear_the_way`: what is to be done on the server before another file takes the name, if anything.
    """

    remote: RemoteFiles
    transfer: Transfer
    journal: Journal
    progress: Progress
    limits: Limits = LIMITS
    beside: Session | None = None
    clear_the_way: Callable[[Act], Awaitable[None]] = _clear_nothing


def choose_beside(preparation: Preparation, session: Session, transfer: Transfer) -> Session | None:
    """Return the session if a large file may take several of its channels, where the server is far away.

    Not what is written under its final name, nor where a robot takes files or the server changes them. A later try
    takes one channel: so whatever a server makes of several, the file arrives.
    """
    run, destination = preparation.run, preparation.delivery.destination
    is_retry = transfer.retrying or run.try_number != run.first_try
    hinders = is_retry or transfer.direct or transfer.robot_known or not destination.check_size
    may = not hinders and transfer.bytes >= _SMALLEST_BESIDE and takes_lanes(session)
    return session if may else None


async def write_temporary(act: Act) -> str:
    """Write the temporary file, whole and closed; returns its path."""
    remote, transfer, journal, path = act.remote, act.transfer, act.journal, act.transfer.temporary_path
    await journal.enter("sending", path, "opening")
    await remote.remove_all(transfer.leftover_paths)
    asked = time.monotonic()
    try:
        file = await remote.open_new(path, clear_the_way=not transfer.direct)
    except asyncssh.SFTPError as error:
        same = transfer.direct and not is_connection_lost(error)
        if not same or await remote.compare(path, transfer.sha256, transfer.bytes) is not Content.SAME:
            raise
        return path
    is_far = time.monotonic() - asked >= FAR_SECONDS
    lanes = Lanes(act.beside, path) if act.beside and is_far else None
    journal.activity = "sending"
    await _send(act, file, lanes)
    ahead = await _close(act, file, lanes)
    journal.activity = "checking"
    if wrong := judge_closed(await size_after(remote, path, ahead, transfer.bytes), transfer.bytes):
        raise wrong
    return path


async def _send(act: Act, file: asyncssh.SFTPClientFile, lanes: Lanes | None) -> None:
    transfer = act.transfer
    with open_source(transfer) as source, act.remote.sending():
        sent = await send_blocks(file, source, act.remote.largest_write, act.progress, act.limits.stall, lanes)
    check_sent(transfer, sent)
    await act.remote.sync(file)


async def _close(act: Act, file: asyncssh.SFTPClientFile, lanes: Lanes | None) -> Ahead:
    """Close the file; what several channels wrote counts as whole only when it was looked at.

    Until then the step is `sending`: of a file that may have holes the next attempt believes nothing, whatever its
    size.
    """
    journal, path = act.journal, act.transfer.temporary_path
    if not (lanes and lanes.written):
        await journal.enter("closing", path)
        _, ahead = await act_and_look(file.close(), act.remote, path)
        return ahead
    journal.activity = "closing"
    await file.close()
    await _prove(act.transfer, lanes)
    await journal.enter("closing", path)
    return None


async def _prove(transfer: Transfer, lanes: Lanes) -> None:
    """Look whether what further channels wrote is in the file, too.

    Raises:
        RetryableError: it is not, or cannot be read.
        asyncssh.Error: the connection is lost.
    """
    offsets = lanes.choose_samples()
    with open_source(transfer) as source:
        wanted = [os.pread(source.fileno(), SAMPLE_BYTES, offset) for offset in offsets]
    try:
        found = await lanes.read_samples(offsets)
    except MISSING:  # somebody took it: what follows finds out
        return
    except asyncssh.SFTPError as error:
        if is_connection_lost(error):
            raise
        found = []
    pairs = list(zip(found, wanted, strict=False))
    if len(pairs) < len(wanted) or not all(part and whole.startswith(part) for part, whole in pairs):
        raise RetryableError(
            "what was sent over several channels at once is not all in the file, or cannot be read there. The "
            "next try takes one channel."
        )
