"""Do other DAGs, OpenLineage and a collector of metrics learn of a delivery from a real Airflow?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from event_delivery.destinations.destination import Destination
from local_servers.airflow_client import AirflowClient, ApiError
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.metrics_collector import MetricsCollector, running_collector
from tests.sample_events import COMPANY, insert_event
from tests.sftp_logins import PASSWORD, confirmed_uri
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

DAG, PLAIN, BY_DAY = "nightly_sftp_events__acme", "on_arrival", "on_day"
DAY = date(2026, 3, 9)
ACME = Destination(id="acme", client="Acme", company_id=COMPANY)
CONSUMERS = f'''
from airflow.sdk import DAG, Asset, PartitionedAssetTimetable, get_current_context, task

ARRIVED, OF_A_DAY = Asset("sftp://acme/courseCompletion"), Asset("sftp://acme/courseCompletion/by-day")

with DAG("{PLAIN}", schedule=[ARRIVED], is_paused_upon_creation=False):

    @task
    def read(triggering_asset_events):
        return [event.extra for event in triggering_asset_events[ARRIVED]]

    read()

with DAG("{BY_DAY}", schedule=PartitionedAssetTimetable(assets=OF_A_DAY), is_paused_upon_creation=False):

    @task
    def read_day():
        return get_current_context()["dag_run"].partition_key

    read_day()
'''


@dataclass
class Instance:
    """An Airflow with one destination, and two DAGs that wait for its files."""

    api: AirflowClient
    events: psycopg.Connection[Any]
    collector: MetricsCollector
    lineage: Path
    server: str

    def lineage_events(self, task: str, run_id: str) -> list[dict[str, Any]]:
        """Return what OpenLineage was told of a task of a run, in its order."""
        told = [json.loads(line) for line in self.lineage.read_text().splitlines()]
        wanted = f"{DAG}.{task}"
        of_task = [event for event in told if event["job"]["name"] == wanted]
        return [event for event in of_task if run_id in json.dumps(event["run"]["facets"]["airflow"]["dagRun"])]

    def deliver(self, day: date = DAY) -> str:
        """Have a day delivered; returns the run's id."""
        run = self.api.post(f"/dags/{DAG}/dagRuns", {"logical_date": None, "conf": {"day": str(day)}})
        run_id: str = run["dag_run_id"]
        assert self.api.wait_for_run(DAG, run_id)["state"] == "success"
        return run_id

    def read(self, dag_id: str, task_id: str, count: int) -> list[Any]:
        """Wait until a DAG has run so often; returns what its task has returned, in the order of its runs."""
        runs: list[dict[str, Any]] = []

        def are_there() -> bool:
            runs[:] = self.api.get(f"/dags/{dag_id}/dagRuns", order_by="run_after")["dag_runs"]
            return len(runs) >= count and all(run["state"] == "success" for run in runs)

        wait_until(are_there, lambda: [(run["dag_run_id"], run["state"]) for run in runs])
        path = f"/dags/{dag_id}/dagRuns/{{}}/taskInstances/{task_id}/xcomEntries/return_value"
        return [self.api.get(path.format(run["dag_run_id"]), deserialize="true")["value"] for run in runs]

    def asset_events(self) -> list[dict[str, Any]]:
        """Return all events of assets, the first first, once every run that they have made has begun.

        Until then Airflow 3.3 answers 500: a run that is queued has no start, which its answer wants
        (https://github.com/apache/airflow/issues/71360).
        """
        found: list[dict[str, Any]] = []

        def are_answered() -> bool:
            try:
                found[:] = self.api.get("/assets/events", order_by="timestamp", limit=100)["asset_events"]
            except ApiError as error:
                if error.status != httpx.codes.INTERNAL_SERVER_ERROR:
                    raise
                return False
            return True

        wait_until(are_answered)
        return found

    def record(self) -> tuple[Any, ...]:
        """Return what the ledger says of the day."""
        query = "select file_name, rows, bytes, sha256 from event_delivery.delivery where interval_start = %s"
        return self.events.execute(query, [ACME.day(DAY).start]).fetchone() or ()


@pytest.fixture(scope="module")
def instance(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Airflow, a server, and a source with three events of the day."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "destinations").mkdir()
    (folder / "destinations/acme.yaml").write_text(f"client: Acme\ncompany_id: {COMPANY}\n")
    shutil.copytree(PROJECT / "dags", folder / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "dags/consumers.py").write_text(CONSUMERS)
    events_uri = create_database(postgres, "told_events")
    create_database(postgres, "told_airflow")
    with ExitStack() as resources:
        collector = resources.enter_context(running_collector())
        sftp = resources.enter_context(SftpServer(folder / "sftp", [SftpUser("acme", PASSWORD, "acme")]))
        environment = {
            "AIRFLOW_CONN_SFTP_ACME": confirmed_uri(sftp, "acme", PASSWORD),
            "AIRFLOW_CONN_EVENTS_DB": events_uri,
            "EVENT_DELIVERY_ASSETS_BY_DAY": "1",
            "EVENT_DELIVERY_DESTINATIONS": str(folder / "destinations"),
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                {"type": "file", "log_file_path": str(folder / "lineage.json"), "append": True}
            ),
            "AIRFLOW__METRICS__OTEL_ON": "True",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        }
        events = resources.enter_context(psycopg.connect(events_uri, autocommit=True))
        events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        for hours in (1, 2, 3):
            insert_event(events, ACME.day(DAY).start + timedelta(hours=hours))
        metadata = postgres.sqlalchemy_uri("told_airflow")
        stack = AirflowStack(
            folder / "airflow", metadata, find_free_port(), folder / "dags", extra_env=environment
        )
        resources.callback(stack.stop)
        stack.start()
        server = f"sftp://127.0.0.1:{sftp.port}"
        made = Instance(stack.client(), events, collector, folder / "lineage.json", server)
        wait_until(lambda: {DAG, PLAIN, BY_DAY} <= {dag["dag_id"] for dag in made.api.get("/dags")["dags"]})
        for dag_id in (DAG, "sftp_test_file__acme"):
            made.api.patch(f"/dags/{dag_id}", {"is_paused": False})
        wait_until(lambda: made.asset_events())  # the latest night's
        yield made


