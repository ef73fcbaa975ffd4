"""Do the intervals of a schedule hold every instant once, whatever zone it is moved to?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.schedule import (
    Interval,
    LocalDay,
    NightlySchedule,
    date_of,
    day_of,
    due_of,
    interval_of,
    local_day_of,
    next_interval,
    refuse_interval,
)
from event_delivery.schedule.intervals import may_be_called

ZONES = (
    "America/New_York",
    "Asia/Tokyo",
    "America/Los_Angeles",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kathmandu",
    "UTC",
)
schedules = st.builds(NightlySchedule, st.sampled_from(ZONES), st.times().map(lambda t: t.replace(microsecond=0)))
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=5_000)).map(EPOCH.__add__)


@given(st.lists(schedules, min_size=2, max_size=12), instants)
def test_with_catchup_intervals_tile_time_across_every_edit(edits, start):
    """Each starts where the one before ended, is over when due, and is a local day but for the first of a zone."""
    earliest = last_end = day_of(start, edits[0].timezone).start
    zone = edits[0].timezone
    for schedule in edits:
        for _ in range(2):
            interval = next_interval(schedule, earliest, last_end, None, {})
            assert interval.start == last_end < interval.end <= due_of(interval, schedule)
            assert day_of(interval.end, schedule.timezone).start == interval.end
            if schedule.timezone == zone:
                assert local_day_of(interval, zone) is not None
            last_end, zone = interval.end, schedule.timezone


@given(st.lists(st.tuples(schedules, st.timedeltas(timedelta(0), timedelta(days=5))), max_size=12), instants)
def test_without_catchup_the_latest_due_day_comes_next_and_nothing_twice(edits, now):
    """No interval starts before the last one ended; what is due and was not skipped is over."""
    last_end = None
    for schedule, later in edits:
        now += later
        interval = next_interval(schedule, datetime(2000, 1, 1, tzinfo=UTC), last_end, now, {})
        assert last_end is None or interval.start >= last_end
        due = due_of(interval, schedule)
        latest = schedule.last_due_day(now)
        assert due > now or interval.start >= latest.start or interval.end > latest.start
        if due <= now:
            assert interval.end <= now
            last_end = interval.end


@given(schedules, st.timedeltas(timedelta(0), timedelta(hours=6)), instants)
def test_the_last_due_day_is_the_last_whose_run_has_started(schedule, spread, now):
    """Also where the starts are spread beyond midnight: between midnight and the start two days are not due."""
    schedule = replace(schedule, starts_after=spread)
    day = schedule.last_due_day(now)
    assert day.due(schedule.deliver_at) + spread <= now < day.next.due(schedule.deliver_at) + spread


@given(schedules, instants, st.sets(st.integers(0, 6)))
def test_the_schedule_goes_on_behind_days_that_other_runs_hold(schedule, start, held_days):
    """A date that a backfill has is not scheduled again, and every other is."""
    day, held, days = day_of(start, schedule.timezone), {}, []
    for number in range(8):
        days.append(day)
        if number in held_days:
            held[day.start] = day.end
        day = day.next
    earliest, last_end, made = days[0].start, None, []
    while last_end is None or last_end < days[-1].end:
        interval = next_interval(schedule, earliest, last_end, None, held)
        made.append(interval.start)
        last_end = interval.end
    assert made == [each.start for number, each in enumerate(days) if number not in held_days]


@given(st.sampled_from(ZONES), st.sampled_from(ZONES), st.dates(date(2015, 1, 1), date(2030, 1, 1)))
def test_a_day_keeps_its_date_when_the_zone_changes(zone, other, date_):
    """Up to twelve hours east: beyond that the neighbour's midnight is nearer, and the date is one too early."""
    interval = interval_of(LocalDay(date_, zone))
    assert date_of(interval, zone) == date_
    east = zone in ("Pacific/Kiritimati",)
    rest_of_other = day_of(interval.end - timedelta(microseconds=1), other)
    if not east and rest_of_other.end != interval.end:
        assert date_of(interval, other) == date_
    assert may_be_called(interval, str(date_), other) or local_day_of(interval, other)


def test_the_rest_of_a_day_is_called_by_its_date():
    """From New York's midnight to Tokyo's is the end of the 24th there."""
    rest = Interval(datetime(2026, 11, 24, 5, tzinfo=UTC), datetime(2026, 11, 24, 15, tzinfo=UTC))
    assert date_of(rest, "Asia/Tokyo") == date(2026, 11, 24)
    assert str(rest) == "2026-11-24T05:00:00Z to 2026-11-24T15:00:00Z"


@pytest.mark.parametrize("deliver_at", [time(0), time(2), time(23, 59)])
def test_an_interval_of_another_zone_is_due_after_its_end(deliver_at):
    """Its name has an instant of today's zone, and never one before its last event."""
    interval = interval_of(LocalDay(date(2026, 11, 23), "America/New_York"))
    for zone in ZONES:
        due = due_of(interval, NightlySchedule(zone, deliver_at))
        assert interval.end <= due <= interval.end + timedelta(days=2)


def test_a_day_that_is_not_over_or_lies_before_the_start_is_refused():
    """The message says from when on it may be delivered, or what to set."""
    zone, now = "America/New_York", datetime(2026, 11, 24, 12, tzinfo=UTC)
    today, yesterday = (interval_of(LocalDay(date(2026, 11, day), zone)) for day in (24, 23))
    assert refuse_interval(today, zone, None, now) == (
        "2026-11-24 is not over before 2026-11-25T05:00:00Z (America/New_York). Deliver it after that."
    )
    assert refuse_interval(yesterday, zone, date(2026, 11, 23), now) is None
    refusal = refuse_interval(yesterday, zone, date(2026, 11, 24), now)
    assert refusal == "2026-11-23 lies before start_date, 2026-11-24. To deliver it, set an earlier start_date."
