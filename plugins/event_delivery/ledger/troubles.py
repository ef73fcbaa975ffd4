"""Which deliveries have not come to their end, and whose number of events is out of line?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.rows import make_interval
from event_delivery.ledger.statements import run_statement
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Unfinished:
    """A night, or a destination's latest test file, that was begun or refused and is not delivered.

    `permanent`: no retry mends its last failure. `seen_at`: its last sign of life. `tries`: of its current run.
    """

    destination: str
    event: str
    kind: str
    interval: Interval
    state: str
    permanent: bool
    reason: str | None
    seen_at: datetime | None
    tries: int


@dataclass(frozen=True)
class UnusualNight:
    """The latest delivered night of an event type, the number of whose events is out of line; in one sentence."""

    destination: str
    event: str
    interval: Interval
    found: str


def read_unfinished(connection: Connection[Any], destinations: Sequence[str], since: datetime) -> list[Unfinished]:
    """Return what is not delivered of intervals that start at or after `since`; raises `psycopg.Error`."""
    rows = run_statement(connection, "read_unfinished.sql", _values(destinations, since))
    return [
        Unfinished(destination, event, kind, make_interval(start, end), *facts)
        for destination, event, kind, start, end, *facts in rows
    ]


def read_unusual(connection: Connection[Any], destinations: Sequence[str], since: datetime) -> list[UnusualNight]:
    """Return the event types whose latest delivered night, since an instant, is out of line."""
    rows = run_statement(connection, "read_unusual.sql", _values(destinations, since))
    return [
        UnusualNight(destination, event, make_interval(start, end), found)
        for destination, event, start, end, found in rows
    ]


def _values(destinations: Sequence[str], since: datetime) -> dict[str, Any]:
    return {"destinations": list(destinations), "since": since}
