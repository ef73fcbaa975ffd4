"""What becomes of an upload that waits for its retry when its destination is changed meanwhile?"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.errors import RetryableError
from event_delivery.extract import extract_events
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events, format_staged_events
from event_delivery.staging import StagedGoneError, check_staged
from event_delivery.upload import UploadRun, deliver_file
from local_servers.free_port import find_free_port
from local_servers.sftp_server import SftpServer, SftpUser
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri


@pytest.fixture
def waiting(events_db, staging_area, delivery: Delivery, monkeypatch) -> Delivery:
    """Acme's delivery, whose first attempt reached no server."""
    format_events(delivery, stage_sample_event(delivery))
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, find_free_port(), "/in"))
    with pytest.raises(RetryableError):
        try_to_deliver(delivery)
    return delivery


def try_to_deliver(delivery: Delivery, retrying: bool = False) -> None:
    deliver_file(delivery, UploadRun("dag", "run", retrying), logging.getLogger("task"))


def changed(delivery: Delivery, **update: object) -> Delivery:
    """The delivery of the same day as a changed YAML file has it."""
    acme: Destination = delivery.destination.model_copy(update=update)
    return nightly_delivery(acme, "courseCompletion", acme.day(DAY))


def files(server: SftpServer) -> list[str]:
    folder = server.user_folder("acme")
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_retry_goes_to_the_server_that_the_connection_names_then(waiting, tmp_path, monkeypatch):
    """The new server gets the whole file."""
    with SftpServer(tmp_path / "new", [SftpUser("acme", PASSWORD, "acme")]) as new:
        (new.user_folder("acme") / "in").mkdir()
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(new, "acme", PASSWORD, "/in"))
        try_to_deliver(waiting, retrying=True)
        assert files(new) == [f"in/{waiting.file_name}"]
        staged = Path(new.user_folder("acme") / "in" / waiting.file_name).read_bytes()
    assert len(staged) == read_record(waiting)["bytes"]


def test_a_retry_delivers_as_the_file_says_then(waiting, sftp_server):
    """The folder is the new one; the name of the day stays."""
    edited = changed(waiting, path="/elsewhere", create_folder=True)
    try_to_deliver(edited, retrying=True)
    assert files(sftp_server) == [f"elsewhere/{waiting.file_name}"]


def test_a_retry_in_another_format_finds_no_file_and_says_so(waiting, sftp_server):
    """By an error of its own, for which the task makes the file again before it uploads."""
    with pytest.raises(StagedGoneError, match="is not there") as told:
        try_to_deliver(changed(waiting, format="csv"), retrying=True)
    assert sftp_server.logins == []
    assert "csv" in str(told.value)


@pytest.mark.parametrize("is_store", [False, True], ids=["folder", "store"])
def test_an_edit_that_is_taken_back_finds_no_file_of_an_older_run(
    events_db, staging_area, delivery, monkeypatch, is_store
):
    """A run that was cleared brings what came since the day was delivered, so its task makes the file again."""
    if is_store:
        monkeypatch.setenv("EVENT_DELIVERY_STAGING", f"file://{staging_area}")
    insert_event(events_db, noon(DAY))
    format_events(delivery, extract_events(delivery))
    insert_event(events_db, noon(DAY, 1))
    edited = changed(delivery, format="csv")
    extract_events(edited)
    with pytest.raises(StagedGoneError):
        format_staged_events(delivery)
    format_staged_events(edited)
    with pytest.raises(StagedGoneError):
        check_staged(delivery, delivery.file_name)
    assert check_staged(edited, edited.file_name).rows == 2
