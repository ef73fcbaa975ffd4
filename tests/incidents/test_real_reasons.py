"""Is the one cause behind real failures found: of real servers, a real database, a real disk?"""

from __future__ import annotations

import contextlib
import os

import pytest

from event_delivery.errors import DeliveryError
from event_delivery.extract.events import extract_events
from event_delivery.incidents.probe import find_source_failure
from event_delivery.incidents.reasons import find_shared_cause
from event_delivery.staging import stage_file, staging_folder, write_manifest
from event_delivery.staging.room_left import describe_shortage
from event_delivery.upload import UploadRun, deliver_file
from local_servers.free_port import find_free_port
from local_servers.sftp_server import SftpServer, SftpUser
from tests.frail_postgres import DATABASE, frail_postgres, freeze, thaw
from tests.ledger_contents import read_record
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri

__all__ = ["frail_postgres"]


def send(delivery, log) -> str:
    """Try to deliver a file; returns the reason that the ledger keeps."""
    with stage_file(delivery, delivery.file_name) as file:
        file.write(b"[]\n")
    write_manifest(delivery, delivery.file_name, file.manifest(rows=0))
    with contextlib.suppress(DeliveryError):
        deliver_file(delivery, UploadRun("dag", "run"), log)
    record = read_record(delivery)
    assert record["state"] == "failed"
    reason: str = record["last_error"]
    return reason


@pytest.fixture
def ready(events_db, staging_area, delivery):
    """A delivery, with a ledger and a staging area."""
    return delivery


def test_a_server_that_is_away(ready, sftp_server, log):
    """Nobody listens."""
    sftp_server.stop()
    address, reason = f"server 127.0.0.1:{sftp_server.port}", send(ready, log)
    sftp_server.start()
    assert find_shared_cause(reason, "sftp_acme") == ("server_unreachable", address)


def test_a_host_whose_name_is_not_known(ready, log, monkeypatch):
    """The name cannot be resolved."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://acme:x@nowhere.invalid:22/?host_key=SHA256:" + "x" * 43)
    assert find_shared_cause(send(ready, log), "sftp_acme") == ("server_unreachable", "server nowhere.invalid:22")


def test_a_login_that_is_refused(ready, sftp_server, log, monkeypatch):
    """By the Connection, which others may share."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wrong"))
    assert find_shared_cause(send(ready, log), "sftp_acme") == ("login_refused", "Connection sftp_acme")


def test_a_host_key_that_changed_and_one_that_nobody_confirmed(ready, sftp_server, log, monkeypatch, tmp_path):
    """Both keep every file of that server back."""
    address = f"server 127.0.0.1:{sftp_server.port}"
    with SftpServer(tmp_path / "other", [SftpUser("acme", PASSWORD, "acme")]) as other:
        key = other.host_key()
    for uri in (
        sftp_uri("acme", PASSWORD, sftp_server.port, host_key=key),
        sftp_uri("acme", PASSWORD, sftp_server.port),
    ):
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", uri)
        assert find_shared_cause(send(ready, log), "sftp_acme") == ("host_key_changed", address)


def test_a_folder_that_is_not_there_is_the_destination_s_own(ready, sftp_server, log, monkeypatch):
    """It says nothing of the server."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", PASSWORD, "/none"))
    assert find_shared_cause(send(ready, log), "sftp_acme") is None


def test_a_source_that_is_away_and_one_that_refuses(staging_area, delivery, events_db, monkeypatch):
    """As the extract's failure says it, and as the watch finds out by itself."""
    right = os.environ["AIRFLOW_CONN_EVENTS_DB"]
    assert find_source_failure(pause=0) is None
    for wrong in (f"postgresql://x@127.0.0.1:{find_free_port()}/x", right.replace("postgres@", "nobody_at_all@")):
        monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", wrong)
        with pytest.raises(DeliveryError) as failed:
            extract_events(delivery)
        for reason in (str(failed.value), find_source_failure(pause=0)):
            assert find_shared_cause(reason, "sftp_acme") == ("source_unreachable", "the source"), reason
    monkeypatch.delenv("AIRFLOW_CONN_EVENTS_DB")


def test_a_source_that_is_frozen_holds_the_watch_up_no_longer_than_its_limit(frail_postgres, monkeypatch):
    """It neither answers nor refuses."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", frail_postgres.uri(DATABASE))
    assert find_source_failure(pause=0) is None
    freeze(frail_postgres)
    try:
        assert find_source_failure(1.0, pause=0) == "events_db: no answer within 1 s."
    finally:
        thaw(frail_postgres)


def test_a_disk_that_is_nearly_full(staging_area, delivery, monkeypatch):
    """By what a staged file is refused with, and by what the watch sees before."""
    assert describe_shortage() is None  # nothing was staged yet
    staging_folder(delivery)
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_FREE", "1")
    assert describe_shortage() is None
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_FREE", "900000T")
    assert "are kept for small files (EVENT_DELIVERY_STAGING_FREE)" in (describe_shortage() or "")
    with stage_file(delivery, "events.csv") as file, pytest.raises(DeliveryError) as failed:
        file.write(bytes(12 << 20))
    assert find_shared_cause(str(failed.value), "sftp_acme") == ("staging_full", "the staging area")
