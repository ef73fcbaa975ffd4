"""What is a destination's alone, and would go with it?"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from event_delivery.connection import lies_elsewhere
from event_delivery.connection.kept import find_kept
from event_delivery.destinations import Destination, QuarantinedDestination, load_destinations
from event_delivery.destinations.destination import DESTINATION_ID
from event_delivery.destinations.folder import destinations_folder
from event_delivery.destinations.sharing import Loaded
from event_delivery.destinations.yaml_file import MOST_KIB
from event_delivery.erasure import Search
from event_delivery.erasure.of_destination import find_files_of
from event_delivery.errors import PermanentError
from event_delivery.ledger import LedgerReading, open_ledger_reading
from event_delivery.regular_file import read_regular_file

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NEVER = "No night was ever delivered."
_AT = "%Y-%m-%d %H:%M UTC"
_WINDOW, _WINDOWS = timedelta(days=100), 20


@dataclass(frozen=True)
class Leaving:
    """A destination on its way out. `shared_with`: destinations that use its Connection, which then stays.

    `last`: in words, what it received last, None: nothing. `is_stored`: its Connection lies in Airflow's database.
    """

    destination_id: str
    file: Path | None
    is_enabled: bool
    connection: str
    shared_with: tuple[str, ...]
    is_stored: bool
    lies_elsewhere: bool
    last: str | None
    files: Search


def look_at_leaving(session: Session, destination_id: str) -> Leaving:
    """Return what would go with a destination; nothing is changed.

    Raises:
        PermanentError: there is no such destination, nor anything of it, or its file is wrong.
        DeliveryError: ledger or staging area cannot be asked.
    """
    if not DESTINATION_ID.fullmatch(destination_id):
        raise PermanentError(f"Found {destination_id!r}, wanted the id of a destination, such as acme.")
    loaded = load_destinations()
    found = next((each for each in loaded if each.id == destination_id), None)
    if isinstance(found, QuarantinedDestination):
        raise PermanentError(f"{found.message}. Mend its file first: what is its alone is not known.")
    leaving = _gather(session, destination_id, found, [each for each in loaded if each.id != destination_id])
    if not _is_known(leaving):
        raise PermanentError(_explain_unknown(destination_id, [each.id for each in loaded]))
    return leaving


def _gather(session: Session, destination_id: str, found: Destination | None, others: Loaded) -> Leaving:
    connection = found.connection if found else f"sftp_{destination_id}"
    with open_ledger_reading() as ledger:
        last = _describe_last(ledger, destination_id)
    return Leaving(
        destination_id=destination_id,
        file=destinations_folder() / f"{destination_id}.yaml" if found else None,
        is_enabled=bool(found and found.enabled),
        connection=connection,
        shared_with=tuple(each.id for each in others if _uses(each, connection)),
        is_stored=find_kept(session, connection) is not None,
        lies_elsewhere=lies_elsewhere(connection),
        last=last,
        files=find_files_of(destination_id),
    )


def describe_leaving(leaving: Leaving) -> Iterator[str]:
    """Yield what would be done, a line each."""
    yield f"pause nightly_sftp_events__{leaving.destination_id} and sftp_test_file__{leaving.destination_id}"
    if leaving.file is None:
        folder = destinations_folder()
        yield f"write no file: {folder} has none of it (EVENT_DELIVERY_DESTINATIONS names another folder)"
    elif leaving.is_enabled:
        yield f"write enabled: false into {leaving.file}"
    yield f"remove {leaving.files.files:,} staged and kept files"
    if leaving.shared_with:
        yield f"leave Connection {leaving.connection} and its host keys: {', '.join(leaving.shared_with)} use it"
    elif leaving.is_stored:
        yield f"remove Connection {leaving.connection} and its host keys"
    yield f"leave the ledger, the proof of what was delivered. {leaving.last or NEVER}"


def _is_known(leaving: Leaving) -> bool:
    """Tell whether there is anything of a destination; without, its id was misspelled."""
    stored = leaving.is_stored or leaving.lies_elsewhere or leaving.files.files or leaving.files.unread
    return bool(leaving.file or stored or leaving.last)


def _explain_unknown(destination_id: str, ids: list[str]) -> str:
    similar = difflib.get_close_matches(destination_id.lower(), ids, n=1, cutoff=0.6)
    question = f"; did you mean {similar[0]!r}?" if similar else "."
    return (
        f"Nothing was changed: {destinations_folder()} holds no destination {destination_id!r}, and neither "
        f"Airflow, the ledger nor the staging area has anything of it{question}"
    )


def _uses(other: Destination | QuarantinedDestination, connection: str) -> bool:
    """Tell whether a destination uses a Connection; a wrong file does if it names it anywhere."""
    if isinstance(other, Destination):
        return other.connection == connection
    try:
        text = read_regular_file(destinations_folder() / f"{other.id}.yaml", MOST_KIB)
    except (OSError, ValueError):
        return True
    return connection in text or connection == f"sftp_{other.id}"


def _describe_last(ledger: LedgerReading, destination_id: str) -> str | None:
    until = datetime.now(UTC) + timedelta(days=2)
    for _ in range(_WINDOWS):
        since = until - _WINDOW
        if received := ledger.read_received(destination_id, since, until):
            last = max(received, key=lambda each: (each.interval.end, each.delivered_at))
            until, at = (each.astimezone(UTC) for each in (last.interval.end, last.delivered_at))
            return f"Last delivered: {last.file_name}, events until {until:{_AT}}, on {at:{_AT}}."
        until = since
    return None
