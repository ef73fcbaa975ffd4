"""What lies on the server of earlier attempts, and what follows from it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import asyncssh

from event_delivery.sftp import RemoteFiles, Sight
from event_delivery.upload.decisions import Done, Look, Refuse, Rename, Renamed, Seen, Send
from event_delivery.upload.plan import plan_missing, plan_transfer
from event_delivery.upload.protocol import Outcome, Transfer

Decision = TypeVar("Decision", Send | Rename | Done, Renamed | Done)


async def decide_transfer(remote: RemoteFiles, transfer: Transfer) -> Send | Rename | Done:
    """Look at the server as far as `plan_transfer` asks, and return what is to be done.

    Raises:
        DeliveryError: nothing can be done by this attempt.
        asyncssh.Error, OSError: the line broke.
    """
    temporary = transfer.reached.temporary_path if transfer.reached else transfer.temporary_path
    return await _decide(remote, transfer, temporary, lambda seen: plan_transfer(transfer, seen))


async def decide_missing(remote: RemoteFiles, transfer: Transfer, temporary: str, asked: bool) -> Renamed | Done:
    """Do the same for `plan_missing`: the server did not find the temporary file, `asked` for before or not."""
    return await _decide(remote, transfer, temporary, lambda seen: plan_missing(transfer, temporary, asked, seen))


async def _decide(
    remote: RemoteFiles, transfer: Transfer, temporary: str, plan: Callable[[Seen], Look | Refuse | Decision]
) -> Decision:
    seen = Seen()
    while isinstance(decision := plan(seen), Look):
        seen = await _look(remote, transfer, temporary, seen, decision)
    if isinstance(decision, Refuse):
        raise decision.error
    return decision


async def _look(remote: RemoteFiles, transfer: Transfer, temporary: str, seen: Seen, look: Look) -> Seen:
    if look is Look.FINAL:
        return replace(seen, final=await remote.size(transfer.remote_path))
    if look is Look.TEMPORARY:
        return replace(seen, temporary=await remote.size(temporary))
    if look is Look.CONTENT:
        return replace(seen, content=await remote.compare(transfer.remote_path, transfer.sha256, transfer.bytes))
    return replace(seen, folder=await remote.has_folder(transfer.remote_path))


async def remove_leftovers(remote: RemoteFiles, transfer: Transfer, outcome: Outcome) -> Outcome:
    """Remove what earlier attempts left and the server would not let go of before; say so if it stays."""
    try:
        kept = await remote.remove_all(transfer.leftover_paths)
        staying = [path for path in kept if not isinstance(await remote.size(path), Sight)]
    except (asyncssh.Error, OSError):
        return outcome
    if not staying:
        return outcome
    return replace(outcome, words=f"{outcome.words}; the server does not let us remove {', '.join(staying)}")
