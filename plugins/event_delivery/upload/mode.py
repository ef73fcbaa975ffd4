"""Under a temporary name or directly? The destination says it, or the test file finds it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import asyncssh

from event_delivery.errors import DeliveryError
from event_delivery.sftp import RemoteFiles, Session
from event_delivery.sftp.progress import Progress
from event_delivery.upload.abandoned import list_abandoned, remove_abandoned
from event_delivery.upload.accompanying import Accompanying
from event_delivery.upload.cleanup import refuses_temporary_name
from event_delivery.upload.parted import Parted
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.protocol import Journal, Outcome
from event_delivery.upload.proving import prove_test_file
from event_delivery.upload.transferred import describe_transfer
from event_delivery.upload.writing import Act, choose_beside


@dataclass(frozen=True)
class Result:
    """How a transfer ended, and which mode a test file found to work, if it was to find out."""

    outcome: Outcome
    mode: str | None


async def transfer_in_mode(
    preparation: Preparation,
    session: Session,
    journal: Journal,
    progress: Progress,
    log: Any,
    following: Accompanying | Parted,
) -> Result:
    """Transfer in the destination's mode, and behind it what follows; a test file finds out which mode works.

    Raises:
        asyncssh.Error, OSError, DeliveryError: as `transfer_file`.
    """
    destination = preparation.delivery.destination
    finding_out = destination.upload_mode == "auto" and preparation.delivery.kind == "test"
    mode = _choose_mode(preparation, finding_out)
    remote = RemoteFiles(session, check_size=destination.check_size, create_folder=destination.create_folder)
    transfer = describe_transfer(preparation, mode)
    beside = choose_beside(preparation, session, transfer)
    act = Act(remote, transfer, journal, progress, preparation.limits, beside)
    abandoned = await list_abandoned(preparation, following.ledger)
    try:
        outcome = await following.send(act)
    except (asyncssh.Error, DeliveryError) as error:
        if not (finding_out and refuses_temporary_name(error, journal)):
            raise
        log.warning("%s: refused; trying to write under the final name directly", journal.place)
        mode, progress.acknowledged = "direct", 0
        direct = replace(act.transfer, temporary_path=act.transfer.remote_path, reached=None)
        act = replace(act, transfer=direct)
        outcome = await following.send(act, anew=True)
    if isinstance(following, Accompanying):
        outcome = await prove_test_file(preparation.delivery, act, outcome)
        await following.follow(act, outcome)
    await remove_abandoned(remote, abandoned, log)
    return Result(outcome, mode if finding_out and outcome.sent else None)


def _choose_mode(preparation: Preparation, finding_out: bool) -> str:
    mode = preparation.delivery.destination.upload_mode
    if mode != "auto":
        return mode
    known = None if finding_out else preparation.behaviour
    return known.upload_mode if known else "rename"
