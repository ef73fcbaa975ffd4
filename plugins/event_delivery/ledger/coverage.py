"""Since a destination's first night, which periods are delivered or under way, and which nights are not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from event_delivery.ledger.reading import LedgerReading
from event_delivery.ledger.rows import make_interval
from event_delivery.ledger.statements import run_statement
from event_delivery.limits import LONGEST_RUN
from event_delivery.schedule import Interval


class UndeliveredNight(NamedTuple):
    """A night that was begun or refused, of which nothing was delivered.

    `may_have_arrived`: the file may be on the server, though nobody has seen it there. `is_open`: it is under way,
    or waits for a person; else it failed, was cancelled, or was cut off (`uploading`, and no run can be at it).
    """

    interval: Interval
    state: str
    run_id: str | None
    may_have_arrived: bool
    is_open: bool


@dataclass(frozen=True)
class Coverage:
    """What the ledger has of one event type of a destination.

    `begin`: where its first scheduled night began, None before that. `covered`: disjoint periods, in order, in
    which every event is delivered, under way, or waits for a person. `undelivered`: nights, in order.
    """

    begin: datetime | None = None
    covered: tuple[Interval, ...] = ()
    undelivered: tuple[UndeliveredNight, ...] = ()


def read_coverage(
    ledger: LedgerReading, deliveries: Sequence[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], Coverage]:
    """Return what the ledger has of each of these destinations and event types.

    A night whose latest attempt began longer ago than a run may last (`LONGEST_RUN`) is no longer under way: its
    run was deleted, or its worker and the scheduler died together. An attempt of which nobody knows the end may
    have brought its file. Raises `psycopg.Error`.
    """
    destinations = sorted({destination for destination, _ in deliveries})
    values = {"destinations": destinations, "under_way_since": now - LONGEST_RUN}
    undelivered = _group(ledger, "read_undelivered.sql", values)  # first: one that arrives meanwhile is in both
    covered = _group(ledger, "read_covered.sql", values)
    begins = ledger.read_first_nights(deliveries)
    return {
        key: Coverage(
            begins.get(key),
            tuple(make_interval(*row) for row in covered.get(key, ())),
            tuple(UndeliveredNight(make_interval(*row[:2]), *row[2:]) for row in undelivered.get(key, ())),
        )
        for key in deliveries
    }


def _group(ledger: LedgerReading, file: str, values: dict[str, Any]) -> dict[tuple[str, str], list[Any]]:
    rows: dict[tuple[str, str], list[Any]] = {}
    if ledger.connection:
        for destination, event, *row in run_statement(ledger.connection, file, values):
            rows.setdefault((destination, event), []).append(row)
    return rows
