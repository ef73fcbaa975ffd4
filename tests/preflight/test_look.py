"""Is all that would fail at night found by day, each thing once, and does none of it hide another?"""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from event_delivery.delivery import delivery_of_test_file
from event_delivery.destinations import load_destination
from event_delivery.errors import PermanentError
from event_delivery.extract.sample import stage_sample_event
from event_delivery.ledger import BoundedLedger, open_ledger
from event_delivery.ledger.claims import claim_ledger
from event_delivery.ledger.preflights import Finding, Preflight, read_preflight, record_preflight
from event_delivery.limits import LIMITS
from event_delivery.preflight import look_over, record_look
from event_delivery.preflight.recorded import read_findings
from event_delivery.preflight.source import look_at_source
from local_servers.free_port import find_free_port
from local_servers.sftp_server import SftpServer
from tests.preflight.conftest import write_destination
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri

NOON = datetime(2026, 3, 9, 17, tzinfo=UTC)


@pytest.fixture
def acme_is_fine(sftp_server: SftpServer) -> SftpServer:
    """Acme's server, known by its key; whatever is found is another's fault."""
    return sftp_server


def kinds(findings: Any) -> list[tuple[str | None, str]]:
    return [(each.destination, each.kind) for each in findings]


def test_a_connection_that_is_missing_or_incomplete_is_told(look, destinations, acme_is_fine, monkeypatch):
    """The cure is named, and nothing of a secret; the others are looked at."""
    for name in ("missing", "userless", "option", "database"):
        write_destination(destinations, name)
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_USERLESS", "sftp://127.0.0.1:22")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_OPTION", sftp_uri("u", PASSWORD, 22) + "?key_file=/etc/passwd")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_DATABASE", "postgresql://u:hunter2hunter2@127.0.0.1/x")
    findings = look()
    assert kinds(findings) == [(name, "connection") for name in ("database", "missing", "option", "userless")]
    assert "event_delivery.connection add sftp_missing" in findings[1].told
    assert not any(PASSWORD in each.told or "hunter2" in each.told for each in findings)
    assert acme_is_fine.logins == []


def test_a_private_key_that_cannot_be_read_is_told(look, acme_is_fine, monkeypatch):
    """It would be found out at the login only."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(acme_is_fine, "acme", "") + "&private_key=none")
    assert kinds(look()) == [("acme", "connection")]


def test_a_key_that_no_file_can_be_encrypted_for_is_told(look, destinations, acme_is_fine):
    """No event would be read for it."""
    write_destination(destinations, "acme", encryption="{recipients: openpgp_acme}")
    [finding] = look()
    assert (finding.destination, finding.kind) == ("acme", "keys")
    assert "Connection 'openpgp_acme' is not defined" in finding.told


def test_two_destinations_in_one_folder_are_told(look, destinations, acme_is_fine, monkeypatch):
    """Neither would be sent anything there; one in a folder of its own is fine."""
    uri = confirmed_uri(acme_is_fine, "acme", PASSWORD)
    for name in ("again", "apart"):
        write_destination(destinations, name, **({"path": "/apart"} if name == "apart" else {}))
        monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_{name.upper()}", uri)
    assert kinds(look()) == [("acme", "folder"), ("again", "folder")]


def test_a_quarantined_destination_is_told_by_name(look, destinations, acme_is_fine):
    """With the reason that its DAG tells."""
    write_destination(destinations, "broken", timezone="Mars/Olympus")
    [finding] = look()
    assert (finding.destination, finding.kind) == ("broken", "destination")
    assert "Mars/Olympus" in finding.told


def test_what_is_not_due_is_not_looked_at(look, destinations, acme_is_fine, monkeypatch):
    """Not enabled, not begun yet, or paused in Airflow."""
    write_destination(destinations, "disabled", enabled="false")
    write_destination(destinations, "later", start_date="2099-01-01")
    assert look() == []
    write_destination(destinations, "paused")
    assert kinds(look()) == [("paused", "connection")]
    report = look_over(datetime.now(UTC), find_paused=lambda names: {"paused"} & set(names))
    assert report.findings == ()
    assert report.destinations == 1
    assert report.servers == {"acme": f"127.0.0.1:{acme_is_fine.port}"}


@pytest.mark.parametrize("start, due", [("2026-03-09", 1), ("2026-03-10", 0)])
def test_the_first_night_is_looked_over_the_day_before(destinations, events_db, staging_area, start, due):
    """The day of 9 March is delivered at 02:00 of the 10th: that night's look is the one at noon of the 9th."""
    write_destination(destinations, "acme", start_date=start)
    assert look_over(NOON, seconds=1).destinations == due


def test_a_source_that_is_down_is_one_finding(look, destinations, acme_is_fine, monkeypatch):
    """Not one for each destination; the ledger lies in the same database here, and is another."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", os.environ["AIRFLOW_CONN_EVENTS_DB"])
    dead = f"postgresql://u:{'secret' * 3}@127.0.0.1:{find_free_port()}/x"
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", dead)
    write_destination(destinations, "other", connection="sftp_acme", shared_connection="true", path="/other")
    write_destination(destinations, "acme", shared_connection="true")
    [finding] = look()
    assert (finding.destination, finding.kind) == (None, "source")
    assert "secret" not in finding.told


def test_a_source_that_hangs_is_let_go_of(destinations, monkeypatch):
    """It takes the connection, and says nothing: one finding, in time."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", f"postgresql://u:p@127.0.0.1:{port}/x")
        [finding] = look_at_source([load_destination("acme")], seconds=1)
    assert (finding.destination, finding.kind) == (None, "source")
    assert "no answer within 1 s" in finding.told


