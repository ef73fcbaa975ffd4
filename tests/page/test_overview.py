"""Does the overview say of every night what really became of it?"""

from __future__ import annotations

import json
from datetime import date, timedelta

import psycopg
import pytest
import sqlalchemy
from airflow.models.dag import DagModel

from event_delivery.destinations.cache import find_destination, read_destinations
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.event_type import EVENT_TYPES, EventType
from event_delivery.destinations.quarantined import QuarantinedDestination
from event_delivery.ledger import open_ledger
from event_delivery.page.answers.days import choose_range
from event_delivery.page.answers.delivery_detail import read_delivery
from event_delivery.page.answers.destination_detail import read_destination
from event_delivery.page.answers.server_facts import Rights
from event_delivery.page.answers.table import render_overview
from event_delivery.page.sources.run_intervals import span_of_days
from event_delivery.page.sources.runs import read_open_runs
from event_delivery.schedule.local_day import LocalDay
from local_servers.postgres import create_database
from tests.page.knowledge import (
    DAY,
    DUE,
    EVENT,
    NIGHTLY,
    NOW,
    TEST_FILE,
    ZONE,
    add_attempt,
    add_dag,
    add_record,
    add_run,
    add_try,
    cell,
    insert,
    look,
)
from tests.sample_events import COMPANY

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9K5GQJd0xIYH8b0Jg3qJj6Cq7F3o6W1w6C5V8z4q0a"
PIN = "SHA256:" + "A" * 43
GONE = "host:22: nobody can tell whether the file arrived: it is gone."
HELD = (
    "acme, courseCompletion: 9 events are unusual. Held: unusual_count is hold, and nothing was sent. "
    'Is the number right? Then: airflow dags trigger nightly_sftp_events__acme --conf \'{"day": "2026-03-09"}\'.'
)


def test_a_night_in_time_is_delivered(airflow, ledger, acme):
    """With its rows, bytes and time."""
    add_record(ledger)
    assert cell(airflow, acme) == {
        "day": "2026-03-09",
        "event": EVENT,
        "state": "delivered",
        "rows": 3,
        "bytes": 2_000_000,
        "delivered_at": "2026-03-10T06:01:00Z",
    }


@pytest.mark.parametrize(("minutes", "state"), [(60, "delivered"), (61, "late")])
def test_a_file_an_hour_after_it_was_due_is_late(airflow, ledger, acme, minutes, state):
    """More than 60 minutes is late, 60 are not."""
    add_record(ledger, delivered_at=DUE + timedelta(minutes=minutes))
    assert cell(airflow, acme)["state"] == state


def test_a_redelivery_does_not_make_a_night_late(airflow, ledger, acme):
    """What counts is when the client had the file first."""
    add_record(ledger, delivered_at=DUE + timedelta(days=2), attempts=3)
    add_attempt(ledger, 1, error="refused", ended_at=DUE + timedelta(seconds=5))
    add_attempt(ledger, 2, ended_at=DUE + timedelta(minutes=2))
    add_attempt(ledger, 3, ended_at=DUE + timedelta(days=2))
    assert cell(airflow, acme)["state"] == "delivered"
    assert cell(airflow, acme)["delivered_at"] == "2026-03-12T06:00:00Z"


def test_a_day_without_events_is_empty(airflow, ledger, acme):
    """It was delivered, with no row."""
    add_record(ledger, rows=0)
    assert cell(airflow, acme)["state"] == "empty"


def test_a_delivery_that_waits_names_its_attempt_the_next_and_the_reason(airflow, ledger, acme):
    """The next try is when Airflow's scheduler will start it; attempts count from the last clear."""
    ended = DUE + timedelta(minutes=3)
    run_id = add_run(airflow)
    add_try(
        airflow, run_id, state="up_for_retry", number=14, max_tries=21, end_date=ended, retry_delay_override=80.0
    )
    add_record(ledger, state="failed", delivered_at=None, last_error="host:22: refused.\nmore", attempts=14)
    assert cell(airflow, acme) == {
        "day": "2026-03-09",
        "event": EVENT,
        "state": "retrying",
        "attempt": 3,
        "next_at": "2026-03-10T06:04:20Z",
        "error": "host:22: refused.",
    }


