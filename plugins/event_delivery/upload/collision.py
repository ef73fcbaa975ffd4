"""Would a client's events land in the folder of another destination, under another Connection?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from event_delivery.delivery import Delivery
from event_delivery.destinations import Destination, load_destination, load_destinations
from event_delivery.errors import DeliveryError, PermanentError, RefusedError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.instance import REHEARSAL
from event_delivery.ledger.recipients import (
    Recipient,
    enter_folder,
    find_client,
    find_sent_before,
    record_recipient,
)
from event_delivery.sftp import Server
from event_delivery.upload.recipient import read_recipient


def refuse_collision(
    destination: Destination, server: Server, remote_folder: str, ledger: BoundedLedger
) -> list[str]:
    """Let no two destinations deliver into one folder; what counts is how they are configured now.

    Returns the destinations that delivered there before and no longer do.

    `remote_folder`: address and folder of the server, as the ledger knows its behaviour by.

    Raises:
        PermanentError: another enabled destination's own Connection leads to the same folder.
        LedgerError: the ledger gave no answer.
    """
    recipient = describe_recipient(server)
    others = ledger.ask(enter_folder, destination.id, recipient, remote_folder)
    for other in filter(None, map(_load_enabled, others)):
        if leads_to(other, recipient):
            raise _explain_collision(destination, other, server)
    if others:
        ledger.ask(record_recipient, destination.id, recipient)
    return others


def refuse_taken(destination: Destination, server: Server) -> None:
    """Let a new destination have a folder of its own, before the ledger knows of it.

    Raises:
        PermanentError: another enabled destination's Connection leads to the same folder.
    """
    recipient = describe_recipient(server)
    loaded = (each for each in load_destinations() if isinstance(each, Destination))
    for other in (each for each in loaded if each.enabled and each.id != destination.id):
        if leads_to(other, recipient):
            raise _explain_collision(destination, other, server)


def refuse_client(destination_id: str, server: Server, ledger: BoundedLedger) -> None:
    """Let no rehearsal reach a client by a Connection that is a copy of the client's.

    Raises:
        PermanentError: the server is this destination's, or one that the ledger has files at.
        LedgerError: the ledger gave no answer.
    """
    recipient = describe_recipient(server)
    own = _load_enabled(destination_id)
    client = destination_id if own and _logs_in_as(own, recipient) else ledger.ask(find_client, recipient)
    if client:
        raise PermanentError(
            f"{REHEARSAL} names a Connection that leads to {server.address} as {server.user!r}: that is where "
            f"destination {client!r} gets its files. No client is sent a rehearsal. Name a server of your own."
        )


def _logs_in_as(destination: Destination, recipient: Recipient) -> bool:
    try:
        found = describe_recipient(read_recipient(destination))
    except DeliveryError:
        return False
    return (found.host, found.port, found.login) == (recipient.host, recipient.port, recipient.login)


def refuse_sent_before(delivery: Delivery, others: Sequence[str], ledger: BoundedLedger) -> None:
    """Let a renamed destination send nothing again that its folder got under the name before.

    `others` delivered into the same folder before.

    Raises:
        RefusedError: one of them delivered events of the same company and interval.
        LedgerError: the ledger gave no answer.
    """
    before = ledger.ask(find_sent_before, delivery, others) if delivery.kind == "nightly" else []
    if not before:
        return
    named = ", ".join(f"{name} by {other!r}" for other, name in before)
    raise RefusedError(
        f"{delivery.destination.id}: this folder got events of {delivery.interval} before, under another "
        f"destination's name: {named}. Nothing was delivered. May the client get them twice? Then trigger a run "
        f"with allow_overlap."
    )


def describe_recipient(server: Server) -> Recipient:
    """Return a server's folder, spelled one way."""
    folder = posixpath.normpath(re.sub("^/+", "/", server.folder)) if server.folder else "."
    return Recipient(server.host.lower(), server.port, server.user, folder)


def leads_to(destination: Destination, recipient: Recipient) -> bool:
    """Tell whether a destination's Connection leads there now; one that leads nowhere does not."""
    try:
        return describe_recipient(read_recipient(destination)).is_same(recipient)
    except DeliveryError:
        return False


def _load_enabled(destination_id: str) -> Destination | None:
    loaded = load_destination(destination_id)
    return loaded if isinstance(loaded, Destination) and loaded.enabled else None


def _explain_collision(destination: Destination, other: Destination, server: Server) -> PermanentError:
    return PermanentError(
        f"{server.address}, {server.folder or 'the login folder'}: destination {destination.id!r} (Connection "
        f"{destination.connection!r}) leads to the same folder as {other.id!r} (Connection {other.connection!r}). "
        f"Nothing was sent: one client's events must not land in another's folder. Correct the path or the "
        f"Connection of the wrong one."
    )