def test_a_broken_statement_is_one_finding(look, destinations, acme_is_fine, include: Path):
    """And names its file."""
    (include / "sql" / "course_completion.sql").write_text(
        "select id from events where company_id = %(company_id)s"
    )
    [finding] = look()
    assert (finding.destination, finding.kind) == (None, "source")
    assert "course_completion.sql returns no column 'timestamp'" in finding.told


def test_a_company_that_the_source_does_not_take_is_its_destination_s(
    look, destinations, acme_is_fine, monkeypatch
):
    """The statement is right for the others."""
    write_destination(destinations, "typo", company_id="not-a-uuid", path="/typo")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_TYPO", confirmed_uri(acme_is_fine, "acme", PASSWORD))
    [finding] = look()
    assert (finding.destination, finding.kind) == ("typo", "source")
    assert "field 'company_id'" in finding.told


def test_a_column_that_the_statement_lacks_is_its_destination_s(look, destinations, acme_is_fine, monkeypatch):
    """A client's choice of columns is found wrong in the afternoon, and hinders no other client."""
    write_destination(destinations, "typo", columns="[id, titel]", path="/typo")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_TYPO", confirmed_uri(acme_is_fine, "acme", PASSWORD))
    [finding] = look()
    assert (finding.destination, finding.kind) == ("typo", "source")
    assert "no column 'titel'; did you mean 'title'?" in finding.told


def test_columns_that_differ_from_the_last_file_s_are_told(look, acme_is_fine, events_db, include: Path):
    """The client's file would change; which columns is said."""
    acme = load_destination("acme")
    stage_sample_event(delivery_of_test_file(acme, "courseCompletion", datetime.now(UTC)))
    assert look() == []
    file = include / "sql" / "course_completion.sql"
    file.write_text(file.read_text().replace("title", "title as heading", 1))
    [finding] = look()
    assert (finding.destination, finding.kind) == (None, "columns")
    assert "new: heading; gone: title." in finding.told


def test_a_staging_area_without_room_is_told(look, acme_is_fine, monkeypatch):
    """More is kept for others than the disk has."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_FREE", "9000 T")
    [finding] = look()
    assert (finding.destination, finding.kind) == (None, "staging")
    assert "EVENT_DELIVERY_STAGING_FREE" in finding.told


def test_an_object_store_that_is_missing_is_told(look, acme_is_fine, monkeypatch, tmp_path: Path):
    """Nothing can be staged; the servers are looked at all the same."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", "s3://nobody@bucket/staging")
    monkeypatch.setenv("EVENT_DELIVERY_SCRATCH", str(tmp_path / "scratch"))
    assert kinds(look()) == [(None, "staging")]


def test_an_object_store_that_takes_nothing_is_told(look, acme_is_fine, monkeypatch, tmp_path: Path):
    """Though it can be listed; one that takes what is put is fine, and keeps nothing of it."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", f"file://{tmp_path}/store")
    monkeypatch.setenv("EVENT_DELIVERY_SCRATCH", str(tmp_path / "scratch"))
    staged = tmp_path / "store" / "staged"
    assert look() == []
    assert [path for path in staged.rglob("*") if path.is_file()] == []
    (staged / ".preflight").rmdir()
    (staged / ".preflight").write_text("in the way")
    [finding] = look()
    assert (finding.destination, finding.kind) == (None, "staging")
    assert "writing staged/.preflight/" in finding.told


def test_a_ledger_that_does_not_answer_is_one_finding(look, acme_is_fine, destinations, monkeypatch):
    """Without it nobody knows whose key counts; that servers answer is seen."""
    write_destination(destinations, "dead")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_DEAD", sftp_uri("u", PASSWORD, find_free_port()))
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", f"postgresql://u:p@127.0.0.1:{find_free_port()}/x")
    assert kinds(look()) == [(None, "ledger"), ("dead", "server")]


def test_a_ledger_of_another_instance_is_told_and_left_as_it_is(look, acme_is_fine, monkeypatch):
    """Uploads would be refused; no finding is kept there."""
    with open_ledger() as ledger:
        claim_ledger(ledger, "production", rehearsal=False)
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "other")
    [finding] = look()
    assert (finding.destination, finding.kind) == (None, "ledger")
    [told] = record_look(Preflight(NOON, 1, (finding,)))
    assert "production" in told
    with open_ledger() as ledger:
        assert read_preflight(ledger) is None


def test_a_look_claims_no_ledger(look, acme_is_fine):
    """Whoever uploads first does."""
    assert look() == []
    with open_ledger() as ledger:
        assert ledger.execute("select count(*) from event_delivery.instance").fetchone() == (0,)


def test_each_look_replaces_the_one_before(events_db):
    """Also one that finds nothing; an earlier look that ends later replaces none."""
    found = tuple(Finding(name, "server", f"{name}: dead.", "Call.") for name in ("a", "b"))
    with open_ledger() as ledger:
        assert read_preflight(ledger) is None
        for findings in (found, found[:1], (), found):
            looked = Preflight(NOON, 2, findings, {"a": "a:22", **{each.destination: "-" for each in findings}})
            record_preflight(ledger, looked)
            assert read_preflight(ledger) == looked
        record_preflight(ledger, Preflight(NOON - timedelta(hours=1), 3))
        assert read_preflight(ledger) == looked
    with BoundedLedger(LIMITS.ledger, None) as asked:
        assert read_findings(asked) == looked


def test_one_destination_may_be_looked_at_alone(destinations, events_db, staging_area):
    """Of one that is not there it is said."""
    write_destination(destinations, "other")
    report = look_over(datetime.now(UTC), "other")
    assert kinds(report.findings) == [("other", "connection")]
    with pytest.raises(PermanentError, match="There is no destination 'nobody'"):
        look_over(datetime.now(UTC), "nobody")
