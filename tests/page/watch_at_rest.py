"""How is a real Airflow's watch kept from closing the incidents that a test makes up?"""

from __future__ import annotations

from local_servers.airflow_client import AirflowClient, ApiError
from tests.waiting import wait_until

_WATCH = "/dags/watch_deliveries"


def stop_watch(client: AirflowClient) -> None:
    """Pause the watch, and wait until no look is under way."""
    wait_until(lambda: _pause(client))
    wait_until(lambda: _is_at_rest(client), lambda: client.get(f"{_WATCH}/dagRuns"))


def _pause(client: AirflowClient) -> bool:
    try:
        return bool(client.patch(_WATCH, {"is_paused": True})["is_paused"])
    except ApiError as error:
        if error.status != 404:
            raise
        return False


def _is_at_rest(client: AirflowClient) -> bool:
    runs = client.get(f"{_WATCH}/dagRuns", limit=100)["dag_runs"]
    return all(run["state"] in ("success", "failed") for run in runs)
