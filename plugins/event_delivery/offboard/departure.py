"""How does what is a destination's alone go, so that an end in the middle does no harm?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from event_delivery.connection.kept import find_kept
from event_delivery.erasure import remove_found
from event_delivery.erasure.of_destination import find_files_of
from event_delivery.errors import PermanentError
from event_delivery.host_keys.confirmation import list_host_keys, name_key_owner
from event_delivery.ledger import LedgerReading, open_ledger
from event_delivery.ledger.servers import forget_host_key, forget_login
from event_delivery.offboard.dags import pause_dags, require_rest
from event_delivery.offboard.leaving import Leaving
from event_delivery.offboard.yaml_file import disable_file

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Tell = Callable[[str], None]


def depart(session: Session, leaving: Leaving, user: str, tell: Tell) -> None:
    """Stop, set aside, remove; each is told when it is done. The login goes last: it is what cannot come back.

    Raises:
        PermanentError: something is under way, or cannot be removed; run again, it goes on from there.
    """
    pause_dags(session, leaving.destination_id, user)
    session.commit()
    tell("Both DAGs are paused: nothing starts any more")
    require_rest(session, leaving.destination_id)
    if leaving.file and leaving.is_enabled:
        disable_file(leaving.file)
        tell(f"{leaving.file} says enabled: false")
    _remove_files(leaving, tell)
    if leaving.shared_with:
        tell(f"Connection {leaving.connection} stays: {', '.join(leaving.shared_with)} use it")
        return
    _remove_login(session, leaving, tell)


def _remove_files(leaving: Leaving, tell: Tell) -> None:
    files = find_files_of(leaving.destination_id)  # again: a run that has just ended may have staged more
    if left := [*files.unread, *remove_found(files)]:
        raise PermanentError(f"Not all of its files could be removed: {'; '.join(left)}")
    tell(f"{files.files:,} staged and kept files are removed")


def _remove_login(session: Session, leaving: Leaving, tell: Tell) -> None:
    connection = find_kept(session, leaving.connection, to_change=True)
    if connection is not None:
        count = _forget_keys(connection)
        session.delete(connection)
        session.commit()
        tell(f"Connection {leaving.connection} is removed, and {count} host keys that the ledger knew")
    if leaving.lies_elsewhere:
        raise PermanentError(
            f"Connection {leaving.connection!r} comes from a secrets backend or the environment: remove it there."
        )


def _forget_keys(connection: Any) -> int:
    owner = name_key_owner(connection)
    with open_ledger() as ledger:
        keys = list_host_keys(LedgerReading(ledger), connection)
        for key in keys:
            forget_host_key(ledger, owner, key.public_key)
        forget_login(ledger, connection.conn_id)
    return len(keys)
