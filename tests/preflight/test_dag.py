"""Does Airflow look over the night by day, at the instance's time, and is what it finds noticed?"""

from __future__ import annotations

import runpy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pendulum
import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction

from event_delivery.ledger import open_ledger
from event_delivery.ledger.preflights import read_preflight
from event_delivery.orchestration.preflight import preflight_deliveries
from tests import PROJECT
from tests.preflight.conftest import write_destination

NEVER = lambda _: False  # noqa: E731


def load_dag() -> Any:
    return runpy.run_path(str(PROJECT / "dags/preflight_deliveries.py"))["dag"]


def next_start(dag: Any) -> str:
    """Return when its next run starts after the last, by the clock of its zone."""
    zone = dag.timetable.schedule.timezone
    restriction = TimeRestriction(pendulum.datetime(2026, 3, 28), None, True)
    info = dag.timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction)
    return f"{info.run_after.in_timezone(zone):%H:%M} {zone}"


def write_defaults(folder: Path, text: str) -> None:
    (folder / "_defaults.yaml").write_text(text)


def test_the_dag_is_one_task_without_a_slot_and_without_a_retry(destinations):
    """Unpaused, once a day; it is not taken for a destination's."""
    dag = load_dag()
    [task] = dag.tasks
    assert (dag.dag_id, dag.is_paused_upon_creation, dag.catchup) == ("preflight_deliveries", False, False)
    assert (task.task_id, task.pool, task.retries) == ("look_over", "default_pool", 0)
    assert DagSerialization.to_dict(dag)["dag"]["dag_id"] == "preflight_deliveries"


@pytest.mark.parametrize(
    "defaults, at, start",
    [
        (None, None, "16:00 America/New_York"),
        ("timezone: Europe/Berlin", None, "16:00 Europe/Berlin"),
        ("timezone: Europe/Berlin", "09:30", "09:30 Europe/Berlin"),
        ("timezone: Mars/Olympus", "", "16:00 America/New_York"),
        ("timezone: [", "25:00", "16:00 America/New_York"),
        ("deliver_at: 03:00", "4 pm", "16:00 America/New_York"),
    ],
)
def test_it_starts_at_the_instance_s_time(destinations, monkeypatch, defaults, at, start):
    """16:00 in the zone of the instance's defaults, unless a setting says otherwise; a wrong one loses no look."""
    if defaults:
        write_defaults(destinations, defaults)
    if at is not None:
        monkeypatch.setenv("EVENT_DELIVERY_PREFLIGHT_AT", at)
    assert next_start(load_dag()) == start


def test_what_would_fail_makes_it_red_and_stands_in_the_ledger(destinations, events_db, staging_area):
    """A sentence each; mended, the next look is green and the ledger's findings are gone."""
    write_destination(destinations, "other")
    with pytest.raises(AirflowFailException) as caught:
        preflight_deliveries(datetime.now(UTC), NEVER)
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["acme", "other"]
    with open_ledger() as ledger:
        looked = read_preflight(ledger)
    assert [(each.destination, each.kind) for each in looked.findings] == [
        ("acme", "connection"),
        ("other", "connection"),
    ]
    for name in ("acme", "other"):
        (destinations / f"{name}.yaml").unlink()
    preflight_deliveries(datetime.now(UTC), NEVER)
    with open_ledger() as ledger:
        assert read_preflight(ledger).findings == ()


def test_a_paused_destination_is_left_out_and_one_that_airflow_does_not_know_is_not(
    destinations, events_db, staging_area
):
    """Who cannot be asked about may run tonight."""
    for name in ("paused", "unknown"):
        write_destination(destinations, name)

    def is_paused(dag_id: str) -> bool:
        if dag_id.endswith("__unknown"):
            raise RuntimeError("404")
        return dag_id.endswith("__paused")

    with pytest.raises(AirflowFailException) as caught:
        preflight_deliveries(datetime.now(UTC), is_paused)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["acme", "unknown"]


def test_a_wrong_setting_is_told(destinations, events_db, staging_area, monkeypatch):
    """The look was made, at the usual time."""
    (destinations / "acme.yaml").unlink()
    monkeypatch.setenv("EVENT_DELIVERY_PREFLIGHT_AT", "4 pm")
    with pytest.raises(AirflowFailException, match="found '4 pm', wanted a time such as 16:00"):
        preflight_deliveries(datetime.now(UTC), NEVER)


def test_a_ledger_that_is_down_hides_no_finding(destinations, events_db, staging_area, monkeypatch):
    """What cannot be kept is told all the same."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", "postgresql://u:p@127.0.0.1:9/x")
    with pytest.raises(AirflowFailException) as caught:
        preflight_deliveries(datetime.now(UTC), NEVER)
    assert "could not be kept" in str(caught.value)
    assert "sftp_acme" in str(caught.value)
