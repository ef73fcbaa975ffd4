"""Airflow's metadata are restored to an older state: its scheduler makes runs of delivered nights again."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from airflow.sdk.api.datamodels._generated import DagRun

from event_delivery.delivery import Delivery
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.orchestration.backfilled_runs import is_uncleared_night
from event_delivery.upload import UploadRun, deliver_file
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon

SCHEDULED = "scheduled__2026-03-10T06:00:00+00:00"


@pytest.fixture
def taken(
    events_db: psycopg.Connection[Any], staging_area: Path, sftp_server: Any, delivery: Delivery
) -> Delivery:
    """A night that a run has delivered and a robot has taken; an event came late since, and is staged."""
    delivery = Delivery(
        delivery.destination.model_copy(update={"robot": True}), delivery.event, *delivery.interval, delivery.due
    )
    insert_event(events_db, noon(DAY))
    upload(delivery, SCHEDULED)
    for path in sftp_server.user_folder("acme").iterdir():
        path.unlink()
    insert_event(events_db, noon(DAY, 1))
    return delivery


def upload(delivery: Delivery, run_id: str, **run: Any) -> Any:
    """Run the three tasks."""
    extract_events(delivery)
    format_staged_events(delivery)
    return deliver_file(delivery, UploadRun("dag", run_id, **run), logging.getLogger("task"))


@pytest.mark.parametrize("run_id", [SCHEDULED, "scheduled__of another id"])
def test_a_night_that_is_scheduled_once_more_stays_as_it_was_delivered(taken, sftp_server, run_id):
    """Also by a run of the very id that delivered it; the run is green, and names the file."""
    left = upload(taken, run_id, uncleared_night=True)
    assert (left.file_name, left.rows) == (taken.file_name, 1)
    assert list(sftp_server.user_folder("acme").iterdir()) == []
    assert (read_record(taken)["attempts"], read_record(taken)["state"]) == (1, "delivered")


def test_a_cleared_run_delivers_again(taken, sftp_server):
    """Somebody wanted it."""
    upload(taken, SCHEDULED)
    assert [path.name for path in sftp_server.user_folder("acme").iterdir()] == [taken.file_name]


def test_a_manual_run_before_the_night_is_due_takes_not_its_place(taken, events_db, sftp_server):
    """What reaches the source between the two is no late event."""
    before = taken.due - timedelta(minutes=1)
    events_db.execute("update event_delivery.delivery_record set delivered_at = %s", [before])
    events_db.execute("update event_delivery.delivery_attempt set run_id = 'manual__before'")
    upload(taken, SCHEDULED, uncleared_night=True)
    assert len(list(sftp_server.user_folder("acme").iterdir())) == 1


def test_a_ledger_whose_clock_is_behind_has_no_night_sent_twice(taken, events_db, sftp_server):
    """By that, the schedule's own run delivered before it was due."""
    before = taken.due - timedelta(seconds=30)
    events_db.execute("update event_delivery.delivery_record set delivered_at = %s", [before])
    upload(taken, SCHEDULED, uncleared_night=True)
    assert list(sftp_server.user_folder("acme").iterdir()) == []


def say_unready(events_db: psycopg.Connection[Any], run_id: str) -> None:
    """Let a run have delivered what there was; the night's own failed since, before it came to upload."""
    events_db.execute("update event_delivery.delivery_record set unready = 'The source was not complete.'")
    events_db.execute("update event_delivery.delivery_attempt set run_id = %s", [run_id])


def test_a_complete_night_is_not_left_for_an_incomplete_one(taken, events_db, sftp_server):
    """A manual run that began earlier gave up waiting for the source earlier, and sent what there was then."""
    say_unready(events_db, "manual__before")
    upload(taken, SCHEDULED, uncleared_night=True)
    assert len(list(sftp_server.user_folder("acme").iterdir())) == 1
    assert (read_record(taken)["rows"], read_record(taken)["unready"]) == (2, None)


@pytest.mark.parametrize("run_id", [SCHEDULED, "manual__before"])
def test_an_incomplete_night_is_not_sent_twice(taken, events_db, sftp_server, run_id):
    """By the schedule, as its run is made again, nor the very same file by a run of each kind."""
    say_unready(events_db, run_id)
    if run_id != SCHEDULED:
        events_db.execute("""delete from events where "timestamp" > %s""", [noon(DAY)])
    upload(taken, SCHEDULED, uncleared_night=True)
    assert list(sftp_server.user_folder("acme").iterdir()) == []


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_night_that_was_not_delivered_is(taken, events_db, sftp_server, state):
    """The ledger has a try of it, and no file."""
    events_db.execute("update event_delivery.delivery_record set delivered_at = null, state = %s", [state])
    events_db.execute("update event_delivery.delivery_file set step = 'sending', delivered_sha256 = null")
    upload(taken, SCHEDULED, uncleared_night=True)
    assert len(list(sftp_server.user_folder("acme").iterdir())) == 1


@pytest.mark.parametrize(
    ("run_type", "clear_number", "expected"),
    [("scheduled", 0, True), ("scheduled", 1, False), ("manual", 0, False), ("backfill", 0, False)],
)
def test_a_run_of_the_schedule_that_nobody_cleared_is_known(run_type, clear_number, expected):
    """By what Airflow tells a task of its run."""
    nothing = dict.fromkeys(
        ("logical_date", "data_interval_start", "data_interval_end", "start_date", "end_date", "partition_key")
    )
    run = DagRun(
        dag_id="dag",
        run_id=SCHEDULED,
        run_after=noon(DAY),
        run_type=run_type,
        state="running",
        clear_number=clear_number,
        consumed_asset_events=[],
        **nothing,
    )
    assert is_uncleared_night(run) == expected
