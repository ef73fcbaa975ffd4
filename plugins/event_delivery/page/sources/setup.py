"""What does a destination's file say, and what stands in for it where it is wrong?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from event_delivery.destinations import AnyDestination, Destination, QuarantinedDestination
from event_delivery.destinations.folder import destinations_folder
from event_delivery.destinations.yaml_file import MOST_KIB
from event_delivery.regular_file import read_regular_file

_DISABLED = re.compile(r"^enabled:[ \t]*(false|no|off)[ \t]*(#.*)?$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Setup:
    """The fields that only a right file has; `problem` says what is wrong with a quarantined one."""

    destination: Destination | None
    events: tuple[str, ...] = ()
    format: str | None = None
    connection: str | None = None
    enabled: bool = True
    problem: str | None = None


def read_setup(destination: AnyDestination) -> Setup:
    """Return what a destination's file says; of a quarantined one what is wrong, and if it is enabled."""
    if isinstance(destination, QuarantinedDestination):
        return Setup(None, problem=destination.message, enabled=not _says_disabled(destination.id))
    return Setup(destination, destination.events, destination.format, destination.connection, destination.enabled)


def _says_disabled(destination_id: str) -> bool:
    """Tell whether a wrong file has the line `enabled: false`: it may be no YAML at all."""
    try:
        text = read_regular_file(destinations_folder() / f"{destination_id}.yaml", MOST_KIB)
    except (OSError, ValueError):
        return False
    return _DISABLED.search(text) is not None
