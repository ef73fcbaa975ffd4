"""How fast does the Deliveries page's overview answer for 1,000 destinations and 30 days?

`python -m benchmarks.overview` starts PostgreSQL and Airflow's API server here, fills the ledger and Airflow's
database with 120 nights, one in fifty failed, and asks over HTTP.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks import ROOT
from local_servers.airflow_servers import start_server, stop_airflow
from local_servers.airflow_settings import ADMIN, read_secrets
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database, running_postgres

FOLDER = ROOT / ".demo" / "bench" / "overview"
DESTINATIONS, KEPT_DAYS, ROUNDS = 1000, 120, 15
COMPANY = "3aabdfb8-3891-5011-ad35-8e2351c5fdaf"
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo")
LIMIT_SECONDS = 1.0
MAKE_LEDGER = "from event_delivery.ledger import open_ledger\nwith open_ledger():\n    pass"


def main() -> int:
    """Print the figures; returns 1 when the median passes the limit."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with running_postgres(FOLDER / "postgres") as postgres, _api_server(postgres) as client:
        first = _ask(client)
        rounds = [_ask(client) for _ in range(ROUNDS)]
    seconds = statistics.median(asked for asked, _, _ in rounds)
    _, overview, size = rounds[-1]
    cells = sum(len(row["cells"]) for row in overview["destinations"])
    print(f"{len(overview['destinations']):,} destinations x {len(overview['days'])} days: {cells:,} deliveries")
    print(f"states: {', '.join(f'{n:,} {state}' for state, n in overview['counts'].items() if n)}")
    print(f"first answer {first[0]:.2f} s (imports, reads every destination file)")
    print(f"then {seconds:.2f} s, worst of {ROUNDS} {max(asked for asked, _, _ in rounds):.2f} s")
    print(f"{size / 1e6:.2f} MB of JSON; limit {LIMIT_SECONDS:.1f} s")
    return int(seconds > LIMIT_SECONDS)


def _ask(client: httpx.Client) -> tuple[float, dict[str, Any], int]:
    started = time.perf_counter()
    answer = client.get("/event_delivery/api/overview")
    seconds = time.perf_counter() - started
    answer.raise_for_status()
    return seconds, answer.json(), len(answer.content)


@contextlib.contextmanager
def _api_server(postgres: Postgres) -> Iterator[httpx.Client]:
    """Run Airflow's API server alone, over a full database, and log in."""
    ledger = create_database(postgres, "ledger")
    metadata = create_database(postgres, "airflow")
    environment = {"AIRFLOW_CONN_LEDGER_DB": ledger, "EVENT_DELIVERY_DESTINATIONS": str(FOLDER / "destinations")}
    stack = AirflowStack(
        FOLDER / "airflow", postgres.sqlalchemy_uri("airflow"), find_free_port(), extra_env=environment
    )
    stack.run_cli("db", "migrate")
    _make_ledger(stack.environment())
    _fill(ledger, metadata, _write_destinations(FOLDER / "destinations"))
    try:
        start_server(stack.folder, "api-server", stack.port, stack.environment())
        while not stack.client().health():
            time.sleep(0.5)
        login = {"username": ADMIN, "password": read_secrets(stack.folder)["admin_password"]}
        token = httpx.post(f"{stack.url}/auth/token", json=login, trust_env=False).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=stack.url, headers=headers, trust_env=False, timeout=60) as client:
            yield client
    finally:
        stop_airflow(stack.folder)


def _write_destinations(folder: Path) -> dict[str, str]:
    """Write a file for each destination; returns their zones."""
    folder.mkdir()
    zones = {f"client_{number:04}": ZONES[number % len(ZONES)] for number in range(DESTINATIONS)}
    for name, zone in zones.items():
        text = f"client: {name}\ncompany_id: {COMPANY}\ntimezone: {zone}\n"
        (folder / f"{name}.yaml").write_text(text)
    return zones


def _make_ledger(environment: dict[str, str]) -> None:
    """Make the ledger as the first delivery does: with the Connections of an Airflow process."""
    path = os.pathsep.join([str(ROOT / "plugins"), environment.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, "-c", MAKE_LEDGER], env={**environment, "PYTHONPATH": path}, check=True)


def _fill(ledger: str, metadata: str, zones: dict[str, str]) -> None:
    values = {"destinations": list(zones), "zones": list(zones.values()), "days": KEPT_DAYS}
    with psycopg.connect(ledger, autocommit=True) as connection:
        _execute(connection, ("overview_deliveries.sql", "overview_attempts.sql"), values)
    with psycopg.connect(metadata, autocommit=True) as connection:
        connection.execute("insert into dag_bundle (name) values ('dags')")
        _execute(connection, ("overview_dags.sql", "overview_runs.sql", "overview_tries.sql"), values)


def _execute(connection: psycopg.Connection[Any], files: tuple[str, ...], values: dict[str, Any]) -> None:
    for file in files:
        statement = (ROOT / "benchmarks/sql" / file).read_text()
        connection.execute(statement, values if "%(" in statement else None)
    connection.execute("vacuum analyze")


if __name__ == "__main__":
    sys.exit(main())
