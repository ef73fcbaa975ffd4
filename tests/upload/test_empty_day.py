"""Is a day without events sent, or a failure, as its destination says?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from event_delivery.errors import RefusedError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.upload import UploadRun, deliver_file
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon


@pytest.fixture
def deliver(events_db, staging_area, sftp_server, log):
    """Run extract, format and upload of a delivery, and return what the client has."""

    def run(delivery):
        extract_events(delivery)
        format_staged_events(delivery)
        deliver_file(delivery, UploadRun("dag", "run"), log)
        return [path.name for path in sftp_server.user_folder("acme").rglob("*") if path.is_file()]

    return run


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
