"""What is a delivery's file called, and what its staged events, by its destination's shape?"""

from __future__ import annotations

import hashlib
from datetime import datetime

from event_delivery.destinations.destination import Destination
from event_delivery.destinations.file_name import append_to_stem, fill_name, list_placeholders, split_part

_TOKEN_LENGTH = 10


def name_file(destination: Destination, prefix: str, kind: str, moments: dict[str, datetime], suffix: str) -> str:
    """Return the name of a delivery's file; of a split one, what the names of its parts have in common.

    A template that tells neither event nor suffix gets the event for kinds other than the night: a test file and
    a supplement are never called as a night is, nor a test file as another one of its day.

    Args:
        destination: whose `file_name` it is.
        prefix: of the event type.
        kind: `nightly`, `test` or that of a supplement.
        moments: `due` in UTC, `day` in the destination's zone.
        suffix: unique to the delivery.
    """
    template = split_part(destination.file_name)[0]
    if kind != "nightly" and not {"event", "suffix"} & list_placeholders(template):
        template = append_to_stem(template, "-{event}")
    if kind == "test" and not {"due", "suffix"} & list_placeholders(template):
        template = append_to_stem(template, "-{suffix}")
    event = prefix if kind == "nightly" else f"{prefix}-{kind}"
    texts: dict[str, str | datetime] = {"event": event, "transfer_id": str(destination.transfer_id)}
    values = texts | {"suffix": suffix} | moments
    return fill_name(template, values) + destination.ending_of(template)


def name_staged(destination: Destination) -> str:
    """Return the name of staged events: they are staged as the client gets them, so they belong to the shape.

    What earlier releases staged as `events.json` has no brackets.
    """
    if destination.is_classic:
        return f"{'array' if destination.format == 'json' else 'events'}.{destination.format}"
    digest = hashlib.sha256(f"{destination.format}\n{destination.token}".encode()).hexdigest()
    return f"events-{digest[:_TOKEN_LENGTH]}.{destination.format}"
