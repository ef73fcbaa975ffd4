"""Does an uptime check hear of a night that is not whole, of a dead scheduler, and of nothing that is secret?"""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import sqlalchemy
from airflow import settings
from airflow.jobs.job import Job
from fastapi import HTTPException
from fastapi.testclient import TestClient
from sqlalchemy.orm import sessionmaker

from event_delivery.destinations.destination import Destination
from event_delivery.errors import RetryableError
from event_delivery.ledger import open_ledger
from event_delivery.limits import HEALTH_ANSWER, HEARTBEAT_SILENT, WATCH_SILENT
from event_delivery.orchestration.names import WATCH_DAG
from event_delivery.page.answers.health import describe_health, read_health
from event_delivery.page.http import health
from event_delivery.page.http.app import serve
from tests.frail_postgres import DATABASE, freeze, thaw
from tests.page.knowledge import DAY, NOW, add_dag, add_record, add_run
from tests.sample_events import COMPANY

pytest_plugins = ["tests.frail_postgres"]

FIELDS = {"schema", "healthy", "checked_at", "reasons", "last_night", "scheduler", "dag_processor", "watch"}
SECOND = timedelta(seconds=1)


def destination(name):
    return Destination(id=name, client=f"The {name} company", company_id=COMPANY)


def see(airflow, kind, at):
    airflow.execute(sqlalchemy.delete(Job).where(Job.job_type == kind))
    airflow.add(Job(job_type=kind, latest_heartbeat=at, state="running"))
    airflow.commit()


def end_watch(airflow, at, state="success"):
    add_dag(airflow, WATCH_DAG, prefix="")
    add_run(airflow, state=state, destination=WATCH_DAG, prefix="", end_date=at)


@pytest.fixture
def alive(airflow):
    """An Airflow whose every part was just seen, with nightly DAGs of acme and beta that have run before."""
    airflow.execute(sqlalchemy.delete(Job))
    for kind in ("SchedulerJob", "DagProcessorJob"):
        see(airflow, kind, NOW - SECOND)
    end_watch(airflow, NOW - SECOND)
    for name in ("acme", "beta"):
        add_dag(airflow, name)
    return airflow


def ask(airflow, readable=None, now=NOW, names=("acme", "beta")):
    return describe_health(read_health(airflow, [destination(name) for name in names], now), readable)


def deliver(ledger, *names, day=DAY, **values):
    for name in names:
        add_record(ledger, day - timedelta(1), name)
        add_record(ledger, day, name, **values)


def test_a_whole_night_is_healthy(alive, ledger):
    """Every delivery of the latest due day is there, an empty one too; nothing but numbers is said."""
    deliver(ledger, "acme")
    deliver(ledger, "beta", rows=0)
    answer = ask(alive)
    assert set(answer) == FIELDS
    assert (answer["healthy"], answer["reasons"]) == (True, [])
    states = {"delivered": 1, "empty": 1}
    assert answer["last_night"] == {"whole": True, "under_way": 0, "undelivered": 0, "states": states}
    assert answer["watch"] == {"alive": True, "seen_at": "2026-03-10T10:59:59Z"}


def test_a_night_that_was_skipped_is_whole(alive, ledger):
    """It had no events, and its client wants no file then."""
    deliver(ledger, "acme")
    deliver(ledger, "beta", state="skipped", rows=0, attempts=0)
    answer = ask(alive)
    assert (answer["healthy"], answer["last_night"]["whole"]) == (True, True)
    assert answer["last_night"]["states"] == {"delivered": 1, "skipped": 1}


@pytest.mark.parametrize("state", ["failed", "unconfirmed", "held"])
def test_a_night_that_is_not_whole_is_unhealthy(alive, ledger, state):
    """The names are for those who may read them."""
    deliver(ledger, "acme")
    deliver(ledger, "beta", state=state, delivered_at=None, last_error="files.example said no")
    answer = ask(alive, frozenset({"acme", "beta"}))
    assert answer["reasons"] == [f"The last night is not whole: 1 {state}."]
    day = str(DAY)
    named = {"destination": "beta", "event": "courseCompletion", "day": day, "state": state}
    assert answer["undelivered"] == [named]
    assert ask(alive, frozenset({"acme"}))["undelivered"] == []
    assert "beta" not in str(ask(alive))
    assert "files.example" not in str(answer)


def test_a_night_that_nobody_began_is_unhealthy(alive, ledger):
    """A dead scheduler leaves no failure behind."""
    deliver(ledger, "acme", "beta", day=DAY - timedelta(1))
    assert ask(alive)["last_night"] == {
        "whole": False, "under_way": 0, "undelivered": 2, "states": {"missing": 2},
    }  # fmt: skip


def test_a_night_under_way_is_healthy(alive, ledger):
    """It may still come; one that has failed for good is told then."""
    deliver(ledger, "acme")
    add_record(ledger, DAY - timedelta(1), "beta")
    add_run(alive, state="running", destination="beta")
    answer = ask(alive)
    assert (answer["healthy"], answer["last_night"]["under_way"]) == (True, 1)


