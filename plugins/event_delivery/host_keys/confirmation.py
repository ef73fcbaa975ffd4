"""How is a key that a server showed confirmed? In the Connection, so that the right to edit that counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.connection import lies_elsewhere
from event_delivery.errors import PermanentError
from event_delivery.ledger.reading import LedgerReading
from event_delivery.ledger.records import KnownHostKey
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
        PermanentError: the Connection is not kept in Airflow's database, or lacks what
            a login needs, or its server has shown no such key.
    """
    connection = _find_connection(session, connection_id)
    check_fields(connection)
    shown = list_host_keys(ledger, connection)
    key = next((each.public_key for each in shown if fingerprint(each.public_key) == wanted), None)
    server = f"{connection.host}:{connection.port or DEFAULT_PORT}"
    if key is None:
        found = ", ".join(fingerprint(each.public_key) for each in shown) or "none"
        raise PermanentError(
            f"Connection {connection_id!r}: {server} has shown no host key {wanted!r}; it has shown: {found}. "
            f"Send the test file: what the server shows is recorded, and no password is sent to it unconfirmed."
        )
    connection.set_extra(json.dumps({**connection.extra_dejson, "host_key": key}))
    _record_in_audit_log(session, connection_id, wanted, user)
    return Confirmed(server, wanted)


def list_host_keys(ledger: LedgerReading, connection: Any) -> list[KnownHostKey]:
    """Return the keys that a Connection's server has shown, the trusted one first."""
    return ledger.read_host_keys(connection.host, connection.port or DEFAULT_PORT)


def _find_connection(session: Session, connection_id: str) -> Any:
    from airflow.models.connection import Connection
    from sqlalchemy import select

    found = session.scalar(select(Connection).where(Connection.conn_id == connection_id))
    if found and not lies_elsewhere(connection_id):
        return found
    raise PermanentError(
        f"Connection {connection_id!r} is not kept in Airflow's database, so that nothing can be confirmed in it "
        f"from here: put host_key into its extra where it is kept, or into the destination's YAML."
    )


def _record_in_audit_log(session: Session, connection_id: str, key: str, user: str) -> None:
    from airflow.models.log import Log

    extra = json.dumps({"connection_id": connection_id, "host_key": key})
    session.add(Log(event=AUDITED_AS, owner=user, extra=extra))
