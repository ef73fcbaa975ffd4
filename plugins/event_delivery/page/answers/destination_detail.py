"""How is a destination set up, by which keys is its server known, and how have its last 90 days been?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from event_delivery.destinations import AnyDestination, Destination
from event_delivery.errors import DeliveryError
from event_delivery.ledger.reading import LedgerReading, open_ledger_reading
from event_delivery.ledger.records import FoundBehaviour
from event_delivery.limits import LIMITS
from event_delivery.orchestration.links import link_connection, link_dag
from event_delivery.orchestration.names import dag_id_of_test_file, nightly_dag_id
from event_delivery.page.answers.night import show_instant
from event_delivery.page.answers.overview import choose_range, describe_test_file, list_cells
from event_delivery.page.sources.knowledge import gather_knowledge
from event_delivery.page.sources.runs import read_accepted_host_keys
from event_delivery.schedule import retry_window
from event_delivery.sftp.host_key import describe_key, fingerprint
from event_delivery.sftp.server import Server
from event_delivery.upload.recipient import read_recipient

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_HISTORY_DAYS = 90


def read_destination(session: Session, destination: AnyDestination, now: datetime) -> dict[str, Any]:
    """Return a destination's configuration as read, its server, and its history."""
    _, last = choose_range([destination], None, None, now)
    first = last - timedelta(_HISTORY_DAYS - 1)
    known = gather_knowledge(session, [destination], first, last)
    connection = destination.connection if isinstance(destination, Destination) else None
    return {
        "id": destination.id,
        "client": destination.client,
        "quarantined": getattr(destination, "message", None),
        "configuration": _describe_configuration(destination),
        **_describe_server(session, destination),
        "test_file": describe_test_file(destination.id, known),
        "history": _describe_history(destination, list_cells(destination, known, first, last, now), known.records),
        "limits": {"transfer": round(LIMITS.task), "window": retry_window()},
        "links": {
            "dag": link_dag(nightly_dag_id(destination.id)),
            "test_dag": link_dag(dag_id_of_test_file(destination.id)) if connection else None,
            "connection": link_connection(connection) if connection else None,
        },
    }


def _describe_configuration(destination: AnyDestination) -> dict[str, Any]:
    """Return the fields; a destination file holds no secrets, they belong in the Connection."""
    if not isinstance(destination, Destination):
        return {}
    return destination.model_dump(mode="json") | {"deliver_at": f"{destination.deliver_at:%H:%M}"}


def _describe_server(session: Session, destination: AnyDestination) -> dict[str, Any]:
    """Return the address, never a login: an error names what is wrong with the Connection."""
    nothing: dict[str, Any] = {"server": None, "server_error": None, "folder": None, "host_keys": []}
    with open_ledger_reading() as ledger:
        nothing["behaviour"] = _describe_behaviour(ledger.read_behaviour(destination.id))
        if not isinstance(destination, Destination):
            return nothing
        try:
            server = read_recipient(destination)
        except DeliveryError as error:
            return nothing | {"server_error": str(error), "host_keys": _pinned(destination.host_key, "yaml")}
        keys = _describe_host_keys(session, destination, server, ledger)
    folder = server.folder or "the login folder"
    return nothing | {"server": server.address, "folder": folder, "host_keys": keys}


def _describe_host_keys(
    session: Session, destination: Destination, server: Server, ledger: LedgerReading
) -> list[dict[str, Any]]:
    if server.host_keys:
        return _pinned(server.host_keys, "yaml" if destination.host_key else "connection")
    remembered = ledger.read_host_key(server.host, server.port)
    if not remembered:
        return []
    shown = fingerprint(remembered.public_key)
    accepted = shown in read_accepted_host_keys(session, dag_id_of_test_file(destination.id))
    source = "accepted" if accepted else "first contact"
    return [{"fingerprint": shown, "source": source, "since": show_instant(remembered.first_seen_at)}]


def _pinned(keys: tuple[str, ...], source: str) -> list[dict[str, Any]]:
    return [{"fingerprint": describe_key(key), "source": source, "since": None} for key in keys]


def _describe_behaviour(found: FoundBehaviour | None) -> dict[str, Any] | None:
    return {**asdict(found), "found_at": show_instant(found.found_at)} if found else None


def _describe_history(
    destination: AnyDestination, cells: list[dict[str, Any]], records: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the nights, oldest first, with the delay between due and the first arrival."""
    kept = {(event, str(day)): record for (event, day), record in records.get(destination.id, {}).items()}
    schedule = destination.schedule
    return [_describe_night(cell, kept.get((cell["e"], cell["d"])), schedule) for cell in cells]


def _describe_night(cell: dict[str, Any], record: Any, schedule: Any) -> dict[str, Any]:
    from datetime import date

    from event_delivery.schedule import LocalDay

    first = record and (record.first_delivered_at or record.delivered_at)
    due = LocalDay(date.fromisoformat(cell["d"]), schedule.timezone).due(schedule.deliver_at)
    return {
        "day": cell["d"],
        "event": cell["e"],
        "state": cell["s"],
        "seconds": record.seconds if record else None,
        "bytes": record.bytes if record else None,
        "rows": record.rows if record else None,
        "delay": round((first - due).total_seconds()) if first else None,
        "attempts": record.attempts if record else 0,
    }
