"""Which day does a run carry, and when does it start?"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pendulum
import pytest
from airflow.timetables.base import DataInterval, TimeRestriction
from airflow.utils.types import DagRunType

from event_delivery.orchestration.timetable import LocalDayTimetable, data_interval
from event_delivery.schedule import LocalDay, RunDates, day_of, interval_of, resolve_day

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
        data_interval(interval_of(LocalDay(date(year, 1, 1) + timedelta(n), zone))) for n in range(365)
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


def resolved(**given):
    values = {"run_after": instant(2026, 3, 10, 15)} | given
    return resolve_day(NEW_YORK.schedule, RunDates(**values)).date


def test_a_manual_run_without_a_date_carries_yesterday():
    """Triggered on the 10th at 11:00 New York time, it carries the 9th; shortly after midnight too."""
    assert resolved() == date(2026, 3, 9)
    assert resolved(run_after=instant(2026, 3, 10, 4, 1)) == date(2026, 3, 9)
    assert resolved(run_after=instant(2026, 3, 10, 3, 59)) == date(2026, 3, 8)


def test_the_day_param_decides_whatever_else_is_given():
    """A logical date and an interval give way to it in a manual run."""
    given = {"logical_date": instant(2020, 1, 1), "interval_start": instant(2021, 1, 1, 5)}
    assert resolved(day="2014-08-20", **given) == date(2014, 8, 20)


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


TOKYO = LocalDayTimetable("Asia/Tokyo", time(2))
LOS_ANGELES = LocalDayTimetable("America/Los_Angeles", time(2))
LAST_OF_NEW_YORK = DataInterval(instant(2026, 11, 23, 5), instant(2026, 11, 24, 5))


def following(timetable, last, catchup=True):
    restriction = TimeRestriction(instant(2026, 11, 1, 5), None, catchup)
    return timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)


@pytest.mark.parametrize(
    ("timetable", "until", "due"),
    [
        (TOKYO, instant(2026, 11, 24, 15), instant(2026, 11, 24, 17)),
        (LOS_ANGELES, instant(2026, 11, 24, 8), instant(2026, 11, 24, 10)),
    ],
    ids=["east", "west"],
)
def test_after_a_change_of_zone_the_first_run_carries_the_rest_of_the_new_zone_s_day(timetable, until, due):
    """It starts where the last one ended; whole days follow."""
    info = following(timetable, LAST_OF_NEW_YORK)
    assert info.data_interval == DataInterval(LAST_OF_NEW_YORK.end, until)
    assert info.run_after == due
    after = following(timetable, info.data_interval)
    assert after.data_interval.start == until
    assert day_of(until, timetable.schedule.timezone).end == after.data_interval.end


def test_an_edit_of_deliver_at_moves_the_start_of_a_run_and_not_its_day():
    """The day after the last one is the next, delivered at the new time."""
    info = following(LocalDayTimetable("America/New_York", time(18, 30)), LAST_OF_NEW_YORK)
    assert info.data_interval == DataInterval(instant(2026, 11, 24, 5), instant(2026, 11, 25, 5))
    assert info.run_after == instant(2026, 11, 25, 23, 30)


@pytest.mark.parametrize(("zone", "hour"), [("America/Chicago", 1), ("America/Denver", 0), ("America/Chicago", 2)])
def test_a_rest_of_a_day_that_is_due_when_the_last_run_was_has_an_id_of_its_own(zone, hour):
    """Two scheduled runs of one id would bring the scheduler down, again after every restart."""
    last = following(NEW_YORK, DataInterval(LAST_OF_NEW_YORK.start - timedelta(days=1), LAST_OF_NEW_YORK.start))
    timetable = LocalDayTimetable(zone, time(hour))
    ids = []
    for made_by, info in ((NEW_YORK, last), (timetable, following(timetable, last.data_interval))):
        dates = {"run_after": info.run_after, "data_interval": info.data_interval}
        ids.append(made_by.generate_run_id(run_type=DagRunType.SCHEDULED, **dates))
    assert ids[0] == f"scheduled__{last.run_after.isoformat()}"
    assert ids[1].startswith("scheduled__")
    assert ids[0] != ids[1]


@pytest.fixture
def runs_of_dag(tmp_path):
    """Airflow's own table of runs, empty, of a database of its own."""
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    engine = create_engine(f"sqlite:///{tmp_path}/runs.db")
    import_all_models()
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session


def add_run(session, run_id, run_type, interval, logical_date=True):
    from airflow.models.dagrun import DagRun

    run = DagRun(
        dag_id="nightly_sftp_events__acme",
        run_id=run_id,
        run_type=run_type,
        logical_date=interval.start if logical_date else None,
        data_interval=interval,
        run_after=interval.end,
        state="failed",
    )
    session.add(run)
    session.flush()
    return run


def scheduled_next(timetable, latest, catchup=True):
    """Return the next run as Airflow asks for it: by the latest automated run."""
    restriction = TimeRestriction(instant(2026, 11, 1, 4), None, catchup)
    info = timetable.run_info_from_dag_run(dag_run=latest)
    return timetable.next_dagrun_info_v2(last_dagrun_info=info, restriction=restriction)


def day(date_text, timetable=NEW_YORK):
    return data_interval(interval_of(LocalDay(date.fromisoformat(date_text), timetable.schedule.timezone)))


