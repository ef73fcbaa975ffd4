"""How is a proven Connection stored, and one that is there already recognised?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from event_delivery.connection import lies_elsewhere, store_connection
from event_delivery.connection.elsewhere import ask_elsewhere
from event_delivery.connection.kept import find_kept, record_in_audit_log, set_option
from event_delivery.errors import PermanentError
from event_delivery.onboard.stopped import StoppedError
from event_delivery.sftp.server import DEFAULT_PORT

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

HOST_KEY = "host_key"
AUDITED_AS = "confirm_host_key"


def find_connection(session: Session, connection_id: str) -> Any:
    """Return the Connection that Airflow has of this id, from wherever; None where there is none."""
    return ask_elsewhere(connection_id) or find_kept(session, connection_id)


def read_pinned(connection: Any) -> str | None:
    """Return the one host key that a Connection pins, None where it pins none or several."""
    pinned = connection.extra_dejson.get(HOST_KEY) if connection else None
    return pinned if isinstance(pinned, str) and pinned else None


def keep_connection(session: Session, connection: Any, key: str, user: str, replace: bool) -> str:
    """Store a Connection with the host key that was confirmed; returns what was done, in a few words.

    One that is the same but for its host key is kept, and gets it. The caller commits the session.

    Raises:
        StoppedError: another one is there, and nobody said that it is to be replaced.
    """
    name = connection.conn_id
    found = find_connection(session, name)
    if found is not None and _is_same(found, connection):
        return _pin(session, name, key, user)
    if found is not None and not replace:
        raise StoppedError(
            "ours",
            f"The Airflow Connection {name!r} is there already, and is another (user, password, host, port or "
            f"path differ). To put this one in its place: --replace.",
        )
    set_option(connection, HOST_KEY, key)
    try:
        done = store_connection(session, connection, user, replace)
    except PermanentError as error:
        raise StoppedError("ours", str(error)) from None
    return "replaced" if done.replaced else "added"


def _pin(session: Session, name: str, key: str, user: str) -> str:
    if lies_elsewhere(name):
        return "is there already, in a secrets backend or the environment"
    kept = find_kept(session, name, to_change=True)
    if read_pinned(kept) == key:
        return "is there already"
    set_option(kept, HOST_KEY, key)
    record_in_audit_log(session, AUDITED_AS, user, connection_id=name, host_key=key)
    return "is there already, and has the host key now"


def _is_same(found: Any, given: Any) -> bool:
    return _list_fields(found) == _list_fields(given)


def _list_fields(connection: Any) -> tuple[object, ...]:
    extras = {name: value for name, value in connection.extra_dejson.items() if name != HOST_KEY}
    port = connection.port or DEFAULT_PORT
    path = (connection.schema or "").strip("/")
    return connection.host, port, connection.login, connection.password, path, extras
