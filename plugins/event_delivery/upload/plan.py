"""What is to be done about a file, by what the ledger and the server say of it? Every decision of the protocol.

Pure functions of named values: a decision that needs to know more asks for one more look at the server.
"""

from __future__ import annotations

from event_delivery.errors import RetryableError
from event_delivery.sftp import Content, Sight, Size
from event_delivery.upload.decisions import Done, Look, Refuse, Rename, Renamed, Seen, Send
from event_delivery.upload.protocol import (
    ALREADY_THERE,
    TAKEN_BEFORE,
    Reached,
    Transfer,
    UnconfirmedError,
    explain_taken,
    explain_vanished,
)


def plan_transfer(transfer: Transfer, seen: Seen) -> Look | Send | Rename | Done | Refuse:
    """Decide what an attempt does with a file, from what earlier ones reached and what lies on the server."""
    if seen.final is None:
        return Look.FINAL
    if transfer.unresolved:
        return _plan_unresolved(transfer, transfer.unresolved, seen)
    reached = transfer.reached
    if reached is None or reached.step == "sending":
        return _plan_unsent(transfer, seen)
    closed_directly = reached.step == "closing" and reached.temporary_path == transfer.remote_path
    if reached.step == "delivered" or closed_directly:
        return _plan_delivered(transfer, reached, seen.final)
    return _plan_closed(transfer, reached, seen)


def _plan_unresolved(transfer: Transfer, said: str, seen: Seen) -> Look | Done | Refuse:
    """A person has not decided yet: nothing is sent, but a file that lies there after all is delivered."""
    if seen.final == transfer.bytes:
        if seen.content is None:
            return Look.CONTENT
        if seen.content is Content.SAME or (transfer.forgotten and seen.content is Content.UNREADABLE):
            return Done(ALREADY_THERE)
    if transfer.forgotten:
        return Refuse(UnconfirmedError(f"{transfer.remote_path} as it was delivered is not seen there: {said}"))
    return Refuse(UnconfirmedError(f"still unconfirmed: {said.rpartition('still unconfirmed: ')[2]}"))


def _plan_unsent(transfer: Transfer, seen: Seen) -> Look | Send | Done:
    """Nothing whole was sent before, as far as the ledger knows: the same bytes may lie there all the same."""
    if seen.final != transfer.bytes:
        return Send()
    if seen.content is None:
        return Look.CONTENT
    return Done(ALREADY_THERE) if seen.content is Content.SAME else Send(twin=True)


def _plan_delivered(transfer: Transfer, reached: Reached, final: Size) -> Send | Done | Refuse:
    """It had its final name, or CLOSE was asked for under it: gone since, a robot took it, if one is known."""
    if final == transfer.bytes:
        return Done(ALREADY_THERE)
    if transfer.forgotten and transfer.robot_said:
        return Done(TAKEN_BEFORE)  # the client has it, a person says: what lies there is the client's own
    if not transfer.retrying or final not in (Sight.MISSING, Sight.UNTOLD):
        return Send()
    if reached.step == "delivered" or transfer.robot_known:
        return Done(TAKEN_BEFORE if final is Sight.MISSING else ALREADY_THERE)
    return Refuse(explain_vanished(transfer.remote_path)) if final is Sight.MISSING else Send()


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
        taken = Refuse(explain_taken(reached.temporary_path))
        return Done(TAKEN_BEFORE) if transfer.robot_said else taken  # under which name, only a person knows
    vanished = seen.final is Sight.MISSING and transfer.retrying
    return Rename(reached.temporary_path) if vanished else Send()


def plan_missing(transfer: Transfer, temporary: str, asked: bool, seen: Seen) -> Look | Renamed | Done | Refuse:
    """Decide what it means that the server does not find the temporary file that it is to rename.

    `asked`: its renaming was asked for before, without an answer that could be believed.
    """
    if seen.temporary is None:
        return Look.TEMPORARY
    if not isinstance(seen.temporary, Sight):
        return Refuse(RetryableError("the server does not find the file that it has. Ask the client."))
    if seen.final is None:
        return Look.FINAL
    if asked and seen.final is Sight.UNTOLD:
        return Renamed()
    if asked and seen.final is Sight.MISSING:
        return _plan_vanished(transfer, temporary, seen)
    if seen.final != transfer.bytes:
        return Refuse(explain_taken(temporary))
    if seen.content is None:
        return Look.CONTENT
    return Refuse(explain_taken(temporary)) if seen.content is Content.OTHER else Renamed()


def _plan_vanished(transfer: Transfer, temporary: str, seen: Seen) -> Look | Renamed | Done | Refuse:
    """Renaming was asked for, and there is neither name: taken, discarded, or the server does not tell."""
    if seen.folder is None:
        return Look.FOLDER
    if not seen.folder and not transfer.robot_known:
        return Refuse(explain_taken(temporary))
    if seen.content is None:
        return Look.CONTENT
    if seen.content is Content.SAME:
        return Renamed()
    return Done(TAKEN_BEFORE) if transfer.robot_known else Refuse(explain_vanished(transfer.remote_path))
