"""Does a second instance never deliver to a client by accident, and can it rehearse without harm?"""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.errors import PermanentError
from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events, format_staged_events
from event_delivery.ledger import open_ledger
from event_delivery.ledger.__main__ import main
from event_delivery.ledger.attempts import Failure
from event_delivery.ledger.claims import check_upgrade, record_if_ours
from event_delivery.ledger.deliveries import record_unsent
from event_delivery.ledger.servers import KeyOwner, read_host_key
from event_delivery.upload import DeliveredFile, UploadRun, deliver_file
from local_servers.postgres import Postgres, create_database, postgres_program
from local_servers.sftp_server import SftpServer, SftpUser
from tests.ledger_contents import connect_ledger, read_record
from tests.sample_events import DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, confirmed_uri

NOW = noon(DAY)


@pytest.fixture
def staged(events_db: psycopg.Connection[Any], staging_area: Path, delivery: Delivery) -> Delivery:
    """Acme's delivery of one day, ready to be uploaded."""
    insert_event(events_db, noon(DAY))
    extract_events(delivery)
    format_staged_events(delivery)
    return delivery


@pytest.fixture
def rehearsal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """A server of our own, that a rehearsal sends everything to."""
    with SftpServer(tmp_path / "rehearsal", [SftpUser("us", PASSWORD, "us")]) as server:
        monkeypatch.setenv("AIRFLOW_CONN_REHEARSAL_SERVER", confirmed_uri(server, "us", PASSWORD, "/tried/out"))
        monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "rehearsal_server")
        yield server


def deliver(delivery: Delivery, run_id: str = "run") -> DeliveredFile:
    return deliver_file(delivery, UploadRun("dag", run_id), logging.getLogger("task"))


def files(server: SftpServer) -> list[str]:
    folder = server.user_folder(next(iter(server.users)).name)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def claimed() -> tuple[str, bool] | None:
    with connect_ledger() as ledger:
        return ledger.execute("select name, rehearsal from event_delivery.instance").fetchone()


