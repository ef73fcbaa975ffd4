"""How are Airflow's REST API and a DAG run's outcome read?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from local_servers.processes import ServerError

ANSWER_SECONDS = 120.0  # of an API server on a busy machine
FINISHED = ("success", "failed")


class ApiError(ServerError):
    """The API refused a request; `status` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class AirflowClient:
    """Requests to one API server, logged in by name and password."""

    url: str
    user: str
    password: str
    _token: str = ""

    def get(self, path: str, **params: str | int) -> dict[str, Any]:
        """Read `/api/v2<path>`; raises ApiError."""
        return self._request("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create or act; raises ApiError."""
        return self._request("POST", path, json=body)

    def put(self, path: str) -> dict[str, Any]:
        """Act on what is there; raises ApiError."""
        return self._request("PUT", path)

    def delete(self, path: str) -> dict[str, Any]:
        """Remove; returns what the server says, often nothing."""
        return self._request("DELETE", path)

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change the fields in `body`; raises ApiError."""
        return self._request("PATCH", path, json=body)

    def health(self) -> dict[str, str]:
        """Return each component's status (`healthy`, `unhealthy` or nothing); empty if nobody answers."""
        try:
            answer = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=5, trust_env=False).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return {name: part.get("status") or "" for name, part in answer.items() if isinstance(part, dict)}

    def wait_for_run(self, dag_id: str, run_id: str, seconds: float = 600) -> dict[str, Any]:
        """Wait until a DAG run has succeeded or failed, and return it.

        Raises:
            ServerError: when it is neither after so many seconds.
        """
        deadline = time.monotonic() + seconds
        while (run := self.get(f"/dags/{dag_id}/dagRuns/{run_id}"))["state"] not in FINISHED:
            if time.monotonic() > deadline:
                raise ServerError(f"{dag_id}, run {run_id}: still {run['state']} after {seconds:.0f} s")
            time.sleep(0.5)
        return run

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """List a run's task instances."""
        tasks: list[dict[str, Any]] = self.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return tasks

    def task_log(self, task: Mapping[str, Any], count: int = 12) -> str:
        """Return the last lines of a task instance's latest attempt."""
        path = f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        path += f"/logs/{max(task['try_number'], 1)}"
        try:
            content = self.get(path, map_index=task["map_index"], full_content="true")["content"]
        except ApiError as error:
            return f"(no log: {error})"
        lines = [line for entry in content if "::" not in (line := _log_line(entry))]
        return "\n".join(lines[-count:])

    def _request(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = self._send(method, path, arguments)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = ""
            answer = self._send(method, path, arguments)
        if answer.is_error:
            raise ApiError(f"{method} {path}: {answer.status_code} {answer.text[:300]}", answer.status_code)
        return answer.json() if answer.content else {}

    def _send(self, method: str, path: str, arguments: Mapping[str, Any]) -> httpx.Response:
        try:
            self._token = self._token or self._log_in()
            headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
            with httpx.Client(timeout=ANSWER_SECONDS, trust_env=False, headers=headers) as client:
                return client.request(method, f"{self.url}/api/v2{path}", **arguments)
        except httpx.HTTPError as error:
            raise ServerError(f"Airflow's API does not answer: {error}") from error

    def _log_in(self) -> str:
        login = {"username": self.user, "password": self.password}
        answer = httpx.post(f"{self.url}/auth/token", json=login, timeout=ANSWER_SECONDS, trust_env=False)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token


def _log_line(entry: str | Mapping[str, Any]) -> str:
    if isinstance(entry, str):
        return entry
    causes = [f"{cause['exc_type']}: {cause['exc_value']}" for cause in entry.get("error_detail") or []]
    level = str(entry.get("level", "")).upper()
    return " ".join(filter(None, [str(entry.get("timestamp") or "")[:19], level, entry["event"], *causes]))
