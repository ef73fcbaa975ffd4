"""What is to be done about a file, by what the ledger and the server say of it? Every decision of the protocol.

Pure functions of named values: a decision that needs to know more asks for one more look at the server.
"""

from __future__ import annotations

from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.sftp import Content, Sight, Size
from event_delivery.upload.decisions import Done, Look, Refuse, Rename, Renamed, Seen, Send
from event_delivery.upload.protocol import (
    ALREADY_THERE,
    TAKEN_BEFORE,
    Outcome,
    Reached,
    Transfer,
    explain_taken,
)


def plan_transfer(transfer: Transfer, seen: Seen) -> Look | Send | Rename | Done | Refuse:
    """Decide what an attempt does with a file, from what earlier ones reached and what lies on the server."""
    if seen.final is None:
        return Look.FINAL
    reached = transfer.reached
    if reached is None or reached.step == "sending":
        return _plan_unsent(transfer, seen)
    closed_directly = reached.step == "closing" and reached.temporary_path == transfer.remote_path
    if reached.step == "delivered" or closed_directly:
        return _plan_delivered(transfer, reached, seen.final)
    return _plan_closed(transfer, reached, seen)


def _plan_unsent(transfer: Transfer, seen: Seen) -> Look | Send | Done:
    """Nothing whole was sent before, as far as the ledger knows: the same bytes may lie there all the same."""
    if seen.final != transfer.bytes:
        return Send()
    if seen.content is None:
        return Look.CONTENT
    return Done(ALREADY_THERE) if seen.content is Content.SAME else Send()


def _plan_delivered(transfer: Transfer, reached: Reached, final: Size) -> Send | Done:
    """It had its final name: gone since, a robot took it, unless somebody asked for it again."""
    sure = transfer.retrying and (reached.step == "delivered" or transfer.robot_known)
    if final == transfer.bytes or (final is Sight.UNTOLD and sure):
        return Done(ALREADY_THERE)
    return Done(TAKEN_BEFORE) if final is Sight.MISSING and sure else Send()


def _plan_closed(transfer: Transfer, reached: Reached, seen: Seen) -> Look | Send | Rename | Done | Refuse:
    """It lay there whole under its temporary name, and may have been renamed."""
    asked = reached.step == "renaming"
    if seen.temporary is None:
        return Look.TEMPORARY
    if seen.temporary == transfer.bytes or (seen.temporary is Sight.UNTOLD and asked):
        return Rename(reached.temporary_path)
    if seen.temporary is not Sight.MISSING or reached.step == "closing":
        return Send()
    if seen.final == transfer.bytes:
        if seen.content is None:
            return Look.CONTENT
        if seen.content is not Content.OTHER:  # an older file of as many bytes
            return Done(ALREADY_THERE)
    if seen.final is Sight.UNTOLD and asked:
        return Done(ALREADY_THERE)
    if reached.step == "taken" and transfer.retrying:
        return Refuse(explain_taken(reached.temporary_path))
    vanished = seen.final is Sight.MISSING and transfer.retrying
    return Rename(reached.temporary_path) if vanished else Send()


def plan_missing(transfer: Transfer, temporary: str, seen: Seen) -> Look | Renamed | Done | Refuse:
    """Decide what it means that the server does not find the temporary file that it is to rename."""
    if seen.temporary is None:
        return Look.TEMPORARY
    if not isinstance(seen.temporary, Sight):
        return Refuse(RetryableError("the server does not find the file that it has. Ask the client."))
    if seen.final is None:
        return Look.FINAL
    asked_before = transfer.reached == Reached("renaming", temporary)
    if asked_before and seen.final is Sight.MISSING:
        if seen.folder is None:
            return Look.FOLDER
        if seen.folder:
            return Done(TAKEN_BEFORE)
    if asked_before and seen.final is Sight.UNTOLD:
        return Renamed()
    if seen.final != transfer.bytes:
        return Refuse(explain_taken(temporary))
    if seen.content is None:
        return Look.CONTENT
    return Refuse(explain_taken(temporary)) if seen.content is Content.OTHER else Renamed()


def judge_closed(size: Size, wanted: int) -> DeliveryError | None:
    """Return what is wrong with a file that was closed under its temporary name, or None."""
    return None if size in (Sight.MISSING, Sight.UNTOLD, wanted) else _wrong_size(size, wanted)


def judge_final(size: Size, wanted: int) -> Outcome | DeliveryError:
    """Return how the delivery ended, by the size (bytes) under the final name, or what is wrong with it."""
    if size is Sight.MISSING:
        return Outcome("the server took it away at once", vanished=True)
    if size is Sight.UNTOLD:
        return Outcome("the server does not tell its size")
    return Outcome("its size on the server is right") if size == wanted else _wrong_size(size, wanted)


def _wrong_size(found: Size, wanted: int) -> DeliveryError:
    return RetryableError(
        f"{found} bytes arrived, wanted {wanted}. If the server changes files on their way, set check_size: false."
    )
