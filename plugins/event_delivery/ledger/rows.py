"""How does a row of the ledger become a record?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from event_delivery.ledger.comparisons import ComparisonRecord, ReceivedFile
from event_delivery.ledger.records import NightRecord
from event_delivery.schedule import Interval


def make_night(destination: str, event: str, start: datetime, end: datetime, *facts: Any) -> NightRecord:
    """Return a night that stands in the ledger."""
    return NightRecord(destination, event, make_interval(start, end), *facts)


def make_received(
    destination: str, event: str, kind: str, start: datetime, end: datetime, *facts: Any
) -> ReceivedFile:
    """Return a file that a client has."""
    return ReceivedFile(destination, event, kind, make_interval(start, end), *facts)


def make_comparison(destination: str, event: str, start: datetime, end: datetime, *facts: Any) -> ComparisonRecord:
    """Return what a comparison has found."""
    return ComparisonRecord(destination, event, make_interval(start, end), *facts)


def make_interval(start: datetime, end: datetime) -> Interval:
    """Intervals are compared with Airflow's: in UTC, where no instant comes twice."""
    return Interval(start.astimezone(UTC), end.astimezone(UTC))
