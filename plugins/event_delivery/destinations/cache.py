"""Which destinations are there now, without reading a thousand files for every look?"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from event_delivery.destinations.event_type import EVENT_TYPES
from event_delivery.destinations.folder import destinations_folder, load_destinations
from event_delivery.destinations.sharing import AnyDestination, Loaded
from event_delivery.destinations.stamp import stamp_files

_kept: dict[Path, tuple[object, Loaded]] = {}
_lock = threading.Lock()


def read_destinations() -> Loaded:
    """Return all destinations; the files are read again when one of them, or an event type's, has changed."""
    folder = destinations_folder()
    stamp = (os.access(folder, os.R_OK), stamp_files(folder, "*.[yY]*[mM][lL]"), EVENT_TYPES.stamp())
    with _lock:
        kept = _kept.get(folder)
        if kept is None or kept[0] != stamp:
            kept = _kept[folder] = (stamp, load_destinations(folder))
        return kept[1]


def find_destination(destination_id: str) -> AnyDestination | None:
    """Return one destination, or None when there is no such file."""
    return next((each for each in read_destinations() if each.id == destination_id), None)
