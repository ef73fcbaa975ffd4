"""How does a night of many destinations go, all due at once: who waits how long, and what does one cost?

    python -m benchmarks.night --destinations 200 --slots 8      one night, printed
    python -m benchmarks night                                    those of docs/benchmarks.md, with their charts

A real Airflow with its LocalExecutor, one SFTP server, small days. Beside it the floor: as many DAGs of three
tasks that do nothing, each task building its own DAG alone, with the same imports made before tasks are forked.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
import psycopg

from benchmarks.night_services import PATTERNS, NightServices, open_night
from benchmarks.runs import BenchError

LONGEST_NIGHT = 1_800.0
_COLUMNS = ("", "destinations", "slots", "first file", "half of them", "last", "CPU-s a run", "staged at most")
HEAD = f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|"
_FIRST_START = "select min(start_date) from task_instance where dag_id like %s"
_ENDS = "select end_date from task_instance where dag_id like %s and task_id like 'upload%%' and state = 'success'"


@dataclass(frozen=True)
class Night:
    """How one night went: when each file was there, in seconds after the first task began, and what it cost.

    `cpu` is CPU-seconds of a run, `staged` the deliveries that were staged at once, at most.
    """

    way: str
    slots: int
    ends: tuple[float, ...]
    cpu: float
    staged: int

    def describe(self) -> str:
        """Return the figures as a row of a table."""
        half, last = median(self.ends), self.ends[-1]
        seconds = f"{self.ends[0]:.1f} | {half:.1f} ({half / last:.0%}) | {last:.1f}"
        return f"| {self.way} | {len(self.ends):,} | {self.slots} | {seconds} | {self.cpu:.2f} | {self.staged} |"


def main() -> int:
    """Run the nights one after another and print a row for each; the exit code is 1 where files are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--destinations", type=int, default=200)
    parser.add_argument("--slots", type=int, default=8, help="[core] parallelism")
    parser.add_argument("--way", choices=PATTERNS, action="append", help="one alone")
    options = parser.parse_args()
    print(HEAD, flush=True)
    try:
        for way in options.way or PATTERNS:
            with tempfile.TemporaryDirectory() as folder:
                night = run_night(Path(folder), way, options.destinations, options.slots)
                print(night.describe(), flush=True)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run_night(folder: Path, way: str, destinations: int, slots: int) -> Night:
    """Start everything, let all be due at once, and wait for the last one.

    Raises:
        BenchError: not every destination got its one file in half an hour.
    """
    with open_night(folder, way, destinations, slots) as night:
        before = measure_cpu(night)
        night.unpause()
        ends, staged = wait_for_end(night, destinations)
        cpu = measure_cpu(night) - before
        if way == "ours" and (files := night.count_files()) != destinations:
            raise BenchError(f"{files} files arrived of {destinations}.")
        with psycopg.connect(night.metadata) as connection:
            [(began,)] = connection.execute(_FIRST_START, [PATTERNS[way]])
    seconds = sorted(end - began.timestamp() for end in ends)
    return Night(way, slots, tuple(seconds), cpu / destinations, staged)


def wait_for_end(night: NightServices, destinations: int) -> tuple[list[float], int]:
    """Wait until every upload is over; returns when each was, and how many files were staged at most."""
    staged, deadline = 0, time.monotonic() + LONGEST_NIGHT
    with psycopg.connect(night.metadata, autocommit=True) as connection:
        while time.monotonic() < deadline:
            staged = max(staged, night.count_staged())
            ends = [end.timestamp() for (end,) in connection.execute(_ENDS, [PATTERNS[night.way]])]
            if len(ends) >= destinations:
                return ends, staged
            time.sleep(1)
    raise BenchError(f"Half an hour, and {len(ends)} of {destinations} are over.")


def measure_cpu(night: NightServices) -> float:
    """Return the CPU-seconds that Airflow and PostgreSQL have used, with the children that they have reaped."""
    seconds = 0.0
    for root in night.list_roots():
        for process in (root, *root.children(recursive=True)):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


if __name__ == "__main__":
    sys.exit(main())
