"""Which destinations are there now, without reading a thousand files for every look?"""

from __future__ import annotations

import threading
from pathlib import Path

from event_delivery.destinations.folder import (
    AnyDestination,
    Loaded,
    destinations_folder,
    load_destinations,
)

_Stamp = tuple[tuple[str, int, int, int], ...]
_kept: dict[Path, tuple[_Stamp, Loaded]] = {}
_lock = threading.Lock()


def read_destinations() -> Loaded:
    """Return all destinations; the files are read again when one of them has changed."""
    folder = destinations_folder()
    stamp = _stamp(folder)
    with _lock:
        kept = _kept.get(folder)
        if kept is None or kept[0] != stamp:
            kept = _kept[folder] = (stamp, load_destinations(folder))
        return kept[1]


def find_destination(destination_id: str) -> AnyDestination | None:
    """Return one destination, or None when there is no such file."""
    return next((each for each in read_destinations() if each.id == destination_id), None)


def _stamp(folder: Path) -> _Stamp:
    stats = ((file.name, file.stat()) for file in sorted(folder.glob("*.y*ml")))
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in stats)
