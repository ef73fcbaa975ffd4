"""How many files of how many do harm? `python -m tests.destinations.fuzz 1000000 [--first N] [--processes 2]`.

Each file is loaded beside a right one. A process that crashes or hangs over one is counted, the file named by its
number (`tests.destinations.mutation.mutate`), and the next process goes on behind it.
"""

from __future__ import annotations

import argparse
import mmap
import multiprocessing
import os
import struct
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from event_delivery.destinations import Destination, QuarantinedDestination, load_destinations
from event_delivery.destinations.quarantined import LONGEST_MESSAGE
from event_delivery.plain_text import is_plain
from tests.destinations.mutation import RIGHT, write_mutated

_HANGS_AFTER = 60.0
_STATE = struct.Struct("qqdqdq")  # next number, harms, slowest CPU s, its number, slowest wall s, its number
_TOLD = 20


@dataclass
class Outcome:
    """What became of the files; times are seconds, beside the number of their file."""

    files: int = 0
    crashes: list[int] = field(default_factory=list)
    harms: int = 0
    slowest_cpu: tuple[float, int] = (0.0, 0)
    slowest_wall: tuple[float, int] = (0.0, 0)

    def add(self, other: Outcome) -> None:
        """Count what became of others too."""
        self.files += other.files
        self.crashes += other.crashes
        self.harms += other.harms
        self.slowest_cpu = max(self.slowest_cpu, other.slowest_cpu)
        self.slowest_wall = max(self.slowest_wall, other.slowest_wall)


def prepare_folder(folder: Path) -> None:
    """Write the right file that no other may harm."""
    (folder / "neighbour.yaml").write_bytes(RIGHT.replace(b"Acme", b"Neighbour"))


def find_harm(folder: Path, number: int) -> str | None:
    """Load the file of a number that was written; returns what it did to others or to its reader."""
    try:
        loaded = {each.id: each for each in load_destinations(folder)}
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    if set(loaded) != {"acme", "neighbour"}:
        return f"found {sorted(loaded)}"
    if number % 10 and not isinstance(loaded["neighbour"], Destination):
        return f"neighbour: {loaded['neighbour']}"
    return next(filter(None, map(_find_unfit, loaded.values())), None)


def _find_unfit(destination: Destination | QuarantinedDestination) -> str | None:
    texts = [destination.client]
    if isinstance(destination, QuarantinedDestination):
        texts.append(destination.message)
    fit = all(is_plain(text) and 0 < len(text) <= LONGEST_MESSAGE for text in texts)
    return None if fit else f"{destination.id}: {texts!r}"


def fuzz(first: int, count: int) -> Outcome:
    """Load the files of so many numbers, in one process after another."""
    outcome, state, end = Outcome(), mmap.mmap(-1, _STATE.size), first + count
    state[:] = _STATE.pack(first, 0, 0.0, first, 0.0, first)
    while (at := _STATE.unpack(state[:])[0]) < end:
        process = multiprocessing.get_context("fork").Process(target=_work, args=(state, end))
        process.start()
        for _ in _watch(process, state):
            pass
        if (stopped := _STATE.unpack(state[:])[0]) < end:
            print(f"file {stopped}: the process ended with {process.exitcode}", flush=True)
            outcome.crashes.append(stopped)
            state[:8] = struct.pack("q", max(at, stopped) + 1)
    _, harms, cpu, cpu_number, wall, wall_number = _STATE.unpack(state[:])
    outcome.add(Outcome(count, [], harms, (cpu, cpu_number), (wall, wall_number)))
    return outcome


def _watch(process: multiprocessing.Process, state: mmap.mmap) -> Iterator[None]:
    """Wait for a process; end it when it hangs over one file."""
    while process.is_alive():
        before = _STATE.unpack(state[:])[0]
        process.join(_HANGS_AFTER)
        if process.is_alive() and _STATE.unpack(state[:])[0] == before:
            process.kill()
            process.join()
        yield


def _work(state: mmap.mmap, end: int) -> None:
    sys.setrecursionlimit(1_000)
    with TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:  # noqa: PTH112
        folder = Path(name)
        prepare_folder(folder)
        number, harms, cpu, cpu_number, wall, wall_number = _STATE.unpack(state[:])
        for each in range(number, end):
            write_mutated(folder, each)
            started = time.thread_time(), time.perf_counter()
            harm = find_harm(folder, each)
            cpu, cpu_number = max((cpu, cpu_number), (time.thread_time() - started[0], each))
            wall, wall_number = max((wall, wall_number), (time.perf_counter() - started[1], each))
            if harm:
                harms += 1
                if harms <= _TOLD:
                    print(f"file {each}: {harm[:500]}", flush=True)
            state[:] = _STATE.pack(each + 1, harms, cpu, cpu_number, wall, wall_number)


def main() -> int:
    """Print what became of the files; returns 1 if any did harm."""
    parser = argparse.ArgumentParser(prog="python -m tests.destinations.fuzz", description=__doc__)
    parser.add_argument("files", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    share = -(-options.files // options.processes)
    starts = range(options.first, options.first + options.files, share)
    counts = [min(share, options.first + options.files - start) for start in starts]
    total, began = Outcome(), time.perf_counter()
    with ThreadPoolExecutor(options.processes) as threads:
        for outcome in threads.map(fuzz, starts, counts):
            total.add(outcome)
    (cpu, cpu_number), (wall, wall_number) = total.slowest_cpu, total.slowest_wall
    print(
        f"{total.files:,} files in {time.perf_counter() - began:,.0f} s: {len(total.crashes)} crashes or hangs "
        f"{total.crashes[:_TOLD]}, {total.harms} exceptions or other harms; the slowest took {cpu:.4f} s of CPU "
        f"(file {cpu_number}), {wall:.4f} s by the clock (file {wall_number})"
    )
    return 1 if total.crashes or total.harms else 0


if __name__ == "__main__":
    sys.exit(main())
