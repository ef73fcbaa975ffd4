"""How does a whole Airflow run in one folder: API server, scheduler, dag processor, triggerer?"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from local_servers.airflow_client import AirflowClient
from local_servers.airflow_servers import SERVERS, find_servers, start_server, stop_airflow
from local_servers.airflow_settings import ADMIN, PROJECT, make_environment, read_secrets
from local_servers.processes import ServerError, ServerProcess, death_notice

START_SECONDS = 300.0
HEALTH_NAMES = ("metadatabase", "scheduler", "triggerer", "dag_processor")


@dataclass(frozen=True)
class AirflowStack:
    """An Airflow with AIRFLOW_HOME `folder`, whose processes outlive the one that started them.

    `database` is the SQLAlchemy URI of its metadata database, `port` the API server's, on 127.0.0.1;
    `extra_env` reaches every process (`AIRFLOW_CONN_*`, `EVENT_DELIVERY_*`, ...).
    """

    folder: Path
    database: str
    port: int
    dags: Path = PROJECT / "dags"
    plugins: Path = PROJECT / "plugins"
    extra_env: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The UI's address."""
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> AirflowClient:
        """Return a REST client logged in as admin."""
        return AirflowClient(self.url, ADMIN, read_secrets(self.folder)["admin_password"])

    def environment(self) -> dict[str, str]:
        """Return the environment of every process of this Airflow."""
        return make_environment(self.folder, self.database, self.port, self.dags, self.plugins, self.extra_env)

    def run_cli(self, *arguments: str) -> str:
        """Run the `airflow` command (about 5 s) and return what it printed.

        Raises:
            ServerError: when it fails, with the end of its output.
        """
        command = [sys.executable, "-m", "airflow", *arguments]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, cwd="/")
        if done.returncode:
            output = (done.stdout + done.stderr).strip()
            raise ServerError(f"airflow {' '.join(arguments[:2])} failed:\n{output[-2000:]}")
        return done.stdout

    def start(self, prepare: Callable[[], object] = lambda: None) -> None:
        """Start whatever of it does not run, and return when all parts are healthy.

        `prepare` is called while the API server starts: the metadata database is ready then, and no
        task runs yet.

        Raises:
            ServerError: when a process dies, or after 300 s.
        """
        if self._environment_changed():
            self.stop()
        self._migrate()
        env = self.environment()
        early = [start_server(self.folder, name, self.port, env) for name in SERVERS if name != "scheduler"]
        prepare()
        self._wait_until(lambda: bool(self.client().health()), early)
        self._wait_until(self.is_healthy, [*early, start_server(self.folder, "scheduler", self.port, env)])

    def stop(self) -> None:
        """Stop every process, those too that a dead one left behind."""
        stop_airflow(self.folder)

    def is_running(self) -> bool:
        """Tell whether all four servers live and report themselves healthy."""
        servers = find_servers(self.folder)
        alive = len(servers) == len(SERVERS) and all(server.is_running() for server in servers)
        return alive and self.is_healthy()

    def is_healthy(self) -> bool:
        """Tell whether the API reports every part as healthy."""
        health = self.client().health()
        return all(health.get(name) == "healthy" for name in HEALTH_NAMES)

    def _wait_until(self, is_ready: Callable[[], bool], servers: Sequence[ServerProcess]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_ready():
            if dead := next((server for server in servers if not server.is_running()), None):
                raise death_notice(dead)
            if time.monotonic() > deadline:
                health = self.client().health() or "no answer"
                raise ServerError(f"Airflow is not ready ({health}). Its logs: {self.folder}/servers")
            time.sleep(0.5)

    def _migrate(self) -> None:
        marker = self.folder / "migrated"
        done = f"{version('apache-airflow')} {self.database}"
        if not marker.exists() or marker.read_text() != done:
            self.run_cli("db", "migrate")
            marker.write_text(done)

    def _environment_changed(self) -> bool:
        """Compare with the environment at the last start: running servers keep the old one."""
        marker = self.folder / "environment.sha256"
        wanted = {
            name: value
            for name, value in self.environment().items()
            if name.startswith("AIRFLOW") or name in self.extra_env
        }
        digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
        changed = not marker.exists() or marker.read_text() != digest
        marker.write_text(digest)
        return changed
