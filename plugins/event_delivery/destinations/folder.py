"""Which destinations are there?"""

from __future__ import annotations

import os
import posixpath
import re
from collections import defaultdict
from pathlib import Path

from event_delivery.destinations.destination import Destination
from event_delivery.destinations.file import (
    DEFAULTS_FILE,
    QuarantinedDestination,
    read_defaults,
    read_destination,
)

AnyDestination = Destination | QuarantinedDestination
Loaded = list[AnyDestination]


def destinations_folder() -> Path:
    """Return the folder of destination files: `EVENT_DELIVERY_DESTINATIONS`, else include/destinations."""
    default = Path(__file__).parents[3] / "include" / "destinations"
    return Path(os.environ.get("EVENT_DELIVERY_DESTINATIONS") or default)


def load_destinations(folder: Path | None = None) -> Loaded:
    """Return every destination of a folder, in the order of their ids; the wrong ones quarantined.

    Never raises for what a file holds: one wrong file leaves the others working.
    """
    folder = folder or destinations_folder()
    files = sorted(file for file in folder.glob("*.y*ml") if not file.name.startswith(("_", ".")))
    defaults = read_defaults(folder / DEFAULTS_FILE)
    loaded = [read_destination(file, defaults) for file in files]
    return _quarantine_collisions(_quarantine_duplicates(loaded))


def load_destination(destination_id: str, folder: Path | None = None) -> AnyDestination:
    """Return one destination without reading the others' files, so that a task starts quickly."""
    folder = folder or destinations_folder()
    return read_destination(folder / f"{destination_id}.yaml", read_defaults(folder / DEFAULTS_FILE))


def _quarantine_duplicates(loaded: Loaded) -> Loaded:
    ids = [destination.id.lower() for destination in loaded]
    repeated = {identifier for identifier in ids if ids.count(identifier) > 1}
    kept: dict[str, AnyDestination] = {}
    for destination in loaded:
        if destination.id.lower() in repeated:
            message = f"{destination.id}: the id stands twice in the folder, wanted one file for each destination"
            kept[destination.id] = QuarantinedDestination(destination.id, message)
        else:
            kept[destination.id] = destination
    return list(kept.values())


def _quarantine_collisions(loaded: Loaded) -> Loaded:
    """Quarantine all that share a connection and folder: only a person knows which one is right."""
    owners = defaultdict(list)
    for destination in loaded:
        if isinstance(destination, Destination) and destination.enabled:
            owners[_remote_folder(destination)].append(destination.id)
    return [_quarantine_shared(destination, owners) for destination in loaded]


def _quarantine_shared(destination: AnyDestination, owners: dict[tuple[str, str], list[str]]) -> AnyDestination:
    if isinstance(destination, QuarantinedDestination) or len(owners[_remote_folder(destination)]) < 2:
        return destination
    others = ", ".join(other for other in owners[_remote_folder(destination)] if other != destination.id)
    return QuarantinedDestination(
        destination.id,
        f"{destination.id}.yaml: fields 'connection' and 'path': found {destination.connection!r} and "
        f"{destination.path or 'the path of its URL'!r}, the same as of {others}; wanted a folder of its own",
    )


def _remote_folder(destination: Destination) -> tuple[str, str]:
    """Return connection and folder, spelled one way; no path means the one of the connection's URL."""
    if destination.path is None:
        return destination.connection, "the path of its URL"
    path = re.sub(r"^/?~(/|$)", "./", destination.path)
    return destination.connection, posixpath.normpath(re.sub("^/+", "/", path))
