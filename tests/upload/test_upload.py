"""Does the client get one whole file, and the operator one plain sentence?"""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
import re
import socket
import time
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.extract.events import extract_events
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.ledger import open_ledger
from event_delivery.ledger.deliveries import lock_delivery
from event_delivery.ledger.servers import KeyOwner, read_host_key, read_rates
from event_delivery.limits import Limits
from event_delivery.orchestration.upload_operator import UploadOperator
from event_delivery.staging import Manifest, find_kept, read_kept, read_manifest, stage_file, write_manifest
from event_delivery.upload import DeliveredFile, UploadRun, deliver_file
from local_servers.sftp_server import SftpServer, SftpUser
from local_servers.sftp_sessions import let_pass
from tests.faults.behaviour import Behaviour
from tests.faults.fault import Fault
from tests.faults.server import FaultyServer
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri


@pytest.fixture
def delivery_file(events_db, staging_area, delivery: Delivery) -> Manifest:
    """A delivery file of three events, ready to be uploaded."""
    for minute in range(3):
        insert_event(events_db, noon(DAY, minute))
    extract_events(delivery)
    return format_staged_events(delivery)


def deliver(delivery: Delivery, log: logging.Logger, retrying: bool = False, **limits: Any) -> DeliveredFile:
    return deliver_file(delivery, UploadRun("nightly_sftp_events__acme", "run", retrying), log, Limits(**limits))


def remote_files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_client_gets_the_delivery_file_byte_for_byte(delivery, delivery_file, folder, log):
    """One file of the contracted name, and nothing else, lies in the folder after a delivery."""
    result = deliver(delivery, log)
    assert remote_files(folder) == {delivery.file_name: Path(delivery_file.path).read_bytes()}
    assert result.rows == 3
    assert result.sha256 == delivery_file.sha256


def test_the_ledger_records_a_delivery(delivery, delivery_file, folder, log):
    """The record holds name, path, counts, checksum and the run after one attempt."""
    deliver(delivery, log)
    record = read_record(delivery)
    assert record["state"] == "delivered"
    assert record["attempts"] == 1
    assert (record["rows"], record["bytes"], record["sha256"]) == (3, delivery_file.bytes, delivery_file.sha256)
    assert Path(record["remote_path"]).name == delivery.file_name
    assert record["delivered_at"] >= record["first_attempt_at"]


def test_a_delivery_made_twice_is_sent_once(delivery, delivery_file, folder, log, caplog):
    """A retry or a clear adopts the file that is already there, whole."""
    deliver(delivery, log)
    path = folder / delivery.file_name
    before = path.stat().st_ino
    with caplog.at_level(logging.INFO):
        deliver(delivery, log, retrying=True)
    assert path.stat().st_ino == before
    assert "nothing was sent again" in caplog.text
    assert read_record(delivery)["attempts"] == 2


def test_a_file_taken_away_is_not_sent_again_by_a_retry(delivery, delivery_file, folder, log):
    """A robot took the file and the acknowledgement was lost: the retry must not make a second copy."""
    deliver(delivery, log)
    (folder / delivery.file_name).unlink()
    deliver(delivery, log, retrying=True)
    assert remote_files(folder) == {}


def test_a_redelivery_sends_a_file_that_is_gone(delivery, delivery_file, folder, log):
    """Clearing the run hands the file over again when the client has lost it."""
    deliver(delivery, log)
    (folder / delivery.file_name).unlink()
    deliver(delivery, log, retrying=False)
    assert list(remote_files(folder)) == [delivery.file_name]


def test_a_truncated_file_under_the_final_name_is_replaced(delivery, delivery_file, folder, log):
    """What lies there with another size is never taken for the delivery."""
    (folder / delivery.file_name).write_bytes(b"[")
    deliver(delivery, log)
    assert remote_files(folder)[delivery.file_name] == Path(delivery_file.path).read_bytes()


def test_a_redelivery_that_could_not_connect_is_not_taken_for_delivered(
    delivery, delivery_file, sftp_server, log, monkeypatch
):
    """The client took the first file; the run is cleared, its first attempt fails, its retry must send."""
    deliver(delivery, log)
    (sftp_server.user_folder("acme") / delivery.file_name).unlink()
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wrong"))
    with pytest.raises(PermanentError):
        deliver(delivery, log, retrying=False)
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", PASSWORD))
    deliver(delivery, log, retrying=True)
    assert list(remote_files(sftp_server.user_folder("acme"))) == [delivery.file_name]


