"""In which ways can a delivery file be made? Each runs alone: `python -m benchmarks.ways WAY FORMAT ROWS FILE`."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from event_delivery.delivery import Delivery

Work = Callable[[], dict[str, float]]
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Prepare one way, measure its work alone, and print the figures as JSON."""
    way, format, rows, path = sys.argv[1:]
    work = WAYS[way](format, int(rows), Path(path))
    figures = measure(work, resource.RUSAGE_CHILDREN if way == "psql" else resource.RUSAGE_SELF)
    with open(path, "rb") as file:  # noqa: PTH123
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    print(json.dumps({**figures, "sha256": digest}))


def measure(work: Work, who: int) -> dict[str, object]:
    """Run the work; return its seconds, its CPU seconds, and the peak of memory before and after."""
    before_mb, before_cpu = _peak_mb(who), _cpu_seconds(who)
    started = time.perf_counter()
    steps = work()
    seconds = time.perf_counter() - started
    cpu = _cpu_seconds(who) - before_cpu
    return {"seconds": seconds, "cpu": cpu, "before_mb": before_mb, "peak_mb": _peak_mb(who), "steps": steps}


def prepare_ours(format: str, rows: int, path: Path) -> Work:
    """Import what a forked task has imported already, and return the work of the tasks `extract` and `format`."""
    from event_delivery.extract.events import extract_events
    from event_delivery.formats.delivery_file import format_events

    delivery = _open_source(format, rows)

    def work() -> dict[str, float]:
        started = time.perf_counter()
        staged = extract_events(delivery)
        extracted = time.perf_counter()
        manifest = format_events(delivery, staged)
        formatted = time.perf_counter()
        Path(manifest.path).rename(path)
        return {"extract": extracted - started, "format": formatted - extracted}

    return work


def prepare_psql(_format: str, _rows: int, path: Path) -> Work:
    """Return the run of the script `$BENCH_SCRIPT` by `$BENCH_PSQL`."""
    program, script, uri = (os.environ[name] for name in ("BENCH_PSQL", "BENCH_SCRIPT", "BENCH_URI"))

    def work() -> dict[str, float]:
        with path.open("wb") as file:
            subprocess.run([program, "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", script, uri], stdout=file, check=True)
        return {}

    return work


def prepare_naive(format: str, rows: int, path: Path) -> Work:
    """Return what one would write first: the whole day in a DataFrame."""
    delivery = _open_source(format, rows)

    def work() -> dict[str, float]:
        frame = _read_frame(delivery)
        _write_json(frame, path) if format == "json" else frame.to_csv(path, index=False)
        return {}

    return work


def prepare_duckdb(format: str, _rows: int, path: Path) -> Work:
    """Return what DuckDB's scanner of PostgreSQL does."""
    from benchmarks.duckdb_file import write_file

    return lambda: write_file(os.environ["BENCH_URI"], format, path, Path(os.environ["BENCH_EVENTS"]).read_text())


WAYS = {
    "ours": prepare_ours,
    "one": prepare_ours,
    "psql": prepare_psql,
    "naive": prepare_naive,
    "duckdb": prepare_duckdb,
}


def _open_source(format: str, rows: int) -> Delivery:
    """Import and connect once, as Airflow and its providers load much at first use."""
    import pandas as pd

    from benchmarks.events import measured_delivery
    from event_delivery.database import EVENTS_DB, connect

    pd.DataFrame([(0, "a", 1)], columns=["hour", "title", "rows"]).groupby("hour")["rows"].sum()
    with connect(EVENTS_DB) as connection:
        connection.execute("select 1")
    return measured_delivery(rows, format)


def _read_frame(delivery: Delivery) -> pd.DataFrame:
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    from event_delivery.database import EVENTS_DB, read_statement

    statement = read_statement(delivery.event_type.statement) + '\norder by "timestamp", id'
    bounds = {"interval_start": delivery.interval_start, "interval_end": delivery.interval_end}
    values = {"company_id": delivery.destination.company_id, **bounds}
    frame = PostgresHook(EVENTS_DB).get_df(statement, parameters=values)
    frame["timestamp"] = frame["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z"
    return frame


def _write_json(frame: pd.DataFrame, path: Path) -> None:
    for name in ("id", "companyId", "notifiableId"):
        frame[name] = frame[name].astype(str)
    details = [name for name in frame.columns if name.startswith("userDetail.")]
    nested = frame[details].rename(columns=lambda name: name.removeprefix("userDetail."))
    frame = frame.drop(columns=details)
    frame["userDetail"] = nested.to_dict("records")
    frame.to_json(path, orient="records", force_ascii=False)


def _peak_mb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss * _RSS_UNIT / 1_000_000


def _cpu_seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
