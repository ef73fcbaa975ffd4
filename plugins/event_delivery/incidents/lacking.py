"""Which nights has nobody begun, though they were promised by now? Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from event_delivery.completeness.gaps import NEVER_TRIED, find_missing
from event_delivery.destinations import Destination
from event_delivery.incidents.deadline import deadline_of
from event_delivery.incidents.findings import Finding
from event_delivery.ledger.coverage import Coverage
from event_delivery.ledger.incidents import Hit
from event_delivery.limits import MISSING_WITHIN
from event_delivery.schedule import LocalDay, interval_of, last_day_before, start_of

_LOOKED_BACK = 2  # days whose promise may be over while their tries may not
_NO_RUN = "Nothing of these nights is in the ledger: no run of them has begun, or it still waits."


def find_lacking(
    destinations: Sequence[Destination],
    coverage: Mapping[tuple[str, str], Coverage],
    now: datetime,
    is_paused: Callable[[str], bool],
) -> list[Finding]:
    """Return the missing days, by destination, and the nights that nobody has begun in time, by date.

    Args:
        destinations: the enabled ones count.
        coverage: what the ledger has of each of their event types.
        now: the moment.
        is_paused: tells whether a destination's DAG is, on purpose; asked only where something lacks.
    """
    findings = []
    for destination in (each for each in destinations if each.enabled):
        lacking = list(_list_lacking(destination, coverage, now))
        if lacking and not is_paused(destination.id):
            findings += lacking
    return findings


def _list_lacking(
    destination: Destination, coverage: Mapping[tuple[str, str], Coverage], now: datetime
) -> Iterator[Finding]:
    for event in destination.events:
        found = coverage.get((destination.id, event), Coverage())
        missing = list(find_missing(destination, event, found, now, now - MISSING_WITHIN))
        for day in missing:
            if day.state in (NEVER_TRIED, "cancelled"):
                yield _tell_missing(destination, str(day.day), event, day.state)
        for day_not_begun in _list_not_begun(destination, found, now):
            if day_not_begun.date not in {day.day for day in missing}:
                hit = Hit(destination.id, "late", (str(day_not_begun.date),))
                yield Finding("not_begun", f"night of {day_not_begun.date}", _NO_RUN, (hit,))


def _tell_missing(destination: Destination, day: str, event: str, state: str) -> Finding:
    cause = f"{event} of {day} was never delivered: {state}."
    return Finding("missing", f"destination {destination.id}", cause, (Hit(destination.id, "missing", (day,)),))


def _list_not_begun(destination: Destination, coverage: Coverage, now: datetime) -> Iterator[LocalDay]:
    if coverage.begin is None:
        return
    day = last_day_before(now, destination.timezone)
    first = max(coverage.begin, start_of(destination.start_date, destination.timezone))
    for _ in range(_LOOKED_BACK):
        if (
            first <= day.start
            and deadline_of(destination, interval_of(day)) <= now
            and not _is_begun(day, coverage)
        ):
            yield day
        day = day.previous


def _is_begun(day: LocalDay, coverage: Coverage) -> bool:
    interval = interval_of(day)
    midday = day.start + timedelta(hours=12)
    is_covered = any(each.start <= midday < each.end for each in coverage.covered)
    return is_covered or any(night.interval.overlaps(interval) for night in coverage.undelivered)
