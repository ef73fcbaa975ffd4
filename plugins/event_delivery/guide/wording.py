"""What is a client told of its files, section by section, in words for an integration engineer?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.guide.columns import GuideColumn, describe_columns
from event_delivery.guide.history import tell_history
from event_delivery.guide.names import tell_names
from event_delivery.guide.packing_words import tell_companion, tell_packing
from event_delivery.guide.place import tell_place
from event_delivery.guide.rules import tell_filters, tell_importing
from event_delivery.guide.section import Section
from event_delivery.guide.text_words import tell_text
from event_delivery.guide.times import tell_time
from event_delivery.guide.your_side import tell_asked, tell_retries
from event_delivery.ledger.schema_versions import SchemaVersion
from event_delivery.schedule import last_day_before


def write_guide(
    destination: Destination, now: datetime, versions: Mapping[str, Sequence[SchemaVersion]] | None = None
) -> list[Section]:
    """Return what a destination's client is told; examples are of the last local day before `now`.

    Args:
        destination: whose files they are.
        now: an instant.
        versions: of the columns, by event type, as the ledger knows them.

    Raises:
        PermanentError: nights would fail, or an event type's sample cannot be read.
    """
    day = last_day_before(now, destination.timezone)
    nights = [nightly_delivery(destination, event, day) for event in destination.events]
    columns = {night.event: describe_columns(night) for night in nights}
    names = [each.name for found in columns.values() for each in found]
    return [
        tell_time(destination, now),
        tell_place(nights[0]),
        *tell_filters(destination),
        *(section for night in nights for section in _tell_event(night, columns[night.event], now)),
        Section("How the file is written", list(tell_text(destination, names))),
        Section("Compression and encryption", list(tell_packing(destination))),
        tell_companion(nights[0]),
        tell_importing(destination, columns),
        *(
            section
            for event in destination.events
            for section in tell_history(event, (versions or {}).get(event, ()))
        ),
        tell_retries(),
        tell_asked(destination),
    ]


def _tell_event(night: Delivery, columns: Sequence[GuideColumn], now: datetime) -> list[Section]:
    rows = [
        (each.name, each.type, "always" if each.required else "may be missing", each.example, each.told)
        for each in columns
    ]
    told = f"Each {night.event} has these, always in this order. Events are ordered by their instant, then by id."
    head = ("column", "type", "value", "example", "")
    return [*tell_names(night, now), Section(f"Columns: {night.event}", [told], head, rows)]
