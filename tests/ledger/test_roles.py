"""Do the grants of docs/operations.md suffice, for each role, and can a role without any hold up a delivery?"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import psycopg
import pytest

from event_delivery.completeness.look_back import look_back
from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.recorded_report import record_report
from event_delivery.completeness.report import read_report
from event_delivery.delivery import Delivery, delivery_of_test_file
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.extract.events import extract_events
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.incidents.alerts import Alerts
from event_delivery.incidents.findings import Finding, Look
from event_delivery.incidents.recording import Watched, record_pass
from event_delivery.ledger import BoundedLedger, open_ledger, open_ledger_reading
from event_delivery.ledger.claims import record_if_ours
from event_delivery.ledger.deliveries import lock_delivery
from event_delivery.ledger.incident_answers import acknowledge_incident, snooze_incident
from event_delivery.ledger.incident_messages import claim_message, read_messages, record_sent, record_unsendable
from event_delivery.ledger.incidents import (
    IncidentRecord,
    close_incident,
    find_incident,
    open_incident,
    read_incidents,
)
from event_delivery.ledger.reconciliations import read_reconciliations
from event_delivery.ledger.retention import Purged, purge_ledger
from event_delivery.ledger.servers import KeyOwner
from event_delivery.schedule import date_of
from event_delivery.upload import UploadRun, deliver_file
from event_delivery.verification import verify_destination
from local_servers.postgres import Postgres, create_database
from tests import PROJECT
from tests.sample_events import DAY, insert_event, noon

SLOW_TO_INSERT = """
    create function be_slow() returns trigger language plpgsql as $$
    begin
      if current_setting('application_name') = 'slow' then
        perform pg_sleep(2);
      end if;
      return new;
    end $$;
    create trigger be_slow before insert on held_delivery for each row execute function be_slow()
"""
ROLES = ("owner", "workers", "page", "reader", "stranger")


@pytest.fixture
def roles(postgres: Postgres, events_db: Any, staging_area: Any, monkeypatch: Any) -> dict[str, str]:
    """A ledger that its owner made, and each role's URI of it; the source is read by its own role."""
    name = f"ledger_{events_db.info.dbname}"
    uri = create_database(postgres, name)
    with psycopg.connect(uri, autocommit=True) as database:
        for role in ROLES:
            database.execute(f"drop role if exists {role}_of_{name}")
            database.execute(f"create role {role}_of_{name} login")
        database.execute(f"grant create on database {name} to owner_of_{name}")
    uris = {role: uri.replace("postgres@", f"{role}_of_{name}@") for role in ROLES}
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", uris["owner"])
    with open_ledger():
        pass
    for owner, connection in (("page", uris["owner"]), ("workers", uris["owner"]), ("reader", None)):
        with psycopg.connect(connection or events_db.info.dsn, autocommit=True) as database:
            database.execute(granted(owner, name))
    source = os.environ["AIRFLOW_CONN_EVENTS_DB"].replace("postgres@", f"reader_of_{name}@")
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", source)
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", uris["workers"])
    return uris


def granted(role: str, database: str) -> str:
    """Return the statements that the documentation shows for a role."""
    text = (PROJECT / "docs/operations.md").read_text()
    [block] = [each for each in re.findall(r"```pgsql\n(.*?)```", text, re.DOTALL) if f"to {role};" in each]
    return re.sub(rf"\bto {role};", f"to {role}_of_{database};", block)


@pytest.fixture
def staged(roles: Any, events_db: Any, delivery: Delivery) -> Delivery:
    """A delivery of two events, read by the source's role and ready to be uploaded."""
    for minute in range(2):
        insert_event(events_db, noon(DAY, minute))
    extract_events(delivery)
    format_staged_events(delivery)
    return delivery


def deliver(delivery: Delivery, log: Any) -> int:
    return deliver_file(delivery, UploadRun("dag", "run"), log).rows


