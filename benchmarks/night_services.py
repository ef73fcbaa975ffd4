"""What does a night need: source, server and Airflow, with many destinations that are due at once?"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from benchmarks.runs import BenchError
from local_servers.airflow_servers import find_servers
from local_servers.airflow_settings import PROJECT
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.many_destinations import LOGIN, PATTERN, write_destinations
from local_servers.postgres import Postgres, create_database, running_postgres
from local_servers.sftp_server import SftpServer

PATTERNS = {"ours": PATTERN, "floor": "floor__d%"}
EVENTS = 200
_PARSED = 600.0
_FLOOR = """
from datetime import datetime

from airflow.sdk import DAG, get_parsing_context, task

BEGIN = datetime(2026, 1, 1)
wanted = get_parsing_context().dag_id
for number in range({destinations}):
    name = f"floor__d{{number:05}}"
    if wanted in (None, name):
        with DAG(name, schedule="@daily", start_date=BEGIN, catchup=False) as dag:
            tasks = [task(task_id=each)(lambda: None)() for each in ("extract", "format", "upload")]
            tasks[0] >> tasks[1] >> tasks[2]
        globals()[name] = dag
"""


@dataclass(frozen=True)
class NightServices:
    """A night before it begins: every DAG is known, and paused."""

    way: str
    folder: Path
    stack: AirflowStack
    postgres: Postgres
    server: SftpServer

    @property
    def metadata(self) -> str:
        """URI of Airflow's database."""
        return self.postgres.uri("airflow")

    def unpause(self) -> None:
        """Let all be due at once."""
        self.stack.client().patch(f"/dags?dag_id_pattern={quote(PATTERNS[self.way])}", {"is_paused": False})

    def count_files(self) -> int:
        """Return how many files the clients have."""
        return sum(path.is_file() for path in self.server.user_folder(LOGIN.name).rglob("*"))

    def count_staged(self) -> int:
        """Return how many deliveries are staged and not yet delivered; delivered files are kept there too."""
        staged = {path.parent for path in (self.folder / "staging").glob("*/*/*")}
        return max(0, len(staged) - self.count_files())

    def list_roots(self) -> list[psutil.Process]:
        """Return the processes whose work is counted, without their children."""
        postmaster = int((self.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        return [
            psutil.Process(pid) for pid in (postmaster, *(each.pid for each in find_servers(self.stack.folder)))
        ]


def read_image_settings() -> dict[str, str]:
    """Return what the image sets of Airflow's scheduler: a night is measured as it is shipped."""
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    return dict(re.findall(r"(AIRFLOW__SCHEDULER__MAX_\w+)=(\d+)", text))


@contextmanager
def open_night(folder: Path, way: str, destinations: int, slots: int) -> Iterator[NightServices]:
    """Start all that a night needs, and stop it at the end."""
    dags = PROJECT / "dags"
    if way == "floor":
        dags = folder / "dags"
        dags.mkdir()
        (dags / "floor.py").write_text(_FLOOR.format(destinations=destinations))
    server = SftpServer(folder / "sftp", [LOGIN])
    with running_postgres(folder / "postgres") as postgres, server:
        create_database(postgres, "airflow")
        source, known = create_database(postgres, "events"), folder / "destinations"
        environment = write_destinations(known, source, server, destinations, EVENTS) | {
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
            **read_image_settings(),
            "AIRFLOW__CORE__PARALLELISM": str(slots),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        }
        database, port = postgres.sqlalchemy_uri("airflow"), find_free_port()
        stack = AirflowStack(folder / "airflow", database, port, dags=dags, extra_env=environment)
        try:
            stack.start()
            night = NightServices(way, folder, stack, postgres, server)
            _wait_until_known(night, destinations)
            yield night
        finally:
            stack.stop()


def _wait_until_known(night: NightServices, destinations: int) -> None:
    deadline = time.monotonic() + _PARSED
    query = "select count(*) from dag where dag_id like %s and next_dagrun is not null"
    with psycopg.connect(night.metadata, autocommit=True) as connection:
        while time.monotonic() < deadline:
            [(known,)] = connection.execute(query, [PATTERNS[night.way]])
            if known >= destinations:
                return
            time.sleep(1)
    raise BenchError(f"Airflow knows when to run {known} of {destinations} DAGs after {_PARSED:.0f} s.")
