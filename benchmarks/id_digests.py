"""What does it cost to know a day by its ids: in an extract, and when seven days are compared with the source?"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from unittest.mock import patch

from benchmarks.events import make_database, measured_delivery
from local_servers.postgres import Postgres

FORMATS = ("csv", "json")
FULL, QUICK, ROUNDS = 1_000_000, 50_000, 5
_DAYS = 7  # late_window_days, unless a destination says otherwise
_AIM = "aims: with / without at most 1.05, a week / an extract at most 2"


def measure_digests(folder: Path, postgres: Postgres, quick: bool) -> str:
    """Extract a day with and without the digest of its ids, in turn, read that alone, and return the ratios."""
    rows = QUICK if quick else FULL
    uri = make_database(postgres, [rows])
    environment = {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW_CONN_EVENTS_DB": uri,
        "EVENT_DELIVERY_STAGING": str(folder / "staging"),
    }
    with patch.dict(os.environ, environment):
        lines = [_measure(format, rows) for format in FORMATS]
    return "\n".join(
        [f"Digests of ids, {rows:,} events, medians of {ROUNDS} interleaved rounds", *lines, _AIM, ""]
    )


def _measure(format: str, rows: int) -> str:
    from psycopg import sql

    from event_delivery.extract import extract_events, profile
    from event_delivery.extract.ids import read_id_digest
    from event_delivery.extract.query import query_events
    from event_delivery.extract.snapshot import open_snapshot

    delivery, seconds = measured_delivery(rows, format), dict[str, list[float]](with_=[], without=[], alone=[])
    extract_events(delivery)
    for _ in range(ROUNDS):
        seconds["with_"].append(_time(lambda: extract_events(delivery)))
        with patch.object(profile, "hash_id", lambda _: sql.SQL("0").format()):
            seconds["without"].append(_time(lambda: extract_events(delivery)))
        with open_snapshot() as cursor:
            query = query_events(cursor, delivery)
            seconds["alone"].append(_time(lambda: read_id_digest(cursor, query)))  # noqa: B023 - called at once
    found = {name: median(each) for name, each in seconds.items()}
    ratio, week = found["with_"] / found["without"], _DAYS * found["alone"] / found["with_"]
    return (
        f"  {format.upper():<5}with / without {ratio:.3f}, a week / an extract {week:.2f} ({found['with_']:.2f} s)"
    )


def _time(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
