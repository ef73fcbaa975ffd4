"""What is done about events that came late, as the destination says?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from event_delivery.completeness.comparison import Comparison
from event_delivery.completeness.delivered import DeliveredNight
from event_delivery.delivery import name_kind
from event_delivery.destinations import Destination
from event_delivery.limits import FEWEST_OTHER_IDS, SUPPLEMENT_EVENTS
from event_delivery.schedule import local_day_of

_REDELIVERY, _SUPPLEMENT = "redelivery", "supplement "


@dataclass(frozen=True)
class Remedy:
    """A run that brings a client what it lacks of one day and event type.

    `supplement`: the number of the further file; 0: the whole day. `why`: it came late, or was never delivered.
    `known_until`: when the last file that was compared came, by the ledger's clock; a later one may hold it.
    """

    destination: str
    event: str
    day: date
    supplement: int = 0
    why: Literal["late", "missing"] = "late"
    known_until: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Handling:
    """What is done, in words for people, and the run that does it, if one does."""

    said: str
    remedy: Remedy | None = None


def handle_difference(destination: Destination, comparison: Comparison) -> Handling:
    """Return what is done about a night that is not as the source is now; pure."""
    night, wish = comparison.night, destination.late_events
    if not comparison.differs:
        return Handling("nothing")
    if comparison.late == 0 or wish == "report":
        return Handling("reported")
    if _is_another_set(comparison):
        return Handling(
            "reported: no id is what it was: the statement gives others now, or another company's events"
        )
    day = local_day_of(night.interval, destination.timezone)
    if day is None:
        return Handling("reported: the interval is no day of today's time zone, so a person clears its run")
    whole = Handling(_REDELIVERY, _bring(night, day.date))
    if wish == "redeliver":
        if comparison.deleted:
            return Handling(f"reported: the whole day again would take {comparison.deleted:,} events away")
        lacks = comparison.late is not None or night.unsettled or comparison.source.rows > night.rows
        is_known = all(file.rows is not None for file in night.files)
        return whole if lacks and is_known else Handling(f"reported: {comparison.unknown}")
    if comparison.late is None:
        return Handling(f"reported, no supplement: {comparison.unknown}")
    if comparison.late > SUPPLEMENT_EVENTS:
        return Handling(f"reported: more than {SUPPLEMENT_EVENTS:,} events are too many for a supplement")
    number = len(night.supplements) + 1
    return Handling(f"{_SUPPLEMENT}{number}", _bring(night, day.date, number))


def _bring(night: DeliveredNight, day: date, number: int = 0) -> Remedy:
    until = max(file.delivered_at for file in night.files)
    return Remedy(night.night.destination, night.event, day, number, known_until=until)


def kind_brought(said: str) -> str | None:
    """Return the kind of the delivery that a handling, as it was recorded, was to bring; None: none."""
    if said == _REDELIVERY:
        return name_kind(0)
    return name_kind(int(said.removeprefix(_SUPPLEMENT))) if said.startswith(_SUPPLEMENT) else None


def _is_another_set(comparison: Comparison) -> bool:
    """Tell whether nothing that was delivered is there any more: to send what is would double every event."""
    is_all = (comparison.late, comparison.deleted) == (comparison.source.rows, comparison.night.rows)
    return is_all and comparison.night.rows >= FEWEST_OTHER_IDS
