"""What does an attempt transfer, and what is known of how far earlier ones came?"""

from __future__ import annotations

from pathlib import Path

from event_delivery.delivery import ROBOT
from event_delivery.ledger.attempts import Before
from event_delivery.limits import ATTEMPTS
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.protocol import Reached, Transfer


def describe_transfer(preparation: Preparation, mode: str) -> Transfer:
    """Return what is to be transferred in a mode, `rename` or `direct`, and what is known of earlier attempts."""
    remote_path, file, decision = preparation.remote_path, preparation.file, preparation.run.decision
    temporary, leftovers = name_on_its_way(preparation, remote_path, mode == "direct")
    attempt, known = preparation.attempt, preparation.robot_known
    before, forgotten = attempt.before, preparation.brought.forgotten
    undecided = (
        before and before.state == "unconfirmed" and not (known or decision == ROBOT or attempt.sends_again)
    )
    unresolved = before.last_error if before and undecided else None
    return Transfer(
        local_path=Path(file.path),
        bytes=file.bytes,
        sha256=file.sha256,
        remote_path=remote_path,
        temporary_path=temporary,
        leftover_paths=leftovers,
        reached=None if attempt.sends_again else _find_reached(before, file.sha256, preparation),
        retrying=attempt.carries_on or forgotten is not None,
        robot_known=known,
        robot_said=decision == ROBOT,
        unresolved=forgotten if forgotten and not decision else unresolved,
        forgotten=forgotten is not None,
    )


def name_on_its_way(preparation: Preparation, remote_path: str, direct: bool) -> tuple[str, tuple[str, ...]]:
    """Return a file's temporary path in this attempt, and those that earlier ones may have left."""
    name, number = preparation.delivery.destination.temporary_name, preparation.attempt.number
    earlier = range(max(1, number - ATTEMPTS), number)
    leftovers = tuple(name.path(remote_path, past) for past in earlier)
    return remote_path if direct else name.path(remote_path, number), leftovers


def _find_reached(before: Before | None, sha256: str, preparation: Preparation) -> Reached | None:
    """Return how far the last attempt came with these very bytes to this very path of this very server."""
    if preparation.brought.since and preparation.run.decision == ROBOT:
        return Reached("delivered", "")  # as a person says of a file that the ledger has forgotten
    there = (sha256, preparation.remote_path, preparation.server.address)
    if not before or not before.step or (before.sha256, before.remote_path, before.server or there[2]) != there:
        return None
    if before.step == "delivered" or before.temporary_path:
        return Reached(before.step, before.temporary_path or "")  # type: ignore[arg-type]
    return None
