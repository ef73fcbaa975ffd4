"""Which steps lead from a URL to a server that is proven to take a night's file, and what does each say?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.destinations import Destination, is_host_key
from event_delivery.errors import PermanentError
from event_delivery.host_keys.confirmation import name_server
from event_delivery.ledger.instance import REHEARSAL, read_instance
from event_delivery.limits import LIMITS
from event_delivery.onboard.meeting import Way, reach_server, read_shown_key, resolve_server
from event_delivery.onboard.rehearsing import rehearse_night
from event_delivery.onboard.stopped import StoppedError
from event_delivery.onboard.storing import find_connection, read_pinned
from event_delivery.onboard.yaml_file import Fields, check_fields, find_file
from event_delivery.sftp import KnownKeys, Server, describe_server, read_route
from event_delivery.sftp.host_key import fingerprint
from event_delivery.upload.collision import refuse_taken
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
class Meeting:
    """Which server is to be met; `connection` holds its secrets. `pinned`: the host key that is stored of it."""

    destination: Destination
    connection: Any
    pinned: str | None = None


@dataclass(frozen=True)
class Met:
    """A server that was reached; `keys`: its host key is one of these. Without any, somebody confirms `shown`."""

    server: Server
    way: Way
    keys: tuple[str, ...]
    shown: str = ""


@dataclass(frozen=True)
class Aboard:
    """A destination whose server was proven to take a night's file; `connection` holds its secrets."""

    destination: Destination
    connection: Any
    server: Server
    key: str


def meet_server(asked: Asked, met: Meeting, tell: Tell, seconds: float = LIMITS.connect) -> Met:
    """Reach the server, and look which host key counts; nothing is offered to it. `seconds`: for each step.

    Raises:
        StoppedError: a step failed.
        PermanentError: its folder is another destination's.
    """
    if read_instance().rehearsal:
        raise StoppedError("ours", f"This instance rehearses ({REHEARSAL}): it logs in at no client's server.")
    server = describe_server(met.connection, met.destination)
    refuse_taken(met.destination, server)
    way = _read_way(seconds)
    if way.is_direct:
        tell(f"{server.host} resolves to {', '.join(asyncio.run(resolve_server(server, way)))}")
        round_trip = asyncio.run(reach_server(server, way))
        tell(f"{server.address} answers, in {round_trip * 1_000:.0f} ms")
    if server.host_keys:
        tell(f"The host key is known from the {server.host_keys_from}")
        return Met(server, way, server.host_keys)
    if known := asked.host_key or met.pinned:
        tell(f"The host key is {'named' if asked.host_key else 'stored'} already")
        return Met(server, way, (known,))
    return Met(server, way, (), asyncio.run(read_shown_key(server, way)))


def prove_server(asked: Asked, meeting: Meeting, met: Met, tell: Tell) -> Aboard:
    """Have the server's key confirmed, log in and try what a night needs; each step is told.

    Raises:
        StoppedError: a step failed, and nothing is stored.
    """
    keys = met.keys or (_confirm(asked, met.shown, tell),)
    shown = asyncio.run(rehearse_night(met.server, meeting.destination, keys, met.way, tell))
    return Aboard(meeting.destination, meeting.connection, met.server, shown)


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


def plan_meeting(session: Session, destination: Destination, connection: Any) -> Meeting:
    """Return what is to be met, with the host key that the stored Connection pins for the same server."""
    stored = find_connection(session, destination.connection)
    if stored is None or name_server(stored) != name_server(connection):
        return Meeting(destination, connection)
    return Meeting(destination, connection, read_pinned(stored))


def _confirm(asked: Asked, key: str, tell: Tell) -> str:
    if not asked.confirm(fingerprint(key)):
        asking = (f"The server shows the fingerprint {fingerprint(key)}. Is that the right one?",)
        said = f"Nobody has confirmed the host key {fingerprint(key)}: no user and no password was sent to it."
        raise StoppedError("key", said, asking)
    tell(f"Host key {fingerprint(key)} confirmed")
    return key


def _read_way(seconds: float) -> Way:
    try:
        route = read_route()
        host = read_jump_host(route.jump_connection) if route.jump_connection else None
    except PermanentError as error:
        raise StoppedError("ours", str(error)) from None
    return Way(route, (host, KnownKeys(host.host_keys, policy="pinned")) if host else None, seconds)
