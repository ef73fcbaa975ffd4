"""What does a destination's file say, and what stands in for it where it is wrong?"""

from __future__ import annotations

from dataclasses import dataclass

from event_delivery.destinations import AnyDestination, Destination, QuarantinedDestination


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
    """Return what a destination's file says; of a quarantined one only what is wrong with it."""
    if isinstance(destination, QuarantinedDestination):
        return Setup(None, problem=destination.message)
    return Setup(destination, destination.events, destination.format, destination.connection, destination.enabled)
