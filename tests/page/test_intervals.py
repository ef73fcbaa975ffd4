"""Does the page find every delivery by its own interval, whatever the destination's zone is today?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.event_type import EVENT_TYPES, EventType
from event_delivery.ledger.attempts import Failure, RecordedFile, Sent
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.deliveries import record_delivered, record_unsent
from event_delivery.page.answers.delivery_detail import read_delivery
from event_delivery.page.answers.destination_detail import read_destination
from event_delivery.page.answers.named import choose_interval, read_named
from event_delivery.page.answers.table import render_overview
from event_delivery.page.sources.run_intervals import find_run
from event_delivery.schedule import Interval, LocalDay, interval_of
from tests.page.knowledge import (
    DAY,
    DUE,
    EVENT,
    NOW,
    ZONE,
    add_attempt,
    add_dag,
    add_record,
    add_run,
    add_try,
    cell,
    look,
)
from tests.sample_events import COMPANY

NEW_YORK, TOKYO, LOS_ANGELES = "America/New_York", "Asia/Tokyo", "America/Los_Angeles"
LATER = datetime(2026, 3, 20, 20, tzinfo=UTC)


def settle(zone, **more):
    """A destination that lives in this zone today."""
    return Destination(id="acme", client="Acme", company_id=COMPANY, timezone=zone, **more)


def day(number, zone):
    """A day of March 2026."""
    return LocalDay(date(2026, 3, number), zone)


def find_all(airflow, destination):
    """The date of each interval that the page finds from 8 to 15 March."""
    dates = [date(2026, 3, number) for number in range(8, 16)]
    return {
        night.interval: night.date for each in dates for night, _ in read_named(airflow, destination, each, LATER)
    }


def deliver(airflow, ledger, interval, name, state="delivered", run="success", **more):
    """Add a scheduled run of an interval and its delivery; returns the run's id."""
    start, end = interval
    bounds = {"data_interval_start": start, "data_interval_end": end, "logical_date": start}
    made = end + timedelta(hours=2)
    bounds |= {"run_id": f"scheduled__{name}", "run_after": made, "created_at": made}
    run_id = add_run(airflow, start.date(), run, **bounds)
    more = {"delivered_at": made + timedelta(minutes=1), "first_attempt_at": made} | more
    add_record(ledger, interval_start=start, interval_end=end, state=state, file_name=name, run_id=run_id, **more)
    add_attempt(ledger, 1, interval_start=start, interval_end=end, run_id=run_id, started_at=made)
    return run_id


@pytest.fixture
def moved(airflow, ledger):
    """New York to Tokyo to Los Angeles, with catchup: intervals tile time; 13 March calls two."""
    intervals = {
        "ny-9": interval_of(day(9, NEW_YORK)),
        "ny-10": interval_of(day(10, NEW_YORK)),
        "rest-tokyo": Interval(day(10, NEW_YORK).end, day(11, TOKYO).end),
        "tokyo-12": interval_of(day(12, TOKYO)),
        "tokyo-13": interval_of(day(13, TOKYO)),
        "rest-la": Interval(day(13, TOKYO).end, day(13, LOS_ANGELES).end),
        "la-14": interval_of(day(14, LOS_ANGELES)),
    }
    add_dag(airflow)
    for name, interval in intervals.items():
        deliver(airflow, ledger, interval, name)
    return intervals


@pytest.mark.parametrize("zone", [NEW_YORK, TOKYO, LOS_ANGELES])
def test_deliveries_of_other_zones_stand_under_their_own_dates_and_none_is_lost(airflow, ledger, moved, zone):
    """Whatever the zone is today, each of the seven is found, and nothing that was delivered is called missing."""
    last = date(2026, 3, 14)
    destination = settle(zone)
    answer = look(airflow, destination, first=date(2026, 3, 8), last=last, now=moved["la-14"].end)
    states = {each["day"]: each["state"] for each in answer["destinations"][0]["cells"]}
    assert set(states.values()) == {"delivered"}
    assert set(moved.values()) <= set(find_all(airflow, destination))


def test_each_of_them_is_shown_with_its_own_record_and_run(airflow, ledger, moved):
    """The panel's file, run and log are those of the interval."""
    destination = settle(LOS_ANGELES)
    dates = find_all(airflow, destination)
    for name, (start, end) in moved.items():
        shown = read_delivery(airflow, destination, EVENT, dates[start, end], "nightly", start, LATER, end)
        assert shown["file_name"] == name
        assert shown["links"]["log"].endswith(f"/runs/scheduled__{name}/tasks/upload")
        assert len(shown["attempts"]) == 1
        assert find_run(airflow, destination, Interval(start, end)).run_id == f"scheduled__{name}"