def test_a_killed_attempt_waits_by_the_promised_schedule(airflow, ledger, acme):
    """Airflow keeps no delay of ours for it."""
    run_id = add_run(airflow)
    add_try(airflow, run_id, state="up_for_retry", number=2, end_date=DUE)
    assert cell(airflow, acme)["next_at"] == "2026-03-10T06:00:40Z"


@pytest.mark.parametrize(("number", "state"), [(1, "running"), (2, "retrying")])
def test_an_attempt_under_way_is_running_or_retrying(airflow, ledger, acme, number, state):
    """From the second attempt on it is a retry."""
    add_try(airflow, add_run(airflow), number=number)
    assert cell(airflow, acme)["state"] == state


def test_a_redelivery_under_way_shows(airflow, ledger, acme):
    """Though the file was delivered before."""
    add_record(ledger)
    add_try(airflow, add_run(airflow, state="queued"), state=None, number=1)
    assert cell(airflow, acme)["state"] == "running"


def test_a_redelivery_by_hand_is_of_the_day_in_its_configuration(airflow, ledger, acme):
    """A queued run has no data interval yet."""
    add_record(ledger)
    nothing = dict.fromkeys(("logical_date", "data_interval_start", "data_interval_end"))
    add_run(airflow, date(2026, 3, 12), "queued", run_type="manual", conf={"day": str(DAY)}, **nothing)
    assert cell(airflow, acme)["state"] == "running"


def test_a_run_by_hand_that_failed_before_it_began_counts_too(airflow, ledger, acme):
    """It never got a data interval."""
    nothing = dict.fromkeys(("logical_date", "data_interval_start", "data_interval_end"))
    add_run(airflow, date(2026, 3, 12), "failed", run_type="manual", conf={"day": str(DAY)}, **nothing)
    assert cell(airflow, acme)["state"] == "failed"


def test_runs_by_hand_that_failed_long_ago_are_not_read_again_and_again(airflow, ledger, acme):
    """A run was made after the end of the day that it is to deliver."""
    nothing = dict.fromkeys(("logical_date", "data_interval_start", "data_interval_end"))
    for day in (date(2026, 1, 12), date(2026, 3, 12)):
        add_run(airflow, day, "failed", run_type="manual", conf={"day": str(DAY)}, **nothing)
    runs = read_open_runs(airflow, [NIGHTLY + "acme"], *span_of_days(DAY, DAY))
    assert [run.run.run_id for run in runs] == ["manual__2026-03-12"]


def test_a_failed_night_says_why(airflow, ledger, acme):
    """The ledger's reason, or, when nothing was sent, the task that failed."""
    run_id = add_run(airflow, state="failed")
    add_try(airflow, run_id, "extract", "failed", 4, 3)
    add_try(airflow, run_id, "upload", "upstream_failed", 0)
    assert cell(airflow, acme)["state"] == "failed"
    assert cell(airflow, acme)["error"] == (
        "The task 'extract' failed and left no reason in the ledger: its process was killed, or the ledger was "
        "away. Deliver the day again."
    )
    add_record(ledger, state="failed", delivered_at=None, last_error="host:22: password refused.")
    assert cell(airflow, acme)["error"] == "host:22: password refused."


def test_a_night_that_waits_for_its_source_is_under_way_and_says_so(airflow, ledger, acme):
    """Its task is up for reschedule: no failure, and no retry."""
    run_id = add_run(airflow, state="running")
    add_try(airflow, run_id, "extract", "up_for_reschedule", 1, 3)
    add_try(airflow, run_id, "upload", None, 0)
    assert cell(airflow, acme)["state"] == "running"
    assert cell(airflow, acme)["error"].startswith("The run waits for its source, which is not complete yet; ")


def test_a_held_night_says_why_whatever_became_of_its_run(airflow, ledger, acme):
    """It waits for a person, and the sentence says how it is released."""
    add_record(ledger, state="held", delivered_at=None, attempts=0, last_error="no events. Held: ...")
    assert (cell(airflow, acme)["state"], cell(airflow, acme)["error"]) == ("held", "no events. Held: ...")
    run_id = add_run(airflow, state="failed")
    add_try(airflow, run_id, "upload", "failed", 1)
    assert (cell(airflow, acme)["state"], cell(airflow, acme)["error"]) == ("held", "no events. Held: ...")


