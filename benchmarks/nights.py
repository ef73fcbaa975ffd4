"""How do nights of 200 and of 1,000 destinations go, the smaller one beside the floor?"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.night import HEAD, Night, run_night
from benchmarks.page import IMAGES
from benchmarks.timeline import draw_timeline

SLOTS = 8
_NAMES = {"ours": "files at the clients", "floor": "three empty tasks, the floor"}
_LEGEND = (
    "Seconds after the first task began; 200 events a destination; CPU-seconds of Airflow and PostgreSQL together."
)


@dataclass(frozen=True)
class Plan:
    """Nights of so many destinations, one for each way; the first way's of a few where it is to be quick."""

    destinations: int
    few: int
    ways: Sequence[str]


NIGHT = Plan(200, 10, ("ours", "floor"))
LARGE_NIGHT = Plan(1_000, 20, ("ours",))


def measure_nights(plan: Plan, quick: bool) -> str:
    """Run the nights of a plan, draw them where they are published, and return their table.

    Raises:
        BenchError: a file is missing.
    """
    destinations, ways = (plan.few, plan.ways[:1]) if quick else (plan.destinations, plan.ways)
    nights = {way: _run(way, destinations) for way in ways}
    lines = [night.describe() for night in nights.values()]
    if len(nights) > 1:
        lines.append(_compare(nights))
    if not quick:
        _draw(destinations, nights)
    return "\n".join([_LEGEND, "", HEAD, *lines, ""])


def _run(way: str, destinations: int) -> Night:
    print(f"night: {destinations} destinations, {way}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        return run_night(Path(folder), way, destinations, SLOTS)


def _compare(nights: dict[str, Night]) -> str:
    ours, floor = nights["ours"], nights["floor"]
    time, cpu = ours.ends[-1] / floor.ends[-1], ours.cpu / floor.cpu
    return f"| ours / floor | | | | | {time:.2f} | {cpu:.2f} | |"


def _draw(destinations: int, nights: dict[str, Night]) -> None:
    title = f"A night of {destinations:,} destinations, all due at once, {SLOTS} slots"
    chart = draw_timeline(title, {_NAMES[way]: night.ends for way, night in nights.items()})
    (IMAGES / f"night-{destinations}.svg").write_text(chart, encoding="utf-8")
