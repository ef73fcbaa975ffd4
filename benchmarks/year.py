"""What does it cost to prove that a client has a whole year, and does memory stay flat?

    python -m benchmarks.year

A year of one destination is delivered night by night to a real SFTP server, then reconciled in a process of its
own: by ids, by rows, and by rows where every eighth event was changed at the source since. Twice: with a tenth of
the events, and with all.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote
from zoneinfo import ZoneInfo

from benchmarks import ROOT
from benchmarks.runs import BenchError
from benchmarks.year_deliveries import (
    DAYS,
    FIRST,
    ZONE,
    day_of_year,
    deliver_nights,
    fill_year,
    make_destination,
    run_statement,
)
from local_servers.postgres import create_database, running_postgres
from local_servers.sftp_server import SftpServer, SftpUser

EVENTS, QUICK = 1_000_000, 36_500
WAYS = {"by ids": True, "by rows": False, "by rows, an eighth changed": False}
_CHANGE = "update events set title = 'Changed' where left(md5(id::text), 1) in ('0', '1')"


def main() -> int:
    """Deliver and reconcile two years, and print a row for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer events")
    parser.add_argument("--reconcile", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reconcile:
        print(json.dumps(reconcile(WAYS[options.reconcile])))
        return 0
    logging.disable(logging.WARNING)  # a line for each step of each night
    most = QUICK if options.quick else EVENTS
    print("| events of a year | way | seconds | peak MB | changed |\n|---|---|---|---|---|", flush=True)
    for events in (most // 10, most):
        with tempfile.TemporaryDirectory() as folder:
            measure_year(Path(folder), events)
    return 0


def measure_year(folder: Path, events: int) -> None:
    """Fill a source, deliver each night, and print what reconciling costs.

    Raises:
        BenchError: the report is not clean, or fails.
    """
    server = SftpServer(folder / "sftp", [SftpUser("bench", "bench")])
    with running_postgres(folder / "postgres") as postgres, server:
        uri, key = create_database(postgres, "events"), quote(server.host_key(), safe="")
        environment = {
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW_CONN_EVENTS_DB": uri,
            "AIRFLOW_CONN_SFTP_BENCH": f"sftp://bench:bench@127.0.0.1:{server.port}?host_key={key}",
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
            "EVENT_DELIVERY_INSTANCE": "bench",
        }
        fill_year(uri, events)
        with patch.dict(os.environ, environment):
            deliver_nights()
            for way in WAYS:
                if way.endswith("changed"):
                    run_statement(uri, _CHANGE)
                print(f"| {events:,} | {way} | {_measure(way)} |", flush=True)


def reconcile(ids_only: bool) -> dict[str, float | int | bool | None]:
    """Reconcile the year; returns seconds, the peak of memory in MB, the verdict, how many rows were changed."""
    from event_delivery.completeness.reconciliation import open_reconciliation
    from event_delivery.completeness.report import read_report

    started, now = time.perf_counter(), datetime.now(ZoneInfo(ZONE))
    with open_reconciliation(make_destination(), FIRST, day_of_year(DAYS - 1), now, ids_only=ids_only) as found:
        report = read_report(found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak": peak, "clean": report.is_clean, "changed": report.totals["changed"]}


def _measure(way: str) -> str:
    child = subprocess.run(
        [sys.executable, "-m", "benchmarks.year", "--reconcile", way], cwd=ROOT, capture_output=True, text=True
    )
    if child.returncode:
        raise BenchError(f"{way} failed:\n{child.stderr}")
    found = json.loads(child.stdout.splitlines()[-1])
    if not found["clean"]:
        raise BenchError(f"{way}: not every event was delivered once.")
    changed = "-" if found["changed"] is None else f"{found['changed']:,}"
    return f"{found['seconds']:.1f} | {found['peak']:.0f} | {changed}"


if __name__ == "__main__":
    sys.exit(main())
