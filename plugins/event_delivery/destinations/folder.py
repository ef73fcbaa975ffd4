"""Which destinations are there?"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from event_delivery.destinations.fields import TimeZone
from event_delivery.destinations.file import DEFAULTS_FILE, read_defaults, read_destination
from event_delivery.destinations.quarantined import QuarantinedDestination, name_quarantined
from event_delivery.destinations.sharing import AnyDestination, Loaded, quarantine_claims

SETTING = "EVENT_DELIVERY_DESTINATIONS"
_ENDINGS = (".yaml", ".yml")


def destinations_folder() -> Path:
    """Return the folder of destination files: `EVENT_DELIVERY_DESTINATIONS`, else include/destinations."""
    default = Path(__file__).parents[3] / "include" / "destinations"
    return Path(os.environ.get(SETTING) or default)


def load_destinations(folder: Path | None = None) -> Loaded:
    """Return every destination of a folder, in the order of their ids; the wrong ones quarantined.

    Never raises for what the folder holds: one wrong file leaves the others working. A folder that cannot be read,
    or that the setting names and that is not there, as where a mount has failed, is one quarantined destination
    that says so: a night without any must not pass unnoticed.
    """
    is_named, folder = folder is None and bool(os.environ.get(SETTING)), folder or destinations_folder()
    try:
        names = os.listdir(folder)  # noqa: PTH208 - pathlib hides a folder that cannot be read
    except OSError as error:
        return [_quarantine_folder(folder, error)] if is_named or os.path.lexists(folder) else []
    defaults = read_defaults(folder / DEFAULTS_FILE)
    return quarantine_claims(
        [read_destination(folder / name, defaults) for name in sorted(names) if _counts(name)]
    )


def load_destination(destination_id: str, folder: Path | None = None) -> AnyDestination:
    """Return one destination without reading the others' files, so that a task starts quickly."""
    folder = folder or destinations_folder()
    return read_destination(folder / f"{destination_id}.yaml", read_defaults(folder / DEFAULTS_FILE))


def read_time_zone(folder: Path | None = None) -> str | None:
    """Return the `timezone` of the defaults of a folder; None: they name none, or none that there is."""
    defaults = read_defaults((folder or destinations_folder()) / DEFAULTS_FILE)
    named = defaults.get("timezone") if isinstance(defaults, dict) else None
    try:
        return TypeAdapter(TimeZone).validate_python(named)
    except ValidationError:
        return None


def _counts(name: str) -> bool:
    return name.lower().endswith(_ENDINGS) and not name.startswith(("_", "."))


def _quarantine_folder(folder: Path, error: OSError) -> QuarantinedDestination:
    why = error.strerror or type(error).__name__
    message = f"the folder of destinations, {folder}, cannot be read ({why}): nothing is delivered to anybody"
    return QuarantinedDestination(name_quarantined(folder), message)
