"""Is a day without events sent, or a failure, as its destination says?"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.errors import DeliveryError, RefusedError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.ledger import open_ledger_reading
from event_delivery.orchestration.outcome import OUR_NOTES, Outcome
from event_delivery.upload import HeldError, UploadRun, deliver_file
from tests.faults.fault import Fault
from tests.faults.night import CONNECTION, connect
from tests.faults.server import FaultyServer
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon

RENAMED = Fault("*rename", "reset", after=True)


@pytest.fixture
def deliver(deliver):
    """Deliver, and return the names of what the client has."""
    return lambda delivery, **asked: [
        path.name for path in deliver(delivery, **asked).rglob("*") if path.is_file()
    ]


def test_an_empty_day_is_a_file_without_events(delivery, deliver):
    """The client knows that nothing is late."""
    assert deliver(delivery) == [delivery.file_name]


def test_an_empty_day_fails_where_days_are_never_empty(events_db, delivery, deliver, sftp_server):
    """Nothing is sent, the ledger says why, and the day is delivered once the source has it."""
    strict = replace(delivery, destination=delivery.destination.model_copy(update={"empty_day": "fail"}))
    with pytest.raises(RefusedError, match="holds no event, and empty_day is fail"):
        deliver(strict)
    assert sftp_server.logins == []
    record = read_record(strict)
    assert record["state"] == "failed"
    assert "empty_day" in record["last_error"]
    insert_event(events_db, noon(DAY))
    assert deliver(strict) == [delivery.file_name]


@pytest.fixture
def skipping(delivery):
    """The delivery of a client that gets no file of a day without events."""
    return replace(delivery, destination=delivery.destination.model_copy(update={"empty_day": "skip"}))


def test_a_day_without_events_is_skipped_without_a_connection(skipping, deliver, sftp_server):
    """Nothing is sent, no attempt is made, and the ledger says why there is no file."""
    assert deliver(skipping) == []
    assert sftp_server.logins == []
    record = read_record(skipping)
    assert (record["state"], record["attempts"], record["last_error"]) == ("skipped", 0, None)
    assert (record["rows"], record["remote_path"]) == (0, None)
    assert record["delivered_at"] is not None


def test_a_skipped_day_needs_no_server(skipping, deliver, monkeypatch):
    """It is skipped as well where the Connection is missing: nobody is asked."""
    monkeypatch.delenv("AIRFLOW_CONN_SFTP_ACME")
    deliver(skipping)
    assert read_record(skipping)["state"] == "skipped"


def test_a_skipped_day_that_has_events_later_is_an_ordinary_delivery(events_db, skipping, deliver, log):
    """It is no redelivery, and until it is there it is not delivered."""
    deliver(skipping)
    insert_event(events_db, noon(DAY))
    extract_events(skipping)
    format_staged_events(skipping)
    delivered = deliver_file(skipping, UploadRun("dag", "again"), log)
    assert (delivered.arrived, delivered.rows, delivered.skipped) == ("nightly", 1, False)
    record = read_record(skipping)
    assert (record["state"], record["attempts"]) == ("delivered", 1)


def test_a_skipped_day_that_fails_to_come_with_events_is_undelivered(events_db, skipping, deliver, monkeypatch):
    """The client lacks those events: the day is no longer settled."""
    deliver(skipping)
    insert_event(events_db, noon(DAY))
    right = os.environ["AIRFLOW_CONN_SFTP_ACME"]
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", right.replace("127.0.0.1", "127.0.0.2"))
    with pytest.raises(DeliveryError):
        deliver(skipping)
    record = read_record(skipping)
    assert (record["state"], record["delivered_at"]) == ("failed", None)
    assert received(skipping) == []
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", right)
    deliver(skipping)
    assert [file.rows for file in received(skipping)] == [1]


def received(delivery):
    with open_ledger_reading() as ledger:
        return ledger.read_received(delivery.destination.id, *delivery.interval)


def test_a_day_that_the_client_has_is_not_skipped_when_it_becomes_empty(events_db, skipping, deliver, sftp_server):
    """The older file would stand for events that are no more: the empty one takes its place."""
    insert_event(events_db, noon(DAY))
    deliver(skipping)
    events_db.execute("delete from events")
    events_db.commit()
    [name] = deliver(skipping)
    assert next(sftp_server.user_folder("acme").rglob(name)).read_text() == "[]\n"
    assert (read_record(skipping)["state"], read_record(skipping)["rows"]) == ("delivered", 0)


def test_a_skipped_day_is_skipped_again_and_left_alone(skipping, deliver, log):
    """A cleared run looks at the source again; a backfill of what is missing does not even do that."""
    deliver(skipping)
    deliver(skipping)
    assert read_record(skipping)["attempts"] == 0
    left = deliver_file(skipping, UploadRun("dag", "backfill", leaves_delivered=True), log)
    assert (left.skipped, left.arrived, left.remote_path) == (True, "", "")


def test_an_empty_day_out_of_line_waits_for_a_person_before_it_is_skipped(events_db, skipping, deliver):
    """A source that lost its events passes for no empty day."""
    held = skipping.destination.model_copy(update={"unusual_count": "hold"})
    for number in range(5, 0, -1):
        for minute in range(8):
            insert_event(events_db, noon(DAY - timedelta(weeks=number), minute))
        day = skipping.destination.day(DAY - timedelta(weeks=number))
        deliver(nightly_delivery(skipping.destination, skipping.event, day))
    with pytest.raises(HeldError):
        deliver(replace(skipping, destination=held))
    assert read_record(skipping)["state"] == "held"
    deliver(replace(skipping, destination=held), release=read_held(events_db))
    assert read_record(skipping)["state"] == "skipped"


def read_held(connection):
    return connection.execute(
        "select held_sha256 from event_delivery.delivery_record where held_sha256 is not null"
    ).fetchone()[0]


def test_a_skipped_day_leaves_no_gap_in_the_numbers(events_db, skipping, deliver, sftp_server):
    """The manifests of the days that came are numbered without it."""
    counted = skipping.destination.model_copy(update={"companion": "manifest"})
    days = [nightly_delivery(counted, skipping.event, counted.day(DAY.replace(day=day))) for day in (9, 10, 11)]
    for day in (9, 11):
        insert_event(events_db, noon(DAY.replace(day=day)))
    for day in (*days, days[0]):
        deliver(day)
    folder = sftp_server.user_folder("acme")
    told = [json.loads(path.read_text()) for path in sorted(folder.rglob("*.manifest.json"))]
    assert [each["sequence"] for each in told] == [1, 2]


def test_a_run_of_a_skipped_day_says_so(skipping):
    """Its note says that nothing was sent, not that a file was delivered."""
    said = Outcome((), skipped=(skipping.file_name,)).describe()
    assert said == f"Skipped `{skipping.file_name}`: no events, `empty_day` is `skip`, nothing was sent"
    assert said.startswith(OUR_NOTES)


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """A server that fails as a test asks."""
    with FaultyServer(tmp_path / "failing") as server:
        connect(monkeypatch, server)
        yield server


@pytest.mark.parametrize("mode, fault", [("direct", Fault("write", "reset", True, 2)), ("rename", RENAMED)])
def test_a_day_that_may_lie_there_is_not_skipped_when_it_becomes_empty(
    events_db, failing, skipping, deliver, mode, fault
):
    """Half of it under its name, or all of it: the empty file takes its place, whatever was tried in between."""
    insert_event(events_db, noon(DAY), title="x" * 200_000)
    told = skipping.destination.model_copy(update={"connection": CONNECTION, "upload_mode": mode})
    asked = replace(skipping, destination=told)
    for each in (fault, Fault("accept", "reset")):
        failing.script.set(each)
        with pytest.raises(DeliveryError):
            deliver(asked)
        insert_event(events_db, noon(DAY))
    failing.script.set()
    assert failing.files()[asked.file_name]
    events_db.execute("delete from events")
    deliver(asked)
    assert failing.files() == {asked.file_name: b"[]\n"}
