"""How is a Connection stored, so that only Airflow's encrypted table has its secrets?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.connection.elsewhere import lies_elsewhere
from event_delivery.connection.given import check_given
from event_delivery.connection.kept import find_kept, record_in_audit_log, set_option
from event_delivery.errors import PermanentError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

AUDITED_AS = "add_connection"


@dataclass(frozen=True)
class Stored:
    """What was stored, without its secrets."""

    connection_id: str
    type: str
    host: str
    replaced: bool


def store_connection(session: Session, connection: Any, user: str, replace: bool = False) -> Stored:
    """Store a Connection as `airflow connections add` does; the audit log has its id and who did it.

    Of one that is replaced the `host_key` stays while its host and port do: a new password is no new server.
    The caller commits the session of Airflow's database.

    Raises:
        PermanentError: it lacks what a login needs, is there already, or Airflow has it from another place.
    """
    check_given(connection)
    name = connection.conn_id
    if lies_elsewhere(name):
        raise PermanentError(
            f"Connection {name!r} comes from a secrets backend or the environment, which Airflow asks before its "
            f"database: change it there."
        )
    found = find_kept(session, name, to_change=True)
    if found is not None and not replace:
        raise PermanentError(f"Connection {name!r} is there already; to put this one in its place: --replace.")
    if found is not None:
        _keep_host_key(found, connection)
        session.delete(found)  # a merge would leave the old key where the new Connection has none
        session.flush()
    session.add(connection)
    record_in_audit_log(session, AUDITED_AS, user, connection_id=name, replaced=found is not None)
    return Stored(name, connection.conn_type, connection.host, found is not None)


def _keep_host_key(before: Any, after: Any) -> None:
    known = before.extra_dejson.get("host_key")
    same_server = (before.host, before.port) == (after.host, after.port)
    if known and same_server and not after.extra_dejson.get("host_key"):
        set_option(after, "host_key", known)
