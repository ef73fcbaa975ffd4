"""Which passwords and keys that we log in with are weak?"""

from __future__ import annotations

from collections.abc import Iterator

import asyncssh

from event_delivery.security_check.findings import Finding
from event_delivery.security_check.inventory import Inventory, KeptConnection
from event_delivery.sftp.host_key import SHORTEST_RSA, rsa_bits

SHORTEST_PASSWORD = 12  # characters; below, guessing it off line is a matter of days
_SETS = (("private_key", "private_key_passphrase"), ("next_private_key", "next_private_key_passphrase"))


def check_credentials(inventory: Inventory) -> Iterator[Finding]:
    """Yield the short passwords and the weak keys of Connections of type sftp and ssh."""
    for connection in inventory.connections.values():
        if connection.is_of_a_server:
            yield from _check_passwords(connection)
            for key, passphrase in _SETS:
                yield from _check_key(connection, key, passphrase)


def _check_passwords(connection: KeptConnection) -> Iterator[Finding]:
    for name, password in (
        ("password", connection.password),
        ("extra 'next_password'", connection.extras.get("next_password")),
    ):
        if password and len(str(password)) < SHORTEST_PASSWORD:
            yield Finding(
                "medium", f"Connection {connection.id}, {name}",
                f"it has fewer than {SHORTEST_PASSWORD} characters.",
                "Ask the client for a longer one, or for a login by key.",
            )  # fmt: skip


def _check_key(connection: KeptConnection, name: str, passphrase: str) -> Iterator[Finding]:
    text = connection.extras.get(name)
    if not text:
        return
    where = f"Connection {connection.id}, extra {name!r}"
    try:
        key = asyncssh.import_private_key(str(text), connection.extras.get(passphrase) or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        advice = "Put the text of the key's file there, and its passphrase beside it."
        yield Finding("medium", where, "the key cannot be read.", advice)
        return
    weakness = _find_weakness(key)
    if weakness:
        advice = "Make a new one (ssh-keygen -t ed25519), and give the client its public half."
        yield Finding("high", where, weakness, advice)


def _find_weakness(key: asyncssh.SSHKey) -> str:
    if key.get_algorithm() == "ssh-dss":
        return "a DSA key, which is broken."
    bits = rsa_bits(key.export_public_key().decode())
    return f"an RSA key of {bits} bits, wanted at least {SHORTEST_RSA}." if bits and bits < SHORTEST_RSA else ""