@pytest.mark.parametrize("run", [None, "success"])
def test_a_skipped_night_says_that_nothing_was_sent(airflow, ledger, acme, run):
    """It has neither rows, bytes nor an instant of delivery, late or not, and its panel names no checksum."""
    late = DUE + timedelta(hours=9)
    add_record(ledger, state="skipped", rows=0, attempts=0, first_attempt_at=None, delivered_at=late)
    if run:
        add_try(airflow, add_run(airflow, state=run), "upload", "success", 1)
    assert cell(airflow, acme) == {"day": "2026-03-09", "event": EVENT, "state": "skipped"}
    found = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (found["sha256"], found["bytes"], found["remote_path"], found["delivered_at"]) == (None,) * 4
    assert found["last_error"] is None
    assert "State: skipped: that day had no events, and you get no file of such a day" in found["support"]


def test_a_failed_redelivery_of_extract_leaves_the_night_delivered(airflow, ledger, acme):
    """The client still has its file."""
    add_record(ledger)
    add_try(airflow, add_run(airflow, state="failed"), "extract", "failed", 4, 3)
    assert cell(airflow, acme)["state"] == "delivered"


@pytest.mark.parametrize("run", [None, "failed", "success"])
def test_an_unconfirmed_night_says_why_whatever_became_of_its_run(airflow, ledger, acme, run):
    """It is neither failed nor delivered: a person has to say which."""
    if run:
        add_try(airflow, add_run(airflow, state=run), state="failed")
    add_record(ledger, state="unconfirmed", delivered_at=None, last_error=GONE + "\nmore")
    assert cell(airflow, acme) == {"day": "2026-03-09", "event": EVENT, "state": "unconfirmed", "error": GONE}


@pytest.mark.parametrize(
    ("upload", "number", "state"),
    [(None, 1, "running"), ("running", 1, "running"), ("running", 2, "retrying"), ("failed", 1, "unconfirmed")],
)
def test_a_run_that_carries_the_decision_shows_while_it_is_under_way(airflow, ledger, acme, upload, number, state):
    """Once its upload is over, the ledger counts again, though other tasks of the run go on."""
    add_record(ledger, state="unconfirmed", delivered_at=None, last_error=GONE)
    nothing = dict.fromkeys(("logical_date", "data_interval_start", "data_interval_end"))
    conf = {"day": str(DAY), "unconfirmed": "robot"}
    run_id = add_run(airflow, date(2026, 3, 12), run_type="manual", conf=conf, **nothing)
    add_try(airflow, run_id, state=upload, number=number)
    assert cell(airflow, acme)["state"] == state


def test_an_unconfirmed_night_stands_between_failed_and_missing_and_is_counted(airflow, ledger):
    """In the counts of the range and of the last night, and in the table, with its reason."""
    for name, state in (("a_gone", "unconfirmed"), ("b_cut_off", "uploading"), ("c_failed", "failed")):
        add_record(ledger, destination=name, state=state, delivered_at=None, last_error=GONE)
    names = ("a_gone", "b_cut_off", "c_failed")
    answer = look(airflow, *(Destination(id=name, client=name, company_id=COMPANY) for name in names))
    worst = [(row["id"], row["worst"]) for row in answer["destinations"]]
    assert worst == [("c_failed", "failed"), ("a_gone", "unconfirmed"), ("b_cut_off", "missing")]
    assert (answer["counts"]["unconfirmed"], answer["last_night"]["unconfirmed"]) == (1, 1)
    table = render_overview(answer)
    assert "1 failed, 1 unconfirmed, 1 missing" in table
    [line] = [line for line in table.splitlines() if line.startswith("a_gone")]
    assert line.split()[4] == "unconfirmed"
    assert line.endswith(GONE)


@pytest.mark.parametrize("run", [None, "failed", "success"])
def test_a_night_that_is_held_says_how_to_release_it_whatever_became_of_its_run(airflow, ledger, acme, run):
    """It did not fail: a person has to look at the number of its events."""
    if run:
        add_try(airflow, add_run(airflow, state=run), state="failed")
    add_record(ledger, state="held", delivered_at=None, last_error=HELD, attempts=0)
    assert cell(airflow, acme) == {"day": "2026-03-09", "event": EVENT, "state": "held", "error": HELD}


