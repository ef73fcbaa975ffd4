"""Is an older ledger carried over whole, and is it only ever changed by who writes to it?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from event_delivery.delivery import Delivery
from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError, RefusedError
from event_delivery.ledger import open_ledger, open_ledger_reading
from event_delivery.ledger.__main__ import main
from event_delivery.ledger.attempts import Failure, RecordedFile, Sent
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.deliveries import record_delivered, record_failed, record_unsent
from event_delivery.ledger.open_deliveries import OpenDeliveries, record_cancelled
from event_delivery.ledger.schema import LATEST, list_migrations, read_version, upgrade_ledger
from event_delivery.ledger.servers import KeyOwner, read_behaviour
from tests.sample_events import DAY

HOUR = timedelta(hours=1)
VERSIONS = [migration.version for migration in list_migrations()]
LEDGER_OF_0_1_0 = (Path(__file__).parent / "ledger_of_0_1_0.sql").read_text()


@pytest.fixture
def old(events_db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A ledger that release 0.1.0 made by real deliveries."""
    events_db.execute(LEDGER_OF_0_1_0)
    return events_db


@pytest.fixture
def reader(events_db, monkeypatch) -> Iterator[str]:
    """A role that may only read, known to Airflow as the one of `ledger_db`."""
    role = f"reader_{events_db.info.dbname}"
    events_db.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
    uri = events_db.info.dsn
    parameters = psycopg.conninfo.conninfo_to_dict(uri)
    monkeypatch.setenv(
        "AIRFLOW_CONN_LEDGER_DB",
        f"postgresql://{role}@/{events_db.info.dbname}?host={parameters['host'].replace('/', '%2F')}",
    )
    yield role
    monkeypatch.delenv("AIRFLOW_CONN_LEDGER_DB")
    events_db.execute(sql.SQL("drop owned by {role}; drop role {role}").format(role=sql.Identifier(role)))


