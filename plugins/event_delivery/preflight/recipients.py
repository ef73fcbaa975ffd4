"""Is each destination's Connection there and complete, to which server does it lead, and which host keys count?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError
from event_delivery.ledger import BoundedLedger, LedgerError
from event_delivery.ledger.preflights import Finding
from event_delivery.preflight.findings import make_finding
from event_delivery.run_names import dag_id_of_test_file
from event_delivery.sftp import KnownKeys, Route, Server
from event_delivery.sftp.login import read_client_keys
from event_delivery.upload.collision import describe_recipient
from event_delivery.upload.recipient import choose_credentials, find_known_keys, read_jump_host, read_recipient

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Sought:
    """A server that is to be looked at, for a destination, or with None for all of them.

    `known`: the host keys that count, None: the ledger, which has them, gave no answer.
    """

    destination: str | None
    server: Server
    known: KnownKeys | None
    test_file_dag: str = ""


def find_recipients(
    destinations: Iterable[Destination], ledger: BoundedLedger | None, rehearsal: str | None
) -> tuple[list[Sought], list[Finding]]:
    """Return to which servers destinations deliver, and a finding for each that leads nowhere."""
    sought, findings = list[Sought](), list[Finding]()
    for each in destinations:
        try:
            server = _check_credentials(read_recipient(each, rehearsal), ledger)
        except DeliveryError as error:
            findings.append(make_finding("connection", str(error), each.id))
            continue
        known = _find_known(server, ledger, each.host_key_policy)
        sought.append(Sought(each.id, server, known, dag_id_of_test_file(each.id)))
    return sought, findings + ([] if rehearsal else _find_collisions(sought))


def find_jump_host(route: Route, ledger: BoundedLedger | None) -> tuple[list[Sought], list[Finding]]:
    """Return the jump host, where there is one: servers behind it cannot be looked at without a login there."""
    if not route.jump_connection:
        return [], []
    try:
        server = _check_credentials(read_jump_host(route.jump_connection), ledger)
    except DeliveryError as error:
        return [], [make_finding("connection", str(error))]
    return [Sought(None, server, _find_known(server, ledger, "first_contact"))], []


def _check_credentials(server: Server, ledger: BoundedLedger | None) -> Server:
    """Return a server as it would be logged in to; raises PermanentError: its private key cannot be read."""
    chosen = _ask(lambda: choose_credentials(server, ledger) if ledger else None) or server
    read_client_keys(chosen)
    return chosen


def _find_known(server: Server, ledger: BoundedLedger | None, policy: str) -> KnownKeys | None:
    if server.host_keys or policy == "pinned":
        return KnownKeys(server.host_keys, policy=policy)
    return _ask(lambda: find_known_keys(server, ledger, policy, "nightly") if ledger else None)


def _ask(question: Callable[[], Answer]) -> Answer | None:
    """Return what the ledger says, None without an answer: that is one finding, not one for each destination."""
    try:
        return question()
    except LedgerError:
        return None


def _find_collisions(sought: Sequence[Sought]) -> list[Finding]:
    """Find the destinations whose own Connections lead to one folder: none of them is sent anything there."""
    folders: dict[object, list[str]] = defaultdict(list)
    for each in sought:
        folders[describe_recipient(each.server)].append(each.destination or "")
    return [
        make_finding("folder", f"leads to the same folder as {_name(sharing, destination)}.", destination)
        for sharing in folders.values()
        if len(sharing) > 1
        for destination in sharing
    ]


def _name(sharing: Sequence[str], but: str) -> str:
    return ", ".join(each for each in sharing if each != but)
