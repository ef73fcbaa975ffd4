"""What changes for a delivery that is only rehearsed?"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.destinations import Destination, load_destinations
from event_delivery.errors import PermanentError
from event_delivery.ledger.instance import INSTANCE, REHEARSAL, Instance


def rehearse(delivery: Delivery, instance: Instance, log: Any) -> Delivery:
    """Return a delivery as this instance makes it: to its client, or into a folder of its own on the one server.

    Raises:
        PermanentError: that server's Connection is a client's.
    """
    if not instance.rehearsal:
        if not os.environ.get(INSTANCE):
            log.warning("This instance has no name of its own: set %s, or a copy of it may deliver too", INSTANCE)
        return delivery
    clients = (each for each in load_destinations() if isinstance(each, Destination))
    owners = [each.id for each in (delivery.destination, *clients) if each.connection == instance.rehearsal]
    if owners:
        raise PermanentError(
            f"{REHEARSAL} names the Connection {instance.rehearsal!r}, which is that of destination "
            f"{owners[0]!r}: no client is sent a rehearsal. Name the Connection of a server of your own."
        )
    log.warning("A rehearsal: the file goes to Connection %r, and to no client", instance.rehearsal)
    return replace(delivery, destination=redirect(delivery.destination, instance.rehearsal))


def redirect(destination: Destination, connection_id: str) -> Destination:
    """Return a destination as the server of a rehearsal receives it; what pins the client's is not used."""
    name = destination.temporary_name
    return destination.model_copy(
        update={
            "connection": connection_id,
            "path": None,
            "host_key": (),
            "legacy_algorithms": False,
            "create_folder": True,
            "temporary_name": name.model_copy(update={"folder": name.folder.lstrip("/")}),
        }
    )