@pytest.mark.parametrize(
    ("upload", "state"), [(None, "running"), ("running", "running"), ("failed", "held"), ("success", "held")]
)
def test_a_held_night_that_is_released_shows_its_run(airflow, ledger, acme, upload, state):
    """While its upload is over, and other tasks go on, it is still held."""
    add_record(ledger, state="held", delivered_at=None, last_error=HELD, attempts=0)
    add_try(airflow, add_run(airflow), state=upload)
    assert cell(airflow, acme)["state"] == state


def test_a_held_night_is_worse_than_a_missing_one_and_is_counted(airflow, ledger):
    """Behind what is unconfirmed, in the counts and in the table."""
    for name, state in (("a_cut_off", "uploading"), ("b_held", "held"), ("c_gone", "unconfirmed")):
        add_record(ledger, destination=name, state=state, delivered_at=None, last_error=HELD)
    names = ("a_cut_off", "b_held", "c_gone")
    answer = look(airflow, *(Destination(id=name, client=name, company_id=COMPANY) for name in names))
    assert [row["worst"] for row in answer["destinations"]] == ["unconfirmed", "held", "missing"]
    assert (answer["counts"]["held"], answer["last_night"]["held"]) == (1, 1)
    assert "1 unconfirmed, 1 held, 1 missing" in render_overview(answer)


def test_the_summary_of_a_held_night_tells_a_client_no_command_of_ours(airflow, ledger, acme):
    """Our operators read how to release it; the client that the file is not sent yet."""
    add_record(ledger, state="held", delivered_at=None, last_error=HELD, attempts=0)
    found = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (found["state"], found["last_error"]) == ("held", HELD)
    assert "airflow dags" not in found["support"]
    assert "State: not sent yet: we first look into the number of its events" in found["support"]


def test_a_delivered_day_whose_redelivery_is_held_stays_delivered(airflow, ledger, acme):
    """The client has its file, and the panel remarks why the new one was not sent."""
    add_record(ledger, last_error=HELD)
    add_try(airflow, add_run(airflow, state="failed"), state="failed")
    found = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (found["state"], found["remark"]) == ("delivered", HELD)


def test_the_summary_of_an_unconfirmed_delivery_asks_the_client(airflow, ledger, acme):
    """Our operators read what they can do about it; the client is asked whether the file is there."""
    add_record(ledger, state="unconfirmed", delivered_at=None, last_error=GONE, attempts=2)
    add_attempt(ledger, 1, error="host:22: refused.")
    add_attempt(ledger, 2, error=GONE)
    found = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (found["state"], found["last_error"]) == ("unconfirmed", GONE)
    assert GONE not in found["support"]
    for text in ("it was gone when we looked. Do you have it?", "refused.", "accepted by your server, gone when"):
        assert text in found["support"]
    assert [attempt["unconfirmed"] for attempt in found["attempts"]] == [False, True]
    add_run(airflow, state="queued")
    found = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (found["state"], GONE in found["support"]) == ("running", False)


def test_an_unconfirmed_test_file_has_its_state_in_the_detail_too(airflow, ledger, acme):
    """As in its destination's row."""
    add_record(ledger, kind="test", state="unconfirmed", delivered_at=None, last_error=GONE)
    found = read_delivery(airflow, acme, EVENT, DAY, "test", None, NOW)
    assert (found["kind"], found["state"], found["last_error"]) == ("test", "unconfirmed", GONE)
    assert read_destination(airflow, acme, NOW)["test_file"]["state"] == "unconfirmed"


def test_a_night_of_a_quarantined_client_stays_unconfirmed(airflow, ledger):
    """Whatever is wrong with its file now, somebody has to find out what became of that night."""
    add_record(ledger, state="unconfirmed", delivered_at=None, last_error=GONE)
    broken = QuarantinedDestination("acme", "acme.yaml: field 'format'")
    assert cell(airflow, broken)["state"] == "unconfirmed"


@pytest.mark.parametrize(("minutes", "state"), [(-60, "due"), (29, "due"), (31, "missing")])
def test_a_night_without_a_run_is_due_then_missing(airflow, ledger, acme, minutes, state):
    """Half an hour after it was due, a night without a run is missing."""
    add_dag(airflow)
    add_run(airflow, DAY - timedelta(1), "success")
    assert cell(airflow, acme, now=DUE + timedelta(minutes=minutes))["state"] == state