def become(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", name)


def leave_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENT_DELIVERY_REHEARSAL")


def copy_by_template(
    events_db: psycopg.Connection[Any], postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let Airflow know a copy of the database in place of the original."""
    name = events_db.info.dbname
    events_db.close()
    with psycopg.connect(postgres.uri(), autocommit=True) as connection:
        copied = sql.SQL("create database {} template {}").format(*map(sql.Identifier, (f"{name}_copy", name)))
        connection.execute(copied)
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", postgres.uri(f"{name}_copy"))


def restore_a_dump(
    events_db: psycopg.Connection[Any], postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let Airflow know a database that holds what a dump of ledger and source brings."""
    name = f"{events_db.info.dbname}_restored"
    uri = create_database(postgres, name, "file_copy")
    dumping = [postgres_program("pg_dump"), "--schema=event_delivery", "--schema=public", events_db.info.dsn]
    dump = subprocess.run(dumping, capture_output=True, check=True).stdout
    subprocess.run([postgres_program("psql"), "-q", uri], input=dump, capture_output=True, check=True)
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)


def test_the_first_upload_claims_the_ledger(staged, sftp_server):
    """By the name that the environment gives; `default` without one."""
    deliver(staged)
    assert claimed() == ("default", False)
    deliver(staged)
    assert claimed() == ("default", False)


def test_an_instance_of_another_name_sends_nothing(staged, sftp_server, monkeypatch):
    """Refused for good before any connection, with whose ledger it is, what was found and what to do."""
    with open_ledger():
        become(monkeypatch, "production")
        assert main(["claim"]) == 0
    become(monkeypatch, "test")
    with pytest.raises(
        PermanentError, match="belongs to instance 'production', and this Airflow is instance 'test'"
    ) as told:
        deliver(staged)
    for cure in ("EVENT_DELIVERY_INSTANCE", "EVENT_DELIVERY_REHEARSAL", "python -m event_delivery.ledger claim"):
        assert cure in str(told.value)
    assert sftp_server.logins == []
    record = read_record(staged)
    assert (record["state"], record["permanent"], record["last_error"]) == ("failed", True, str(told.value))


def test_a_stranger_does_not_cover_what_the_ledgers_own_instance_delivered(staged, sftp_server, monkeypatch):
    """The record of a delivered file stays, and so does the number of its attempts."""
    deliver(staged)
    before = read_record(staged)
    become(monkeypatch, "test")
    with pytest.raises(PermanentError, match="belongs to instance 'default'"):
        deliver(staged)
    assert read_record(staged) == before
    assert len(sftp_server.logins) == 1


@pytest.mark.parametrize("copy", [copy_by_template, restore_a_dump])
def test_with_a_copy_of_the_ledger_nothing_is_sent(
    staged, acme, events_db, postgres, sftp_server, monkeypatch, copy
):
    """The name is the same; the database is not. Claimed by hand, the copy takes the original's place."""
    deliver(staged)
    copy(events_db, postgres, monkeypatch)
    late = next_day(staged)
    with pytest.raises(
        PermanentError, match="is a copy: instance 'default' claimed it in another database"
    ) as told:
        deliver(late)
    assert "python -m event_delivery.ledger claim" in str(told.value)
    assert read_record(late)["state"] == "failed"
    assert len(sftp_server.logins) == 1
    assert main(["claim"]) == 0
    deliver(late)
    assert read_record(late)["state"] == "delivered"


def next_day(delivery: Delivery) -> Delivery:
    """The delivery of the next day, ready to be uploaded."""
    acme = delivery.destination
    later = nightly_delivery(acme, "courseCompletion", acme.day(DAY).next)
    format_events(later, stage_sample_event(later))
    return later


def test_a_role_that_may_not_name_the_cluster_claims_and_delivers_all_the_same(
    staged, events_db, postgres, sftp_server, monkeypatch
):
    """The database's own number is compared then; a right that is granted later changes nothing."""
    role = f"tasks_{events_db.info.dbname}"
    events_db.execute("revoke execute on function pg_control_system() from public")
    events_db.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
    allowed = sql.SQL("grant create on database {} to {}; grant select on events to {}")
    named = [sql.Identifier(name) for name in (events_db.info.dbname, role, role)]
    events_db.execute(allowed.format(*named))
    superuser = os.environ["AIRFLOW_CONN_EVENTS_DB"]
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", superuser.replace("postgres@", f"{role}@"))
    deliver(staged)
    with connect_ledger() as ledger:
        assert ledger.execute("select system_identifier from event_delivery.instance").fetchone() == (None,)
    events_db.execute("grant execute on function pg_control_system() to public")
    deliver(staged)


def test_a_rehearsal_sends_a_night_and_a_test_file_into_a_folder_per_destination(
    staged, acme, sftp_server, rehearsal, caplog
):
    """Below the Connection's path, made as needed; the client's server hears nothing, and the log says so."""
    test_file = delivery_of_test_file(acme, "courseCompletion", NOW)
    format_events(test_file, stage_sample_event(test_file))
    with caplog.at_level(logging.INFO):
        results = [deliver(staged), deliver(test_file)]
    assert files(rehearsal) == sorted(f"tried/out/acme/{each.file_name}" for each in (staged, test_file))
    assert [result.rehearsal for result in results] == [True, True]
    assert sftp_server.logins == []
    assert "to Connection 'rehearsal_server', and to no client" in caplog.text
    assert f"Rehearsed: delivered {staged.file_name}" in caplog.text
    assert claimed() == ("default", True)


def test_a_rehearsal_heeds_how_a_client_receives_but_not_what_pins_its_server(
    staged, acme, rehearsal, monkeypatch
):
    """A pinned host key, a temporary folder at the root and a path are the client's."""
    update = {"path": "/in", "host_key": ("SHA256:" + "A" * 43,), "legacy_algorithms": True}
    named = acme.temporary_name.model_copy(update={"folder": "/incoming"})
    pinned = acme.model_copy(update=update | {"temporary_name": named})
    delivery = nightly_delivery(pinned, "courseCompletion", pinned.day(DAY))
    deliver(delivery)
    assert files(rehearsal) == [f"tried/out/acme/{delivery.file_name}"]
    assert (rehearsal.user_folder("us") / "tried/out/acme/incoming").is_dir()


def test_what_a_copied_ledger_knows_of_servers_stays(
    staged, events_db, postgres, sftp_server, rehearsal, monkeypatch
):
    """A copy is claimed for rehearsal by itself; the client's host key is not touched."""
    leave_rehearsal(monkeypatch)
    deliver(staged)
    copy_by_template(events_db, postgres, monkeypatch)
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "rehearsal_server")
    with open_ledger() as ledger:
        key = read_host_key(ledger, KeyOwner("sftp_acme", "127.0.0.1", sftp_server.port))
    deliver(staged)
    assert claimed() == ("default", True)
    with open_ledger() as ledger:
        assert read_host_key(ledger, KeyOwner("sftp_acme", "127.0.0.1", sftp_server.port)) == key
    assert files(rehearsal) == [f"tried/out/acme/{staged.file_name}"]
    assert len(sftp_server.logins) == 1