def test_where_one_date_calls_two_the_cell_shows_the_worst_and_the_panel_lists_both(airflow, ledger):
    """The rest of a day after a change of zone failed; the day itself was delivered."""
    tokyo, los_angeles = LocalDay(date(2026, 3, 13), TOKYO), LocalDay(date(2026, 3, 13), LOS_ANGELES)
    rest = Interval(tokyo.end, los_angeles.end)
    deliver(airflow, ledger, interval_of(tokyo), "tokyo")
    deliver(airflow, ledger, rest, "rest", "failed", "failed", delivered_at=None, last_error="refused")
    destination, day = settle(LOS_ANGELES), date(2026, 3, 13)
    shown = cell(airflow, destination, now=LATER, day=day)
    assert (shown["state"], shown["error"], shown["deliveries"]) == ("failed", "refused", 2)
    worst = read_delivery(airflow, destination, EVENT, day, "nightly", None, LATER)
    assert worst["file_name"] == "rest"
    assert (worst["start"], worst["end"]) == ("2026-03-13T15:00:00Z", "2026-03-14T07:00:00Z")
    assert worst["named"] == [
        {"start": "2026-03-12T15:00:00Z", "end": "2026-03-13T15:00:00Z", "state": "delivered"},
        {"start": "2026-03-13T15:00:00Z", "end": "2026-03-14T07:00:00Z", "state": "failed"},
    ]
    other = read_delivery(airflow, destination, EVENT, day, "nightly", tokyo.start, LATER, tokyo.end)
    assert (other["file_name"], other["state"]) == ("tokyo", "delivered")


def test_an_overlapping_day_that_was_asked_for_stands_beside_the_other(airflow, ledger):
    """Both are delivered, and both are listed."""
    day = date(2026, 3, 12)
    deliver(airflow, ledger, interval_of(LocalDay(day, TOKYO)), "tokyo")
    deliver(airflow, ledger, interval_of(LocalDay(day, LOS_ANGELES)), "la")
    shown = cell(airflow, settle(LOS_ANGELES), now=LATER, day=day)
    assert (shown["state"], shown["deliveries"]) == ("delivered", 2)
    detail = read_delivery(airflow, settle(LOS_ANGELES), EVENT, day, "nightly", None, LATER)
    assert [each["state"] for each in detail["named"]] == ["delivered", "delivered"]


def test_a_refused_redelivery_that_would_overlap_shows_its_reason(airflow, ledger):
    """Its run is red by itself; the delivery that was made before stays as it was."""
    day = date(2026, 3, 12)
    deliver(airflow, ledger, interval_of(LocalDay(day, TOKYO)), "tokyo")
    said = "acme: events were delivered before, under another zone."
    refused = {"state": "failed", "run": "failed", "delivered_at": None, "last_error": said}
    deliver(airflow, ledger, interval_of(LocalDay(day, LOS_ANGELES)), "la", **refused)
    shown = cell(airflow, settle(LOS_ANGELES), now=LATER, day=day)
    assert (shown["state"], shown["error"]) == ("failed", said)


def test_an_action_on_a_day_means_todays_local_day_or_the_one_that_it_names(airflow, ledger):
    """Where only another zone's day is called so, that one."""
    day = date(2026, 3, 12)
    tokyo, los_angeles = (interval_of(LocalDay(day, zone)) for zone in (TOKYO, LOS_ANGELES))
    destination = settle(LOS_ANGELES)
    assert choose_interval(read_named(airflow, destination, day, LATER), destination, day, None) == los_angeles
    deliver(airflow, ledger, tokyo, "tokyo")
    assert choose_interval(read_named(airflow, destination, day, LATER), destination, day, None) == tokyo
    deliver(airflow, ledger, los_angeles, "la")
    named = read_named(airflow, destination, day, LATER)
    assert choose_interval(named, destination, day, None) == los_angeles
    assert choose_interval(named, destination, day, tokyo) == tokyo
    with pytest.raises(ValueError, match="Nothing is known about a delivery of"):
        choose_interval(named, destination, day, interval_of(LocalDay(day, NEW_YORK)))


