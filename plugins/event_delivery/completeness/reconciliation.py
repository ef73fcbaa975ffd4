"""Does a client have every event of a period, once: source ids against delivered ids?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from event_delivery.completeness.comparison import KeptIds, compare_interval
from event_delivery.completeness.delivered import DeliveredNight, list_nights
from event_delivery.completeness.kept_ids import read_kept_ids
from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import EVENT_TYPES, Destination
from event_delivery.errors import RefusedError
from event_delivery.extract.ids import read_id_digest
from event_delivery.extract.query import query_events
from event_delivery.extract.snapshot import open_snapshot, read_moment
from event_delivery.ledger import open_ledger_reading
from event_delivery.schedule import Interval, date_of, find_uncovered, split_into_days

if TYPE_CHECKING:
    from psycopg import Cursor

_UNDECIDED = ("unconfirmed", "uploading")
_OVERLAP = "overlaps an interval of another zone: some events came in both"
_LONGEST_INTERVAL = timedelta(days=2)


@dataclass(frozen=True)
class Reconciled:
    """One interval of one event type; numbers of events, None: they differ, and nobody can tell which they are.

    `missing`: the source has it, the client not. `duplicated`: the client has it in two files. `unexpected`: the
    client has it, the source not.
    """

    event: str
    day: date
    interval: Interval
    files: tuple[str, ...]
    source: int
    delivered: int
    missing: int | None
    duplicated: int | None
    unexpected: int | None
    note: str | None = None

    @property
    def is_clean(self) -> bool:
        """Whether every event was delivered once, and nothing else."""
        return (self.missing, self.duplicated, self.unexpected) == (0, 0, 0)


@dataclass(frozen=True)
class Reconciliation:
    """Intervals to reconcile, in the order of event types and time, as the source was at one moment."""

    destination: str
    first: date
    last: date
    moment: datetime
    intervals: Iterator[Reconciled]


@contextmanager
def open_reconciliation(
    destination: Destination, first: date, last: date, now: datetime, kept_ids: KeptIds = read_kept_ids
) -> Iterator[Reconciliation]:
    """Open the reconciliation of the days `first` to `last`, in one snapshot of the source, in constant memory.

    Raises:
        RefusedError: the last day is not over, or the first one comes after it.
        PermanentError, RetryableError: source or ledger cannot be read; also while intervals are read.
    """
    start, end = destination.day(first).start, destination.day(last).end
    if first > last or end > now:
        raise RefusedError(f"{destination.id}: from {first} to {last} is no period of days that are over.")
    with open_ledger_reading() as ledger:
        files = ledger.read_received(destination.id, start - _LONGEST_INTERVAL, end)
        records = ledger.read_nights([destination.id], start - _LONGEST_INTERVAL, end)
    undecided = {(each.event, each.interval): each.state for each in records if each.state in _UNDECIDED}
    nights = [night for night in list_nights(files) if night.interval.end > start]
    with open_snapshot() as cursor:
        moment = read_moment(cursor)
        intervals = _reconcile(cursor, destination, nights, undecided, Interval(start, end), kept_ids)
        yield Reconciliation(destination.id, first, last, moment, intervals)


def _reconcile(
    cursor: Cursor[Any],
    destination: Destination,
    nights: Sequence[DeliveredNight],
    undecided: Mapping[tuple[str, Interval], str],
    period: Interval,
    kept_ids: KeptIds,
) -> Iterator[Reconciled]:
    known, zone = {night.event for night in nights} & EVENT_TYPES.keys(), destination.timezone
    for event in dict.fromkeys([*destination.events, *sorted(known)]):
        mine = {night.interval: night for night in nights if night.event == event}
        lacking = [part for gap in find_uncovered(*period, mine) for part in split_into_days(gap, zone)]
        for interval in sorted([*mine, *lacking]):
            if interval not in mine:
                found = _reconcile_lacking(cursor, destination, event, interval)
                yield _doubt(found, undecided.get((event, interval)))
                continue
            found = _reconcile_night(cursor, destination, mine[interval], kept_ids)
            yield replace(found, duplicated=None, note=_OVERLAP) if _overlaps(interval, mine) else found


def _reconcile_night(
    cursor: Cursor[Any], destination: Destination, night: DeliveredNight, kept_ids: KeptIds
) -> Reconciled:
    delivery = nightly_delivery(destination, night.event, night.interval)
    found = compare_interval(cursor, delivery, night, kept_ids)
    note = found.unknown if night.is_of(destination.company_id) else "delivered for another company_id"
    return Reconciled(
        event=night.event,
        day=date_of(night.interval, destination.timezone),
        interval=night.interval,
        files=tuple(file.file_name for file in night.counted),
        source=found.source.rows,
        delivered=night.rows,
        missing=found.late,
        duplicated=found.duplicated,
        unexpected=found.deleted,
        note=note,
    )


def _reconcile_lacking(
    cursor: Cursor[Any], destination: Destination, event: str, interval: Interval
) -> Reconciled:
    query = query_events(cursor, nightly_delivery(destination, event, interval))
    rows, day = read_id_digest(cursor, query).rows, date_of(interval, destination.timezone)
    return Reconciled(event, day, interval, (), rows, 0, rows, 0, 0, "never delivered")


def _doubt(found: Reconciled, state: str | None) -> Reconciled:
    return replace(found, missing=None, note=f"{state}: nobody can tell yet") if state else found


def _overlaps(interval: Interval, others: Iterable[Interval]) -> bool:
    return any(each != interval and each.start < interval.end and interval.start < each.end for each in others)
