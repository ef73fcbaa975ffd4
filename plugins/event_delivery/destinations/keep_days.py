"""For how many days are a destination's delivered files kept, also when it is quarantined or gone?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from event_delivery.destinations.file import DEFAULTS_FILE
from event_delivery.destinations.folder import destinations_folder
from event_delivery.destinations.yaml_file import read_yaml
from event_delivery.limits import KEEP_DAYS, MAX_KEEP_DAYS


def read_keep_days(destination_id: str, folder: Path | None = None) -> int | None:
    """Return `keep_days` of a destination: as its file says, else `_defaults.yaml`, else the built-in days.

    A mistake elsewhere in the file takes nothing from it: what is removed too early is gone for good.

    None: one of these files, or their folder, cannot be read, or the days are no right number: nobody can tell.
    """
    folder = folder or destinations_folder()
    if not os.access(folder, os.R_OK | os.X_OK):
        return None
    try:
        found = [_read(folder / name).get("keep_days") for name in (f"{destination_id}.yaml", DEFAULTS_FILE)]
    except (OSError, ValueError):
        return None
    said = next((days for days in found if days is not None), KEEP_DAYS)
    return said if _is_right(said) else None


def _read(file: Path) -> dict[str, Any]:
    return read_yaml(file) if os.path.lexists(file) else {}


def _is_right(days: object) -> bool:
    return isinstance(days, int) and not isinstance(days, bool) and 0 <= days <= MAX_KEEP_DAYS
