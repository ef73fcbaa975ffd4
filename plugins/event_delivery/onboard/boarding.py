"""Which steps lead from a URL to a proven destination, and what does each say?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.destinations import Destination, is_host_key
from event_delivery.errors import PermanentError
from event_delivery.host_keys.confirmation import name_server
from event_delivery.ledger.instance import REHEARSAL, read_instance
from event_delivery.onboard.meeting import Way, reach_server, read_shown_key, resolve_server
from event_delivery.onboard.rehearsing import rehearse_night
from event_delivery.onboard.stopped import StoppedError
from event_delivery.onboard.storing import find_connection, keep_connection, read_pinned
from event_delivery.onboard.yaml_file import Fields, check_fields, find_file, write_fields, write_file
from event_delivery.sftp import KnownKeys, Server, describe_server, read_route
from event_delivery.sftp.host_key import fingerprint
from event_delivery.upload.recipient import read_jump_host

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """Who is taken on board. `host_key`: its fingerprint, which the client has named.

    `confirm` is asked whether the key of this fingerprint is right, where nobody has named one.
    """

    destination_id: str
    fields: Fields
    confirm: Callable[[str], bool]
    host_key: str | None = None
    replace: bool = False


@dataclass(frozen=True)
class Aboard:
    """A destination whose server was proven to take a night's file; `connection` holds its secrets."""

    destination: Destination
    connection: Any
    server: Server
    key: str


def prove_server(session: Session, asked: Asked, destination: Destination, connection: Any, tell: Tell) -> Aboard:
    """Reach the server, have its key confirmed, log in and try what a night needs; each step is told.

    Raises:
        StoppedError: a step failed, and nothing is stored.
    """
    if read_instance().rehearsal:
        raise StoppedError("ours", f"This instance rehearses ({REHEARSAL}): it logs in at no client's server.")
    server = describe_server(connection, destination)
    way = _read_way()
    if way.is_direct:
        tell(f"{server.host} resolves to {', '.join(asyncio.run(resolve_server(server, way)))}")
        seconds = asyncio.run(reach_server(server, way))
        tell(f"{server.address} answers, in {seconds * 1_000:.0f} ms")
    stored = find_connection(session, destination.connection)
    wanted = _choose_keys(asked, server, _pinned_there(stored, connection), way, tell)
    shown = asyncio.run(rehearse_night(server, destination, wanted, way, tell))
    return Aboard(destination, connection, server, shown)


def keep_aboard(session: Session, asked: Asked, aboard: Aboard, user: str, tell: Tell) -> None:
    """Store the Connection and the YAML: one that is there is recognised.

    The Connection comes first: a destination without one would be told as an incident.
    """
    name = aboard.destination.connection
    done = keep_connection(session, aboard.connection, aboard.key, user, asked.replace)
    session.commit()
    tell(f"Airflow Connection {name} {done}; its host key is {fingerprint(aboard.key)}")
    fields = asked.fields
    if done.endswith("environment") and not aboard.destination.host_key:
        fields = (*fields, ("host_key", aboard.key))
    written = write_file(asked.destination_id, fields)
    tell(f"{find_file(asked.destination_id)} {'written' if written else 'is there already'}")


def describe_commands(asked: Asked, aboard: Aboard) -> str:
    """Return the commands that do the same elsewhere; the secret stands in none of them."""
    text = write_fields((*asked.fields, ("host_key", aboard.key))).rstrip("\n")
    name, file = aboard.destination.connection, f"include/destinations/{asked.destination_id}.yaml"
    writing = f"cat > {file} <<'END'\n{text}\nEND\n"
    if find_file(asked.destination_id).exists():
        writing = f"# {file} is there already; it may pin the host key: host_key: {aboard.key}\n"
    return (
        f"{writing}python -m event_delivery.connection add {name}   # asks for the URL; or put it, read from "
        f"standard input, under {name!r} into your secrets backend"
    )


def check_asked(asked: Asked) -> Destination:
    """Return the destination that would be, or is; raises StoppedError where what was asked cannot be."""
    if asked.host_key and not is_host_key(asked.host_key):
        raise StoppedError("ours", "--host-key: wanted SHA256:... (43 characters), as ssh-keygen -lf prints it.")
    destination = check_fields(asked.destination_id, asked.fields)
    if not destination.enabled:
        file = find_file(asked.destination_id)
        raise StoppedError(
            "ours", f"{file} or the defaults say enabled: false: it has no DAGs. Take that out first."
        )
    return destination


def _pinned_there(stored: Any, connection: Any) -> str | None:
    """Return the host key that the stored Connection pins, if it leads to the same server."""
    if stored is None or name_server(stored) != name_server(connection):
        return None
    return read_pinned(stored)


def _choose_keys(asked: Asked, server: Server, stored: str | None, way: Way, tell: Tell) -> tuple[str, ...]:
    if server.host_keys:
        tell(f"The host key is known from the {server.host_keys_from}")
        return server.host_keys
    if known := asked.host_key or stored:
        tell(f"The host key is {'named' if asked.host_key else 'stored'} already")
        return (known,)
    key = asyncio.run(read_shown_key(server, way))
    if not asked.confirm(fingerprint(key)):
        asking = (f"The server shows the fingerprint {fingerprint(key)}. Is that the right one?",)
        said = f"Nobody has confirmed the host key {fingerprint(key)}: no user and no password was sent to it."
        raise StoppedError("key", said, asking)
    tell(f"Host key {fingerprint(key)} confirmed")
    return (key,)


def _read_way() -> Way:
    try:
        route = read_route()
        host = read_jump_host(route.jump_connection) if route.jump_connection else None
    except PermanentError as error:
        raise StoppedError("ours", str(error)) from None
    return Way(route, (host, KnownKeys(host.host_keys, policy="pinned")) if host else None)
