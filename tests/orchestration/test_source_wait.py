"""Does a run wait for a source that is not complete, and no longer than it is told?"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.exceptions import AirflowRescheduleException

from event_delivery.errors import PermanentError, RetryableError
from event_delivery.formats import format_staged_events
from event_delivery.ledger import open_ledger
from event_delivery.limits import LONGEST_RUN, LONGEST_SOURCE_WAIT, QUICK_RETRIES, QUICK_TASK
from event_delivery.orchestration import staging_again
from event_delivery.orchestration.dags import build_nightly_dag
from event_delivery.orchestration.recording import recording_failure
from event_delivery.orchestration.source_wait import extract_when_ready
from event_delivery.orchestration.staging_again import ensure_staged, format_or_stage_again
from event_delivery.schedule.retries import RETRIES, retry_delay
from event_delivery.upload import UploadRun, deliver_file
from tests.sample_events import DAY, insert_event, noon

pytestmark = pytest.mark.usefixtures("staging_area", "events_db")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def say(include):
    """A function that lets the source say whether it is complete."""

    def write(answer: str) -> None:
        (include / "sql/source_ready.sql").write_text(f"select {answer}")

    return write


@pytest.fixture
def run(delivery) -> SimpleNamespace:
    """The night's run, which began when it was due."""
    return SimpleNamespace(start_date=delivery.due, run_after=delivery.due, dag_id="dag", run_id="run")


def set_fields(delivery, **fields):
    return replace(delivery, destination=delivery.destination.model_copy(update=fields))


@pytest.mark.parametrize(
    "waited, again",
    [
        (timedelta(0), MINUTE),
        (10 * MINUTE, 11 * MINUTE),
        (20 * MINUTE, 22 * MINUTE),
        (HOUR, HOUR + 5 * MINUTE),
        (2 * HOUR - MINUTE, 2 * HOUR),
        (2 * HOUR - timedelta(milliseconds=1), 2 * HOUR + timedelta(seconds=19.999)),
    ],
)
def test_it_asks_again_later_and_keeps_no_slot_meanwhile(delivery, run, say, caplog, waited, again):
    """Airflow starts the task again at that instant, and no retry is spent; the log says since when it waits."""
    say("false")
    with caplog.at_level(logging.WARNING), pytest.raises(AirflowRescheduleException) as caught:
        extract_when_ready(delivery, run, delivery.due + waited)
    assert caught.value.reschedule_date == delivery.due + again
    [said] = caplog.messages
    assert "include/sql/source_ready.sql says false. Waiting for the source since 2026-03-10T06:00:00Z" in said


def test_once_the_source_is_complete_it_is_read_however_long_that_took(delivery, run, say, events_db):
    """A run that is cleared days later waits for nothing."""
    insert_event(events_db, noon(DAY))
    say("true")
    assert extract_when_ready(delivery, run, delivery.due + 50 * HOUR).rows == 1


def test_a_killed_worker_goes_on_waiting_and_a_run_begun_anew_waits_anew(delivery, run, say):
    """The time counts from the start of the run, which a clear sets, and not from the task's."""
    say("false")
    now = delivery.due + 3 * HOUR
    with pytest.raises(PermanentError):
        extract_when_ready(delivery, run, now)
    run.start_date = now - HOUR
    with pytest.raises(AirflowRescheduleException):
        extract_when_ready(delivery, run, now)
    run.start_date, run.run_after = None, now
    with pytest.raises(AirflowRescheduleException):
        extract_when_ready(delivery, run, now)


def test_a_source_that_stays_incomplete_fails_the_night_and_says_what_to_do(delivery, run, say):
    """The default: a file that lacks events, and looks like any other, is worse than none. No retry is made."""
    say("false")
    with pytest.raises(PermanentError) as caught:
        extract_when_ready(delivery, run, delivery.due + 2 * HOUR)
    assert str(caught.value).endswith(
        "The run began at 2026-03-10T06:00:00Z and waits 2h at most (wait_for_source): that time is over, and "
        "source_not_ready is fail. Nothing was delivered. "
        "Clear the run when the source is complete."
    )
    policy = build_nightly_dag(delivery.destination).get_task("extract").retry_policy
    assert policy.evaluate(caught.value, 1, 3).action == RetryAction.FAIL


def test_an_incomplete_day_is_delivered_where_that_is_wanted_and_the_ledger_says_so(
    delivery, run, say, sftp_server, log, caplog, events_db
):
    """With `source_not_ready: deliver`, not before the wait is over; a later redelivery takes the remark away."""
    delivery = set_fields(delivery, source_not_ready="deliver", wait_for_source="30m")
    insert_event(events_db, noon(DAY))
    say("false")
    with pytest.raises(AirflowRescheduleException):
        extract_when_ready(delivery, run, delivery.due + 29 * MINUTE)
    with caplog.at_level(logging.WARNING):
        extract_when_ready(delivery, run, delivery.due + 30 * MINUTE)
    assert "says false. What is there is delivered: source_not_ready is deliver." in caplog.text
    format_staged_events(delivery)
    deliver_file(delivery, UploadRun("dag", "run"), log)
    question = "select state, rows, unready from event_delivery.delivery"
    with open_ledger() as ledger:
        [(state, rows, unready)] = ledger.execute(question).fetchall()
        assert (state, rows) == ("delivered", 1)
        assert unready.endswith("include/sql/source_ready.sql says false.")
        say("true")
        extract_when_ready(delivery, run)
        format_staged_events(delivery)
        deliver_file(delivery, UploadRun("dag", "again"), log)
        assert ledger.execute(question).fetchall() == [("delivered", 1, None)]


@pytest.mark.parametrize("again", [format_or_stage_again, ensure_staged])
def test_what_is_staged_again_waits_too(delivery, run, say, again, monkeypatch):
    """Neither `format` nor `upload` spends a try on it, nor reads a source that is not complete any more."""
    monkeypatch.setattr(run, "start_date", None)
    run.run_after = delivery.due.now(delivery.due.tzinfo)
    say("false")
    with pytest.raises(AirflowRescheduleException):
        again(delivery, run)
    assert staging_again.extract_when_ready is extract_when_ready


@pytest.mark.parametrize("again", [format_or_stage_again, ensure_staged])
def test_what_is_staged_again_long_after_is_tried_again(delivery, run, say, again):
    """The source was complete when the run read it first: that it lags now is no reason to give up."""
    say("false")
    with pytest.raises(RetryableError, match="The run began at .* What it staged before is gone"):
        again(delivery, run)


def test_waiting_is_no_failure_to_the_ledger(delivery, run):
    """Nothing is recorded, so the page shows a run that is under way."""
    with pytest.raises(AirflowRescheduleException), recording_failure(delivery, {"dag_run": run}):
        raise AirflowRescheduleException(delivery.due)
    with open_ledger() as ledger:
        assert ledger.execute("select count(*) from event_delivery.delivery").fetchone() == (0,)


def test_the_longest_wait_leaves_time_for_all_that_comes_after_it():
    """Else Airflow would end the run before the last attempt of its upload."""
    quick = (QUICK_RETRIES + 1) * QUICK_TASK
    upload = timedelta(seconds=sum(retry_delay(n) for n in range(1, RETRIES + 1)) + (RETRIES + 1) * 300)
    assert LONGEST_SOURCE_WAIT + 2 * quick + upload < LONGEST_RUN
