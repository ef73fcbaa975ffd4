"""What became of each destination's latest due day, and since when does any day lack, by the ledger alone?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from event_delivery.completeness.gaps import find_missing
from event_delivery.destinations import Destination
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.coverage import Coverage, read_coverage
from event_delivery.ledger.records import NightRecord
from event_delivery.limits import MISSING_AFTER, MISSING_WITHIN
from event_delivery.schedule import Interval, LocalDay, day_of

STATES = ("delivered", "skipped", "uploading", "failed", "unconfirmed", "held", "cancelled", "missing")
_CLOCK_CHANGE = timedelta(hours=26)  # an interval begins so long before its day at most, after a change of zone


@dataclass(frozen=True)
class Backlog:
    """How many deliveries of the latest due days are in each state of the ledger, `missing`: in none.

    `oldest`: where the oldest undelivered day of the last months ended that was expected; None: there is none.
    `missing_days`: how many of the last months nothing will deliver by itself any more, or not yet.
    """

    states: dict[str, int]
    oldest: datetime | None
    missing_days: int


def read_backlog(destinations: Sequence[Destination], now: datetime) -> Backlog:
    """Return it, of enabled destinations; an event type that has had no night is not expected yet.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    enabled = [each for each in destinations if each.enabled]
    pairs = [(each.id, event) for each in enabled for event in each.events]
    due = {each.id: each.schedule.last_due_day(now - MISSING_AFTER) for each in enabled}
    with open_ledger_reading() as ledger:
        coverage = read_coverage(ledger, pairs, now)
        since = min((day.start for day in due.values()), default=now) - _CLOCK_CHANGE
        nights = ledger.read_nights(list(due), since, now)
    by_pair: dict[tuple[str, str], list[NightRecord]] = {}
    for night in nights:
        by_pair.setdefault((night.destination, night.event), []).append(night)
    states = Counter(
        find_state(due[pair[0]], by_pair.get(pair, ()))
        for pair in pairs
        if _is_expected(coverage[pair], due[pair[0]])
    )
    return Backlog({state: states[state] for state in STATES}, *_find_oldest(enabled, coverage, now))


def find_state(day: LocalDay, nights: Sequence[NightRecord]) -> str:
    """Return the state of the night that holds a day's first instant, `missing`: there is none."""
    held = (night.state for night in nights if night.interval.start <= day.start < night.interval.end)
    return next(held, "missing")


def _is_expected(coverage: Coverage, day: LocalDay) -> bool:
    return coverage.begin is not None and coverage.begin < day.end


def _find_oldest(
    destinations: Sequence[Destination], coverage: dict[tuple[str, str], Coverage], now: datetime
) -> tuple[datetime | None, int]:
    """Return where the oldest undelivered day ended, under way or not, and how many are not under way."""
    missing, ends = 0, []
    for each in destinations:
        since = day_of(now - MISSING_WITHIN, each.timezone).start
        for event in each.events:
            known = coverage[each.id, event]
            days: list[Interval] = [day.interval for day in find_missing(each, event, known, now, since)]
            missing += len(days)
            open_nights = [night.interval for night in known.undelivered if night.is_open]
            ends += [interval.end for interval in (*days, *open_nights) if interval.end > since]
    return min(ends, default=None), missing
