"""How is one way run in a process of its own, and what did it cost, PostgreSQL's share included?"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import ROOT
from benchmarks.events import measured_delivery
from benchmarks.psql import bind_statement, write_script
from local_servers.postgres import Postgres, find_process, postgres_program


class BenchError(RuntimeError):
    """A way failed, or wrote something else than the others: there are no figures then."""


@dataclass(frozen=True)
class Run:
    """What one way cost once; `server_cpu` is PostgreSQL's, `before_mb` the memory before its first event."""

    way: str
    format: str
    path: Path
    sha256: str
    seconds: float
    cpu: float
    server_cpu: float
    before_mb: float
    peak_mb: float
    steps: dict[str, float]

    @property
    def all_cpu(self) -> float:
        """CPU seconds of client and server."""
        return self.cpu + self.server_cpu


@dataclass(frozen=True)
class Bench:
    """Where the ways run: a folder, and a database with a day for each size."""

    folder: Path
    postgres: Postgres
    uri: str

    def run(self, way: str, format: str, rows: int) -> Run:
        """Make one delivery file in one way, in a new process.

        Raises:
            BenchError: it failed.
        """
        path = self.folder / f"{way}.{format}"
        delivery = measured_delivery(rows, format)
        script = write_script(self.uri, delivery, self.folder)
        (self.folder / "events.sql").write_text(bind_statement(self.uri, delivery), encoding="utf-8")
        before = self._server_cpu()
        python = find_duckdb() if way == "duckdb" else sys.executable
        command = [python, "-m", "benchmarks.ways", way, format, str(rows), str(path)]
        environment = self._environment(script) | {
            "EVENT_DELIVERY_EXTRACT_CONNECTIONS": "1" if way == "one" else "2"
        }
        child = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if child.returncode:
            raise BenchError(f"{way} {format} failed:\n{child.stderr}")
        figures = json.loads(child.stdout.splitlines()[-1])
        return Run(way, format, path, server_cpu=self._server_cpu() - before, **figures)

    def clean(self) -> None:
        """Remove what was delivered and staged."""
        shutil.rmtree(self.folder / "staging", ignore_errors=True)
        for format in ("csv", "json"):
            for path in self.folder.glob(f"*.{format}"):
                path.unlink()

    def _environment(self, script: Path) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        return kept | {
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW_CONN_EVENTS_DB": self.uri,
            "EVENT_DELIVERY_STAGING": str(self.folder / "staging"),
            "BENCH_PSQL": str(postgres_program("psql")),
            "BENCH_SCRIPT": str(script),
            "BENCH_URI": self.uri,
            "BENCH_EVENTS": str(self.folder / "events.sql"),
        }

    def _server_cpu(self) -> float:
        """CPU seconds of the server's sessions that have ended; waits for those that are ending."""
        server = find_process(self.postgres.folder, "postgres")
        if not server:
            raise BenchError("PostgreSQL is gone.")
        process = psutil.Process(server.pid)
        while any(_is_session(child) for child in process.children()):
            time.sleep(0.02)
        times = process.cpu_times()
        return times.children_user + times.children_system


def find_duckdb() -> str:
    """Return the Python that has benchmarks/requirements-duckdb.txt, where one is named; else an empty text."""
    return os.environ.get("BENCH_DUCKDB_PYTHON", "")


def _is_session(process: psutil.Process) -> bool:
    try:
        return "[local]" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def check_bytes(first: Run, second: Run) -> None:
    """Compare two delivery files byte for byte.

    Raises:
        BenchError: they differ.
    """
    if first.sha256 != second.sha256:
        raise BenchError(f"Not the same bytes: {first.path} and {second.path}")


def check_events(first: Run, second: Run) -> None:
    """Compare what two delivery files parse to, in another process because of its memory.

    Raises:
        BenchError: they differ.
    """
    command = [sys.executable, "-m", "benchmarks.equality", first.format, str(first.path), str(second.path)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if child.returncode:
        raise BenchError(f"Not the same events: {child.stderr}")