def test_a_connection_that_points_to_another_server_by_now_gets_the_whole_file(
    delivery, delivery_file, sftp_server, log, monkeypatch, tmp_path
):
    """The old one fell silent at the rename, so that nobody knows: that says nothing about the new one."""
    sftp_server.interfere = lambda _, operation: asyncio.sleep(300) if operation == "rename" else None
    with pytest.raises(RetryableError, match="renaming"):
        deliver(delivery, log, transfer=5.0, clean_up=0.2, grace=0.5)
    with SftpServer(tmp_path / "new", [SftpUser("acme", PASSWORD, "acme")]) as server:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
        deliver(delivery, log, retrying=True)
        whole = {delivery.file_name: Path(delivery_file.path).read_bytes()}
        assert remote_files(server.user_folder("acme")) == whole


def test_a_refused_rename_is_not_taken_for_delivered(delivery, delivery_file, sftp_server, log):
    """The temporary file was cleaned up and no final one is there: that is a failure, not a quick robot."""
    sftp_server.interfere = refuse_renames
    for retrying in (False, True, True):
        with pytest.raises(PermanentError, match="renaming: permission denied"):
            deliver(delivery, log, retrying=retrying, rename_pauses=(0.01,))
        assert remote_files(sftp_server.user_folder("acme")) == {}
    sftp_server.interfere = let_pass
    deliver(delivery, log, retrying=True)
    assert list(remote_files(sftp_server.user_folder("acme"))) == [delivery.file_name]


def refuse_renames(_: str, operation: str) -> None:
    if operation == "rename":
        raise PermissionError(errno.EACCES, "no")


def test_a_drop_box_that_lost_the_answer_to_the_rename_gets_no_second_copy(
    delivery, delivery_file, log, monkeypatch, tmp_path
):
    """Where stat is denied, the retry renames again: that the temporary file is gone proves the first rename."""
    with FaultyServer(tmp_path / "drop box") as drop_box:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(drop_box, "acme", PASSWORD))
        drop_box.reset(Behaviour(readable=False), Fault("posix_rename", "reset", after=True))
        with pytest.raises(RetryableError, match="renaming"):
            deliver(delivery, log)
        deliver(delivery, log, retrying=True)
        assert list(drop_box.files()) == [delivery.file_name]
        assert [operation.name for operation in drop_box.operations].count("open") == 1


def test_leftovers_of_earlier_attempts_are_removed(delivery, delivery_file, sftp_server, log, monkeypatch):
    """The temporary file of a killed attempt is gone after the next success."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wrong"))
    with pytest.raises(PermanentError):
        deliver(delivery, log)
    (sftp_server.user_folder("acme") / f".{delivery.file_name}.1.part").write_bytes(b"half")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", PASSWORD))
    deliver(delivery, log, retrying=True)
    assert list(remote_files(sftp_server.user_folder("acme"))) == [delivery.file_name]


def test_a_wrong_password_is_offered_once_and_named_plainly(
    delivery, delivery_file, sftp_server, log, monkeypatch
):
    """One login a try; the message names the user and what to do, never the password."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wr0ng-secret"))
    with pytest.raises(PermanentError, match="refuses the login of user 'acme'") as caught:
        deliver(delivery, log)
    assert [login.password for login in sftp_server.logins] == ["wr0ng-secret"]
    assert "wr0ng-secret" not in str(caught.value)
    assert read_record(delivery)["last_error"] == str(caught.value)
    assert read_record(delivery)["state"] == "failed"


def test_an_unreachable_server_is_retryable(delivery, delivery_file, log, monkeypatch):
    """Nobody listens: the sentence names host, port and the cause."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, port))
    with pytest.raises(RetryableError, match=f"127.0.0.1:{port}, connecting: .*refused"):
        deliver(delivery, log)


def test_a_silent_server_is_given_up_within_the_connection_limit(delivery, delivery_file, log, monkeypatch):
    """A server that accepts and then says nothing does not hold the task beyond the limit."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, silent.getsockname()[1]))
        started = time.monotonic()
        with pytest.raises(RetryableError, match="no connection within 1 s"):
            deliver(delivery, log, connect=1.0)
        assert time.monotonic() - started < 60


def test_a_frozen_transfer_is_ended_by_the_watchdog(delivery, delivery_file, sftp_server, log, monkeypatch):
    """A server that stops answering in the middle ends the attempt, not the night."""
    sftp_server.interfere = freeze_writes
    started = time.monotonic()
    with pytest.raises(RetryableError, match="did not end within 3 s"):
        deliver(delivery, log, transfer=3.0, clean_up=0.2, grace=0.5)
    assert time.monotonic() - started < 60
    assert delivery.file_name not in remote_files(sftp_server.user_folder("acme"))