def test_a_day_that_is_not_over_is_not_due_yet(airflow, ledger, acme):
    """Where clients live in several zones, the latest column is ahead of some of them."""
    add_dag(airflow)
    add_run(airflow, DAY - timedelta(1), "success")
    end = LocalDay(DAY, ZONE).end
    assert cell(airflow, acme, now=end - timedelta(minutes=1)) is None
    assert cell(airflow, acme, now=end)["state"] == "due"


def test_a_paused_client_misses_its_nights_too(airflow, ledger, acme):
    """The client waits for a file whatever we paused, and the row says that we did."""
    add_dag(airflow, paused=True)
    add_attempt(ledger, 1, DAY - timedelta(2))
    [row] = look(airflow, acme)["destinations"]
    assert (row["paused"], row["worst"]) == (True, "missing")


def test_days_before_the_first_night_are_not_expected(airflow, ledger, acme):
    """Neither those before the first scheduled run, nor those around a day delivered by hand."""
    add_dag(airflow)
    add_record(ledger, date(2026, 2, 1), run_id="manual__1")
    add_attempt(ledger, 1, date(2026, 2, 1), run_id="manual__1")
    add_run(airflow, date(2026, 2, 1), "success", run_type="manual")
    add_run(airflow, date(2026, 3, 8), "success")
    [row] = look(airflow, acme, first=date(2026, 1, 30))["destinations"]
    assert [(each["day"], each["state"]) for each in row["cells"]] == [
        ("2026-02-01", "delivered"),
        ("2026-03-08", "missing"),
        ("2026-03-09", "missing"),
    ]


def test_a_first_night_that_airflow_has_forgotten_stands_in_the_ledger(airflow, ledger, acme):
    """`airflow db clean` removes runs; the ledger stays."""
    add_attempt(ledger, 1, date(2026, 3, 7))
    [row] = look(airflow, acme, first=date(2026, 3, 5))["destinations"]
    assert [each["day"] for each in row["cells"]] == ["2026-03-07", "2026-03-08", "2026-03-09"]


def test_a_new_client_expects_nothing_until_it_is_unpaused(airflow, ledger, acme):
    """Then the latest night."""
    assert cell(airflow, acme) is None
    add_dag(airflow, paused=True)
    assert cell(airflow, acme) is None
    airflow.get(DagModel, NIGHTLY + "acme").is_paused = False
    airflow.commit()
    assert cell(airflow, acme)["state"] == "missing"


def test_caught_up_days_are_expected_from_the_start_date(airflow, ledger):
    """`catchup: true` promises every day since."""
    acme = Destination(id="acme", client="A", company_id=COMPANY, catchup=True, start_date="2026-03-08")
    add_dag(airflow)
    [row] = look(airflow, acme, first=date(2026, 3, 1))["destinations"]
    assert [each["day"] for each in row["cells"]] == ["2026-03-08", "2026-03-09"]


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/Berlin", "Pacific/Auckland", "Pacific/Honolulu", "Australia/Lord_Howe"]
)
def test_a_day_is_the_destination_s_own_whatever_its_length(airflow, ledger, zone):
    """A record stands under its local date, across clock changes, in zones east and west."""
    destination = Destination(id="acme", client="A", company_id=COMPANY, timezone=zone)
    days = [date(2026, month, day) for month, day in [(3, 7), (3, 8), (3, 9), (3, 28), (3, 29), (4, 4), (4, 5)]]
    for day in days:
        add_record(ledger, day, zone=zone)
    last = date(2026, 4, 6)
    [row] = look(airflow, destination, first=date(2026, 3, 6), last=last, now=NOW)["destinations"]
    assert [each["day"] for each in row["cells"]] == [str(day) for day in days]


