"""By which address and which keys is a destination's server known?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination, Destination
from event_delivery.errors import DeliveryError
from event_delivery.ledger.reading import LedgerReading, open_ledger_reading
from event_delivery.ledger.records import FoundBehaviour
from event_delivery.orchestration.names import dag_id_of_test_file
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.shapes.destination import Behaviour, HostKey, HostKeySource, ServerFacts
from event_delivery.page.sources.runs import read_accepted_host_keys
from event_delivery.page.sources.setup import read_setup
from event_delivery.sftp.host_key import describe_key, fingerprint
from event_delivery.sftp.server import Server
from event_delivery.upload.recipient import read_recipient

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def describe_server(session: Session, destination: AnyDestination) -> ServerFacts:
    """Return the address, never a login: an error names what is wrong with the Connection."""
    facts: ServerFacts = {
        "server": None, "server_error": None, "folder": None, "host_keys": [], "behaviour": None,
    }  # fmt: skip
    with open_ledger_reading() as ledger:
        facts["behaviour"] = _describe_behaviour(ledger.read_behaviour(destination.id))
        if (right := read_setup(destination).destination) is None:
            return facts
        try:
            server = read_recipient(right)
        except DeliveryError as error:
            return {**facts, "server_error": str(error), "host_keys": _pin(right.host_key, "yaml")}
        keys = _describe_host_keys(session, right, server, ledger)
    folder = server.folder or "the login folder"
    return {**facts, "server": server.address, "folder": folder, "host_keys": keys}


def _describe_host_keys(
    session: Session, destination: Destination, server: Server, ledger: LedgerReading
) -> list[HostKey]:
    if server.host_keys:
        return _pin(server.host_keys, "yaml" if destination.host_key else "connection")
    remembered = ledger.read_host_key(server.host, server.port)
    if not remembered:
        return []
    shown = fingerprint(remembered.public_key)
    accepted = shown in read_accepted_host_keys(session, dag_id_of_test_file(destination.id))
    source: HostKeySource = "accepted" if accepted else "first contact"
    return [{"fingerprint": shown, "source": source, "since": show_instant(remembered.first_seen_at)}]


def _pin(keys: tuple[str, ...], source: HostKeySource) -> list[HostKey]:
    return [{"fingerprint": describe_key(key), "source": source, "since": None} for key in keys]


def _describe_behaviour(found: FoundBehaviour | None) -> Behaviour | None:
    if found is None:
        return None
    return {
        "remote_folder": found.remote_folder,
        "upload_mode": found.upload_mode,
        "takes_files": found.takes_files,
        "found_at": show_instant(found.found_at),
    }
