"""What does the ledger know of deliveries, and of a file that was delivered and is kept: has it been forgotten?

A ledger that was restored to an older state knows nothing of what a client got since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import read_supplement
from event_delivery.ledger.rows import make_interval
from event_delivery.ledger.statements import run_statement
from event_delivery.limits import CLOCKS_DIFFER, LIMITS, SAME_ATTEMPT
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Trace:
    """What the ledger knows of one delivery.

    `sha256`: of the file that it stands for now. `delivered`: of those that the client has. `closed`: of those
    that an attempt had sent whole, as far as is known. `tries`: begin and end of each attempt, at its
    limit where it was cut off; not of the last one while that has no end, of which `closed` tells what it did.
    `last_at`: its last sign of life. `last_run`, `last_try`: which run made the last attempt, and in which try.
    `sent_again_at`: when a person last had it sent again.
    """

    event: str
    kind: str
    interval: Interval
    state: str
    delivered_at: datetime | None
    file_name: str | None
    sha256: str | None
    delivered: tuple[str, ...]
    closed: tuple[str, ...]
    tries: tuple[tuple[datetime, datetime], ...]
    last_at: datetime | None
    last_run: str | None = None
    last_try: int | None = None
    sent_again_at: datetime | None = None

    @property
    def is_supplement(self) -> bool:
        """Whether it is of a further file of a night."""
        return read_supplement(self.kind) > 0

    def knows(self, sha256: str, at: datetime) -> bool:
        """Tell whether it knows of a file that was kept at an instant: these bytes, a later file, or the attempt.

        As good as known is what a person has had sent again since, although the client may have it.

        The instant is of the worker's clock, the ledger's times are of the database's.
        """
        if sha256 in (*self.delivered, *self.closed) or self.is_sent_again_since(at):
            return True
        if self.delivered_at and at <= self.delivered_at + CLOCKS_DIFFER:
            return True
        return any(start - SAME_ATTEMPT <= at <= end + SAME_ATTEMPT for start, end in self.tries)

    def is_sent_again_since(self, at: datetime) -> bool:
        """Tell whether a person has had it sent again since the instant, of the worker's clock."""
        return self.sent_again_at is not None and at <= self.sent_again_at + CLOCKS_DIFFER


def read_traces(
    connection: Connection[Any] | None, destination: str, since: datetime, until: datetime
) -> list[Trace]:
    """Return what is known of nights and supplements whose intervals start in [since, until]."""
    if connection is None:
        return []
    values = {"destination": destination, "since": since, "until": until, "longest": LIMITS.task}
    return [_make(*row) for row in run_statement(connection, "read_traces.sql", values)]


def read_traces_of(
    connection: Connection[Any] | None, destination: str, event: str, interval: Interval
) -> dict[str, Trace]:
    """Return what is known of exactly this interval of an event type, by the kinds of its deliveries."""
    found = read_traces(connection, destination, interval.start, interval.start)
    return {each.kind: each for each in found if (each.event, each.interval) == (event, interval)}


def _make(
    event: str,
    kind: str,
    start: datetime,
    end: datetime,
    state: str,
    delivered_at: datetime | None,
    file_name: str | None,
    sha256: str | None,
    delivered: list[str],
    closed: list[str],
    started: list[datetime],
    ended: list[datetime],
    last_at: datetime | None,
    *last: Any,
) -> Trace:
    tries = tuple(zip(started, ended, strict=True))
    known = (file_name, sha256, tuple(delivered), tuple(closed), tries, last_at, *last)
    return Trace(event, kind, make_interval(start, end), state, delivered_at, *known)
