"""How do nights of 200 and of 1,000 destinations go, beside the floor?"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.night import HEAD, Night, run_night
from benchmarks.page import IMAGES
from benchmarks.timeline import draw_timeline

SLOTS = 8
FULL: Sequence[tuple[int, Sequence[str]]] = ((200, ("ours", "floor")), (1_000, ("ours",)))
QUICK: Sequence[tuple[int, Sequence[str]]] = ((10, ("ours", "floor")),)
_NAMES = {"ours": "files at the clients", "floor": "three empty tasks, the floor"}
_LEGEND = (
    "Seconds after the first task began; 200 events a destination; CPU-seconds of Airflow and PostgreSQL together."
)


def measure_nights(quick: bool) -> str:
    """Run each night, draw those that are published, and return their table.

    Raises:
        BenchError: a file is missing.
    """
    lines = []
    for destinations, ways in QUICK if quick else FULL:
        nights = {way: _run(way, destinations) for way in ways}
        lines += [night.describe() for night in nights.values()]
        lines += [_compare(nights)] if len(nights) > 1 else []
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
