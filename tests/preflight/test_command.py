"""Does the command show the whole look, with pools and scheduler besides, and does its exit status tell?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy
from airflow._shared.timezones import timezone
from airflow.jobs.job import Job, JobState
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.pool import Pool
from sqlalchemy.orm import Session

from event_delivery.orchestration.pools import make_pools
from event_delivery.preflight.__main__ import main
from tests.preflight.conftest import write_destination

EMPTY = "truncate slot_pool, job, dag, dag_bundle cascade"


@pytest.fixture
def airflow(airflow_session: Session) -> Iterator[Session]:
    """Airflow's database, with our pools and a scheduler that lives."""
    job = Job(job_type="SchedulerJob", state=JobState.RUNNING)
    airflow_session.execute(sqlalchemy.text(EMPTY))
    airflow_session.commit()
    make_pools()
    job.latest_heartbeat = timezone.utcnow()
    airflow_session.add(job)
    airflow_session.commit()
    yield airflow_session
    airflow_session.rollback()
    airflow_session.execute(sqlalchemy.text(EMPTY))
    airflow_session.commit()


def run(capsys: Any, *arguments: str) -> tuple[int, Any]:
    status = main(["--json", *arguments])
    return status, json.loads(capsys.readouterr().out)


def test_nothing_to_tell_ends_with_0(airflow, destinations, events_db, staging_area, sftp_server, capsys):
    """A line for each destination, its server and the result."""
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"acme  127.0.0.1:{sftp_server.port}  fine"
    assert lines[-1] == "1 destinations are due, and nothing would fail that shows without a login."
    assert sftp_server.logins == []


def test_findings_come_first_and_end_with_1(airflow, destinations, events_db, staging_area, sftp_server, capsys):
    """Then the table says of each destination whether it would fail."""
    write_destination(destinations, "other")
    assert main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("other: The Airflow Connection 'sftp_other' is not defined.")
    address = f"127.0.0.1:{sftp_server.port}"
    wanted = [["acme", address, "fine"], ["other", "-", "would", "fail"]]
    assert [line.split() for line in lines[2:4]] == wanted
    status, told = run(capsys, "--destination", "acme")
    assert (status, told["findings"], told["destinations"]) == (0, [], 1)
    assert main(["--destination", "nobody"]) == 2
    assert "There is no destination 'nobody'." in capsys.readouterr().err


@pytest.mark.parametrize("slots, told", [(0, ["pool"]), (1, ["pool"]), (2, []), (-1, []), (None, ["pool"])])
def test_a_pool_in_which_no_extract_fits_is_told(
    airflow, destinations, events_db, staging_area, sftp_server, capsys, slots, told
):
    """An extract takes two; -1 is any number, none is a pool that is missing."""
    pool = airflow.scalars(sqlalchemy.select(Pool).where(Pool.pool == "sftp_extracts")).one()
    if slots is None:
        airflow.delete(pool)
    else:
        pool.slots = slots
    airflow.commit()
    status, report = run(capsys)
    assert [each["kind"] for each in report["findings"]] == told
    assert status == bool(told)


@pytest.mark.parametrize("hours", [None, 1])
def test_a_scheduler_that_does_not_live_is_told(
    airflow, destinations, events_db, staging_area, sftp_server, capsys, hours
):
    """One that gave no sign for an hour, or none at all."""
    for job in airflow.scalars(sqlalchemy.select(Job)):
        if hours:
            job.latest_heartbeat = timezone.utcnow() - timedelta(hours=hours)
        else:
            airflow.delete(job)
    airflow.commit()
    _, report = run(capsys)
    assert [each["kind"] for each in report["findings"]] == ["scheduler"]


def test_a_paused_destination_is_left_out(airflow, destinations, events_db, staging_area, sftp_server, capsys):
    """Nothing of it runs tonight."""
    write_destination(destinations, "paused")
    airflow.add(DagBundleModel(name="dags"))
    airflow.flush()
    airflow.add(DagModel(dag_id="nightly_sftp_events__paused", bundle_name="dags", fileloc="x", is_paused=True))
    airflow.commit()
    status, report = run(capsys)
    assert (status, list(report["servers"])) == (0, ["acme"])
