"""Of which delivery is a preview wanted, as a person names it?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import Destination, QuarantinedDestination, find_destination
from event_delivery.errors import PermanentError
from event_delivery.schedule import refuse_interval


def choose_delivery(destination_id: str, event: str | None, day: date | None, test_file: bool = False) -> Delivery:
    """Return the delivery of a local day, yesterday unless told, of the first event type unless told.

    Raises:
        PermanentError: there is no such destination or event type, or the day is not over.
    """
    destination = find_valid(destination_id)
    event = event or destination.events[0]
    if event not in destination.events:
        raise PermanentError(f"{destination_id} delivers {', '.join(destination.events)}, and no {event!r}.")
    now = datetime.now(UTC)
    if test_file:
        return delivery_of_test_file(destination, event, now)
    day = day or now.astimezone(ZoneInfo(destination.timezone)).date() - timedelta(days=1)
    delivery = nightly_delivery(destination, event, destination.day(day))
    if refusal := refuse_interval(delivery.interval, destination.timezone, destination.start_date, now):
        raise PermanentError(f"{destination_id}: {refusal}")
    return delivery


def find_valid(destination_id: str) -> Destination:
    """Return a destination; raises PermanentError where there is none of that id, or its file is wrong."""
    found = find_destination(destination_id)
    if found is None:
        raise PermanentError(f"There is no destination {destination_id!r}.")
    if isinstance(found, QuarantinedDestination):
        raise PermanentError(found.message)
    return found