def freeze_writes(_: str, operation: str) -> Awaitable[None] | None:
    return asyncio.sleep(300) if operation == "write" else None


def test_a_missing_folder_is_named(delivery, delivery_file, sftp_server, log, monkeypatch):
    """The sentence says which path and that the folder does not exist."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", PASSWORD, "/in/box"))
    with pytest.raises(PermanentError, match="/in/box/.*: the folder does not exist"):
        deliver(delivery, log)


def test_a_missing_connection_is_named_with_the_command_that_adds_it(delivery, delivery_file, log):
    """The operator can copy the command out of the message; the one that hides the password comes first."""
    safe, known = "event_delivery.connection add sftp_acme", "airflow connections add sftp_acme --conn-uri"
    with pytest.raises(PermanentError, match=f"{safe}.*{known}"):
        deliver(delivery, log)


def test_a_pinned_host_key_is_required(delivery, delivery_file, sftp_server, log, acme):
    """A host_key in the destination's YAML is believed before any first contact."""
    wrong = acme.model_copy(update={"host_key": ("SHA256:" + "A" * 43,)})
    with pytest.raises(PermanentError, match="another host key"):
        deliver(_of(delivery, wrong), log)
    right = acme.model_copy(update={"host_key": (sftp_server.host_key(),)})
    assert deliver(_of(delivery, right), log).rows == 3


def _of(delivery: Delivery, destination) -> Delivery:
    from dataclasses import replace

    return replace(delivery, destination=destination)


def test_two_runs_never_upload_one_delivery_at_once(delivery, delivery_file, folder, log):
    """While one run holds the delivery, another fails with a retryable error."""
    with open_ledger() as ledger:
        lock_delivery(ledger, delivery)
        with pytest.raises(RetryableError, match="Another run is delivering"):
            deliver(delivery, log)


def test_a_changed_delivery_file_is_not_sent(delivery, delivery_file, folder, log):
    """The staged bytes must be the ones that were formatted."""
    manifest = read_manifest(delivery, delivery.file_name)
    with Path(manifest.path).open("ab") as file:
        file.write(b"x")
    with pytest.raises((PermanentError, RetryableError), match="wanted"):
        deliver(delivery, log)
    assert remote_files(folder) == {}


def test_the_operator_keeps_the_promised_limits(acme):
    """Ten retries, 20 s to 3600 s, 5 minutes in all, never deferred, nothing templated."""
    upload = UploadOperator(task_id="upload", destination=acme, event="courseCompletion")
    assert upload.retries == 10
    assert upload.execution_timeout.total_seconds() == 300
    assert upload.retry_delay.total_seconds() == 20
    assert upload.max_retry_delay.total_seconds() == 3600
    assert upload.deferrable is False
    assert upload.template_fields == ()


def test_the_first_line_of_an_attempt_tells_how_the_one_before_ended(
    delivery, delivery_file, sftp_server, log, monkeypatch, caplog
):
    """Whoever opens the log of a retry need not open the others; the failure is one line, before any traceback."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wrong"))
    with caplog.at_level(logging.INFO, "task"), pytest.raises(PermanentError) as caught:
        deliver(delivery, log)
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == [str(caught.value)]
    caplog.clear()
    with caplog.at_level(logging.INFO, "task"), pytest.raises(PermanentError):
        deliver(delivery, log, retrying=True)
    first = next(record.getMessage() for record in caplog.records if record.name == "task")
    assert first.startswith("Attempt 2 to deliver")
    assert first.endswith(str(caught.value))


def test_the_ledger_tells_permanent_failures_from_passing_ones(
    delivery, delivery_file, sftp_server, log, monkeypatch
):
    """A page can show what only a person can mend; a success clears it."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wrong"))
    with pytest.raises(PermanentError):
        deliver(delivery, log)
    assert read_record(delivery)["permanent"] is True
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", PASSWORD))
    deliver(delivery, log, retrying=True)
    assert read_record(delivery)["permanent"] is None


def test_the_log_shows_progress_while_a_large_file_is_on_its_way(
    delivery, delivery_file, sftp_server, log, monkeypatch, caplog
):
    """Bytes, percent and rate, every few seconds; the ledger keeps the rate for the next time."""
    stage_large_file(delivery, 4_000_000)
    sftp_server.interfere = slow_writes
    with caplog.at_level(logging.INFO, "task"):
        deliver(delivery, log, progress=0.05)
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("sending: ")]
    assert lines
    assert all(
        re.fullmatch(r"sending: [\d,]+ of 4,000,000 bytes \(\d+ %\), \d+\.\d\d MB/s", line) for line in lines
    )
    with open_ledger() as ledger:
        [rate] = read_rates(ledger, "acme").values()
    assert 1e5 < rate < 4e7