def test_event_types_of_one_run_are_judged_apart(airflow, ledger, monkeypatch):
    """One delivered, the other waiting for its retry."""
    monkeypatch.setitem(EVENT_TYPES, "courseStarted", EventType("courseStarted", "course_started.sql"))
    acme = Destination(id="acme", client="A", company_id=COMPANY, events=[EVENT, "courseStarted"])
    run_id = add_run(airflow)
    add_try(airflow, run_id, state="success")
    add_try(airflow, run_id, "upload__courseStarted", "up_for_retry", end_date=DUE, retry_delay_override=20.0)
    add_record(ledger)
    [row] = look(airflow, acme)["destinations"]
    assert [(each["event"], each["state"]) for each in row["cells"]] == [
        (EVENT, "delivered"),
        ("courseStarted", "retrying"),
    ]


def test_a_quarantined_client_keeps_what_was_delivered(airflow, ledger):
    """The row says what is wrong; nights that the quarantine cost are its own."""
    add_record(ledger, DAY - timedelta(1), delivered_at=DUE - timedelta(days=1))
    add_try(airflow, add_run(airflow, state="failed"), "quarantined", "failed")
    broken = QuarantinedDestination("acme", "acme.yaml: field 'format'")
    answer = look(airflow, broken, first=DAY - timedelta(2))
    [row] = answer["destinations"]
    assert (row["worst"], row["quarantined"]) == ("quarantined", "acme.yaml: field 'format'")
    assert [each["state"] for each in row["cells"]] == ["delivered", "quarantined"]


def test_a_disabled_client_expects_nothing(airflow, ledger):
    """It stands at the end."""
    off = Destination(id="off", client="A", company_id=COMPANY, enabled=False)
    [row] = look(airflow, off)["destinations"]
    assert (row["enabled"], row["worst"], row["cells"]) == (False, "disabled", [])


def test_the_worst_stand_first_and_are_counted(airflow, ledger):
    """Failed before delivered before disabled; counts are of deliveries."""
    for name in ("a_fine", "b_failed"):
        add_dag(airflow, name)
        add_record(ledger, destination=name, state="delivered" if name == "a_fine" else "failed")
    destinations = [Destination(id=name, client=name, company_id=COMPANY) for name in ("a_fine", "b_failed")]
    off = Destination(id="off", client="a", company_id=COMPANY, enabled=False)
    answer = look(airflow, off, *destinations)
    assert [row["id"] for row in answer["destinations"]] == ["b_failed", "a_fine", "off"]
    counts = {state: count for state, count in answer["counts"].items() if count}
    assert counts == {"failed": 1, "delivered": 1, "disabled": 1}
    table = render_overview(answer)
    assert "1 failed, 1 delivered, 1 disabled" in table
    assert table.splitlines()[3].startswith("b_failed")


@pytest.mark.parametrize(
    ("kept", "run", "state"),
    [
        (None, None, "none"),
        ({"state": "delivered"}, None, "ok"),
        ({"state": "failed", "last_error": "refused"}, "failed", "failed"),
        ({"state": "failed", "last_error": "refused"}, "running", "pending"),
        ({"state": "unconfirmed", "last_error": "gone"}, None, "unconfirmed"),
        ({"state": "unconfirmed", "last_error": "gone"}, "failed", "unconfirmed"),
        ({"state": "unconfirmed", "last_error": "gone"}, "queued", "pending"),
        ({"state": "uploading"}, None, "failed"),
        ({"state": "uploading"}, "running", "pending"),
        (None, "queued", "pending"),
        (None, "failed", "failed"),
    ],
)
def test_the_test_file_shows_what_became_of_it(airflow, ledger, acme, kept, run, state):
    """The latest counts."""
    if kept:
        add_record(ledger, DAY - timedelta(5), kind="test", state="failed")
        add_record(ledger, kind="test", **kept)
    if run:
        add_run(airflow, state=run, prefix=TEST_FILE)
    [row] = look(airflow, acme)["destinations"]
    assert row["test_file"]["state"] == state