def contents(connection: psycopg.Connection[Any], relation: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        query = sql.SQL("select * from {} order by destination, event, interval_start, kind")
        return cursor.execute(query.format(sql.Identifier("event_delivery", relation))).fetchall()


def relations(connection: psycopg.Connection[Any]) -> set[str]:
    rows = connection.execute(
        "select relname from pg_class "
        "where relnamespace = to_regnamespace('event_delivery') and relkind in ('r', 'v')"
    )
    return {name for (name,) in rows}


def grant_reading(connection: psycopg.Connection[Any], role: str) -> None:
    usage = "grant usage on schema event_delivery to {role}; "
    grant = usage + "grant select on all tables in schema event_delivery to {role}"
    connection.execute(sql.SQL(grant).format(role=sql.Identifier(role)))


def test_a_ledger_of_an_earlier_release_is_carried_over_with_nothing_lost(old):
    """Every column of every row reads the same through the views that users' SQL knows."""
    deliveries, attempts = contents(old, "delivery"), contents(old, "attempt")
    assert len(deliveries) == 5
    assert upgrade_ledger(old) == VERSIONS
    assert contents(old, "delivery") == [
        {**row, "replaces": None, "unready": None, "unusual": None} for row in deliveries
    ]
    by_attempt = [(row["destination"], row["interval_start"], row["kind"], row["attempt"]) for row in attempts]
    carried = dict(zip(by_attempt, attempts, strict=True))
    assert len(carried) == len(contents(old, "attempt")) == 8
    for row in contents(old, "attempt"):
        assert row == carried[row["destination"], row["interval_start"], row["kind"], row["attempt"]]
    assert [
        version for (version,) in old.execute("select version from event_delivery.schema_version order by 1")
    ] == [migration.version for migration in list_migrations()]


def test_each_carried_delivery_has_one_file_with_its_recipe(old):
    """Name, state and sha256 belong to the file; what it was made by is known from its name."""
    upgrade_ledger(old)
    rows = old.execute(
        "select file_name, number, recipe ->> 'format', sha256 = sent_sha256, bytes = sent_bytes "
        "from event_delivery.delivery_file"
    ).fetchall()
    assert len(rows) == 5
    for name, number, file_format, *same in rows:
        assert (number, file_format, same) == (1, name.rpartition(".")[2], [True, True])


def test_a_delivery_that_was_cut_off_before_the_upgrade_carries_on(old):
    """The step that an attempt of the earlier release had reached is known to its retry."""
    (sha256,) = old.execute("select sha256 from event_delivery.delivery where step = 'renaming'").fetchone()
    upgrade_ledger(old)
    acme = Destination(id="acme", client="Acme University", company_id="3aabdfb8-3891-5011-ad35-8e2351c5fdaf")
    [start, end] = old.execute(
        "select interval_start, interval_end from event_delivery.delivery where step = 'renaming'"
    ).fetchone()
    delivery = Delivery(acme, "courseCompletion", start, end, end)
    attempt = begin_attempt(old, delivery, recorded_file(sha256), "dag", "run", True)
    assert (attempt.number, attempt.before.step, attempt.before.state) == (2, "renaming", "uploading")
    assert attempt.before.temporary_path.endswith(".1.part")


def test_what_was_found_out_about_servers_is_carried_over(old):
    """Host keys and modes are; that a robot was seen is not: a server that discards files looked the same."""
    (folder,) = old.execute("select place from event_delivery.server_behaviour").fetchone()
    upgrade_ledger(old)
    assert vars(read_behaviour(old, "acme", folder)) == {"upload_mode": "direct", "takes_files": False}
    assert old.execute("select count(*) from event_delivery.host_key").fetchone() == (1,)


def test_a_still_older_ledger_gets_what_it_lacks(old):
    """Columns and tables that came before there were numbers are added on the way."""
    old.execute("alter table event_delivery.delivery drop column temporary_path, drop column permanent")
    old.execute("alter table event_delivery.attempt drop column bytes_sent, drop column permanent")
    old.execute("drop table event_delivery.server_behaviour")
    upgrade_ledger(old)
    assert read_version(old) == LATEST
    assert {row["permanent"] for row in contents(old, "delivery")} == {None}


def test_an_attempt_without_a_delivery_is_kept(old):
    """Somebody had cleaned up the deliveries, and not their attempts."""
    old.execute("delete from event_delivery.delivery where destination = 'beta'")
    upgrade_ledger(old)
    assert len([row for row in contents(old, "attempt") if row["destination"] == "beta"]) == 2
    [kept] = [row for row in contents(old, "delivery") if row["destination"] == "beta"]
    assert (kept["state"], kept["attempts"], kept["file_name"]) == ("failed", 2, None)


def test_somebody_s_view_stops_the_upgrade_with_its_name_and_changes_nothing(old):
    """The message names the view and the command; the ledger stays whole and of one version."""
    old.execute("create view reports as select file_name from event_delivery.delivery")
    with pytest.raises(PermanentError, match="view reports depends on .* python -m event_delivery.ledger upgrade"):
        upgrade_ledger(old)
    assert read_version(old) == 0
    assert len(contents(old, "delivery")) == 5
    old.execute("drop view reports")
    assert upgrade_ledger(old) == VERSIONS


def test_two_writers_at_once_upgrade_once(old):
    """The second waits for the first, and finds nothing left to do."""
    applied: list[list[int]] = []

    def upgrade() -> None:
        with psycopg.connect(old.info.dsn, autocommit=True) as connection:
            applied.append(upgrade_ledger(connection))

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(version for versions in applied for version in versions) == VERSIONS


def test_an_upgrade_is_waited_for_longer_than_any_statement(old):
    """Whoever comes while another process upgrades waits, and loses no try."""
    with psycopg.connect(old.info.dsn) as other, psycopg.connect(old.info.dsn, autocommit=True) as waiting:
        other.execute("create table event_delivery.schema_version (version integer primary key)")
        waiting.execute("set statement_timeout = '100ms'")
        waiting.execute("set lock_timeout = '50ms'")
        upgrade = threading.Thread(target=upgrade_ledger, args=(waiting,))
        upgrade.start()
        upgrade.join(0.5)
        assert upgrade.is_alive()
        other.rollback()
        upgrade.join(30)
        assert waiting.execute("show lock_timeout").fetchone() == ("50ms",)
    assert read_version(old) == LATEST


def test_a_new_ledger_has_the_latest_version(events_db):
    """The first writer makes it."""
    assert read_version(events_db) is None
    with open_ledger():
        pass
    assert read_version(events_db) == LATEST


def test_a_ledger_of_a_newer_release_is_left_alone(events_db):
    """Writer and reader say which version it has and what to do."""
    with open_ledger() as ledger:
        ledger.execute("insert into event_delivery.schema_version values (999, 'from the future')")
    for opening in (open_ledger, open_ledger_reading):
        with pytest.raises(PermanentError, match="version 999, made by a newer release"), opening():
            pass


def test_reading_makes_no_ledger(events_db):
    """The page of a new instance shows nothing, says why, and changes nothing."""
    with open_ledger_reading() as reading:
        assert reading.notice == "There is no ledger yet: the first delivery makes it."
        assert reading.read_nights(["acme"], first_instant(), first_instant()) == []
        assert reading.read_test_files(["acme"]) == {}
        assert reading.read_first_nights([("acme", "courseCompletion")]) == {}
        assert reading.read_host_keys(KeyOwner("sftp_acme", "host", 22)) == []
    assert relations(events_db) == set()


def test_reading_does_not_upgrade_an_older_ledger(old):
    """It says plainly which version it found, and how to upgrade."""
    before = relations(old)
    upgrade = "version 0, .* python -m event_delivery.ledger upgrade"
    with pytest.raises(PermanentError, match=upgrade), open_ledger_reading():
        pass
    assert relations(old) == before


def test_the_right_to_select_is_enough_to_read(events_db, delivery, reader):
    """The page's role needs nothing else, and could do nothing else."""
    with psycopg.connect(events_db.info.dsn, autocommit=True) as connection:
        upgrade_ledger(connection)
        begin_attempt(connection, delivery, recorded_file("0" * 64), "dag", "run", False)
    grant_reading(events_db, reader)
    with open_ledger_reading() as reading:
        found = reading.find_delivery(
            "acme", "courseCompletion", "nightly", delivery.interval_start, delivery.interval_end
        )
        assert found.file_name == "acme.json"
        assert [attempt.attempt for attempt in reading.read_attempts(found)] == [1]
        with pytest.raises(psycopg.Error, match="permission denied|read-only"):
            reading.connection.execute("delete from event_delivery.delivery_record")


def test_rights_on_the_old_tables_are_rights_on_the_new(old, reader):
    """A role that could read before the upgrade can read after it."""
    grant_reading(old, reader)
    upgrade_ledger(old)
    with open_ledger_reading() as reading:
        assert len(reading.read_test_files(["acme"])) == 1
        assert len(reading.connection.execute("select * from event_delivery.delivery").fetchall()) == 5
        assert len(reading.connection.execute("select * from event_delivery.attempt").fetchall()) == 8


def test_the_command_line_upgrades_and_says_the_version(old, capsys):
    """An operator can upgrade before a night needs it."""
    assert main(["version"]) == 0
    assert main(["upgrade"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Version 0; this release knows {LATEST}.",
        f"The ledger has version {LATEST}.",
    ]
    assert read_version(old) == LATEST


def recorded_file(sha256: str) -> RecordedFile:
    return RecordedFile("acme.json", {"format": "json"}, 3, 30, sha256, {})


def first_instant() -> Any:
    from datetime import UTC, datetime

    return datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)


def test_a_file_belongs_to_one_delivery_and_number(events_db, delivery):
    """A redelivery takes the row of its file; another format is a further file of the same name but its ending."""
    with open_ledger() as ledger:
        first = begin_attempt(ledger, delivery, recorded_file("0" * 64), "dag", "run", False)
        again = begin_attempt(ledger, delivery, recorded_file("1" * 64), "dag", "run", False)
        renamed = replace(recorded_file("2" * 64), file_name="other.csv")
        other = begin_attempt(ledger, delivery, renamed, "dag", "run", False)
        back = begin_attempt(ledger, delivery, recorded_file("0" * 64), "dag", "run", False)
    assert first.file_id == again.file_id == back.file_id != other.file_id
    assert first.delivery_id == again.delivery_id == other.delivery_id
    names = [attempt.file_name for attempt in (first, again, other, back)]
    assert names == ["acme.json", "acme.json", "acme.csv", "acme.json"]
    query = "select number, file_name, replaces from event_delivery.delivery_file order by number"
    files = events_db.execute(query)
    assert files.fetchall() == [(1, "acme.json", 2), (2, "acme.csv", 1)]
    assert contents(events_db, "delivery")[0]["replaces"] == "acme.csv"


def test_events_that_were_delivered_under_another_zone_are_refused_unless_asked_for(events_db, delivery):
    """The message names the file that holds them; the same interval again is a redelivery."""
    later = replace(
        delivery, interval_start=delivery.interval_start + HOUR, interval_end=delivery.interval_end + HOUR
    )
    with open_ledger() as ledger:
        attempt = begin_attempt(ledger, delivery, recorded_file("0" * 64), "dag", "run", False)
        for _ in ("while it is under way", "when it is delivered"):
            with pytest.raises(RefusedError, match="or may have them, from another zone's day: acme.json"):
                begin_attempt(ledger, later, recorded_file("1" * 64), "dag", "run", False)
            record_delivered(ledger, attempt, "/in/acme.json", 1.0, Sent())
        begin_attempt(ledger, delivery, recorded_file("0" * 64), "dag", "run", False)
        begin_attempt(ledger, later, recorded_file("1" * 64), "dag", "run", False, allow_overlap=True)
    assert len(contents(events_db, "delivery")) == 2


def test_what_failed_without_a_file_stands_in_nobody_s_way(events_db, delivery):
    """A day whose extract failed under the old zone was not delivered: its events may go out under the new."""
    later = replace(
        delivery, interval_start=delivery.interval_start + HOUR, interval_end=delivery.interval_end + HOUR
    )
    with open_ledger() as ledger:
        record_unsent(ledger, delivery, Failure("events_db: gone", False), "dag", "run")
        begin_attempt(ledger, later, recorded_file("1" * 64), "dag", "run", False)
    [failed, begun] = contents(events_db, "delivery")
    assert (failed["state"], failed["last_error"], failed["attempts"]) == ("failed", "events_db: gone", 0)
    assert begun["state"] == "uploading"


def test_a_failure_before_the_upload_leaves_what_was_delivered_delivered(events_db, delivery):
    """The reason stands beside it, for the run that asked for the day again."""
    with open_ledger() as ledger:
        attempt = begin_attempt(ledger, delivery, recorded_file("0" * 64), "dag", "run", False)
        record_delivered(ledger, attempt, "/in/acme.json", 1.0, Sent())
        record_unsent(ledger, delivery, Failure("events_db: gone", False), "dag", "again")
    [row] = contents(events_db, "delivery")
    assert (row["state"], row["last_error"], row["run_id"]) == ("delivered", "events_db: gone", "again")


def test_an_unconfirmed_file_is_not_sent_in_another_format_before_somebody_decides(events_db, delivery):
    """The client would have the day twice; once it is to be sent again, any format will do."""
    in_csv = replace(recorded_file("2" * 64), file_name="acme.csv")
    with open_ledger() as ledger:
        attempt = begin_attempt(ledger, delivery, recorded_file("0" * 64), "dag", "run", False)
        record_failed(ledger, attempt, Failure("gone", True, unconfirmed=True), Sent())
        for decision in (None, "robot"):
            with pytest.raises(RefusedError, match="whether acme.json arrived, and the format is another"):
                begin_attempt(ledger, delivery, in_csv, "dag", "other", False, decision)
        begin_attempt(ledger, delivery, in_csv, "dag", "other", False, "send again")


def test_an_edit_of_the_event_types_does_not_cancel_what_the_client_has(events_db, delivery):
    """Delivered, cleared, waiting for its retry, and then taken out: the file is there all the same."""
    left = OpenDeliveries("acme", [delivery.event], delivery.interval, "dag", "run", "Cancelled.")
    with open_ledger() as ledger:
        attempt = begin_attempt(ledger, delivery, recorded_file("0" * 64), "dag", "run", False)
        record_delivered(ledger, attempt, "/in/acme.json", 1.0, Sent())
        attempt = begin_attempt(ledger, delivery, recorded_file("0" * 64), "dag", "run", False)
        record_failed(ledger, attempt, Failure("no", False), Sent())
        record_cancelled(ledger, left)
    [row] = contents(events_db, "delivery")
    assert (row["state"], row["last_error"]) == ("delivered", "Cancelled.")
