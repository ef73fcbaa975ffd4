"""How is a key that a server showed confirmed? In the Connection, so that the right to edit that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.connection import lies_elsewhere
from event_delivery.connection.kept import find_kept, record_in_audit_log, set_option
from event_delivery.errors import PermanentError
from event_delivery.ledger.reading import LedgerReading
from event_delivery.ledger.records import KnownHostKey
from event_delivery.ledger.servers import KeyOwner
from event_delivery.sftp.connection_fields import check_fields
from event_delivery.sftp.host_key import fingerprint
from event_delivery.sftp.server import DEFAULT_PORT

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

AUDITED_AS = "confirm_host_key"


@dataclass(frozen=True)
class Confirmed:
    """Which key of which server counts from now on."""

    server: str
    fingerprint: str


def confirm_host_key(
    session: Session, ledger: LedgerReading, connection_id: str, wanted: str, user: str
) -> Confirmed:
    """Let a key that a server showed be its Connection's only `host_key`; the audit log says who did it.

    `wanted` is its fingerprint, `SHA256:...`; the caller commits the session of Airflow's database.

    Raises:
        PermanentError: the Connection is not kept in Airflow's database, or lacks what a login needs, or its
            server has shown no such key.
    """
    shown = list_host_keys(ledger, _find_connection(session, connection_id))
    connection = _find_connection(session, connection_id, to_change=True)
    key = find_shown(shown, connection, wanted)
    set_option(connection, "host_key", key)
    record_in_audit_log(session, AUDITED_AS, user, connection_id=connection_id, host_key=wanted)
    return Confirmed(name_server(connection), wanted)


def find_shown(shown: list[KnownHostKey], connection: Any, wanted: str) -> str:
    """Return the public key of this fingerprint among those that a Connection's server has shown.

    Raises:
        PermanentError: it is not among them.
    """
    key = next((each.public_key for each in shown if fingerprint(each.public_key) == wanted), None)
    if key is None:
        found = ", ".join(fingerprint(each.public_key) for each in shown) or "none"
        raise PermanentError(
            f"Connection {connection.conn_id!r}: {name_server(connection)} has shown no host key {wanted!r}; it "
            f"has shown: {found}. Send the test file: what the server shows is recorded, and no password is sent "
            f"to it unconfirmed."
        )
    return key


def name_server(connection: Any) -> str:
    """Return host and port of a Connection's server."""
    return f"{connection.host}:{connection.port or DEFAULT_PORT}"


def name_key_owner(connection: Any) -> KeyOwner:
    """Return whose trust it is in the key of a Connection's server."""
    return KeyOwner(connection.conn_id, connection.host, connection.port or DEFAULT_PORT)


def list_host_keys(ledger: LedgerReading, connection: Any) -> list[KnownHostKey]:
    """Return the keys that a Connection's server has shown, the trusted one first."""
    return ledger.read_host_keys(name_key_owner(connection))


def _find_connection(session: Session, connection_id: str, to_change: bool = False) -> Any:
    found = find_kept(session, connection_id, to_change)
    if found and not lies_elsewhere(connection_id):
        check_fields(found)
        return found
    raise PermanentError(
        f"Connection {connection_id!r} is not kept in Airflow's database, so that nothing can be confirmed in it "
        f"from here: put host_key into its extra where it is kept, or into the destination's YAML."
    )