@pytest.mark.parametrize(
    ("paused", "enabled", "told"), [(False, True, True), (True, True, False), (False, False, False)]
)
def test_a_file_that_outgrows_its_line_is_told_of_weeks_before(airflow, ledger, acme, paused, enabled, told):
    """On the destination's row and panel; not while nothing is sent."""
    add_dag(airflow, paused=paused)
    acme = acme.model_copy(update={"enabled": enabled})
    for ago in range(28):
        day, size = DAY - timedelta(ago), round(1_000_000_000 / 1.06 ** (ago // 7))
        add_record(ledger, day, bytes=size, seconds=size / 5e6)
    [row] = look(airflow, acme)["destinations"]
    for notice in (row["notice"], read_destination(airflow, acme, NOW)["notice"]):
        assert ("grows 6.0% a week" in (notice or "")) == told


def test_many_destinations_need_no_more_queries_than_one(airflow, ledger, engine, monkeypatch):
    """A thousand clients must not mean a thousand queries, to the ledger or to Airflow's database."""
    asked = []
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *a: asked.append("airflow"))
    execute = psycopg.Connection.execute
    monkeypatch.setattr(psycopg.Connection, "execute", lambda *a, **k: asked.append("ledger") or execute(*a, **k))
    counts = []
    for number in (1, 40):
        destinations = [Destination(id=f"d{n}", client="A", company_id=COMPANY) for n in range(number)]
        for destination in destinations:
            add_record(ledger, destination=destination.id, day=DAY - timedelta(number))
        asked.clear()
        look(airflow, *destinations)
        counts.append(sorted(asked))
    assert counts[0] == counts[1]
    assert 0 < len(counts[0]) <= 8


def test_a_range_is_bounded_and_in_order(acme):
    """The default is 30 days up to yesterday."""
    assert choose_range([acme], None, None, NOW) == (date(2026, 2, 8), date(2026, 3, 9))
    for first, last in ((date(2026, 3, 9), date(2026, 3, 8)), (date(2025, 1, 1), date(2026, 3, 8))):
        with pytest.raises(ValueError, match="at most 366 days"):
            choose_range([acme], first, last, NOW)


def test_a_delivery_is_shown_with_every_attempt_and_a_summary_for_the_client(airflow, ledger, acme):
    """Name, path, sums, reasons, rate, links, profile; the summary holds what the client may know."""
    add_record(ledger, attempts=2)
    add_attempt(ledger, 1, error="host:22: refused.", permanent=False)
    add_attempt(ledger, 2, bytes_sent=2_000_000)
    run_id = add_run(airflow, state="success")
    found = read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)
    assert (found["state"], found["rows"], found["rate"]) == ("delivered", 3, 1_000_000)
    assert found["due"] == "2026-03-10T06:00:00Z"
    assert [attempt["error"] for attempt in found["attempts"]] == ["host:22: refused.", None]
    assert found["profile"]["top_titles"] == {"Safety": 3}
    assert found["links"]["log"] == f"/dags/nightly_sftp_events__acme/runs/{run_id}/tasks/upload"
    for text in ("acme-2026-03-09.json", "ab" * 32, "refused", "Rows: 3"):
        assert text in found["support"]
    assert "Safety" not in found["support"]


def test_a_test_file_is_found_by_the_start_of_its_run(airflow, ledger, acme):
    """And without it, the latest of the day."""
    start = LocalDay(DAY, ZONE).start
    add_record(ledger, kind="test", interval_end=start, rows=1)
    for given in (start, None):
        found = read_delivery(airflow, acme, EVENT, DAY, "test", given, NOW)
        assert (found["kind"], found["state"], found["rows"]) == ("test", "delivered", 1)


def test_nothing_is_known_about_a_day_that_nobody_expects(airflow, ledger, acme):
    """Then there is no delivery to show."""
    assert read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW) is None


