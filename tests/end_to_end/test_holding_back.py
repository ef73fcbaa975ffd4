"""Does a real Airflow wait for a source that is not complete, and hold an unusual night?"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.destinations.destination import Destination
from event_delivery.ledger import open_ledger
from event_delivery.ledger.attempts import RecordedFile, Sent
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.deliveries import record_delivered
from event_delivery.limits import SOURCE_ASKED_SOONEST
from local_servers.airflow_client import AirflowClient
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.sample_events import COMPANY, insert_event
from tests.sftp_logins import PASSWORD, confirmed_uri
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

DAG = "nightly_sftp_events__acme"
DAY = date(2026, 3, 9)
ACME = Destination(id="acme", client="Acme", company_id=COMPANY)


@dataclass
class Instance:
    """An Airflow whose project has a statement that tells whether the source is complete."""

    api: AirflowClient
    events: psycopg.Connection[Any]
    metadata: str
    folder: Path

    def trigger(self, **conf: Any) -> str:
        """Ask for the day; returns the run's id."""
        body = {"logical_date": None, "conf": {"day": str(DAY)} | conf}
        run_id: str = self.api.post(f"/dags/{DAG}/dagRuns", body)["dag_run_id"]
        return run_id

    def task(self, run_id: str, name: str) -> dict[str, Any]:
        """Return a task of a run."""
        [found] = [task for task in self.api.tasks(DAG, run_id) if task["task_id"] == name]
        return found

    def waits(self, run_id: str) -> int:
        """Return how often the run has asked the source in vain."""
        return self.api.task_log(self.task(run_id, "extract"), 99).count("Waiting for the source since")

    def set_ready(self, is_ready: bool) -> None:
        self.events.execute("update source_state set is_ready = %s", [is_ready])

    def let_time_pass(self) -> None:
        """Let the instant come at which a task asks again: not sooner than it ever does (see `source_wait`)."""
        time.sleep(SOURCE_ASKED_SOONEST.total_seconds())
        with psycopg.connect(self.metadata, autocommit=True) as metadata:
            metadata.execute("update task_reschedule set reschedule_date = now()")

    def record(self) -> tuple[Any, ...]:
        """Return what the ledger says of the day."""
        columns = "state, rows, attempts, unusual, last_error"
        query = f"select {columns} from event_delivery.delivery where interval_start = %s"
        return self.events.execute(query, [ACME.day(DAY).start]).fetchone() or ()

    def files(self) -> list[str]:
        """Return the names of the day's files on the server; the latest night's may lie there too."""
        return [path.name for path in self.folder.iterdir() if "_2026-03-10T" in path.name]


def make_project(folder: Path) -> Path:
    """Copy the project, and let it ask whether the source is complete; returns the folder of plugins."""
    for name in ("plugins", "include", "dags"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "include/sql/source_ready.sql").write_text("select is_ready from source_state")
    return folder / "plugins"


def deliver_weeks() -> None:
    """Let eight days of that weekday have been delivered, of forty events each."""
    with open_ledger() as ledger:
        for weeks in range(1, 9):
            before = nightly_delivery(ACME, "courseCompletion", ACME.day(DAY - timedelta(7 * weeks)))
            file = RecordedFile(before.file_name, {"format": "json"}, 40, 1, "0" * 64, {})
            attempt = begin_attempt(ledger, before, file, DAG, "earlier", False)
            record_delivered(ledger, attempt, before.file_name, 1.0, Sent())


@pytest.fixture(scope="module")
def instance(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Airflow, a server, a source with three events that day, and a destination that holds back."""
    folder = tmp_path_factory.mktemp("holding")
    (folder / "destinations").mkdir()
    text = f"client: Acme\ncompany_id: {COMPANY}\nwait_for_source: 6h\nunusual_count: hold\n"
    (folder / "destinations/acme.yaml").write_text(text)
    plugins = make_project(folder / "project")
    events_uri = create_database(postgres, "holding_events")
    metadata = create_database(postgres, "holding_airflow")
    with ExitStack() as resources:
        sftp = resources.enter_context(SftpServer(folder / "sftp", [SftpUser("acme", PASSWORD, "acme")]))
        environment = {
            "AIRFLOW_CONN_SFTP_ACME": confirmed_uri(sftp, "acme", PASSWORD),
            "AIRFLOW_CONN_EVENTS_DB": events_uri,
            "EVENT_DELIVERY_DESTINATIONS": str(folder / "destinations"),
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
        }
        events = resources.enter_context(psycopg.connect(events_uri, autocommit=True))
        events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        events.execute("create table source_state as select false as is_ready")
        for hours in (1, 2, 3):
            insert_event(events, ACME.day(DAY).start + timedelta(hours=hours))
        patch = resources.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AIRFLOW_CONN_EVENTS_DB", events_uri)
        stack = AirflowStack(
            folder / "airflow",
            postgres.sqlalchemy_uri("holding_airflow"),
            find_free_port(),
            folder / "project/dags",
            plugins,
            environment,
        )
        resources.callback(stack.stop)
        stack.start(deliver_weeks)
        made = Instance(stack.client(), events, metadata, sftp.user_folder("acme"))
        wait_until(lambda: any(dag["dag_id"] == DAG for dag in made.api.get("/dags")["dags"]))
        made.api.patch(f"/dags/{DAG}", {"is_paused": False})
        yield made


@pytest.fixture(scope="module")
def held(instance: Instance) -> str:
    """A run that has waited for the source, and was held then."""
    run_id = instance.trigger()
    wait_until(lambda: instance.task(run_id, "extract")["state"] == "up_for_reschedule")
    instance.let_time_pass()
    wait_until(lambda: instance.waits(run_id) == 2)
    wait_until(lambda: instance.task(run_id, "extract")["state"] == "up_for_reschedule")
    assert instance.task(run_id, "upload")["state"] is None
    assert instance.record() == ()
    instance.set_ready(True)
    instance.let_time_pass()
    assert instance.api.wait_for_run(DAG, run_id)["state"] == "failed"
    return run_id


def test_a_run_waits_for_its_source_without_a_try_and_without_a_slot(instance, held):
    """It was asked in vain twice, and `extract` is in its first try; the log says since when it waits."""
    extract = instance.task(held, "extract")
    assert (extract["state"], extract["try_number"]) == ("success", 1)
    assert instance.waits(held) == 2


def test_an_unusual_night_is_held_at_once_and_released_by_a_run(instance, held):
    """Three events where there always are forty: one try, nothing sent, and the ledger has the command."""
    upload = instance.task(held, "upload")
    assert (upload["state"], upload["try_number"]) == ("failed", 1)
    state, rows, attempts, unusual, error = instance.record()
    assert (state, rows, attempts, unusual) == ("held", None, 0, None)
    assert instance.files() == []
    conf = json.loads(error.split("--conf '")[1].split("'")[0])
    released = instance.trigger(**conf)
    ended = instance.api.wait_for_run(DAG, released)
    assert ended["state"] == "success"
    assert "unusually few events, 3: the last 8 days of this weekday had 40 to 40" in ended["note"]
    assert instance.files() == [nightly_delivery(ACME, "courseCompletion", ACME.day(DAY)).file_name]
    assert instance.record()[:3] == ("delivered", 3, 1)
