"""What did earlier attempts leave on the server of a file that the delivery has no more, since it was edited?

An attempt removes what earlier ones left of its own file. Of one in another format, or in other parts, nobody
would: what lies there under a temporary name, or half under a final one that was never delivered, is removed
when the file that took its place has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncssh

from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.companions import find_abandoned
from event_delivery.sftp import RemoteFiles
from event_delivery.upload.preparation import Preparation


async def list_abandoned(preparation: Preparation, ledger: BoundedLedger) -> Sequence[str]:
    """Return the paths, before the attempt takes its first step; raises LedgerError."""
    if preparation.attempt.before is None:
        return ()
    where = preparation.server.address, preparation.remote_path
    found: list[str] = await ledger.ask_soon(find_abandoned, preparation.attempt, *where)
    return found


async def remove_abandoned(remote: RemoteFiles, paths: Sequence[str], log: Any) -> None:
    """Remove them; the delivery is there, whatever hinders that."""
    with suppress(asyncssh.Error, OSError):
        for path in await remote.remove_all(paths):
            log.warning("%s: the server does not let us remove it, which an earlier attempt left", path)
