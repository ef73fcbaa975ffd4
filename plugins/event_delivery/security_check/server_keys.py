"""Which servers are not known by a strong key?"""

from __future__ import annotations

from collections.abc import Iterator

from event_delivery.destinations import Destination
from event_delivery.ledger import LedgerReading, open_ledger_reading
from event_delivery.ledger.servers import SHOWN_ONLY, KeyOwner
from event_delivery.security_check.findings import Finding
from event_delivery.security_check.inventory import Inventory, KeptConnection
from event_delivery.sftp.host_key import SHORTEST_RSA, rsa_bits


def check_server_keys(inventory: Inventory) -> Iterator[Finding]:
    """Yield the destinations whose pinned key or algorithms are weak."""
    for destination in inventory.destinations:
        if destination.legacy_algorithms:
            yield Finding(
                "medium", f"{destination.id}.yaml, legacy_algorithms",
                "old algorithms are allowed, which a forger can afford.",
                "Ask the client to update its server, then take the line out.",
            )  # fmt: skip
            continue
        for key in _list_pinned(destination, inventory.connections.get(destination.connection)):
            yield from _check_pinned(destination, key)


def check_first_contacts(inventory: Inventory) -> Iterator[Finding]:
    """Yield the destinations whose next test file logs in to whatever key it is shown; asks the ledger.

    Raises:
        DeliveryError: the ledger cannot be read.
    """
    unpinned = [
        (each, connection)
        for each in inventory.destinations
        if (connection := inventory.connections.get(each.connection))
        and each.host_key_policy == "first_contact"
        and not _list_pinned(each, connection)
    ]
    if not unpinned:
        return
    with open_ledger_reading() as ledger:
        for destination, connection in unpinned:
            yield from _check_first_contact(destination, connection, ledger)


def _check_first_contact(
    destination: Destination, connection: KeptConnection, ledger: LedgerReading
) -> Iterator[Finding]:
    known = ledger.read_host_keys(KeyOwner(connection.id, connection.host, connection.port))
    if all(each.state == SHOWN_ONLY for each in known):
        yield Finding(
            "medium", f"{destination.id}.yaml, host_key_policy",
            "first_contact, and no key is known: the test file sends the password to whatever key is shown.",
            "Ask the client for its key and set host_key, or confirm the one that is shown.",
        )  # fmt: skip


def _list_pinned(destination: Destination, connection: KeptConnection | None) -> list[str]:
    if destination.host_key:
        return list(destination.host_key)
    value = connection.extras.get("host_key") if connection else None
    keys = value if isinstance(value, list) else [value]
    return [key.strip() for key in keys if isinstance(key, str) and key.strip()]


def _check_pinned(destination: Destination, key: str) -> Iterator[Finding]:
    try:
        bits = rsa_bits(key)
    except ValueError:
        bits = None
    if bits and bits < SHORTEST_RSA:
        yield Finding(
            "medium", f"{destination.id}, host_key",
            f"an RSA key of {bits} bits is pinned, which is refused; wanted at least {SHORTEST_RSA}.",
            "Ask the client for a stronger host key.",
        )  # fmt: skip
