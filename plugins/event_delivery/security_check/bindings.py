"""Which destinations have a Connection that is missing, of another type, or several clients'?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from event_delivery.destinations import Destination
from event_delivery.security_check.findings import Finding
from event_delivery.security_check.inventory import Inventory


def check_bindings(inventory: Inventory) -> Iterator[Finding]:
    """Yield what is wrong between destinations and Connections."""
    users: dict[str, list[Destination]] = defaultdict(list)
    for destination in inventory.destinations:
        users[destination.connection].append(destination)
    for connection_id, destinations in users.items():
        named = ", ".join(each.id for each in destinations)
        yield from _check_connection(inventory, connection_id, named)
        if len({(each.client, each.company_id) for each in destinations}) > 1:
            yield Finding(
                "medium", f"Connection {connection_id}", f"destinations of several clients share it: {named}.",
                "Give each client a login of its own, and take shared_connection out.",
            )  # fmt: skip
    for connection_id in inventory.unreadable:
        yield Finding(
            "low", f"Connection {connection_id}", "it could not be checked: Airflow cannot read it.",
            "See whether Fernet key, extra and secrets backend are right.",
        )  # fmt: skip


def _check_connection(inventory: Inventory, connection_id: str, named: str) -> Iterator[Finding]:
    found = inventory.connections.get(connection_id)
    if found is None and connection_id not in inventory.unreadable:
        yield Finding(
            "medium", f"Connection {connection_id}", f"it is not defined, and {named} needs it.",
            f"Add it: python -m event_delivery.connection add {connection_id}",
        )  # fmt: skip
    if found and not found.is_of_a_server:
        yield Finding(
            "high", f"Connection {connection_id}", f"{named} uses it, and its type is {found.type!r}.",
            "Name the Connection of the client's server, of type sftp or ssh: the login is of something else.",
        )  # fmt: skip