@pytest.mark.parametrize("kind, part", [("SchedulerJob", "scheduler"), ("DagProcessorJob", "dag_processor")])
def test_a_part_of_airflow_that_is_silent_is_unhealthy(alive, ledger, kind, part):
    """Also where the night before is whole."""
    deliver(ledger, "acme", "beta")
    see(alive, kind, NOW - HEARTBEAT_SILENT)
    assert ask(alive)["healthy"]
    see(alive, kind, NOW - HEARTBEAT_SILENT - SECOND)
    answer = ask(alive)
    assert (answer["healthy"], answer[part]["alive"], len(answer["reasons"])) == (False, False, 1)


def test_a_watch_that_is_stale_is_unhealthy(alive, ledger):
    """And one that never ran."""
    deliver(ledger, "acme", "beta")
    later = NOW + WATCH_SILENT
    for kind in ("SchedulerJob", "DagProcessorJob"):
        see(alive, kind, later)
    answer = ask(alive, now=later)
    assert answer["reasons"] == [
        f"{WATCH_DAG} last ended well at 2026-03-10T10:59:59Z: nobody is told of what is wrong."
    ]
    alive.execute(sqlalchemy.text("delete from dag_run"))
    assert ask(alive)["watch"] == {"alive": False, "seen_at": None}


def test_a_watch_that_fails_at_every_look_is_stale(alive, ledger):
    """It runs, and tells nobody: a wrong edit of the rules, or a mail server that refuses for days."""
    deliver(ledger, "acme", "beta")
    later = NOW + WATCH_SILENT
    for kind in ("SchedulerJob", "DagProcessorJob"):
        see(alive, kind, later)
    add_run(alive, DAY - timedelta(5), "failed", WATCH_DAG, prefix="", end_date=later)
    assert ask(alive, now=later)["watch"] == {"alive": False, "seen_at": "2026-03-10T10:59:59Z"}


def test_a_ledger_that_cannot_be_read_is_told_without_it(alive, monkeypatch):
    """Why, only to whom is logged in: it may name a host."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", "postgresql://us:pw@127.0.0.1:9/ledger?connect_timeout=2")
    answer = ask(alive)
    assert answer["reasons"] == ["The ledger cannot be read: whether the last night is whole, nobody can tell."]
    assert (answer["last_night"]["whole"], answer["scheduler"]["alive"]) == (None, True)
    assert set(answer) == FIELDS
    assert "127.0.0.1" in ask(alive, frozenset())["ledger_error"]


@pytest.fixture
def client(alive, engine, monkeypatch, tmp_path):
    """The page as Airflow mounts it, asked by nobody who is logged in; acme is its only destination."""
    (tmp_path / "acme.yaml").write_text(f"client: Acme\ncompany_id: {COMPANY}\n")
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    monkeypatch.setattr(settings, "Session", sessionmaker(engine))
    monkeypatch.setattr(health, "_asked", None)

    async def refuse(_):
        raise HTTPException(401, "Not authenticated")

    monkeypatch.setattr(health, "require_user", refuse)
    return TestClient(serve, raise_server_exceptions=False)


def test_without_a_login_nothing_is_said_unless_that_is_configured(client, ledger, monkeypatch):
    """Numbers then, and 503: this Airflow was last seen in March."""
    assert client.get("/health").status_code == 401
    monkeypatch.setenv(health.PUBLIC, "1")
    answer = client.get("/health")
    assert (answer.status_code, set(answer.json())) == (503, FIELDS)
    assert client.head("/health").status_code == 503
    assert answer.headers["cache-control"] == "no-store"


def test_a_user_sees_the_destinations_that_are_readable(client, ledger, monkeypatch):
    """As on the page."""

    async def admit(_):
        return "somebody"

    monkeypatch.setattr(health, "require_user", admit)
    monkeypatch.setattr(health, "filter_readable", lambda user: [])
    assert client.get("/health").json()["undelivered"] == []


def test_many_checks_cost_no_more_than_one(client, ledger, monkeypatch):
    """What was found is kept for some seconds."""
    looked = []
    real = health.read_health
    monkeypatch.setattr(health, "read_health", lambda *given: looked.append(1) or real(*given))
    monkeypatch.setenv(health.PUBLIC, "1")
    with client:
        for _ in range(5):
            client.get("/health")
    assert len(looked) == 1


def test_a_ledger_that_hangs_is_told_in_time(client, frail_postgres, monkeypatch):
    """An uptime check would hang up, and name the wrong culprit."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", frail_postgres.uri(DATABASE))
    monkeypatch.setenv(health.PUBLIC, "1")
    with open_ledger():
        pass
    freeze(frail_postgres)
    began = time.monotonic()
    try:
        answer = client.get("/health")
    finally:
        thaw(frail_postgres)
    assert answer.status_code == 503
    assert "does not answer" in answer.json()["reasons"][0]
    assert time.monotonic() - began >= HEALTH_ANSWER / 2  # it did wait for the ledger


def test_a_metadata_database_that_is_gone_is_told(client, monkeypatch):
    """By the API server alone."""
    monkeypatch.setenv(health.PUBLIC, "1")
    gone = sqlalchemy.create_engine("postgresql+psycopg2://us:pw@127.0.0.1:9/airflow")
    monkeypatch.setattr(settings, "Session", sessionmaker(gone))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["Airflow's own database does not answer."])


def test_other_errors_are_the_pages(client, monkeypatch):
    """A fault of ours is no 200."""
    monkeypatch.setenv(health.PUBLIC, "1")

    def fail(*_):
        raise RetryableError("x")

    monkeypatch.setattr(health, "read_health", fail)
    assert client.get("/health").status_code == 503