def test_a_ledger_of_real_deliveries_refuses_a_rehearsal(staged, sftp_server, rehearsal, monkeypatch):
    """It must never say that a rehearsed file was delivered."""
    leave_rehearsal(monkeypatch)
    deliver(staged)
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "rehearsal_server")
    late = next_day(staged)
    with pytest.raises(PermanentError, match="must not say that a rehearsed file was delivered"):
        deliver(late)
    assert (rehearsal.logins, read_record(late)["state"]) == ([], "failed")
    assert claimed() == ("default", False)


def test_an_unclaimed_ledger_with_deliveries_may_be_production_s(staged, sftp_server, rehearsal, monkeypatch):
    """One of an older release is claimed by nobody: a person says that it is a copy."""
    leave_rehearsal(monkeypatch)
    deliver(staged)
    with connect_ledger() as ledger:
        ledger.execute("delete from event_delivery.instance")
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "rehearsal_server")
    late = next_day(staged)
    with pytest.raises(PermanentError, match="nobody has claimed it yet.* claim --rehearsal"):
        deliver(late)
    assert claimed() is None
    assert main(["claim", "--rehearsal"]) == 0
    assert deliver(late).rehearsal


def test_a_ledger_for_rehearsal_sends_nothing_real(staged, sftp_server, rehearsal, monkeypatch):
    """Nor does claiming make it real once it says of a rehearsed file that it was delivered."""
    deliver(staged)
    leave_rehearsal(monkeypatch)
    late = next_day(staged)
    with pytest.raises(PermanentError, match="was claimed for rehearsal, by instance 'default'"):
        deliver(late)
    assert sftp_server.logins == []
    assert main(["claim"]) == 1
    assert claimed() == ("default", True)


def test_a_rehearsal_to_a_clients_own_connection_is_refused(staged, acme, sftp_server, tmp_path, monkeypatch):
    """Whichever destination's it is."""
    destinations = tmp_path / "destinations"
    destinations.mkdir()
    (destinations / "birch.yaml").write_text(f"client: Birch\ncompany_id: {acme.company_id}\nconnection: shared\n")
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(destinations))
    for connection in ("sftp_acme", "shared"):
        monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", connection)
        with pytest.raises(PermanentError, match="no client is sent a rehearsal"):
            deliver(staged)
    assert sftp_server.logins == []