def test_due_times_are_those_of_the_run_not_of_todays_schedule(airflow, ledger):
    """An edit of `deliver_at` makes no night late."""
    add_dag(airflow)
    add_run(airflow, state="success")
    add_record(ledger)
    assert cell(airflow, settle(ZONE, deliver_at="00:30"))["state"] == "delivered"


@pytest.mark.parametrize("state", ["failed", "uploading", "unconfirmed", "cancelled"])
def test_what_is_left_of_an_event_type_that_was_taken_out_is_shown(airflow, ledger, acme, state):
    """Open, failed or cancelled; what was delivered needs no look."""
    add_record(ledger)
    add_record(ledger, event="courseStarted", state=state, delivered_at=None, last_error="why")
    add_record(ledger, DAY - timedelta(1), event="courseStarted")
    [row] = look(airflow, acme, first=DAY - timedelta(1))["destinations"]
    cells = [each for each in row["cells"] if each["event"] == "courseStarted"]
    shown = [(each["day"], each["state"], each.get("error")) for each in cells]
    open_words = "Its event type was taken out of the YAML before it was delivered: put it back to deliver it."
    wanted = ("missing", open_words) if state == "uploading" else (state, "why")
    assert shown == [("2026-03-09", *wanted)]
    assert read_delivery(airflow, acme, "courseStarted", DAY, "nightly", None, NOW)["state"] == wanted[0]


def test_a_cancelled_delivery_is_a_state_of_its_own(airflow, ledger, acme):
    """In the cell, the counts and the table; never delivered, and not expected."""
    add_record(ledger, state="cancelled", delivered_at=None, last_error=None)
    answer = look(airflow, acme)
    [shown] = answer["destinations"][0]["cells"]
    assert shown["state"] == "cancelled"
    assert shown["error"] == "Cancelled: its event type was taken out of the YAML before it was delivered."
    assert (answer["counts"]["cancelled"], answer["counts"]["delivered"], answer["last_night"]) == (1, 0, {})
    assert "cancelled" in render_overview(answer)


@pytest.mark.parametrize("upload", [None, "success", "removed"])
def test_a_success_of_airflow_without_a_delivery_is_missing_and_says_so(airflow, ledger, acme, upload):
    """Its task was removed by an edit, or marked by a person."""
    add_dag(airflow)
    add_run(airflow, DAY - timedelta(1), "success")
    add_record(ledger, DAY - timedelta(1))
    run_id = add_run(airflow, state="success")
    if upload:
        add_try(airflow, run_id, state=upload)
    shown = cell(airflow, acme)
    assert (shown["state"], shown["has_run"]) == ("missing", True)
    assert shown["error"].startswith("Airflow calls the run a success, though nothing was delivered")
    assert shown["error"].endswith("Deliver the day again.")


def test_only_a_day_that_no_run_has_carried_is_one_that_a_backfill_delivers(airflow, ledger, acme):
    """One that was cut off is delivered again by itself."""
    add_dag(airflow)
    add_run(airflow, DAY - timedelta(2), "success")
    add_record(ledger, DAY - timedelta(2), state="uploading", delivered_at=None)
    [row] = look(airflow, acme, first=DAY - timedelta(2))["destinations"]
    shown = [(each["state"], each.get("has_run"), "error" in each) for each in row["cells"]]
    assert shown == [("missing", True, True), ("missing", None, False), ("missing", None, False)]


def test_an_event_type_that_is_new_expects_nothing_of_older_runs(airflow, ledger, monkeypatch):
    """Runs from before it was added carry none of it, failed or not."""
    monkeypatch.setitem(EVENT_TYPES, "courseStarted", EventType("courseStarted", "course_started.sql"))
    acme = settle(ZONE, events=[EVENT, "courseStarted"])
    add_dag(airflow)
    for back, state in ((2, "success"), (1, "failed")):
        day = DAY - timedelta(back)
        add_try(airflow, add_run(airflow, day, state), state=state, end_date=DUE)
        add_record(ledger, day, state="delivered" if state == "success" else "failed")
        add_attempt(ledger, 1, day)
    run_id = add_run(airflow)
    add_try(airflow, run_id, "upload__courseStarted", "running", 1)
    add_try(airflow, run_id, "upload", "success", 1)
    add_record(ledger)
    [row] = look(airflow, acme, first=DAY - timedelta(2))["destinations"]
    assert [(each["day"], each["state"]) for each in row["cells"] if each["event"] == "courseStarted"] == [
        ("2026-03-09", "running")
    ]


