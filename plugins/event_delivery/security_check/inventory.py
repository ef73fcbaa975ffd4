"""Which destinations and Connections are there to be looked at?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from event_delivery.connection.elsewhere import ask_elsewhere
from event_delivery.connection.kept import find_kept
from event_delivery.connection_names import DATABASES
from event_delivery.destinations import Destination, read_destinations
from event_delivery.ledger.instance import REHEARSAL
from event_delivery.sftp.connection_fields import TYPES
from event_delivery.sftp.route import JUMP_CONNECTION
from event_delivery.sftp.server import DEFAULT_PORT

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class KeptConnection:
    """A Connection as Airflow hands it out; its repr shows no secret."""

    id: str
    type: str
    host: str
    port: int
    password: str = field(repr=False)
    extras: Mapping[str, Any] = field(repr=False)
    is_plain: bool = False

    @property
    def is_of_a_server(self) -> bool:
        """Whether a client's server may be meant."""
        return self.type in TYPES


@dataclass(frozen=True)
class Inventory:
    """The enabled destinations, and the Connections: our own and all of type sftp and ssh."""

    destinations: tuple[Destination, ...]
    connections: Mapping[str, KeptConnection]
    unreadable: tuple[str, ...] = ()


def take_inventory(session: Session) -> Inventory:
    """Return what there is; a Connection that cannot be read is named as such.

    What the environment or a secrets backend holds is looked up by the ids in use: neither tells its names.
    """
    destinations = tuple(each for each in read_destinations() if isinstance(each, Destination) and each.enabled)
    instance = [os.environ.get(name, "") for name in (JUMP_CONNECTION, REHEARSAL)]
    used = sorted({each.connection for each in destinations} | {*DATABASES, *filter(None, instance)})
    kept: dict[str, KeptConnection] = {}
    unreadable = []
    for connection_id, found in _find_connections(session, used).items():
        try:
            kept[connection_id] = _describe(found)
        except Exception:  # a wrong Fernet key, an extra that is no JSON, a vault that does not answer
            unreadable.append(connection_id)
    return Inventory(destinations, kept, tuple(unreadable))


def _find_connections(session: Session, used: Iterable[str]) -> dict[str, Any]:
    """Return Airflow's Connections by id; in the place of one that cannot be read stands the failure."""
    from airflow.models.connection import Connection
    from sqlalchemy import or_, select

    wanted = or_(Connection.conn_type.in_(TYPES), Connection.conn_id.in_(list(used)))
    ids = session.scalars(select(Connection.conn_id).where(wanted)).all()
    found = {each: _try(partial(find_kept, session, each)) for each in ids}
    elsewhere = {each: _try(partial(ask_elsewhere, each)) for each in used}
    return found | {name: answer for name, answer in elsewhere.items() if answer is not None}


def _try(read: Callable[[], Any]) -> Any:
    """Return what is read, or the failure: a wrong Fernet key shows as one while the row is loaded."""
    try:
        return read()
    except Exception as error:
        return error


def _describe(connection: Any) -> KeptConnection:
    extras = dict(connection.extra_dejson)
    row = getattr(connection, "id", None) is not None  # of Airflow's database
    return KeptConnection(
        id=connection.conn_id,
        type=connection.conn_type or "",
        host=connection.host or "",
        port=connection.port or DEFAULT_PORT,
        password=connection.password or "",
        extras=extras,
        is_plain=row
        and bool(
            (connection.password and not connection.is_encrypted) or (extras and not connection.is_extra_encrypted)
        ),
    )
