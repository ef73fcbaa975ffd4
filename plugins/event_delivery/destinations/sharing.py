"""Which destinations claim what is another's: its id, its client's Connection, its folder?"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from event_delivery.destinations.destination import Destination
from event_delivery.destinations.quarantined import QuarantinedDestination

AnyDestination = Destination | QuarantinedDestination
Loaded = list[AnyDestination]
_MOST_NAMED = 5


def quarantine_claims(loaded: Loaded) -> Loaded:
    """Return the destinations; those that claim what is another's quarantined, in whatever order they stand."""
    return _quarantine_collisions(_quarantine_borrowers(_quarantine_duplicates(loaded)))


def _quarantine_duplicates(loaded: Loaded) -> Loaded:
    count = Counter(destination.id.lower() for destination in loaded)
    kept: dict[str, AnyDestination] = {}
    for destination in loaded:
        if count[destination.id.lower()] > 1:
            message = f"{destination.id}: the id stands twice in the folder, wanted one file for each destination"
            kept[destination.id] = QuarantinedDestination(destination.id, message)
        else:
            kept[destination.id] = destination
    return list(kept.values())


def _quarantine_borrowers(loaded: Loaded) -> Loaded:
    """Quarantine those of several clients that use one Connection, unless each says that it is shared.

    The one that the Connection is named for is not stopped by another's mistake.
    """
    users = defaultdict(list)
    for destination in _list_enabled(loaded):
        users[destination.connection].append(destination)
    return [_quarantine_borrower(destination, users) for destination in loaded]


def _quarantine_borrower(destination: AnyDestination, users: dict[str, list[Destination]]) -> AnyDestination:
    if isinstance(destination, QuarantinedDestination) or _is_named_for(destination):
        return destination
    others = [
        other.id
        for other in users[destination.connection]
        if _client(other) != _client(destination)
        and not (other.shared_connection and destination.shared_connection)
    ]
    if not destination.enabled or not others:
        return destination
    return QuarantinedDestination(
        destination.id,
        f"{destination.id}.yaml: field 'connection': found {destination.connection!r}, which is also that of "
        f"another client's {_name(others)}; wanted a Connection of its own, or shared_connection: true in all of "
        "these files",
    )


def _is_named_for(destination: Destination) -> bool:
    return destination.connection == f"sftp_{destination.id}"


def _client(destination: Destination) -> tuple[str, str]:
    return " ".join(destination.client.casefold().split()), destination.company_id


def _quarantine_collisions(loaded: Loaded) -> Loaded:
    """Quarantine all that share a connection and folder: only a person knows which one is right."""
    owners = defaultdict(list)
    for destination in _list_enabled(loaded):
        owners[_remote_folder(destination)].append(destination.id)
    return [_quarantine_collision(destination, owners) for destination in loaded]


def _quarantine_collision(destination: AnyDestination, owners: dict[tuple[str, str], list[str]]) -> AnyDestination:
    if isinstance(destination, QuarantinedDestination) or len(owners[_remote_folder(destination)]) < 2:
        return destination
    others = [other for other in owners[_remote_folder(destination)] if other != destination.id]
    return QuarantinedDestination(
        destination.id,
        f"{destination.id}.yaml: fields 'connection' and 'path': found {destination.connection!r} and "
        f"{destination.path or 'the path of its URL'!r}, the same as of {_name(others)}; wanted a folder of its "
        "own",
    )


def _list_enabled(loaded: Loaded) -> list[Destination]:
    return [each for each in loaded if isinstance(each, Destination) and each.enabled]


def _name(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return ", ".join(ids[:_MOST_NAMED]) + more


def _remote_folder(destination: Destination) -> tuple[str, str]:
    """Return connection and folder, spelled one way; no path means the one of the connection's URL."""
    if destination.path is None:
        return destination.connection, "the path of its URL"
    path = re.sub(r"^/?~(/|$)", "./", destination.path)
    return destination.connection, posixpath.normpath(re.sub("^/+", "/", path))
