"""Does a client have every event of a period, once: source ids against delivered ids?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from event_delivery.completeness.changed_rows import Changed, count_changed
from event_delivery.completeness.comparison import KeptIds, compare_interval
from event_delivery.completeness.delivered import DeliveredNight, list_nights
from event_delivery.completeness.kept_ids import read_kept_ids
from event_delivery.completeness.reconciled import Reconciled, Reconciliation
from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import EVENT_TYPES, Destination
from event_delivery.errors import RefusedError
from event_delivery.extract.ids import count_filtered, read_id_digest
from event_delivery.extract.settled import query_settled
from event_delivery.extract.snapshot import open_snapshot, read_moment
from event_delivery.ledger import open_ledger_reading
from event_delivery.schedule import LONGEST_INTERVAL, Interval, date_of, find_uncovered, split_into_days

if TYPE_CHECKING:
    from psycopg import Cursor

_UNDECIDED = ("unconfirmed", "uploading")
_OVERLAP = "overlaps an interval of another zone: some events came in both"


@contextmanager
def open_reconciliation(
    destination: Destination,
    first: date,
    last: date,
    now: datetime,
    kept_ids: KeptIds = read_kept_ids,
    ids_only: bool = False,
) -> Iterator[Reconciliation]:
    """Open the reconciliation of the days `first` to `last`, in one snapshot of the source, in constant memory.

    `ids_only`: rows are not compared, which would read each of them from the source.

    Raises:
        RefusedError: the last day is not over, or the first one comes after it.
        PermanentError, RetryableError: source or ledger cannot be read; also while intervals are read.
    """
    start, end = destination.day(first).start, destination.day(last).end
    if first > last or end > now:
        raise RefusedError(f"{destination.id}: from {first} to {last} is no period of days that are over.")
    with open_ledger_reading() as ledger:
        files = ledger.read_received(destination.id, start - LONGEST_INTERVAL, end)
        records = ledger.read_nights([destination.id], start - LONGEST_INTERVAL, end)
    undecided = {(each.event, each.interval): each.state for each in records if each.state in _UNDECIDED}
    nights = [night for night in list_nights(files) if night.interval.end > start]
    with open_snapshot() as cursor:
        moment = read_moment(cursor)
        look = _Look(cursor, destination, kept_ids, ids_only)
        intervals = _reconcile(look, nights, undecided, Interval(start, end))
        yield Reconciliation(destination.id, first, last, moment, intervals, not ids_only)


class _Look(NamedTuple):
    """What a reconciliation looks with."""

    cursor: Cursor[Any]
    destination: Destination
    kept_ids: KeptIds
    ids_only: bool


def _reconcile(
    look: _Look,
    nights: Sequence[DeliveredNight],
    undecided: Mapping[tuple[str, Interval], str],
    period: Interval,
) -> Iterator[Reconciled]:
    known, zone = {night.event for night in nights} & EVENT_TYPES.keys(), look.destination.timezone
    for event in dict.fromkeys([*look.destination.events, *sorted(known)]):
        mine = {night.interval: night for night in nights if night.event == event}
        lacking = [part for gap in find_uncovered(*period, mine) for part in split_into_days(gap, zone)]
        for interval in sorted([*mine, *lacking]):
            if interval not in mine:
                found = _reconcile_lacking(look, event, interval)
                yield _doubt(found, undecided.get((event, interval)))
                continue
            found = _reconcile_night(look, mine[interval])
            yield replace(found, duplicated=None, note=_OVERLAP) if _overlaps(interval, mine) else found


def _reconcile_night(look: _Look, night: DeliveredNight) -> Reconciled:
    cursor, destination, kept_ids, ids_only = look
    delivery = nightly_delivery(destination, night.event, night.interval)
    found = compare_interval(cursor, delivery, night, kept_ids)
    changed = Changed(None) if ids_only else count_changed(cursor, delivery, night)
    note = found.unknown if night.is_of(destination.company_id) else "delivered for another company_id"
    wants_some = bool(destination.filter_of(night.event))
    if not note and wants_some and (filtered := count_filtered(cursor, query_settled(cursor, delivery))):
        note = f"{filtered:,} of the day's events are filtered out by `only`"
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
        changed=changed.count,
        note=note or (changed.why and f"which rows were changed, nobody can tell: {changed.why}"),
    )


def _reconcile_lacking(look: _Look, event: str, interval: Interval) -> Reconciled:
    query = query_settled(look.cursor, nightly_delivery(look.destination, event, interval))
    rows, day = read_id_digest(look.cursor, query).rows, date_of(interval, look.destination.timezone)
    changed = None if look.ids_only else 0
    return Reconciled(event, day, interval, (), rows, 0, rows, 0, 0, changed, "never delivered")


def _doubt(found: Reconciled, state: str | None) -> Reconciled:
    return replace(found, missing=None, note=f"{state}: nobody can tell yet") if state else found


def _overlaps(interval: Interval, others: Iterable[Interval]) -> bool:
    return any(each != interval and each.overlaps(interval) for each in others)