def test_a_refused_backfill_does_not_move_the_schedule_on(runs_of_dag):
    """A day of Tokyo, backfilled after the move there, overlaps what was delivered: the rest is still to come."""
    add_run(runs_of_dag, "scheduled__1", "scheduled", LAST_OF_NEW_YORK)
    refused = add_run(runs_of_dag, "backfill__1", "backfill", day("2026-11-24", TOKYO))
    assert refused.data_interval_end > LAST_OF_NEW_YORK.end
    info = scheduled_next(TOKYO, refused)
    assert info.data_interval == DataInterval(instant(2026, 11, 24, 5), instant(2026, 11, 24, 15))


def test_with_catchup_no_backfill_hides_the_days_before_it(runs_of_dag):
    """Paused since the 20th, the 23rd backfilled: the 21st, the 22nd and the 24th are scheduled."""
    latest = add_run(runs_of_dag, "scheduled__1", "scheduled", day("2026-11-20"))
    backfilled = add_run(runs_of_dag, "backfill__1", "backfill", day("2026-11-23"))
    made = []
    for number in range(3):
        info = scheduled_next(NEW_YORK, max(latest, backfilled, key=lambda run: run.logical_date))
        made.append(info.data_interval)
        latest = add_run(runs_of_dag, f"scheduled__{number + 2}", "scheduled", info.data_interval)
    assert made == [day("2026-11-21"), day("2026-11-22"), day("2026-11-24")]


def test_a_scheduled_run_that_a_backfill_cleared_still_counts_as_scheduled(runs_of_dag):
    """Airflow then calls its type backfill."""
    run = add_run(runs_of_dag, "scheduled__1", "backfill", LAST_OF_NEW_YORK)
    assert scheduled_next(NEW_YORK, run).data_interval == day("2026-11-24")


def test_a_first_backfill_leaves_the_other_days_to_catchup(runs_of_dag):
    """Nothing was scheduled yet: the schedule begins at the start date, and leaves out what a backfill has."""
    run = add_run(runs_of_dag, "backfill__1", "backfill", day("2026-11-02"))
    assert scheduled_next(NEW_YORK, run).data_interval == day("2026-11-01")
    first = add_run(runs_of_dag, "scheduled__1", "scheduled", day("2026-11-01"))
    assert scheduled_next(NEW_YORK, first).data_interval == day("2026-11-03")


def test_without_catchup_a_day_that_a_backfill_has_is_not_waited_for_in_vain(runs_of_dag):
    """Airflow skips a logical date that a run holds: the next night is the one after it."""
    yesterday = NEW_YORK.schedule.last_due_day(datetime.now(UTC))
    run = add_run(runs_of_dag, "backfill__1", "backfill", data_interval(interval_of(yesterday)))
    info = scheduled_next(NEW_YORK, run, catchup=False)
    assert info.data_interval == data_interval(interval_of(yesterday.next))


def test_dags_that_an_earlier_release_serialized_can_still_be_read():
    """Airflow's database names the timetable by its path: a run under way must find it after an upgrade."""
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    path = "event_delivery.timetable.LocalDayTimetable"
    assert encode_timetable(NEW_YORK)["__type"] == path
    kept = {"__type": path, "__var": {"timezone": "America/New_York", "deliver_at": "02:00:00"}}
    assert decode_timetable(kept).summary == NEW_YORK.summary


@pytest.mark.parametrize("zone", ZONES)
def test_a_start_that_is_spread_changes_nothing_but_when_the_run_starts(zone):
    """A year with both clock changes: the same intervals, each run as long after it is due."""
    spread = timedelta(minutes=17, seconds=5)
    earliest = pendulum.instance(LocalDay(date(2026, 1, 1), zone).start)
    usual = runs(LocalDayTimetable(zone, time(2)), earliest, count=365)
    later = runs(LocalDayTimetable(zone, time(2), spread), earliest, count=365)
    assert [info.data_interval for info in later] == [info.data_interval for info in usual]
    seconds = {(info.run_after - due.run_after).total_seconds() for info, due in zip(later, usual, strict=True)}
    assert seconds == {spread.total_seconds()}


def test_without_catchup_a_day_that_has_not_started_yet_is_not_the_latest():
    """Due at midnight and spread over nearly a day: between the two, the day before is what is to be delivered."""
    now = datetime.now(UTC)
    for hours in (0, 23):
        timetable = LocalDayTimetable("UTC", time(0), timedelta(hours=hours, minutes=59))
        [info, following] = runs(timetable, instant(2020, 1, 1), catchup=False, count=2)
        assert info.run_after <= now < following.run_after
        assert info.data_interval.end == following.data_interval.start


def test_a_spread_survives_airflow_s_database_and_none_leaves_no_trace_there():
    """A timetable that an older release wrote is read; an unchanged DAG has no new version."""
    spread = LocalDayTimetable("Asia/Tokyo", time(2), timedelta(seconds=61))
    again = LocalDayTimetable.deserialize(spread.serialize())
    assert again.schedule == spread.schedule
    assert again.summary == "02:00 Asia/Tokyo + 0:01:01"
    assert NEW_YORK.serialize() == {"timezone": "America/New_York", "deliver_at": "02:00:00"}
    assert LocalDayTimetable.deserialize(NEW_YORK.serialize()).schedule == NEW_YORK.schedule
    assert NEW_YORK.summary == "02:00 America/New_York"
