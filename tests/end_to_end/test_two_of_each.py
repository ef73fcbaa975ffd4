"""Is nothing doubled where two of each of Airflow's servers run, and do clients of one busy host wait in turn?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from event_delivery.ledger import open_ledger
from event_delivery.ledger.host_leases import HostLease, release_host_lease, take_host_lease
from local_servers.airflow_client import AirflowClient
from local_servers.airflow_settings import ADMIN, read_secrets
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.processes import ServerProcess, start_process, stop_processes
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.sample_events import COMPANY
from tests.sftp_logins import PASSWORD, confirmed_uri
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

NAMES = ("birch", "cedar", "maple", "willow")
AT_ONCE = ["scheduler", "--skip-serve-logs"], ["triggerer", "--skip-serve-logs"]
LATER = ["dag-processor"]  # two that meet an empty database want to write the same bundle, and one dies of it


@dataclass
class Instance:
    """An Airflow with two of each server, and four clients of one hosting firm, which takes one connection."""

    apis: list[AirflowClient]
    metadata: str
    ledger: psycopg.Connection[Any]
    sftp: SftpServer
    busy: HostLease

    def uploads(self) -> list[dict[str, Any]]:
        """Return the uploads of all test files, in whichever run."""
        runs = [run for name in NAMES for run in self.apis[0].get(f"/dags/{test_file(name)}/dagRuns")["dag_runs"]]
        tasks = [task for run in runs for task in self.apis[0].tasks(run["dag_id"], run["dag_run_id"])]
        return [task for task in tasks if task["task_id"] == "upload"]


def test_file(destination: str) -> str:
    return f"sftp_test_file__{destination}"


test_file.__test__ = False  # type: ignore[attr-defined]


def start_seconds(stack: AirflowStack, *commands: list[str]) -> list[ServerProcess]:
    """Start another of some servers."""
    folder = stack.folder / "second_servers"
    start = [sys.executable, "-m", "airflow"]
    return [start_process(words[0], [*start, *words], folder, stack.environment()) for words in commands]


@pytest.fixture(scope="module")
def instance(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Start it while the host is busy, and unpause all at once."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "destinations").mkdir()
    (folder / "destinations/_defaults.yaml").write_text("connections_per_host: 1\n")
    for name in NAMES:
        (folder / f"destinations/{name}.yaml").write_text(f"client: {name}\ncompany_id: {COMPANY}\n")
    metadata, events_uri = (create_database(postgres, name) for name in ("two_airflow", "two_events"))
    users = [SftpUser(name, PASSWORD, name) for name in NAMES]
    with ExitStack() as resources:
        sftp = resources.enter_context(SftpServer(folder / "sftp", users))
        environment = {f"AIRFLOW_CONN_SFTP_{name.upper()}": confirmed_uri(sftp, name, PASSWORD) for name in NAMES}
        environment |= {
            "AIRFLOW_CONN_EVENTS_DB": events_uri,
            "EVENT_DELIVERY_DESTINATIONS": str(folder / "destinations"),
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
            "EVENT_DELIVERY_POOL_SLOTS": "6",
        }
        with psycopg.connect(events_uri, autocommit=True) as events:
            events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        patch = resources.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AIRFLOW_CONN_EVENTS_DB", events_uri)
        ledger = resources.enter_context(open_ledger())
        busy = take_host_lease(ledger, "somebody", f"127.0.0.1:{sftp.port}", 1, 3_600)
        assert busy
        port, second_port = find_free_port(), find_free_port()
        uri = postgres.sqlalchemy_uri("two_airflow")
        stack = AirflowStack(folder / "airflow", uri, port, extra_env=environment)
        resources.callback(stack.stop)
        seconds: list[ServerProcess] = []
        resources.callback(lambda: stop_processes(seconds))
        api = ["api-server", "--host", "127.0.0.1", "--workers", "1", "--port", str(second_port)]
        stack.start(lambda: seconds.extend(start_seconds(stack, *AT_ONCE, api)))
        seconds += start_seconds(stack, LATER)
        password = read_secrets(stack.folder)["admin_password"]
        second = AirflowClient(f"http://127.0.0.1:{second_port}", ADMIN, password)
        wait_until(lambda: bool(second.health()))
        apis = [stack.client(), second]
        wanted = set(map(test_file, NAMES))
        wait_until(lambda: wanted <= {dag["dag_id"] for dag in apis[0].get("/dags", limit=100)["dags"]})
        for number, name in enumerate(NAMES):
            apis[number % 2].patch(f"/dags/{test_file(name)}", {"is_paused": False})
        yield Instance(apis, metadata, ledger, sftp, busy)
        assert all(server.is_running() for server in seconds)


@pytest.fixture(scope="module")
def delivered(instance: Instance) -> list[dict[str, Any]]:
    """The uploads, once all have waited for the host, and it was free at last."""
    states = {"up_for_reschedule"}
    wait_until(lambda: [task["state"] in states for task in instance.uploads()] == [True] * len(NAMES))
    assert [path.name for name in NAMES for path in instance.sftp.user_folder(name).iterdir()] == []
    assert instance.ledger.execute("select count(*) from event_delivery.attempt").fetchone() == (0,)
    release_host_lease(instance.ledger, instance.busy)
    wait_until(lambda: {task["state"] for task in instance.uploads()} == {"success"})
    return instance.uploads()


def test_a_wait_for_a_busy_host_spends_no_try_and_no_attempt(instance, delivered):
    """Airflow counts one try of each upload, the ledger one attempt, and nobody was connected beside another."""
    assert [task["try_number"] for task in delivered] == [1] * len(NAMES)
    columns = "destination, attempt, started_at, ended_at"
    attempts = instance.ledger.execute(
        f"select {columns} from event_delivery.attempt order by started_at"
    ).fetchall()
    assert sorted((name, number) for name, number, *_ in attempts) == [(name, 1) for name in NAMES]
    assert all(before[3] <= after[2] for before, after in pairwise(attempts))
    assert instance.ledger.execute("select count(*) from event_delivery.host_lease").fetchone() == (0,)


def test_each_test_file_is_sent_once_and_each_pool_made_once(instance, delivered):
    """By whichever of the two schedulers; the setting sizes the pools."""
    assert len(delivered) == len(NAMES)
    assert [len(list(instance.sftp.user_folder(name).iterdir())) for name in NAMES] == [1] * len(NAMES)
    with psycopg.connect(instance.metadata) as airflow:
        pools = airflow.execute(
            "select pool, slots from slot_pool where pool like 'sftp%' order by pool"
        ).fetchall()
        jobs = "select job_type, count(*) from job where state = 'running' group by job_type"
        running = dict(airflow.execute(jobs).fetchall())
    assert pools == [("sftp_extracts", 32), ("sftp_upload_retries", 1), ("sftp_uploads", 6)]
    assert (running["SchedulerJob"], running["DagProcessorJob"]) == (2, 2)
    versions = "select count(*), count(distinct version) from event_delivery.schema_version"
    [(rows, distinct)] = instance.ledger.execute(versions).fetchall()
    assert rows == distinct
