"""Does Airflow look every few minutes, whatever destinations there are, and say what it could not tell?"""

from __future__ import annotations

import runpy

import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.serialization.serialized_objects import DagSerialization

from event_delivery.orchestration import watch as watching
from event_delivery.orchestration.names import destination_of_dag
from tests import PROJECT


@pytest.fixture(autouse=True)
def no_destinations(monkeypatch, tmp_path):
    """An empty folder of destinations."""
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path / "none"))


def load_dag():
    return runpy.run_path(str(PROJECT / "dags/watch_deliveries.py"))["dag"]


def test_the_watch_looks_every_ten_minutes_from_the_moment_that_it_is_there():
    """Nobody need unpause it, it needs no destination and no database, and takes no slot of a delivery's pool."""
    dag = load_dag()
    seen = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert (seen.dag_id, seen.timetable.summary, seen.max_active_runs) == ("watch_deliveries", "*/10 * * * *", 1)
    assert (dag.is_paused_upon_creation, dag.catchup) == (False, False)
    [task] = dag.tasks
    assert (task.task_id, task.pool, task.retries) == ("watch", "default_pool", 1)
    assert task.execution_timeout.total_seconds() <= 300
    assert destination_of_dag(dag.dag_id) is None
    load_dag().get_task("watch").python_callable()


@pytest.mark.parametrize("text, schedule", [("1", "*/1 * * * *"), ("30", "*/30 * * * *"), ("60", "*/10 * * * *")])
def test_a_setting_says_how_often(monkeypatch, text, schedule):
    """One that is none leaves the DAG as it is, and the task says so."""
    monkeypatch.setenv("EVENT_DELIVERY_WATCH_MINUTES", text)
    assert DagSerialization.from_dict(DagSerialization.to_dict(load_dag())).timetable.summary == schedule
    if text == "60":
        with pytest.raises(AirflowFailException, match="EVENT_DELIVERY_WATCH_MINUTES: wanted 1 to 59 minutes"):
            watching.watch_once()
    else:
        watching.watch_once()


def test_wrong_rules_fail_the_task_and_no_parse(monkeypatch, tmp_path):
    """The DAG is there, and its task says what is wrong."""
    monkeypatch.setenv("EVENT_DELIVERY_ALERTS", str(tmp_path / "alerts.yaml"))
    (tmp_path / "alerts.yaml").write_text("rules: 7")
    with pytest.raises(AirflowFailException, match=r"alerts\.yaml: field 'rules': "):
        load_dag().get_task("watch").python_callable()
