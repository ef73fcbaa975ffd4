"""Which days has a destination never delivered, and which of them are delivered now?"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from event_delivery.completeness.handling import Remedy
from event_delivery.destinations import Destination
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.records import NightRecord
from event_delivery.limits import LONGEST_RUN, MISSING_A_NIGHT, MISSING_AFTER, MISSING_WITHIN
from event_delivery.schedule import (
    Interval,
    date_of,
    day_of,
    due_of,
    find_uncovered,
    last_day_before,
    local_day_of,
    retry_window,
    split_into_days,
    start_of,
)

_DECIDED_BY_A_PERSON = ("unconfirmed", "held")
_EVER, _LONGEST_INTERVAL = datetime(1970, 1, 3, tzinfo=UTC), timedelta(days=2)
_NIGHT = timedelta(seconds=retry_window()) + MISSING_AFTER
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MissingDay:
    """A local day of an event type, or the part of one, that no delivered interval covers.

    `tried`: the ledger has a failure of it. `is_whole`: a run can deliver it; a change of zone leaves parts.
    """

    event: str
    day: date
    interval: Interval
    tried: bool
    is_whole: bool


def list_missing(destination: Destination, now: datetime, since: datetime | None = None) -> list[MissingDay]:
    """Return the missing days of each event type since its first night, or from `since` on, in order.

    A night that may still be tried by itself is not missing yet.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    with open_ledger_reading() as ledger:
        firsts = ledger.read_first_nights([(destination.id, event) for event in destination.events])
        records = ledger.read_nights([destination.id], (since or _EVER) - _LONGEST_INTERVAL, now)
    return [
        day
        for event in destination.events
        if (first := firsts.get((destination.id, event)))
        for day in find_missing(
            destination,
            event,
            max(first, since or first),
            [each for each in records if each.event == event],
            now,
        )
    ]


def find_missing(
    destination: Destination, event: str, first: datetime, records: Sequence[NightRecord], now: datetime
) -> Iterator[MissingDay]:
    """Yield the missing days of one event type, from the start of its first night on; pure."""
    zone = destination.timezone
    begin, end = max(first, start_of(destination.start_date, zone)), _find_end(destination, now)
    covered = [each.interval for each in records if each.delivered_at or _is_open(each, now)]
    failed = {each.interval for each in records}
    for gap in find_uncovered(begin, end, covered) if begin < end else ():
        for interval in split_into_days(gap, zone):
            whole = local_day_of(interval, zone) is not None
            yield MissingDay(event, date_of(interval, zone), interval, interval in failed, whole)


def choose_missing(
    destination: Destination, missing: Sequence[MissingDay], started: int, everything: bool
) -> list[Remedy]:
    """Return the runs that deliver missing days: the oldest first, those that failed before after all others.

    A night starts MISSING_A_NIGHT at most, `started` of which it has, unless a person asks for `everything`.
    """
    if destination.missing_days == "report" and not everything:
        return []
    whole = sorted((day for day in missing if day.is_whole), key=lambda day: (day.tried, day.interval, day.event))
    most = len(whole) if everything else max(0, MISSING_A_NIGHT - started)
    return [Remedy(destination.id, day.event, day.day, why="missing") for day in whole[:most]]


def look_for_missing(destination: Destination, now: datetime, everything: bool = False) -> list[Remedy]:
    """Tell the log which days of the last months are missing, or of all time; returns the runs to start.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    since = day_of(now - MISSING_WITHIN, destination.timezone).start
    missing = list_missing(destination, now, None if everything else since)
    for day in missing:
        part = "" if day.is_whole else f", {day.interval} of it, which no run can deliver by itself"
        tried = "every try failed" if day.tried else "never tried"
        _log.warning("%s, %s, %s: missing, %s%s", destination.id, day.event, day.day, tried, part)
    if not missing:
        return []
    with open_ledger_reading() as ledger:
        started = ledger.count_started(destination.id, "missing__", f"__{now.astimezone(UTC):%Y-%m-%d}")
    return choose_missing(destination, missing, started, everything)


def _is_open(record: NightRecord, now: datetime) -> bool:
    """Tell whether a night is under way, or a person decides; one whose run is long over was cut off."""
    is_young = record.first_attempt_at is None or now - record.first_attempt_at < LONGEST_RUN
    return record.state in _DECIDED_BY_A_PERSON or (record.state == "uploading" and is_young)


def _find_end(destination: Destination, now: datetime) -> datetime:
    """Return the end of the last day whose night is over, with all its tries."""
    day = last_day_before(now, destination.timezone)
    while due_of(Interval(day.start, day.end), destination.schedule) + destination.source_wait + _NIGHT > now:
        day = day.previous
    return day.end
