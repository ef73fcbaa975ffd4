"""Which day does a run carry, and when does it start?"""

from datetime import UTC, date, datetime, time
from itertools import pairwise

import pendulum
import pytest
from airflow.timetables.base import DataInterval, TimeRestriction

from event_delivery.orchestration.timetable import LocalDayTimetable, data_interval
from event_delivery.schedule import LocalDay, RunDates, resolve_day

NEW_YORK = LocalDayTimetable("America/New_York", time(2))
ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"]


def instant(*parts: int) -> pendulum.DateTime:
    return pendulum.datetime(*parts, tz="UTC")


def runs(timetable: LocalDayTimetable, earliest, latest=None, catchup=True, count=400):
    """Return the runs that the scheduler would make, one after another."""
    made, last = [], None
    restriction = TimeRestriction(earliest, latest, catchup)
    while len(made) < count and (
        info := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
    ):
        made.append(info)
        last = info.data_interval
    return made


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2018, 2026])
def test_a_year_has_every_local_day_once_and_in_order(zone, year):
    """Across both clock changes the intervals are whole days without gap or overlap."""
    timetable = LocalDayTimetable(zone, time(2))
    made = runs(timetable, pendulum.instance(LocalDay(date(year, 1, 1), zone).start), count=365)
    assert [info.data_interval for info in made] == [
        data_interval(LocalDay(date(year, 1, 1).fromordinal(date(year, 1, 1).toordinal() + n), zone))
        for n in range(365)
    ]
    assert all(a.data_interval.end == b.data_interval.start for a, b in pairwise(made))
    assert all(info.run_after.in_timezone(zone).strftime("%H:%M") in ("02:00", "03:00", "02:30") for info in made)


def test_the_run_after_the_spring_change_starts_at_the_first_instant_after_the_gap():
    """On 8 March 2026, 02:00 does not exist in New York: the run of the 7th starts at 03:00 EDT."""
    [info] = runs(NEW_YORK, instant(2026, 3, 7, 5), count=1)
    assert info.run_after == instant(2026, 3, 8, 7)
    assert info.data_interval == DataInterval(instant(2026, 3, 7, 5), instant(2026, 3, 8, 5))


def test_without_catchup_the_latest_due_day_comes_first():
    """Missed days are left out, the last one that is due is not."""
    [info] = runs(NEW_YORK, instant(2020, 1, 1, 5), catchup=False, count=1)
    now = datetime.now(UTC)
    assert info.run_after <= now
    [_, following] = runs(NEW_YORK, instant(2020, 1, 1, 5), catchup=False, count=2)
    assert following.run_after > now
    assert following.data_interval.start == info.data_interval.end


@pytest.mark.parametrize("zone", [*ZONES, "Pacific/Kiritimati", "Pacific/Honolulu"])
def test_a_backfill_of_five_dates_makes_five_runs(zone):
    """`airflow backfill create` parses both dates as midnight UTC."""
    timetable = LocalDayTimetable(zone, time(2))
    made = runs(timetable, instant(2026, 3, 5), instant(2026, 3, 9))
    days = [info.data_interval.start.in_timezone(zone).date() for info in made]
    assert days == [date(2026, 3, day) for day in range(5, 10)]


def test_the_timetable_survives_serialization():
    """Scheduler and API server rebuild the same schedule."""
    again = LocalDayTimetable.deserialize(NEW_YORK.serialize())
    assert (again.schedule.timezone, again.schedule.deliver_at, again.summary) == (
        "America/New_York",
        time(2),
        NEW_YORK.summary,
    )


def resolved(manual=True, **given):
    values = {"run_after": instant(2026, 3, 10, 15)} | given
    return resolve_day(NEW_YORK.schedule, RunDates(manual=manual, **values)).date


def test_a_manual_run_without_a_date_carries_yesterday():
    """Triggered on the 10th at 11:00 New York time, it carries the 9th; shortly after midnight too."""
    assert resolved() == date(2026, 3, 9)
    assert resolved(run_after=instant(2026, 3, 10, 4, 1)) == date(2026, 3, 9)
    assert resolved(run_after=instant(2026, 3, 10, 3, 59)) == date(2026, 3, 8)


def test_the_day_param_decides_whatever_else_is_given():
    """A logical date and an interval give way to it in a manual run."""
    given = {"logical_date": instant(2020, 1, 1), "interval_start": instant(2021, 1, 1, 5)}
    assert resolved(day="2014-08-20", **given) == date(2014, 8, 20)


def test_the_day_param_does_not_touch_an_automated_run():
    """A backfill with a `day` in its conf would deliver one day many times."""
    assert resolved(manual=False, day="2014-08-20", logical_date=instant(2026, 3, 5, 5)) == date(2026, 3, 5)


def test_a_logical_date_names_its_own_day_at_midnight_and_the_day_before_otherwise():
    """Midnight, UTC or local, is how tools spell a date; any other instant is a moment of triggering."""
    assert resolved(logical_date=instant(2026, 3, 5)) == date(2026, 3, 5)
    assert resolved(logical_date=instant(2026, 3, 5, 5)) == date(2026, 3, 5)
    assert resolved(logical_date=instant(2026, 3, 5, 18)) == date(2026, 3, 4)


def test_the_command_line_s_interval_gives_way_to_its_logical_date():
    """`airflow dags trigger -l` gives the interval of the moment of triggering."""
    implied = instant(2026, 3, 9, 4)
    assert resolved(logical_date=instant(2026, 2, 1), interval_start=implied) == date(2026, 2, 1)


def test_an_explicit_interval_counts():
    """The REST API takes an interval; its day is carried."""
    assert resolved(logical_date=instant(2026, 3, 8), interval_start=instant(2026, 2, 1, 5)) == date(2026, 2, 1)


def test_dags_that_an_earlier_release_serialized_can_still_be_read():
    """Airflow's database names the timetable by its path: a run under way must find it after an upgrade."""
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    path = "event_delivery.timetable.LocalDayTimetable"
    assert encode_timetable(NEW_YORK)["__type"] == path
    kept = {"__type": path, "__var": {"timezone": "America/New_York", "deliver_at": "02:00:00"}}
    assert decode_timetable(kept).summary == NEW_YORK.summary
