"""Which destination and which period does a person ask for?"""

from __future__ import annotations

from datetime import date, datetime

from event_delivery.destinations import Destination, QuarantinedDestination, find_destination
from event_delivery.destinations.folder import destinations_folder
from event_delivery.errors import PermanentError
from event_delivery.plain_text import make_plain
from event_delivery.schedule import last_day_before


def require_destination(destination_id: str) -> Destination:
    """Return a destination by its id.

    Raises:
        PermanentError: there is none of that id, or it is quarantined.
    """
    found = find_destination(destination_id)
    if found is None:
        name, folder = make_plain(destination_id, 100), destinations_folder()
        raise PermanentError(
            f"There is no destination {name!r} in {folder}. EVENT_DELIVERY_DESTINATIONS names another folder, in "
            "the environment that Airflow's workers have."
        )
    if isinstance(found, QuarantinedDestination):
        raise PermanentError(f"{found.id} is quarantined: {found.message}")
    return found


def choose_period(
    destination: Destination, first: date | None, last: date | None, now: datetime
) -> tuple[date, date]:
    """Return the first and the last local day that a person asks for; what is left open is yesterday's."""
    yesterday = last_day_before(now, destination.timezone).date
    last = last or max(yesterday, first or yesterday)
    return first or min(last, yesterday), last
