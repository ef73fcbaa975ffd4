"""Are the periods that no delivery covers split by days, without a look at each day for each of them?"""

from __future__ import annotations

from datetime import date, timedelta

from event_delivery.page.answers.days import Calendar
from event_delivery.page.answers.periods import split_by_days
from event_delivery.schedule import BUILT_IN_SCHEDULE, Interval


class Watched(list):
    """A list that counts how often one of its items is read."""

    reads = 0

    def __getitem__(self, place):
        """Count it."""
        self.reads += 1
        return super().__getitem__(place)

    def __iter__(self):
        """Count each."""
        for item in super().__iter__():
            self.reads += 1
            yield item


def test_a_year_of_gaps_is_split_without_a_look_at_every_day_for_each():
    """A gap each second day: the work grows with the days, not with their square."""
    days = Watched(Calendar(date(2026, 1, 1), date(2026, 12, 31)).days_of(BUILT_IN_SCHEDULE))
    gaps = [Interval(day.start, day.end) for day in days[::2]]
    days.reads = 0
    pieces = [piece for gap in gaps for piece in split_by_days(gap, days)]
    assert [piece.interval for piece in pieces] == gaps
    assert all(piece.is_whole for piece in pieces)
    assert days.reads < 20 * len(days)


def test_a_period_is_cut_at_the_days_bounds_and_at_the_ranges_ends():
    """Its first and last part may be less than a day; nothing outside the days is a part of it."""
    first, second, third = Calendar(date(2026, 1, 1), date(2026, 1, 3)).days_of(BUILT_IN_SCHEDULE)
    hour = timedelta(hours=1)
    days = [first, second, third]
    pieces = list(split_by_days(Interval(first.start + hour, third.start + hour), days))
    assert [piece.interval for piece in pieces] == [
        (first.start + hour, first.end),
        (second.start, second.end),
        (third.start, third.start + hour),
    ]
    assert [piece.is_whole for piece in pieces] == [False, True, False]
    assert list(split_by_days(Interval(first.start - hour, first.start), days)) == []
    assert list(split_by_days(Interval(third.end, third.end + hour), days)) == []