def test_a_failure_before_the_upload_shows_its_reason_while_and_after_it_is_tried(airflow, ledger, acme):
    """Recorded by extract or format, with no attempt of an upload."""
    reason = "events_db: relation events does not exist"
    delivery = nightly_delivery(acme, EVENT, acme.day(DAY))
    record_unsent(ledger, delivery, Failure(reason, True), "dag", "scheduled__x")
    run_id = add_run(airflow)
    add_try(airflow, run_id, "extract", "up_for_retry", 1, 3)
    assert cell(airflow, acme) == {"day": str(DAY), "event": EVENT, "state": "retrying", "error": reason}
    add_run(airflow, state="failed", run_id="manual__later", run_type="manual", logical_date=None)
    detail = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (detail["last_error"], detail["attempts"], detail["file_name"][-5:]) == (reason, [], ".json")


@pytest.mark.parametrize(
    ("task", "state", "said"),
    [
        ("format", "failed", "The task 'format' failed and left no reason in the ledger: its process was killed"),
        ("upload", "upstream_failed", "The task 'upload' ended as 'upstream_failed'"),
        ("upload", "skipped", "The task 'upload' was 'skipped': the run took longer than 20 hours"),
        ("upload", None, "The run failed while its task 'upload' was not begun: nothing was sent."),
        ("quarantined", "failed", "The destination's file was wrong when the run began"),
    ],
)
def test_a_failure_without_a_reason_names_the_task_its_state_and_what_to_do(
    airflow, ledger, acme, task, state, said
):
    """The worker was killed, the ledger away, or the run ended: no cell points to a log."""
    add_try(airflow, add_run(airflow, state="failed"), task, state, 1, 3)
    shown = cell(airflow, acme)
    assert shown["state"] == "failed"
    assert shown["error"].startswith(said)
    assert shown["error"].endswith("Deliver the day again.")


def test_a_run_without_a_task_says_so(airflow, ledger, acme):
    """It failed before the scheduler made any."""
    add_run(airflow, state="failed")
    assert cell(airflow, acme)["error"].startswith("The run failed before any of its tasks began")


def test_a_delivered_night_remarks_a_redelivery_that_failed_before_its_upload(airflow, ledger, acme):
    """The client has its file; that is no reason of the delivery, nor the client's business."""
    add_record(ledger)
    failure = Failure("events_db: away", False)
    record_unsent(ledger, nightly_delivery(acme, EVENT, acme.day(DAY)), failure, "dag", "manual__again")
    detail = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (detail["state"], detail["last_error"], detail["remark"]) == ("delivered", None, "events_db: away")
    assert "events_db" not in detail["support"]


def test_the_log_that_is_linked_is_the_failed_tasks_else_the_uploads(airflow, ledger, monkeypatch):
    """By the event type's own task ids."""
    monkeypatch.setitem(EVENT_TYPES, "courseStarted", EventType("courseStarted", "course_started.sql"))
    acme = settle(ZONE, events=[EVENT, "courseStarted"])
    run_id = add_run(airflow, state="failed")
    add_try(airflow, run_id, "upload__courseStarted", "failed", 11)
    add_try(airflow, run_id, "extract", "failed", 4, 3)
    links = [read_delivery(airflow, acme, event, DAY, "nightly", None, NOW)["links"] for event in acme.events]
    assert [link["log"].rpartition("/")[2] for link in links] == ["extract", "upload__courseStarted"]


def test_the_panel_shows_which_file_a_file_replaces(airflow, ledger, acme):
    """A day that is delivered again in another format is a further file."""
    for number, format_ in enumerate(("json", "csv"), 1):
        delivery = nightly_delivery(acme.model_copy(update={"format": format_}), EVENT, acme.day(DAY))
        file = RecordedFile(f"acme.{format_}", {"format": format_}, 3, 30, "0" * 64, {})
        attempt = begin_attempt(ledger, delivery, file, "dag", f"run{number}", False)
        record_delivered(ledger, attempt, f"/in/acme.{format_}", 1.0, Sent())
    detail = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (detail["file_name"], detail["replaces"]) == ("acme.csv", "acme.json")


def test_history_knows_a_delay_only_of_a_night_that_was_scheduled(airflow, ledger, acme):
    """A backfill of a month ago is not a month late."""
    add_record(ledger)
    add_record(ledger, DAY - timedelta(1), run_id="backfill__1", delivered_at=DUE)
    history = read_destination(airflow, acme, NOW)["history"]
    assert [(night["day"], night["delay"]) for night in history] == [("2026-03-08", None), ("2026-03-09", 60)]
