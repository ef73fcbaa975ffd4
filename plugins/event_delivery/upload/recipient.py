"""To whom does an attempt go: which server, with which credentials, and by which host key is it known?"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError, explain_missing
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.servers import KeyOwner, read_host_key, read_login
from event_delivery.sftp import KnownKeys, Server, describe_jump_host, describe_server, offer_next
from event_delivery.sftp.login import read_client_keys
from event_delivery.upload.rehearsal import redirect

_log = logging.getLogger(__name__)


def read_recipient(destination: Destination, rehearsal: str | None = None) -> Server:
    """Return the server that a destination's Airflow Connection names.

    With `rehearsal`, the Connection that everything goes to instead: a folder below its path.

    Raises:
        PermanentError: the Connection is missing or lacks what a login needs.
    """
    if not rehearsal:
        return describe_server(read_connection(destination.connection), destination)
    server = describe_server(read_connection(rehearsal), redirect(destination, rehearsal))
    return replace(server, folder=server.path(destination.id))


def read_jump_host(connection_id: str) -> Server:
    """Return the jump host of this Airflow Connection; raises as `read_recipient`."""
    return describe_jump_host(read_connection(connection_id))


def find_known_keys(server: Server, ledger: BoundedLedger, policy: str, kind: str) -> KnownKeys:
    """Return the host keys that count for a server under a destination's `host_key_policy`.

    `pinned`: the configured ones alone. `confirm`: without these, the one that a person has confirmed.
    `first_contact`: without that, the one that a login was completed with; and without any, a delivery of kind
    `test` may log in to the key that the server shows. A nightly file never goes to an unknown key.
    """
    if server.host_keys or policy == "pinned":
        return KnownKeys(server.host_keys, policy=policy)
    meets = policy == "first_contact"
    known = ledger.ask(read_host_key, name_key_owner(server), not meets)
    if known:
        return KnownKeys((known,), policy=policy)
    return KnownKeys(first_contact=meets and kind == "test", policy=policy)


def name_key_owner(server: Server) -> KeyOwner:
    """Return whose trust in a server's key it is: its Connection's, and no other's that leads there too."""
    return KeyOwner(server.connection_id, server.host, server.port)


def choose_credentials(server: Server, ledger: BoundedLedger) -> Server:
    """Return a server with the one set of credentials that this attempt offers.

    While a client changes over, the Connection holds two. The one that logged in last is offered first; a refusal
    has the next attempt offer the other, so that no account is locked by guessing. A set whose key cannot be read
    is not offered while the other's can.
    """
    if not server.next_credentials:
        return server
    last, following = ledger.ask(read_login, server.connection_id), offer_next(server)
    takes_next = last is not None and (last[0] == "next") is last[1]
    chosen, other = (following, server) if takes_next else (server, following)
    try:
        read_client_keys(chosen)
    except PermanentError as error:
        _log.warning("Connection %r, its %s credentials: %s", server.connection_id, chosen.offers, error)
        return other
    return chosen


def read_connection(connection_id: str) -> Any:
    """Return an Airflow Connection; raises MissingConnectionError when there is none of this id."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return Connection.get(connection_id)
    except AirflowNotFoundException:
        raise explain_missing(connection_id, "sftp://user:percent-encoded-password@host:port/path") from None
