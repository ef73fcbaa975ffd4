"""To whom does an attempt go: which server, with which credentials, and by which host key is it known?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.servers import read_host_key
from event_delivery.sftp import KnownKeys, Server, describe_jump_host, describe_server
from event_delivery.upload.rehearsal import redirect


def read_recipient(destination: Destination, rehearsal: str | None = None) -> Server:
    """Return the server that a destination's Airflow Connection names.

    With `rehearsal`, the Connection that everything goes to instead: a folder below its path.

    Raises:
        PermanentError: the Connection is missing or lacks what a login needs.
    """
    if not rehearsal:
        return describe_server(_read_connection(destination.connection), destination)
    server = describe_server(_read_connection(rehearsal), redirect(destination, rehearsal))
    return replace(server, folder=server.path(destination.id))


def read_jump_host(connection_id: str) -> Server:
    """Return the jump host of this Airflow Connection; raises as `read_recipient`."""
    return describe_jump_host(_read_connection(connection_id))


def find_known_keys(server: Server, ledger: BoundedLedger, accept: str | None = None) -> KnownKeys:
    """Return the host keys that count for a server: the configured, else the accepted, else the remembered one.

    Without any, the first key that the server shows is accepted and to be remembered. `accept` is the fingerprint
    of a changed key: it is remembered in place of the older one as soon as the server shows it.
    """
    if server.host_keys:
        return KnownKeys(server.host_keys)
    if accept:
        return KnownKeys((accept,), remember=True)
    remembered = ledger.ask(read_host_key, server.host, server.port)
    return KnownKeys((remembered,)) if remembered else KnownKeys(remember=True)


def _read_connection(connection_id: str) -> Any:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return Connection.get(connection_id)
    except AirflowNotFoundException:
        raise PermanentError(
            f"The Airflow Connection {connection_id!r} is not defined. Add it: airflow connections add "
            f"{connection_id} --conn-uri 'sftp://user:percent-encoded-password@host:port/path'"
        ) from None
