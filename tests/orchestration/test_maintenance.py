"""Is what nobody needs any more cleared away, whether or not a destination's DAG runs?"""

from __future__ import annotations

import logging
import os
import runpy
import time
from types import SimpleNamespace

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from event_delivery.errors import PermanentError
from event_delivery.ledger import open_ledger
from event_delivery.ledger.attempts import RecordedFile
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.open_deliveries import OpenDeliveries, record_silent_failure
from event_delivery.orchestration import listener
from event_delivery.orchestration.names import destination_of_dag
from event_delivery.schedule import Interval
from event_delivery.staging import staging_folder
from tests import PROJECT

DAG_ID, DAY = "event_delivery_maintenance", 86_400


def load_dag():
    return runpy.run_path(str(PROJECT / "dags/event_delivery_maintenance.py"))["dag"]


def test_the_maintenance_runs_daily_from_the_moment_that_it_is_there(monkeypatch, tmp_path):
    """Nobody need unpause it, and it needs no destination; Airflow reads its file."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path / "none"))
    dag = load_dag()
    assert (dag.dag_id, dag.is_paused_upon_creation, dag.catchup) == (DAG_ID, False, False)
    seen = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert (seen.timetable.summary, seen.task_ids) == ("0 0 * * *", ["expire_staged", "purge_ledger"])
    text = (PROJECT / "dags/event_delivery_maintenance.py").read_text().lower()
    assert "airflow" in text
    assert "dag" in text


def test_staged_files_expire_by_the_maintenance_alone(staging_area, delivery, monkeypatch):
    """Also while every destination's DAG is paused, nothing personal outlasts its days."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_DAYS", "2")
    folder = staging_folder(delivery)
    (folder / "events.csv").write_bytes(b"x")
    os.utime(folder, (time.time() - 3 * DAY,) * 2)
    load_dag().get_task("expire_staged").python_callable()
    assert not folder.exists()


def test_the_maintenance_names_what_it_deletes_beforehand(staging_area, delivery, monkeypatch, caplog):
    """Destination, file and age stand in the log, also of what tomorrow's run will delete."""
    folder = staging_folder(delivery)
    (folder / "events.csv").write_bytes(b"x")
    os.utime(folder, (time.time() - 6.5 * DAY,) * 2)
    task = load_dag().get_task("expire_staged")
    with caplog.at_level(logging.INFO):
        task.python_callable()
    assert f"To be deleted tomorrow: acme, {folder.name}/events.csv: 7.5 days untouched" in caplog.text
    os.utime(folder, (time.time() - 7.5 * DAY,) * 2)
    with caplog.at_level(logging.INFO):
        task.python_callable()
    assert f"To be deleted now: acme, {folder.name}/events.csv: 7.5 days untouched" in caplog.text
    assert not folder.exists()


def test_the_maintenance_succeeds_where_nothing_was_staged_yet(staging_area):
    """A new instance has no staging area."""
    load_dag().get_task("expire_staged").python_callable()


def test_the_ledger_is_purged_by_a_task_of_its_own(events_db, delivery, staging_area, monkeypatch):
    """It waits for no other, and says what it removed; what one refuses stops the other not."""
    file = RecordedFile("acme.json", {"format": "json"}, 3, 30, "0" * 64, {"top_titles": {"Coping with grief": 1}})
    with open_ledger() as ledger:
        begin_attempt(ledger, delivery, file, "dag", "run", False)
        record_silent_failure(ledger, open_delivery(delivery))
        ledger.execute("update event_delivery.delivery_attempt set started_at = now() - interval '401 days'")
        ledger.execute("update event_delivery.delivery_record set first_attempt_at = now() - interval '401 days'")
        ledger.execute("update event_delivery.delivery_record set failed_at = null")
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_DAYS", "-1")
    dag = load_dag()
    assert [task.upstream_task_ids | task.downstream_task_ids for task in dag.tasks] == [set(), set()]
    with pytest.raises(PermanentError):
        dag.get_task("expire_staged").python_callable()
    dag.get_task("purge_ledger").python_callable()
    assert events_db.execute("select profile, state from event_delivery.delivery").fetchall() == [(None, "failed")]


def open_delivery(delivery):
    interval = Interval(delivery.interval_start, delivery.interval_end)
    return OpenDeliveries(delivery.destination.id, [delivery.event], interval, "dag", "run", "a worker died")


def test_a_new_instance_has_no_ledger_to_purge(events_db):
    """The maintenance succeeds, and makes none."""
    load_dag().get_task("purge_ledger").python_callable()


def test_page_and_listener_take_the_maintenance_for_no_destination():
    """Its runs have no delivery to note, and no failure for the ledger."""
    assert destination_of_dag(DAG_ID) is None
    run = SimpleNamespace(dag_id=DAG_ID, backfill_id=None, dag=load_dag(), note=None)
    listener.on_dag_run_running(run, "")
    assert run.note is None
