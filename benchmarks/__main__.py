"""Is a delivery made fast, and in flat memory? `python -m benchmarks [--quick]` prints the figures."""

import argparse
import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import ROOT
from benchmarks.events import make_database
from benchmarks.report import Rounds, render_memory, render_speed
from benchmarks.runs import Bench, BenchError, Run, check_bytes, check_events
from demo.postgres import running_postgres
from demo.processes import ServerError

FOLDER = ROOT / ".demo" / "bench"
FORMATS = ("csv", "json")
ROUNDS = 3
SETTINGS = {"autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0"}


@dataclass(frozen=True)
class Plan:
    """How many events: the middle number is compared, all are weighed; pandas takes part so many times."""

    sizes: tuple[int, int, int]
    naive_rounds: int

    @property
    def compared(self) -> int:
        """Number of events at which the ways are compared."""
        return self.sizes[1]


FULL = Plan((100_000, 1_000_000, 5_000_000), naive_rounds=1)
QUICK = Plan((20_000, 100_000, 300_000), naive_rounds=ROUNDS)


def main() -> int:
    """Measure, and print nothing before all the files were found equal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer events: about a minute instead of a quarter hour"
    )
    plan = QUICK if parser.parse_args().quick else FULL
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with _alone(), running_postgres(FOLDER / "postgres", SETTINGS) as postgres:
            _say(f"events: {', '.join(f'{size:,}' for size in plan.sizes)}")
            bench = Bench(FOLDER, postgres, make_database(postgres, plan.sizes))
            print(_measure(bench, plan))
            bench.clean()
    except (BenchError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextmanager
def _alone() -> Iterator[None]:
    """Let one bench run at a time: two would share the folder and the server, and slow each other."""
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BenchError(f"Another bench is running in {FOLDER}: wait for it.") from None
        yield


def _measure(bench: Bench, plan: Plan) -> str:
    for format in FORMATS:
        _run_round(bench, format, plan.compared, ["ours", "psql"], "warm-up")
    formats: dict[str, Rounds] = {format: [] for format in FORMATS}
    for number in range(ROUNDS):
        ways = ["ours", "psql", *(["naive"] if number < plan.naive_rounds else [])]
        for format in FORMATS:
            formats[format].append(
                _run_round(bench, format, plan.compared, ways, f"round {number + 1} of {ROUNDS}")
            )
    peaks = {size: _weigh(bench, size) for size in plan.sizes}
    return f"{render_speed(plan.compared, formats)}\n{render_memory(peaks)}"


def _run_round(bench: Bench, format: str, rows: int, ways: list[str], label: str) -> dict[str, Run]:
    bench.clean()
    runs = {}
    for way in ways:
        _say(f"{label}: {format} {way}")
        runs[way] = bench.run(way, format, rows)
    check_bytes(runs["ours"], runs["psql"])
    if "naive" in runs:
        check_events(runs["ours"], runs["naive"])
    return runs


def _weigh(bench: Bench, rows: int) -> dict[str, Run]:
    """Make one delivery of each format and compare it with psql's."""
    return {
        format: _run_round(bench, format, rows, ["ours", "psql"], f"{rows:,} events")["ours"] for format in FORMATS
    }


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
