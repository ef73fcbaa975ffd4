"""What did earlier attempts leave on the server, and what follows from it?"""

from __future__ import annotations

from dataclasses import replace

import asyncssh

from event_delivery.sftp.files import UNKNOWN_SIZE, RemoteFiles
from event_delivery.upload.plan import ALREADY_THERE, TAKEN_BEFORE, Outcome, Transfer, explain_taken


async def look_for_file(remote: RemoteFiles, transfer: Transfer) -> Outcome | str | None:
    """Return how it was delivered before, or the temporary path of the whole file, or None to send it.

    What the journal says of an attempt that was cut off, against what now lies on the server.
    """
    reached = transfer.reached
    final = await remote.size(transfer.remote_path)
    if not reached or reached.step == "sending":
        same = final == transfer.bytes and await remote.holds(transfer.remote_path, transfer.sha256)
        return ALREADY_THERE if same else None
    written_directly = reached.temporary_path == transfer.remote_path
    if reached.step == "delivered" or (written_directly and reached.step == "closing"):
        sure = transfer.retrying and (reached.step == "delivered" or transfer.robot_known)
        if final == transfer.bytes or (final == UNKNOWN_SIZE and sure):
            return ALREADY_THERE
        return TAKEN_BEFORE if final is None and sure else None
    temporary = await remote.size(reached.temporary_path)
    if temporary == transfer.bytes or (temporary == UNKNOWN_SIZE and reached.step == "renaming"):
        return reached.temporary_path
    if temporary is not None or reached.step == "closing":
        return None
    if final == transfer.bytes and await remote.holds(transfer.remote_path, transfer.sha256) is not False:
        return ALREADY_THERE  # and not an older file of as many bytes
    if final == UNKNOWN_SIZE and reached.step == "renaming":
        return ALREADY_THERE
    if reached.step == "taken" and transfer.retrying:
        raise explain_taken(reached.temporary_path)
    return reached.temporary_path if final is None and transfer.retrying else None


async def remove_leftovers(remote: RemoteFiles, transfer: Transfer, outcome: Outcome) -> Outcome:
    """Remove what earlier attempts left and the server would not let go of before; say so if it stays."""
    try:
        kept = await remote.remove_all(transfer.leftover_paths)
        staying = [path for path in kept if await remote.size(path) not in (None, UNKNOWN_SIZE)]
    except (asyncssh.Error, OSError):
        return outcome
    if not staying:
        return outcome
    return replace(outcome, words=f"{outcome.words}; the server does not let us remove {', '.join(staying)}")
