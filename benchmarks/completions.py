"""Is every completion of a real data set delivered exactly once over a backfill of its busiest days?

    python -m benchmarks.completions oulad_completions.csv

The file has the columns id_student, code_module, code_presentation, final_result, completed_on: one client
for each module, one event for each row. Time of day, names and ids are derived from the row.
"""

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from benchmarks.completion_rows import (
    Completion,
    busiest_days,
    clients,
    company_id,
    day_of_row,
    event_id,
    make_rows,
)
from local_servers.airflow_settings import PROJECT
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import create_database, running_postgres
from local_servers.sftp_server import SftpServer, SftpUser

DAYS = 30
PASSWORD = "a p@ss:w/rd"


def main() -> int:
    """Backfill, count, and say what was found; the exit code is 1 unless every completion arrived once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--days", type=int, default=DAYS)
    arguments = parser.parse_args()
    with arguments.file.open(newline="") as file:
        completions = list(csv.DictReader(file))
    first, last = busiest_days(completions, arguments.days)
    wanted = {event_id(row): row for row in completions if first <= day_of_row(row) <= last}
    print(f"{len(wanted):,} completions from {first} to {last}, {len(clients(completions))} clients", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        return report(deliver(Path(folder), completions, first, last), wanted)


def deliver(folder: Path, completions: list[Completion], first: date, last: date) -> Counter[str]:
    """Run a real backfill for every client; returns how often each event's id arrived."""
    names = clients(completions)
    sftp = SftpServer(folder / "sftp", [SftpUser(name, PASSWORD) for name in names])
    with running_postgres(folder / "postgres") as postgres, sftp:
        uri = create_database(postgres, "events")
        create_database(postgres, "airflow")
        load(uri, completions)
        environment = write_destinations(folder / "destinations", names, sftp)
        environment |= {"AIRFLOW_CONN_EVENTS_DB": uri, "EVENT_DELIVERY_STAGING": str(folder / "staging")}
        metadata = postgres.sqlalchemy_uri("airflow")
        stack = AirflowStack(folder / "airflow", metadata, find_free_port(), extra_env=environment)
        try:
            stack.start()
            backfill(stack, names, first, last)
        finally:
            stack.stop()
        return count(folder / "sftp" / "clients")


def load(uri: str, completions: list[Completion]) -> None:
    """Fill the source database."""
    with psycopg.connect(uri) as connection:
        connection.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        with connection.cursor().copy("copy events from stdin") as copy:
            for row in make_rows(completions):
                copy.write_row(row)


def write_destinations(folder: Path, names: list[str], sftp: SftpServer) -> dict[str, str]:
    """Write a destination for each client, JSON and CSV in turn; returns the environment that they need."""
    folder.mkdir()
    key = quote(sftp.host_key(), safe="")  # no night goes to a server that nobody has confirmed
    environment = {"EVENT_DELIVERY_DESTINATIONS": str(folder)}
    for number, name in enumerate(names):
        file = folder / f"{name}.yaml"
        file.write_text(f"client: {name}\ncompany_id: {company_id(name)}\nformat: {('json', 'csv')[number % 2]}\n")
        url = f"sftp://{name}:{quote(PASSWORD, safe='')}@127.0.0.1:{sftp.port}?host_key={key}"
        environment[f"AIRFLOW_CONN_SFTP_{name.upper()}"] = url
    return environment


def backfill(stack: AirflowStack, names: list[str], first: date, last: date) -> None:
    """Create one backfill a client on the command line and wait for their runs."""
    client, started = stack.client(), time.monotonic()
    time.sleep(5)
    for name in names:
        client.patch(f"/dags/nightly_sftp_events__{name}", {"is_paused": False})
        bounds = ["--from-date", str(first), "--to-date", str(last), "--max-active-runs", "4"]
        stack.run_cli("backfill", "create", "--dag-id", f"nightly_sftp_events__{name}", *bounds)
    days = (last - first).days + 1
    while True:
        runs = [run for name in names for run in backfill_runs(client, name)]
        done = sum(run["state"] in ("success", "failed") for run in runs)
        print(f"{time.monotonic() - started:5.0f} s  {done} of {days * len(names)} runs", flush=True)
        if done == days * len(names):
            failed = [run["dag_run_id"] for run in runs if run["state"] == "failed"]
            print(f"{len(failed)} runs failed {failed[:5]}")
            return
        time.sleep(10)


def backfill_runs(client: Any, name: str) -> list[dict[str, Any]]:
    """Return a client's backfill runs."""
    runs = client.get(f"/dags/nightly_sftp_events__{name}/dagRuns", limit=100)["dag_runs"]
    return [run for run in runs if run["run_type"] == "backfill"]


def count(folder: Path) -> Counter[str]:
    """Count the ids in every file that the clients have, names with a dot first included."""
    arrived: Counter[str] = Counter()
    for file in (path for path in folder.rglob("*") if path.is_file()):
        if file.suffix == ".json":
            arrived.update(event["id"] for event in json.loads(file.read_text()))
        else:
            with file.open(newline="") as text:
                arrived.update(row["id"] for row in csv.DictReader(text))
    return arrived


def report(arrived: Counter[str], wanted: dict[str, Completion]) -> int:
    """Print what arrived; returns the exit code."""
    twice = sum(number > 1 for number in arrived.values())
    missing, foreign = wanted.keys() - arrived.keys(), arrived.keys() - wanted.keys()
    print(f"{len(wanted):,} completions wanted, {sum(arrived.values()):,} arrived")
    print(f"{len(missing)} missing, {twice} more than once, {len(foreign)} of other days")
    return int(bool(twice or missing or foreign))


if __name__ == "__main__":
    sys.exit(main())
