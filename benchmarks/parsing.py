"""What does it cost the dag processor and PostgreSQL to parse many destinations again, with nothing changed?

    python -m benchmarks.parsing --destinations 100 1000

A real dag processor parses the DAG file once, and writes every DAG; then once more, which is measured: what it
costs every `[dag_processor] min_file_process_interval` seconds, for ever. Its start, with one destination, is
measured and taken off.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from local_servers.airflow_settings import PROJECT, make_environment
from local_servers.postgres import Postgres, create_database, running_postgres

FULL, QUICK = (100, 1_000), (50,)
_COLUMNS = ("destinations", "DAGs", "parse again, CPU-s", "of it PostgreSQL", "CPU-ms a destination")
_HEAD = f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|"
_ONCE = ("dag-processor", "--num-runs", "1")


@dataclass(frozen=True)
class Cost:
    """CPU-seconds of one pass of the dag processor."""

    airflow: float
    postgres: float

    def less(self, other: Cost) -> Cost:
        """Return what this cost more than another."""
        return Cost(self.airflow - other.airflow, self.postgres - other.postgres)


def main() -> int:
    """Measure and print a row for each number of destinations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--destinations", type=int, nargs="+", default=FULL)
    print(_render(parser.parse_args().destinations))
    return 0


def measure_parsing(quick: bool) -> str:
    """Measure as many destinations as are published; returns the table."""
    return _render(QUICK if quick else FULL)


def _render(numbers: Sequence[int]) -> str:
    rows = [_HEAD]
    start, _ = measure(1)
    for number in numbers:
        print(f"parsing: {number} destinations", file=sys.stderr, flush=True)
        cost, dags = measure(number)
        more = cost.less(start)
        whole = more.airflow + more.postgres
        row = (f"{number:,}", f"{dags:,}", f"{whole:.1f}", f"{more.postgres:.1f}", f"{1000 * whole / number:.1f}")
        rows.append(f"| {' | '.join(row)} |")
    return "\n".join([*rows, ""])


def measure(destinations: int) -> tuple[Cost, int]:
    """Let a dag processor pass twice; returns the cost of the second time, and how many DAGs there are."""
    with tempfile.TemporaryDirectory() as place, running_postgres(Path(place) / "postgres") as postgres:
        environment = prepare(Path(place), postgres, destinations)
        run_airflow(environment, "db", "migrate")
        run_airflow(environment, *_ONCE)
        before = read_cost(Path(place))
        run_airflow(environment, *_ONCE)
        with psycopg.connect(postgres.uri("airflow")) as connection:
            [(dags,)] = connection.execute("select count(*) from serialized_dag").fetchall()
        return read_cost(Path(place)).less(before), dags


def prepare(place: Path, postgres: Postgres, destinations: int) -> dict[str, str]:
    """Write the destinations; returns the processor's environment, which parses whatever the intervals say."""
    create_database(postgres, "airflow")
    (place / "destinations").mkdir()
    for number in range(destinations):
        company = uuid.uuid5(uuid.NAMESPACE_DNS, str(number))
        text = f"client: Client {number}\ncompany_id: {company}\npath: /client-{number}\n"
        (place / "destinations" / f"d{number:05}.yaml").write_text(text)
    extra = {
        "EVENT_DELIVERY_DESTINATIONS": str(place / "destinations"),
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
        "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "600",
    }
    database = postgres.sqlalchemy_uri("airflow")
    return make_environment(place / "airflow", database, 0, PROJECT / "dags", PROJECT / "plugins", extra)


def run_airflow(environment: dict[str, str], *arguments: str) -> None:
    """Run an `airflow` command; raises CalledProcessError with what it printed."""
    subprocess.run(
        [sys.executable, "-m", "airflow", *arguments], env=environment, check=True, capture_output=True, cwd="/"
    )


def read_cost(place: Path) -> Cost:
    """Return the CPU-seconds so far: of all commands that ended, and of PostgreSQL with what it has reaped."""
    own = os.times()
    postmaster = psutil.Process(int((place / "postgres" / "data" / "postmaster.pid").read_text().split()[0]))
    seconds = 0.0
    for process in (postmaster, *postmaster.children()):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system + times.children_user + times.children_system
    return Cost(own.children_user + own.children_system, seconds)


if __name__ == "__main__":
    sys.exit(main())
