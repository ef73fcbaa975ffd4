"""By which address and which keys is a destination's server known?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from event_delivery.destinations import AnyDestination, Destination
from event_delivery.errors import DeliveryError
from event_delivery.ledger.reading import LedgerReading, open_ledger_reading
from event_delivery.ledger.records import FoundBehaviour, KnownHostKey
from event_delivery.ledger.servers import CONFIRMED, SHOWN_ONLY
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.shapes.destination import Behaviour, HostKey, HostKeySource, ServerFacts
from event_delivery.page.sources.setup import read_setup
from event_delivery.sftp.host_key import describe_key, fingerprint, is_same_key
from event_delivery.sftp.server import Server
from event_delivery.upload.recipient import name_key_owner, read_recipient


@dataclass(frozen=True)
class Rights:
    """What the reader may see and do of a destination's server: Airflow's rights on its Connection."""

    may_see_server: bool = True
    may_confirm: bool = False
    may_show_values: bool = False


SEES_ALL = Rights()


def describe_server(destination: AnyDestination, rights: Rights) -> ServerFacts:
    """Return the address, never a login, to who may read the Connection; an error names what is wrong with it."""
    if not rights.may_see_server:
        return {
            "kept": True, "server": None, "server_error": None, "folder": None, "host_keys": [], "behaviour": None,
        }  # fmt: skip
    facts: ServerFacts = {
        "kept": False, "server": None, "server_error": None, "folder": None, "host_keys": [], "behaviour": None,
    }  # fmt: skip
    with open_ledger_reading() as ledger:
        facts["behaviour"] = _describe_behaviour(ledger.read_behaviour(destination.id))
        if (right := read_setup(destination).destination) is None:
            return facts
        try:
            server = read_recipient(right)
        except DeliveryError as error:
            return {**facts, "server_error": str(error), "host_keys": _pin(right.host_key, "yaml")}
        keys = _describe_host_keys(right, server, ledger, rights.may_confirm)
    folder = server.folder or "the login folder"
    return {**facts, "server": server.address, "folder": folder, "host_keys": keys}


def _describe_host_keys(
    destination: Destination, server: Server, ledger: LedgerReading, may_confirm: bool
) -> list[HostKey]:
    """Return what counts, and what the server has shown besides: the pinned keys first."""
    open_to_choice = server.host_keys_from != "yaml" and destination.host_key_policy != "pinned"
    pins = _pin(server.host_keys, "yaml" if destination.host_key else "connection")
    shown = [
        _describe_shown(
            each,
            trusted_here=not pins and destination.host_key_policy != "pinned",
            confirmable=may_confirm and open_to_choice,
        )
        for each in ledger.read_host_keys(name_key_owner(server))
        if not any(is_same_key(each.public_key, pin) for pin in server.host_keys)
    ]
    return pins + shown


def _describe_shown(key: KnownHostKey, trusted_here: bool, confirmable: bool) -> HostKey:
    source = cast(HostKeySource, key.state if trusted_here else SHOWN_ONLY)  # the ledger checks its states
    return {
        "fingerprint": fingerprint(key.public_key),
        "source": source,
        "since": show_instant(key.first_seen_at),
        "confirmable": confirmable and source != CONFIRMED,
    }


def _pin(keys: tuple[str, ...], source: HostKeySource) -> list[HostKey]:
    return [
        {"fingerprint": describe_key(key), "source": source, "since": None, "confirmable": False} for key in keys
    ]


def _describe_behaviour(found: FoundBehaviour | None) -> Behaviour | None:
    if found is None:
        return None
    return {
        "remote_folder": found.remote_folder,
        "upload_mode": found.upload_mode,
        "takes_files": found.takes_files,
        "found_at": show_instant(found.found_at),
    }