def test_a_destination_shows_its_server_and_keys_and_no_secret(airflow, ledger, acme, monkeypatch):
    """The password of its Connection stays where it is."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://user:t0p-secret@files.example:2222/in")
    insert(ledger, "host_key", {"host": "files.example", "port": 2222, "public_key": HOST_KEY})
    add_record(ledger)
    shown = read_destination(airflow, acme, NOW)
    assert (shown["server"], shown["folder"]) == ("files.example:2222", "/in")
    assert shown["host_keys"][0]["source"] == "first contact, unconfirmed"
    assert shown["host_keys"][0]["fingerprint"].startswith("SHA256:")
    assert shown["limits"] == {"transfer": 300, "window": 12_300, "retries": 10}
    [night] = shown["history"]
    assert (night["delay"], night["seconds"], night["state"]) == (60, 2.0, "delivered")
    text = json.dumps(shown)
    assert "t0p-secret" not in text
    assert '"user"' not in text


def test_a_missing_connection_is_explained(airflow, ledger, acme, monkeypatch):
    """The rest is shown all the same."""
    monkeypatch.delenv("AIRFLOW_CONN_SFTP_ACME", raising=False)
    shown = read_destination(airflow, acme, NOW)
    assert shown["server"] is None
    assert "sftp_acme" in shown["server_error"]


@pytest.mark.parametrize("state", ["shown only", "first contact, unconfirmed", "confirmed"])
@pytest.mark.parametrize("may_confirm", [True, False])
def test_a_host_key_shows_why_it_counts_and_may_be_confirmed_by_who_may(
    airflow, ledger, acme, monkeypatch, state, may_confirm
):
    """What a person has confirmed needs no further word."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://user:pw@files.example:2222/in")
    insert(ledger, "host_key", {"host": "files.example", "port": 2222, "public_key": HOST_KEY, "state": state})
    [shown] = read_destination(airflow, acme, NOW, Rights(may_confirm=may_confirm))["host_keys"]
    assert (shown["source"], shown["confirmable"]) == (state, may_confirm and state != "confirmed")


@pytest.mark.parametrize(
    ("fields", "query", "confirmable"),
    [
        ({"host_key_policy": "pinned"}, "", False),
        ({"host_key": (PIN,)}, "", False),
        ({}, f"?host_key={PIN}", True),
    ],
    ids=["pinned", "yaml", "connection"],
)
def test_another_key_that_was_shown_stands_behind_the_one_that_counts(
    airflow, ledger, acme, monkeypatch, fields, query, confirmable
):
    """It can be confirmed in place of the Connection's, not of the YAML's, and not where only pins count."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", f"sftp://user:pw@files.example:2222/in{query}")
    insert(ledger, "host_key", {"host": "files.example", "port": 2222, "public_key": HOST_KEY})
    shown = read_destination(airflow, acme.model_copy(update=fields), NOW, Rights(may_confirm=True))["host_keys"]
    assert shown[-1]["confirmable"] is confirmable
    if PIN in (query[10:], *fields.get("host_key", ())):
        assert [each["source"] for each in shown[1:]] == ["shown only"]


def test_a_changed_destination_file_is_read_again(tmp_path, monkeypatch):
    """The page shows what the next night will use."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    file = tmp_path / "acme.yaml"
    file.write_text(f"client: Acme\ncompany_id: {COMPANY}\n")
    assert find_destination("acme").client == "Acme"
    assert read_destinations() is read_destinations()
    file.write_text(f"client: Acme University\ncompany_id: {COMPANY}\n")
    assert find_destination("acme").client == "Acme University"
    file.unlink()
    assert find_destination("acme") is None


def test_without_a_destination_the_overview_is_empty(airflow, ledger):
    """A new instance has nothing to show, and a range to show it in."""
    first, last = choose_range([], None, None, NOW)
    answer = look(airflow, first=first, last=last)
    assert answer["destinations"] == []
    assert "(no destination)" in render_overview(answer)


def test_a_ledger_that_nobody_made_yet_says_so(airflow, ledger, acme, postgres, monkeypatch):
    """In the answer and above the table; one that is there has nothing to say."""
    assert look(airflow, acme)["ledger_notice"] is None
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", create_database(postgres, "no_ledger"))
    answer = look(airflow, acme)
    notice = "There is no ledger yet: the first delivery makes it."
    assert answer["ledger_notice"] == notice
    assert answer["destinations"][0]["cells"] == []
    assert render_overview(answer).startswith(f"{notice}\n2026-03-09 to")


def test_a_fresh_ledger_reads_as_empty(airflow, events_db, acme):
    """The page works before the first delivery, and has nothing to say of a ledger that is there."""
    with open_ledger():
        answer = look(airflow, acme)
    assert answer["ledger_notice"] is None
    assert answer["destinations"][0]["cells"] == []


def test_a_night_that_waits_for_its_host_is_under_way_and_says_so(airflow, ledger, acme):
    """Its upload is up for reschedule, and in its first try."""
    run_id = add_run(airflow, state="running")
    add_try(airflow, run_id, "upload", "up_for_reschedule", 1)
    assert cell(airflow, acme)["state"] == "running"
    assert cell(airflow, acme)["error"].startswith("The upload waits for its turn at the client's host")
