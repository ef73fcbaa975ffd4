"""Did the real scheduler deliver each destination's test file and yesterday's events, and as which files?"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from demo.logins import Login
from local_servers.airflow_client import FINISHED, AirflowClient, ApiError
from local_servers.processes import ServerError

DELIVERY_SECONDS = 150.0
APPEARANCE_SECONDS = 60.0
REPORT_SECONDS = 20.0
HELD_UP = ("failed", "upstream_failed", "up_for_retry")


@dataclass
class Delivery:
    """A delivery that the demo waits for: of a day's events, or of the test file if `day` is missing."""

    login: Login
    day: date | None
    run: dict[str, Any] | None = None

    @property
    def dag_id(self) -> str:
        """The DAG that makes it."""
        return f"{'nightly_sftp_events' if self.day else 'sftp_test_file'}__{self.login.destination}"

    @property
    def state(self) -> str:
        """The state of its DAG run, or that there is none yet."""
        return str(self.run["state"]) if self.run else "not started"

    def title(self) -> str:
        """Name it in the progress report."""
        return f"{self.login.destination}: {f'events of {self.day}' if self.day else 'test file'}"

    def find_run(self, client: AirflowClient) -> None:
        """Look for its DAG run, the test file's latest, or the one whose data interval is the day."""
        runs = client.get(f"/dags/{self.dag_id}/dagRuns", order_by="-run_after", limit=50)["dag_runs"]
        self.run = next((run for run in runs if not self.day or self._is_of_day(run, self.day)), None)

    def _is_of_day(self, run: dict[str, Any], day: date) -> bool:
        start = run["data_interval_start"]
        return bool(start) and datetime.fromisoformat(start) == self.login.midnight(day)

    def find_files(self, folder: Path) -> list[Path]:
        """List the files of this delivery that lie in the client's folder."""
        stamp = f"{self.login.due(self.day):%Y-%m-%dT%H-%M-%S}" if self.day else ""
        pattern = f"course*-[0-9]*_{stamp}-*.*" if self.day else "course*-test-*"
        return sorted((folder / self.login.folder).glob(pattern))


def unpause(client: AirflowClient, dag_id: str) -> None:
    """Unpause a DAG as soon as the dag processor has found it; raises ServerError after 60 s."""
    deadline = time.monotonic() + APPEARANCE_SECONDS
    while True:
        try:
            client.patch(f"/dags/{dag_id}", {"is_paused": False})
        except ApiError as error:
            if error.status != 404 or time.monotonic() > deadline:
                raise ServerError(f"The DAG {dag_id} did not appear: {_import_errors(client)}") from error
            time.sleep(0.5)
        else:
            return


def start_delivery(client: AirflowClient, delivery: Delivery, now: datetime) -> None:
    """See to it that a delivery runs now: the scheduler starts it by itself unless it is not due yet."""
    unpause(client, delivery.dag_id)
    delivery.find_run(client)
    if delivery.run and delivery.run["state"] != "success":
        _clear_held_up_tasks(client, delivery)
    elif delivery.day and not delivery.run and delivery.login.due(delivery.day) > now:
        midnight = delivery.login.midnight(delivery.day).isoformat()
        body = {"logical_date": midnight, "conf": {"day": str(delivery.day)}}
        client.post(f"/dags/{delivery.dag_id}/dagRuns", body)


def wait_for_deliveries(client: AirflowClient, deliveries: list[Delivery], report: Callable[[str], None]) -> None:
    """Wait until every delivery's run has ended, or 150 s, reporting each change of state."""
    deadline = reported = time.monotonic()
    deadline += DELIVERY_SECONDS
    waiting = list(deliveries)
    while waiting and time.monotonic() < deadline:
        for delivery in waiting:
            before = delivery.state
            delivery.find_run(client)
            if delivery.state != before or delivery.state in FINISHED:
                report(f"{delivery.title()}: {delivery.state}")
        waiting = [delivery for delivery in waiting if delivery.state not in FINISHED]
        if waiting and time.monotonic() > reported + REPORT_SECONDS:
            reported = time.monotonic()
            report(f"still waiting for {'; '.join(delivery.title() for delivery in waiting)}")
        time.sleep(1)


def find_problems(client: AirflowClient, delivery: Delivery, folder: Path) -> Iterator[str]:
    """Yield why a delivery did not arrive: its failing tasks' last log lines, or that no file lies there."""
    if delivery.run and delivery.state != "success":
        for task in client.tasks(delivery.dag_id, delivery.run["dag_run_id"]):
            if task["state"] != "success" and task["try_number"]:
                log = client.task_log(task, count=4)
                yield f"{delivery.title()}: task {task['task_id']} is {task['state']}\n{log}"
    if delivery.state != "success":
        yield f"{delivery.title()}: the run of {delivery.dag_id} is {delivery.state}"
    elif not delivery.find_files(folder):
        yield f"{delivery.title()}: the run succeeded, but no such file lies in {folder}"


def send_test_file(client: AirflowClient, login: Login) -> None:
    """Have a destination's test file sent once more."""
    client.post(f"/dags/{Delivery(login, None).dag_id}/dagRuns", {"logical_date": None})


def _clear_held_up_tasks(client: AirflowClient, delivery: Delivery) -> None:
    """Clear what has not succeeded; all of a test file, whose name is that of the instant of its run."""
    tasks = _tasks_of(client, delivery)
    if held_up := [task["task_id"] for task in tasks if task["state"] in HELD_UP]:
        _clear(client, delivery, held_up if delivery.day else [task["task_id"] for task in tasks])


def _tasks_of(client: AirflowClient, delivery: Delivery) -> list[dict[str, Any]]:
    return client.tasks(delivery.dag_id, delivery.run["dag_run_id"] if delivery.run else "")


def _clear(client: AirflowClient, delivery: Delivery, task_ids: list[str]) -> None:
    run_id = delivery.run["dag_run_id"] if delivery.run else ""
    body = {"dry_run": False, "dag_run_id": run_id, "task_ids": task_ids, "only_failed": False}
    client.post(f"/dags/{delivery.dag_id}/clearTaskInstances", {**body, "reset_dag_runs": True})


def _import_errors(client: AirflowClient) -> str:
    errors = client.get("/importErrors")["import_errors"]
    return "\n".join(error["stack_trace"] for error in errors) or "no import error; see the dag processor's log"
