"""Which delivered nights are compared with the source now? Pure.

Those of the last `late_window_days`, after each delivery of their event type and once a day. Then, for a month:
one whose window closed while nobody looked, as in an outage of Airflow; one that still lacks what is to be sent.
And each time, one whose run was to be started, and of which the ledger has no sign: it was not, or waits;
only the daily look behind a DAG that is paused.
Never one that was delivered for another company_id than the YAML names now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from event_delivery.completeness.delivered import DeliveredNight
from event_delivery.completeness.handling import kind_brought
from event_delivery.destinations import Destination
from event_delivery.ledger.comparisons import ComparisonRecord
from event_delivery.limits import COMPARED_AFTERWARDS, COMPARED_AGAIN
from event_delivery.schedule import Interval

Compared = Mapping[tuple[str, Interval], ComparisonRecord]
Begun = Mapping[tuple[str, Interval, str], datetime]


def look_since(destination: Destination, now: datetime) -> datetime:
    """Return the instant after which the intervals end of which any may be compared."""
    return now - timedelta(days=destination.late_window_days) - COMPARED_AFTERWARDS


def choose_due(
    destination: Destination,
    nights: Sequence[DeliveredNight],
    compared: Compared,
    latest: Mapping[str, datetime],
    begun: Begun,
    now: datetime,
    is_paused: Callable[[], bool],
) -> list[DeliveredNight]:
    """Return the nights to compare.

    Args:
        destination: whose they are.
        nights: what the client has.
        compared: what was found before.
        latest: when each event type that is delivered was delivered last.
        begun: the last sign of life of each delivery: event type, interval, kind.
        now: the moment.
        is_paused: tells whether the destination's DAG is, so that no run is started; asked only where it matters.
    """
    if not destination.late_window_days:
        return []

    def wants(night: DeliveredNight, record: ComparisonRecord | None) -> bool:
        if _is_due(destination, night, record, latest[night.event], now):
            return True
        return _is_unstarted(destination, record, begun) and not is_paused()

    return [
        night
        for night in nights
        if night.event in latest
        and night.is_of(destination.company_id)
        and night.is_filtered_as(destination)
        and night.interval.end > look_since(destination, now)
        and wants(night, compared.get((night.event, night.interval)))
    ]


def _is_due(
    destination: Destination,
    night: DeliveredNight,
    record: ComparisonRecord | None,
    latest: datetime,
    now: datetime,
) -> bool:
    closes = night.interval.end + timedelta(days=destination.late_window_days)
    if record is None:
        return now < closes or night.id_digest is not None  # else an upgrade would compare a month of old nights
    is_old = now - record.compared_at > COMPARED_AGAIN
    if now < closes:
        return is_old or record.delivered_until < latest
    is_lacking = record.differs and record.late != 0 and destination.late_events != "report"
    return is_old and (is_lacking or record.compared_at < closes - COMPARED_AGAIN)


def _is_unstarted(destination: Destination, record: ComparisonRecord | None, begun: Begun) -> bool:
    """Tell whether nothing is seen of the run that was to bring what was found; its id lets it begin only once."""
    if record is None or not record.differs or destination.late_events == "report":
        return False
    kind = kind_brought(record.handling or "")
    if kind is None:
        return False
    last = begun.get((record.event, record.interval, kind))
    return last is None or last < record.compared_at