@pytest.fixture(scope="module")
def delivered(instance: Instance) -> str:
    """The run that delivered the day first."""
    return instance.deliver()


def told(instance: Instance) -> list[dict[str, Any]]:
    """Return what the plain DAG was told of the day, the first first."""
    events = [event for event in instance.asset_events() if event["extra"]["day"] == str(DAY)]
    return [event["extra"] for event in events if event["partition_key"] is None]


def test_a_dag_scheduled_on_a_file_runs_when_it_has_arrived_and_knows_which(instance, delivered):
    """It is told the name, rows, bytes and checksum that stand in the ledger, and the day."""
    name, rows, size, sha256 = instance.record()
    day = ACME.day(DAY)
    wanted = {
        "file_name": name,
        "rows": rows,
        "bytes": size,
        "sha256": sha256,
        "interval_start": f"{day.start.astimezone():%Y-%m-%dT%H:%M:%SZ}",
        "interval_end": f"{day.end.astimezone():%Y-%m-%dT%H:%M:%SZ}",
        "day": str(DAY),
        "kind": "nightly",
        "supplement": 0,
    }
    assert rows == 3
    found = [extra for extras in instance.read(PLAIN, "read", 2) for extra in extras]
    assert [extra for extra in found if extra["day"] == str(DAY)] == [wanted]


def test_a_dag_partitioned_by_day_runs_for_each_day(instance, delivered):
    """The day is the destination's own, and the run's partition."""
    assert str(DAY) in instance.read(BY_DAY, "read_day", 2)


def test_a_day_delivered_again_is_told_again_as_such(instance, delivered):
    """A DAG that loads the file loads the new one."""
    before = told(instance)
    instance.deliver()
    after = told(instance)
    assert after[: len(before)] == before
    assert [extra["kind"] for extra in after[len(before) :]] == ["redelivery"]


def test_a_backfill_that_leaves_a_day_as_it_is_tells_nobody(instance, delivered):
    """Its upload ends well, and nothing has arrived."""
    before = [event["id"] for event in instance.asset_events()]
    body = {"dag_id": DAG, "from_date": f"{DAY}T00:00:00Z", "to_date": f"{DAY}T00:00:00Z"}
    body |= {"reprocess_behavior": "none", "max_active_runs": 2, "dag_run_conf": {}, "run_backwards": False}
    instance.api.post("/backfills", body)

    def is_over() -> bool:
        runs = instance.api.get(f"/dags/{DAG}/dagRuns", limit=100)["dag_runs"]
        return any(run["run_type"] == "backfill" and run["state"] == "success" for run in runs)

    wait_until(is_over)
    assert [event["id"] for event in instance.asset_events()] == before


def test_a_test_file_tells_nobody(instance, delivered):
    """It brings no day of a client."""
    test_files = instance.api.get("/dags/sftp_test_file__acme/dagRuns")["dag_runs"]
    instance.api.wait_for_run("sftp_test_file__acme", test_files[0]["dag_run_id"])
    assert {event["source_dag_id"] for event in instance.asset_events()} == {DAG}


def test_openlineage_follows_the_events_from_table_to_client(instance, delivered):
    """By the provider's own listener: what the extract wrote is what the upload read, with rows and checksum."""
    wait_until(lambda: [e["eventType"] for e in instance.lineage_events("upload", delivered)][-1:] == ["COMPLETE"])
    staged = instance.lineage_events("extract", delivered)[-1]
    uploaded = instance.lineage_events("upload", delivered)[-1]
    [folder] = staged["outputs"]
    [file] = uploaded["outputs"]
    assert [each["name"].endswith(".public.events") for each in staged["inputs"]] == [True]
    assert [each["name"] for each in uploaded["inputs"]] == [staged["inputs"][0]["name"], folder["name"]]
    name, rows, size, sha256 = instance.record()
    assert (file["namespace"], file["name"].rpartition("/")[2]) == (instance.server, name)
    counted = file["outputFacets"]["outputStatistics"]
    assert (counted["rowCount"], counted["size"]) == (rows, size)
    assert uploaded["run"]["facets"]["eventDelivery"]["sha256"] == sha256
    assert "from events" in staged["job"]["facets"]["sql"]["query"]
    assert PASSWORD not in instance.lineage.read_text()


def test_a_collector_of_metrics_is_sent_what_an_upload_tells(instance, delivered):
    """By Airflow's own exporter, at the end of the task's process."""
    _, rows, size, _ = instance.record()
    tags = {"destination": "acme", "event": "courseCompletion"}
    wait_until(lambda: (tags, size) in instance.collector.find("event_delivery.bytes"))
    assert (tags, rows) in instance.collector.find("event_delivery.rows")
    assert (tags, 1) in instance.collector.find("event_delivery.attempts.delivered")
    assert all(value > 0 for _, value in instance.collector.find("event_delivery.upload_time"))


def test_the_service_dag_tells_how_the_last_night_stands(instance, delivered):
    """Each hour, from the moment that it is there."""
    wait_until(lambda: instance.collector.find("event_delivery.last_night.delivered"))
    assert instance.collector.find("event_delivery.missing_days")
