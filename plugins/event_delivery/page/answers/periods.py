"""Which parts of local days lie in a period?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from event_delivery.page.answers.days import DueDay
from event_delivery.schedule import Interval


class Piece(NamedTuple):
    """What a local day lacks: all of it, or the part of it that nothing covers."""

    interval: Interval
    day: DueDay

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole day."""
        return self.interval == (self.day.start, self.day.end)


def split_by_days(period: Interval, days: Sequence[DueDay]) -> Iterator[Piece]:
    """Yield the part of a period that lies in each of these days, which are in order."""
    first = bisect_right(days, period.start, key=_end)
    beyond = bisect_left(days, period.end, lo=first, key=_start)
    for day in days[first:beyond]:
        yield Piece(Interval(max(period.start, day.start), min(period.end, day.end)), day)


def _start(day: DueDay) -> datetime:
    return day.start


def _end(day: DueDay) -> datetime:
    return day.end