def test_the_workers_role_delivers_and_records_with_what_is_granted(staged, sftp_server, log, monkeypatch):
    """A failure, a first contact, the delivery and a redelivery: everything that an upload writes."""
    right = os.environ["AIRFLOW_CONN_SFTP_ACME"]
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", right.split("?")[0])
    with pytest.raises(Exception, match="No password was sent"):
        deliver(staged, log)
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", right)
    assert [deliver(staged, log), deliver(staged, log)] == [2, 2]


def test_the_workers_role_sends_a_companion_with_what_is_granted(roles, staged, sftp_server, log):
    """Its steps and the version of the columns are recorded, again for a redelivery."""
    asked = replace(staged, destination=staged.destination.model_copy(update={"companion": "manifest"}))
    for _ in range(2):
        deliver(asked, log)
    with psycopg.connect(roles["workers"]) as ledger:
        [(step,)] = ledger.execute("select step from event_delivery.delivery_companion").fetchall()
    assert step == "delivered"


def test_the_workers_role_can_neither_delete_what_was_delivered_nor_change_the_schema(
    roles, staged, sftp_server, log
):
    """The proof of what was delivered outlives a mistake of a worker."""
    deliver(staged, log)
    with psycopg.connect(roles["workers"], autocommit=True) as ledger:
        for statement in (
            "delete from event_delivery.delivery_record",
            "delete from event_delivery.delivery_file",
            "truncate event_delivery.delivery_attempt",
            "insert into event_delivery.schema_version values (99, 'mine')",
            "drop table event_delivery.lock",
            "create table event_delivery.mine ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ledger.execute(statement)


def test_the_pages_role_answers_for_incidents_and_changes_nothing_of_them(roles, staged, monkeypatch):
    """That somebody has seen one, and that it is to wait; neither its cause nor its end."""
    now = datetime(2026, 3, 11, tzinfo=UTC)
    with psycopg.connect(roles["workers"], autocommit=True) as ledger:
        record = IncidentRecord(0, "late", "acme", "late", "error", "No room.", (), now, now)
        number = open_incident(ledger, record)
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", roles["page"])
    with BoundedLedger(60.0, None) as ledger:
        ledger.ask(record_if_ours, acknowledge_incident, number, "vera", now)
        ledger.ask(record_if_ours, snooze_incident, number, now + timedelta(1), "Known.")
        found = ledger.ask(find_incident, number)
        with pytest.raises(PermanentError, match="permission denied"):
            ledger.ask(close_incident, number, now)
    assert (found.acknowledged_by, found.snooze_reason) == ("vera", "Known.")


def test_the_pages_role_reads_all_and_writes_nothing(roles, staged, acme, sftp_server, log, monkeypatch):
    """Every question of the page is answered."""
    deliver(staged, log)
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", roles["page"])
    since = datetime(2000, 1, 1, tzinfo=UTC)
    with open_ledger_reading() as ledger:
        assert len(ledger.read_nights(["acme"], since, since + timedelta(40_000))) == 1
        record = ledger.find_night("acme", "courseCompletion", staged.interval)
        assert record is not None
        assert len(ledger.read_attempts(record)) == 1
        assert ledger.read_test_files(["acme"]) == {}
        ledger.read_first_nights([("acme", "courseCompletion")])
        assert [
            key.state for key in ledger.read_host_keys(KeyOwner("sftp_acme", "127.0.0.1", sftp_server.port))
        ] == ["confirmed"]
        ledger.read_behaviour("acme")
    with psycopg.connect(roles["page"], autocommit=True) as ledger:
        tables = ledger.execute(
            "select table_name from information_schema.tables where table_schema = 'event_delivery'"
        ).fetchall()
        assert len(tables) > 10
        for (table,) in tables:
            for right in ("insert", "update", "delete", "truncate"):
                asked = f"select has_table_privilege('event_delivery.{table}', '{right}')"
                assert ledger.execute(asked).fetchone() == (False,), (table, right)


def test_a_stranger_to_the_ledger_holds_up_nothing(roles, staged, sftp_server, log):
    """It may connect, takes every advisory lock that it can think of, and has no right on any table."""
    with psycopg.connect(roles["stranger"]) as stranger:
        key = f"acme/{staged.key}"
        for number in (key, "acme/courseCompletion", f"127.0.0.1/{sftp_server.port}/"):
            for seed in (0, 1):
                stranger.execute("select pg_advisory_lock(hashtextextended(%s, %s))", [number, seed])
        stranger.execute("select pg_advisory_lock(7402513001)")
        stranger.commit()
        assert deliver(staged, log) == 2
        for table in ("lock", "held_delivery", "delivery_record", "schema_version", "host_key"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                stranger.execute(f"lock table event_delivery.{table} in access share mode")
            stranger.rollback()


def test_a_session_that_has_ended_holds_nothing(roles, staged, sftp_server, log):
    """A worker that was killed left its row behind; one that lives is named."""
    with psycopg.connect(roles["workers"], autocommit=True) as other:
        lock_delivery(other, staged)
        with pytest.raises(
            Exception, match=rf"Another run is delivering .* \(session {other.info.backend_pid} of"
        ):
            deliver(staged, log)
    assert deliver(staged, log) == 2


def test_a_stranger_with_the_process_number_of_a_dead_worker_holds_nothing(roles, staged, sftp_server, log):
    """Whoever may connect can do so until it has that number; when another role's session began does not show."""
    with psycopg.connect(roles["workers"], autocommit=True) as worker:
        lock_delivery(worker, staged)
        pid = worker.info.backend_pid
    with (
        psycopg.connect(roles["stranger"], autocommit=True) as stranger,
        psycopg.connect(roles["owner"], autocommit=True) as owner,
    ):
        reused = "update event_delivery.held_delivery set pid = %s where pid = %s"
        assert owner.execute(reused, [stranger.info.backend_pid, pid]).rowcount == 1
        assert deliver(staged, log) == 2


def test_who_is_slow_to_take_a_delivery_takes_it_from_nobody(roles, staged, events_db):
    """PostgreSQL looks once a statement who is connected: a session that began since is alive all the same."""
    with psycopg.connect(roles["owner"], autocommit=True) as owner:
        owner.execute("set search_path = event_delivery")
        owner.execute(SLOW_TO_INSERT)
        with psycopg.connect(roles["workers"], application_name="slow", autocommit=True) as slow:
            slow_one = Thread(target=try_to_lock, args=(slow, staged))
            slow_one.start()
            while not events_db.execute("select from pg_stat_activity where wait_event = 'PgSleep'").fetchall():
                assert slow_one.is_alive()
            with psycopg.connect(roles["workers"], autocommit=True) as quick:
                held = [try_to_lock(quick, staged)]
                slow_one.join()
                held.append(try_to_lock(slow, staged))
                assert sorted(held) == [False, True]


def try_to_lock(connection: psycopg.Connection[Any], delivery: Delivery) -> bool:
    """Tell whether this session holds a delivery now."""
    try:
        lock_delivery(connection, delivery)
    except RetryableError:
        return False
    return True


def test_the_workers_role_forgets_what_may_be_personal(roles, staged, sftp_server, log, monkeypatch):
    """The maintenance's task purges the ledger as the workers' role."""
    right = os.environ["AIRFLOW_CONN_SFTP_ACME"]
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", right.split("?")[0])
    for _ in range(3):
        with pytest.raises(Exception, match="No password was sent"):
            deliver(staged, log)
    with psycopg.connect(roles["owner"], autocommit=True) as owner:
        past = "update event_delivery.{} set {} = {} - interval '500 days'"
        for table, column in (("delivery_record", "first_attempt_at"), ("delivery_attempt", "started_at")):
            owner.execute(past.format(table, column, column))
        owner.execute("update event_delivery.delivery_record set failed_at = null")
    purged = purge_ledger()
    assert (purged.profiles, purged.attempts) == (1, 1)
    assert purge_ledger() == Purged()


def test_the_workers_role_records_what_a_reconciliation_found(roles, staged, acme, sftp_server, log):
    """The DAG records its report as the workers' role, and the page's role reads it."""
    deliver(staged, log)
    day = date_of(staged.interval, acme.timezone)
    with open_reconciliation(acme, day, day, staged.interval_end + timedelta(hours=4)) as reconciliation:
        record_report(read_report(reconciliation), "manual__1")
    with open_ledger_reading() as ledger:
        [found] = read_reconciliations(ledger, "acme", 1)
    assert found.clean


def test_the_workers_role_records_what_a_comparison_found(roles, staged, acme, sftp_server, log):
    """The completeness DAG compares a delivered night as the workers' role."""
    deliver(staged, log)
    look_back(acme, staged.interval_end + timedelta(hours=4))
    with open_ledger_reading() as ledger:
        (found,) = ledger.read_comparisons(["acme"], staged.interval_start, staged.interval_end)
    assert not found.differs


def test_the_workers_role_records_what_was_found_on_a_server(roles, staged, acme, sftp_server, log):
    """Also that it could not be looked at."""
    deliver(staged, log)
    (sftp_server.user_folder("acme") / staged.file_name).unlink()
    asking, now = acme.model_copy(update={"verify_after": "1h"}), datetime.now(UTC)
    sftp_server.stop()
    [failed] = verify_destination(asking, now + timedelta(hours=2), log)
    assert "could not be looked at" in failed
    sftp_server.start()
    [gone] = verify_destination(asking, now + timedelta(hours=27), log)
    assert "the file is gone" in gone


def test_the_workers_role_keeps_incidents_and_forgets_old_ones(roles, staged):
    """The watch records, claims and marks messages as the workers' role; the page's role reads them."""
    finding = Finding("quarantined", "destination acme", "a cause")
    alerts = Alerts(senders={"mail": {"notifier": "a.b"}}, rules=[{"send_to": ["mail"]}])
    now = datetime.now(UTC)
    with psycopg.connect(roles["workers"], autocommit=True) as ledger:
        for minutes, found in ((0, (finding,)), (1, (finding,)), (2, ())):
            record_pass(ledger, Watched(Look(now + timedelta(minutes=minutes), found), alerts, {}))
        opening = claim_message(ledger, now + timedelta(minutes=5))
        assert opening is not None
        record_unsendable(ledger, opening.id, "away", now, False)
        record_sent(ledger, opening.id, now)
    with psycopg.connect(roles["page"], autocommit=True) as ledger:
        [incident] = read_incidents(ledger, now)
        assert [message.state for message in read_messages(ledger, [incident.id])] == ["sent", "to be sent"]
    with psycopg.connect(roles["owner"], autocommit=True) as owner:
        owner.execute("update event_delivery.incident set closed_at = now() - interval '401 days'")
    assert purge_ledger(dry_run=True) == purge_ledger() == Purged(incidents=1)


def test_a_lock_that_is_held_too_long_is_told_as_such(roles, staged, sftp_server, log):
    """The wait ends, and the sentence says where to look."""
    from event_delivery.limits import Limits

    with psycopg.connect(roles["owner"]) as owner:
        owner.execute("lock table event_delivery.lock in access exclusive mode")
        with pytest.raises(Exception, match="another session holds what is needed; pg_stat_activity"):
            deliver_file(staged, UploadRun("dag", "run"), log, Limits(ledger=4.0))
    assert deliver(staged, log) == 2


def test_a_test_file_needs_no_more(roles, acme, sftp_server, log):
    """Its first contact makes the server's key known."""
    from event_delivery.extract.sample import stage_sample_event

    sample = delivery_of_test_file(acme, "courseCompletion", datetime(2026, 3, 10, 6, tzinfo=UTC))
    stage_sample_event(sample)
    format_staged_events(sample)
    assert deliver(sample, log) == 1
