"""From which instant on is every interval of an event type expected?"""

from __future__ import annotations

from datetime import datetime

from event_delivery.destinations import Destination
from event_delivery.page.sources.knowledge import Knowledge
from event_delivery.schedule import last_day_before, start_of


def find_begin(destination: Destination, event: str, known: Knowledge, now: datetime) -> datetime | None:
    """Return where the first interval begins that is expected, or None while none is.

    What lies before `start_date` is not expected, since it could not be delivered.
    """
    if not destination.enabled:
        return None
    begin = _find_first(destination, event, known, now)
    bound = start_of(destination.start_date, destination.timezone)
    return max(begin, bound) if begin else None


def _find_first(destination: Destination, event: str, known: Knowledge, now: datetime) -> datetime | None:
    """Airflow forgets runs, the ledger does not; but only the ledger tells one event type from another."""
    dag, nights = known.dags.get(destination.id), known.ledger.first_nights.get(destination.id, {})
    own = nights.get(event)
    if own != min(nights.values(), default=None):
        return own
    starts = [start for start in (own, dag.first_start if dag else None) if start]
    if dag and not dag.paused and destination.catchup and destination.start_date:
        starts.append(start_of(destination.start_date, destination.timezone))
    if not starts and dag and not dag.paused and not dag.stale:
        return last_day_before(now, destination.timezone).start
    return min(starts, default=None)
