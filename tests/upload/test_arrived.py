"""Is it told what has reached the client, and nothing where nothing new has?"""

from __future__ import annotations

import pytest

from event_delivery.delivery import delivery_of_test_file, supplement_of
from event_delivery.extract import extract_events, stage_sample_event
from event_delivery.formats import format_events, format_staged_events
from event_delivery.upload import UploadRun, deliver_file
from tests.sample_events import DAY, insert_event, noon


@pytest.fixture
def staged(events_db, staging_area, sftp_server, delivery):
    """A night of one event, ready to be uploaded."""
    insert_event(events_db, noon(DAY))
    extract_events(delivery)
    format_staged_events(delivery)
    return delivery


def arrive(delivery, log, run_id="night", **run):
    return deliver_file(delivery, UploadRun("dag", run_id, **run), log).arrived


def test_a_night_arrives_and_is_delivered_again(staged, log):
    """The second time somebody wanted it."""
    assert arrive(staged, log) == "nightly"
    assert arrive(staged, log, "again") == "redelivery"


def test_the_retry_of_a_task_that_died_after_it_had_delivered_tells_of_the_night(staged, log):
    """Nobody was told by the one that died."""
    arrive(staged, log)
    assert arrive(staged, log, retrying=True, try_number=2) == "nightly"


@pytest.mark.parametrize("why", [{"uncleared_night": True}, {"leaves_delivered": True}])
def test_the_retry_that_leaves_its_own_delivery_alone_tells_of_it(staged, log, why):
    """A scheduled night or a backfill whose worker died behind the record: no DAG misses that day for ever."""
    run = "scheduled__2026-03-11T06:00:00+00:00"
    assert arrive(staged, log, run, **why) == "nightly"
    assert arrive(staged, log, run, retrying=True, try_number=2, **why) == "nightly"
    assert arrive(staged, log, f"{run}-another", **why) == ""


def test_a_cleared_run_that_died_after_it_had_delivered_is_no_new_night(staged, log):
    """Who loads each night once must not load it twice."""
    arrive(staged, log)
    assert arrive(staged, log, try_number=2, first_try=2) == "redelivery"
    assert arrive(staged, log, retrying=True, try_number=3, first_try=2) == "redelivery"


def test_a_night_that_is_left_as_it_is_has_not_arrived(staged, log):
    """It had, and was told of then."""
    arrive(staged, log)
    assert arrive(staged, log, "backfill", leaves_delivered=True) == ""


def test_a_rehearsed_night_reaches_no_client(staged, log, sftp_server, monkeypatch):
    """It lies on a server of our own."""
    from tests.sftp_logins import PASSWORD, confirmed_uri

    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "rehearsal")
    monkeypatch.setenv("AIRFLOW_CONN_REHEARSAL", confirmed_uri(sftp_server, "acme", PASSWORD))
    assert arrive(staged, log) == ""


def test_a_supplement_is_told_as_one(events_db, staged, log):
    """It brings the late events alone."""
    arrive(staged, log)
    insert_event(events_db, noon(DAY, 1))
    further = supplement_of(staged, 1)
    extract_events(further)
    format_staged_events(further)
    assert arrive(further, log) == "supplement"


def test_a_test_file_brings_no_day(staged, log):
    """It is the sample."""
    test_file = delivery_of_test_file(staged.destination, staged.event, staged.due)
    format_events(test_file, stage_sample_event(test_file))
    assert arrive(test_file, log) == ""
