"""Which instants does a local day span, in zones whose clocks do odd things?"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.schedule.local_day import LocalDay, day_of, first_day_from, last_day_until, named_day

HOUR = timedelta(hours=1)
ZONES = [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Asia/Amman",
    "UTC",
]


@pytest.mark.parametrize(
    "zone, day, hours",
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/New_York", date(2026, 7, 1), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kolkata", date(2026, 3, 8), 24),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_day_has_the_hours_that_its_clocks_give_it(zone, day, hours):
    """Clock changes make 23, 25 and half-hour days; Samoa skipped one."""
    local = LocalDay(day, zone)
    assert local.end - local.start == hours * HOUR


def test_a_midnight_that_does_not_exist_begins_with_the_first_instant_after_the_gap():
    """In Sao Paulo, 4 November 2018 began at 01:00."""
    start = LocalDay(date(2018, 11, 4), "America/Sao_Paulo").start
    assert start.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1
    assert start == datetime(2018, 11, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone, day, deliver_at, due",
    [
        ("America/New_York", date(2026, 3, 7), time(2), datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 7), time(2, 30), datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 8), time(2), datetime(2026, 3, 9, 6, tzinfo=UTC)),
        ("America/New_York", date(2026, 10, 31), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("America/New_York", date(2026, 10, 31), time(2), datetime(2026, 11, 1, 7, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 24), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 3), time(2, 15), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        ("Asia/Kolkata", date(2026, 1, 1), time(2), datetime(2026, 1, 1, 20, 30, tzinfo=UTC)),
    ],
)
def test_a_day_is_due_at_the_first_instant_of_its_delivery_time(zone, day, deliver_at, due):
    """A time that does not exist is the first instant after the gap; one that happens twice is the first."""
    assert LocalDay(day, zone).due(deliver_at) == due


@given(st.dates(date(1990, 1, 1), date(2037, 12, 1)), st.sampled_from(ZONES))
def test_days_follow_one_another_without_gap_or_overlap(day, zone):
    """The end of a day is the start of the next one that exists, and `previous` undoes `next`."""
    local = day_of(LocalDay(day, zone).start, zone)
    assert local.end == local.next.start
    assert local.next.previous == local


@given(st.integers(631_152_000, 2_143_000_000), st.sampled_from(ZONES))
def test_every_instant_belongs_to_exactly_one_day(epoch_seconds, zone):
    """The day of an instant contains it."""
    instant = datetime.fromtimestamp(epoch_seconds, UTC)
    local = day_of(instant, zone)
    assert local.start <= instant < local.end


@pytest.mark.parametrize("zone", ZONES)
def test_a_range_given_as_bare_dates_means_these_dates_in_every_zone(zone):
    """The command line sends midnight UTC for both bounds, west and east of Greenwich."""
    first, last = datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    assert first_day_from(first, zone).date == date(2026, 3, 5)
    assert last_day_until(last, zone).date == date(2026, 3, 9)


@pytest.mark.parametrize("ui_zone", ["UTC", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Kolkata"])
def test_a_range_picked_in_the_ui_means_the_dates_that_were_picked(zone, ui_zone):
    """The UI sends the first and the last millisecond of the days in its own time zone."""
    ui = ZoneInfo(ui_zone)
    first = datetime(2026, 3, 5, tzinfo=ui)
    last = datetime(2026, 3, 9, 23, 59, 59, 999000, tzinfo=ui)
    assert first_day_from(first, zone).date == date(2026, 3, 5)
    assert last_day_until(last, zone).date == date(2026, 3, 9)


def test_an_instant_names_a_day_only_at_midnight():
    """Local or UTC midnight names its date; noon names none."""
    zone = "America/New_York"
    assert named_day(datetime(2026, 3, 9, tzinfo=UTC), zone) == LocalDay(date(2026, 3, 9), zone)
    assert named_day(datetime(2026, 3, 9, 4, tzinfo=UTC), zone) == LocalDay(date(2026, 3, 9), zone)
    assert named_day(datetime(2026, 3, 9, 12, tzinfo=UTC), zone) is None
