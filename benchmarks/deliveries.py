"""Is a delivery file made fast, and in flat memory, beside psql and beside pandas?"""

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.events import make_database
from benchmarks.report import Rounds, render_memory, render_speed
from benchmarks.runs import Bench, Run, check_bytes, check_events, find_duckdb
from local_servers.postgres import Postgres

FORMATS = ("csv", "json")


@dataclass(frozen=True)
class Plan:
    """How many events: the middle number is compared, all are weighed; pandas takes part in fewer rounds."""

    sizes: tuple[int, int, int]
    rounds: int
    naive_rounds: int

    @property
    def compared(self) -> int:
        """Number of events at which the ways are compared."""
        return self.sizes[1]


FULL = Plan((100_000, 1_000_000, 5_000_000), rounds=3, naive_rounds=1)
QUICK = Plan((20_000, 50_000, 100_000), rounds=1, naive_rounds=1)


def measure_deliveries(folder: Path, postgres: Postgres, quick: bool) -> str:
    """Make delivery files in every way, and return the figures once all were found equal.

    Raises:
        BenchError: a way failed, or made other bytes.
    """
    plan = QUICK if quick else FULL
    _say(f"events: {', '.join(f'{size:,}' for size in plan.sizes)}")
    bench = Bench(folder, postgres, make_database(postgres, plan.sizes))
    figures = _measure(bench, plan)
    bench.clean()
    return figures


def _measure(bench: Bench, plan: Plan) -> str:
    for format in FORMATS:
        _run_round(bench, format, plan.compared, ["ours", "one", "psql"], "warm-up")
    formats: dict[str, Rounds] = {format: [] for format in FORMATS}
    for number in range(plan.rounds):
        ways = _turn(["ours", "psql", "one"], number)
        ways += ["naive"] if number < plan.naive_rounds else []
        ways += ["duckdb"] if find_duckdb() else []
        for format in FORMATS:
            formats[format].append(
                _run_round(bench, format, plan.compared, ways, f"round {number + 1} of {plan.rounds}")
            )
    peaks = {size: _weigh(bench, size) for size in plan.sizes}
    return f"{render_speed(plan.compared, formats)}\n{render_memory(peaks)}"


def _run_round(bench: Bench, format: str, rows: int, ways: list[str], label: str) -> dict[str, Run]:
    bench.clean()
    runs = {}
    for way in ways:
        _say(f"{label}: {format} {way}")
        runs[way] = bench.run(way, format, rows)
    for way in {"ours", "one"} & set(runs):
        check_bytes(runs[way], runs["psql"])
    for way in {"naive", "duckdb"} & set(runs):
        check_events(runs["ours"], runs[way])
    return runs


def _turn(ways: list[str], number: int) -> list[str]:
    """Let each way be the first once: what runs behind another finds its pages in memory."""
    first = number % len(ways)
    return ways[first:] + ways[:first]


def _weigh(bench: Bench, rows: int) -> dict[str, Run]:
    """Make one delivery of each format and compare it with psql's."""
    return {
        format: _run_round(bench, format, rows, ["ours", "psql"], f"{rows:,} events")["ours"] for format in FORMATS
    }


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
