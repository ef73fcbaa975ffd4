"""Where may a delivery's file lie whole of earlier attempts, where this one splits it, or sends it elsewhere?

That is remembered: an attempt that sends parts there has to remove it, or the client has the day twice.
"""

from __future__ import annotations

import posixpath

from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.attempts import Before
from event_delivery.ledger.companions import CompanionPlace, record_companion_step
from event_delivery.upload.preparation import Preparation

_UNSPLIT = 0  # the number of the whole file among the parts


async def remember_whole(preparation: Preparation, ledger: BoundedLedger) -> None:
    """Record where the whole file lies, or may lie, if this attempt makes that forgotten; raises LedgerError."""
    attempt, before = preparation.attempt, preparation.attempt.before
    if before and (place := _find_left(preparation, before)):
        path = before.temporary_path or place.remote_path
        await ledger.ask_soon(record_companion_step, attempt, place, "delivered", path)


def _find_left(preparation: Preparation, before: Before) -> CompanionPlace | None:
    name, path = preparation.attempt.file_name, before.remote_path or ""
    server = before.server or preparation.server.address
    stays = (server, path) == (preparation.server.address, preparation.remote_path)
    if stays or posixpath.basename(path) != name:
        return None
    may_lie_there = before.step not in (None, "sending") or before.temporary_path == path
    if not (before.delivered_before or may_lie_there):
        return None
    beside, sha256 = preparation.file.sha256, before.sha256 or ""
    return CompanionPlace(beside, name, sha256, server, path, name, _UNSPLIT)