def test_a_file_that_cannot_fit_is_told_before_it_is_sent_and_when_it_fails(
    delivery, delivery_file, sftp_server, log, monkeypatch, caplog
):
    """The rate of the attempt before says how long it needs; the failure says how far it came."""
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "ours")
    stage_large_file(delivery, 4_000_000)
    sftp_server.interfere = slow_writes
    deliver(delivery, log)
    (sftp_server.user_folder("acme") / delivery.file_name).unlink()
    with caplog.at_level(logging.WARNING, "task"), pytest.raises(RetryableError) as caught:
        deliver(delivery, log, transfer=0.15)
    [warning] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith("4 MB need about")
    assert str(caught.value).endswith(warning)
    assert "did not end within 0 s, its limit; the server has acknowledged" in str(caught.value)


def test_a_first_file_that_ran_out_of_time_is_told_by_what_its_own_attempt_measured(
    delivery, delivery_file, sftp_server, log, monkeypatch
):
    """Nobody has measured the line before: the reason says how long the file would need all the same."""
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "ours")
    stage_large_file(delivery, 3_000_000)
    writes = itertools.count()
    sftp_server.interfere = lambda _, operation: (
        asyncio.sleep(300) if operation == "write" and next(writes) > 8 else None
    )
    with pytest.raises(RetryableError, match="3 MB need about [0-9]+ s at the best rate measured") as caught:
        deliver(delivery, log, transfer=8.0, clean_up=0.2, grace=0.5)
    assert "did not end within 8 s" in str(caught.value)


def stage_large_file(delivery: Delivery, size: int) -> None:
    with stage_file(delivery, delivery.file_name) as file:
        for _ in range(size // 1000):
            file.write(b"x" * 999 + b"\n")
    write_manifest(delivery, delivery.file_name, file.manifest(rows=size // 1000))


def slow_writes(_: str, operation: str) -> Awaitable[None] | None:
    return asyncio.sleep(0.02) if operation == "write" else None


def test_every_delivery_goes_through_the_jump_host(
    delivery, delivery_file, sftp_server, log, monkeypatch, tmp_path
):
    """One Connection names it for the whole instance; its host key is remembered like any other."""
    jumpers = [SftpUser("jumper", "j/p", "jumper")]
    with SftpServer(tmp_path / "jump", jumpers, allows_forwarding=True) as jump:
        monkeypatch.setenv("AIRFLOW_CONN_JUMP", confirmed_uri(jump, "jumper", "j/p").replace("sftp:", "ssh:"))
        monkeypatch.setenv("EVENT_DELIVERY_JUMP_CONNECTION", "jump")
        deliver(delivery, log)
        assert [login.accepted for login in jump.logins] == [True]
        assert jump.forwarded == [("127.0.0.1", sftp_server.port)]
        with open_ledger() as ledger:
            assert (
                read_host_key(ledger, KeyOwner("jump", "127.0.0.1", jump.port)).split()[:2]
                == jump.host_key().split()[:2]
            )
    assert list(remote_files(sftp_server.user_folder("acme"))) == [delivery.file_name]


def test_a_delivered_file_is_kept_under_the_ledgers_name(delivery, delivery_file, folder, log):
    """Byte for byte, with the path that the client has, also after an edit that would rename it."""
    deliver(delivery, log)
    [kept] = find_kept(delivery)
    record = read_record(delivery)
    assert (kept.file_name, kept.remote_path) == (delivery.file_name, record["remote_path"])
    with read_kept(delivery, delivery_file.sha256) as file:
        assert file.read() == (folder / delivery.file_name).read_bytes()
    edited = replace(delivery, destination=delivery.destination.model_copy(update={"transfer_id": 7}))
    extract_events(edited)
    format_staged_events(edited)
    deliver(edited, log)
    assert [(each.file_name, each.manifest.rows) for each in find_kept(edited)] == [(delivery.file_name, 3)]


def test_an_attempt_that_failed_keeps_nothing(delivery, delivery_file, sftp_server, log, monkeypatch):
    """Kept is what a client has got."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wrong"))
    with pytest.raises(PermanentError):
        deliver(delivery, log)
    assert find_kept(delivery) == []
