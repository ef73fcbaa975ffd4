"""From when on will a destination's file no longer fit into an attempt?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

from event_delivery.errors import PermanentError
from event_delivery.ledger.growth import LargestOfWeek, read_largest_of_weeks
from event_delivery.limits import FORECAST_WITHIN, LIMITS
from event_delivery.staging.space import QUOTA, read_quota
from event_delivery.upload.line_rate import advise_of_size, show_size
from event_delivery.upload.trend import Trend, find_trend

if TYPE_CHECKING:
    from psycopg import Connection

_SMALLEST = 1_000_000  # bytes: the rate of a smaller file says nothing
_LATEST = 5  # weeks that the usual rate is of


@dataclass(frozen=True)
class Forecast:
    """A file that grows, and soon no longer fits.

    `bytes`: of a week's largest now, `growth`: its part a week, 0.06 are 6 %. `limit`: the most bytes that fit,
    at `rate` bytes/s, or by the quota where that is less (None). `first`: the day from which on it does not fit,
    None: today; `earliest` and `latest` by the uncertainty of the growth, None: after `FORECAST_WITHIN`.
    """

    destination: str
    event: str
    format: str | None
    bytes: int
    growth: float
    limit: int
    rate: float | None
    first: date | None
    earliest: date | None
    latest: date | None

    def __str__(self) -> str:
        """Return it as a sentence with what to do."""
        size = f"{self.destination}, {self.event}: a week's largest file, about {show_size(self.bytes)}"
        if self.first is None:
            return f"{size}, does not fit {self._describe_limit()}"
        latest = f"at the latest {self.latest}" if self.latest else "or much later"
        return (
            f"{size}, grows {self.growth:.1%} a week: from about {self.first} on (at the earliest "
            f"{self.earliest}, {latest}) it does not fit {self._describe_limit()}"
        )

    def _describe_limit(self) -> str:
        if self.rate is None:
            return f"into {QUOTA}, {show_size(self.limit)}. Raise it."
        return (
            f"into the {LIMITS.transfer:.0f} s of an attempt: at its usual rate, {self.rate / 1e6:.2f} MB/s, "
            f"{show_size(self.limit)} do. {advise_of_size(self.format)}"
        )


def forecast_sizes(
    connection: Connection[Any], destinations: Sequence[str] | None, now: datetime
) -> list[Forecast]:
    """Return the forecasts of these destinations, or of all that the ledger knows (None), by one statement.

    Only of files that do not fit today, or that surely grow and will not within `FORECAST_WITHIN`.

    Raises:
        psycopg.Error: the ledger gave no answer.
    """
    weeks = read_largest_of_weeks(connection, destinations, now)
    return list(forecast_weeks(weeks, _find_quota(), now.date()))


def forecast_weeks(weeks: Sequence[LargestOfWeek], quota: int | None, today: date) -> Iterator[Forecast]:
    """Return what follows from weeks (by destination and event type, the latest first).

    Files of another format than the latest say nothing of it.
    """
    for _, group in groupby(weeks, lambda week: (week.destination, week.event)):
        those = list(group)
        same = [week for week in those if week.format == those[0].format]
        trend = find_trend([(week.weeks_ago, week.bytes) for week in same])
        if trend and (found := _forecast(those[0], trend, _find_rate(same), quota, today)):
            yield found


def _find_rate(weeks: Sequence[LargestOfWeek]) -> float | None:
    """Return the usual bytes/s, login and proof included: the median of the latest; None: nobody knows."""
    rates = [week.bytes / week.seconds for week in weeks if week.seconds and week.bytes >= _SMALLEST]
    return median(rates[:_LATEST]) if rates else None


def _forecast(
    latest: LargestOfWeek, trend: Trend, rate: float | None, quota: int | None, today: date
) -> Forecast | None:
    by_time = rate * LIMITS.transfer if rate else math.inf
    limit = min(by_time, quota or math.inf)
    days = [
        _find_day(trend.weeks_until(limit, growth), today) for growth in (trend.growth, trend.most, trend.least)
    ]
    if limit == math.inf or days[0] is None or (days[0] > today and trend.least <= 1):
        return None
    first, earliest, last = days if days[0] > today else (None, None, None)
    facts = (round(trend.bytes), trend.growth - 1, round(limit), rate if limit == by_time else None)
    return Forecast(latest.destination, latest.event, latest.format, *facts, first, earliest, last)


def _find_day(weeks: float, today: date) -> date | None:
    """Return the day after so many weeks, None where that is too far away to be told."""
    return today + timedelta(weeks=weeks) if weeks <= FORECAST_WITHIN / timedelta(weeks=1) else None


def _find_quota() -> int | None:
    """Return the quota; one that is no number is told by the task that needs it."""
    with suppress(PermanentError):
        return read_quota()
    return None