def test_claiming_says_what_it_did(events_db, monkeypatch, capsys):
    """Whose the ledger was, whose it is now, and what that means."""
    become(monkeypatch, "production")
    assert main(["claim"]) == 0
    become(monkeypatch, "test")
    assert main(["claim", "--rehearsal"]) == 0
    first, second = capsys.readouterr().out.split("The ledger in database ")[1:]
    assert "belongs to instance 'production' (EVENT_DELIVERY_INSTANCE), for real deliveries" in first
    assert "nobody had claimed it" in first
    assert "belongs to instance 'test' (EVENT_DELIVERY_INSTANCE), for rehearsal" in second
    assert "Before: instance 'production', for real deliveries, since" in second
    assert "EVENT_DELIVERY_REHEARSAL" in second


def test_a_real_ledger_becomes_one_for_rehearsal_only_if_a_person_says_that_it_is_a_copy(
    staged, sftp_server, monkeypatch, capsys
):
    """A disk's snapshot is the same database by every sign."""
    deliver(staged)
    assert main(["claim", "--rehearsal"]) == 1
    assert "--copy" in capsys.readouterr().err
    assert main(["claim", "--rehearsal", "--copy"]) == 0
    assert claimed() == ("default", True)


def test_the_command_explains_itself(capsys):
    """What an instance is, and what claiming means."""
    with pytest.raises(SystemExit):
        main(["claim", "--help"])
    told = capsys.readouterr().out
    for words in ("EVENT_DELIVERY_INSTANCE", "--rehearsal", "a copy"):
        assert words in told


def test_a_copy_of_a_client_s_connection_is_no_server_of_our_own(staged, acme, sftp_server, monkeypatch, tmp_path):
    """Address and login count, not the Connection's id: nothing is sent."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    (tmp_path / "acme.yaml").write_text(f"client: Acme\ncompany_id: {acme.company_id}\n")
    monkeypatch.setenv("AIRFLOW_CONN_COPY_OF_IT", confirmed_uri(sftp_server, "acme", PASSWORD, "/out"))
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "copy_of_it")
    with pytest.raises(PermanentError, match="where destination 'acme' gets its files"):
        deliver(staged)
    assert sftp_server.logins == []


def test_what_another_instance_does_leaves_a_ledger_as_it_is(staged, sftp_server, monkeypatch):
    """Neither a failure before the upload nor an upgrade of theirs may touch the ledger of ours."""
    deliver(staged)
    become(monkeypatch, "theirs")
    with open_ledger() as ledger:
        with pytest.raises(PermanentError, match="belongs to instance 'default'"):
            record_if_ours(ledger, record_unsent, staged, Failure("gone", False), "dag", "their run")
        with pytest.raises(PermanentError, match="belongs to instance 'default'"):
            check_upgrade(ledger)
    assert read_record(staged)["run_id"] == "run"


def test_an_instance_without_a_name_is_warned_of(staged, sftp_server, monkeypatch, caplog):
    """A copy of its metadata database would have the same: nothing tells the two apart."""
    deliver(staged)
    assert "set EVENT_DELIVERY_INSTANCE, or a copy of it may deliver too" in caplog.text
    caplog.clear()
    become(monkeypatch, "default")
    deliver(staged)
    assert "or a copy of it may deliver too" not in caplog.text


def test_a_backfill_of_what_is_missing_leaves_a_delivered_day_alone(staged, sftp_server, caplog):
    """A manual run delivered it, which Airflow's backfill does not see; the client may have taken the file."""
    deliver(staged, "manual__1")
    (sftp_server.user_folder("acme") / staged.file_name).unlink()
    left = deliver_file(staged, UploadRun("dag", "backfill__1", leaves_delivered=True), logging.getLogger("task"))
    assert files(sftp_server) == []
    assert (left.file_name, left.rows) == (staged.file_name, 1)
    assert read_record(staged)["attempts"] == 1
    deliver_file(staged, UploadRun("dag", "backfill__2"), logging.getLogger("task"))
    assert files(sftp_server) == [staged.file_name]
