"""How fast is a delivery made and uploaded, what does a night cost, and in how much memory?

    python -m benchmarks                all but the night of 1,000, written into docs/benchmarks.md, in 40 minutes
    python -m benchmarks night          one part alone, written there too
    python -m benchmarks thousand       the night of 1,000 destinations, in 20 minutes
    python -m benchmarks --quick        smaller numbers, printed only

Nothing of a part is printed before all its files were found equal.
"""

import argparse
import fcntl
import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from benchmarks import ROOT
from benchmarks.deliveries import measure_deliveries
from benchmarks.id_digests import measure_digests
from benchmarks.nights import LARGE_NIGHT, NIGHT, measure_nights
from benchmarks.page import PAGE, write_part
from benchmarks.parsing import measure_parsing
from benchmarks.runs import BenchError
from benchmarks.uploads import measure_uploads
from local_servers.postgres import Postgres, running_postgres
from local_servers.processes import ServerError

FOLDER = ROOT / ".demo" / "bench"
SETTINGS = {"autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0"}
Part = Callable[[Postgres, bool], str]
PARTS: Mapping[str, Part] = {
    "deliveries": lambda postgres, quick: _frame(measure_deliveries(FOLDER, postgres, quick)),
    "digests": lambda postgres, quick: _frame(measure_digests(FOLDER / "digests", postgres, quick)),
    "uploads": lambda postgres, quick: _frame(measure_uploads(FOLDER / "uploads", postgres, quick)),
    "night": lambda _, quick: measure_nights(NIGHT, quick),
    "parsing": lambda _, quick: measure_parsing(quick),
    "thousand": lambda _, quick: measure_nights(LARGE_NIGHT, quick),
}
ASKED_FOR, NOT_QUICK = {"thousand"}, {"parsing"}  # by their names alone, the latter where it is to be quick


def main() -> int:
    """Measure; the exit code is 1 where a way failed or wrote other bytes."""
    arguments = _parse()
    FOLDER.mkdir(parents=True, exist_ok=True)
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    logging.getLogger("sftp").setLevel(logging.WARNING)
    try:
        with _alone(), running_postgres(FOLDER / "postgres", SETTINGS) as postgres:
            for part in [arguments.part] if arguments.part else _choose_parts(arguments.quick):
                _measure(part, postgres, arguments.quick)
    except (BenchError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _choose_parts(quick: bool) -> list[str]:
    left_out = ASKED_FOR | (NOT_QUICK if quick else set())
    return [part for part in PARTS if part not in left_out]


def _measure(part: str, postgres: Postgres, quick: bool) -> None:
    started = time.monotonic()
    figures = PARTS[part](postgres, quick)
    print(figures, flush=True)
    if not quick:
        write_part(part, figures, time.monotonic() - started)
        print(f"written into {PAGE.relative_to(ROOT)}", file=sys.stderr, flush=True)


def _frame(figures: str) -> str:
    """Keep the columns of a text that is laid out by spaces."""
    return f"```\n{figures.rstrip()}\n```"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="?", choices=PARTS, help="one part alone")
    parser.add_argument("--quick", action="store_true", help="smaller numbers, in three minutes; not published")
    return parser.parse_args()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one bench run at a time: two would share the folder and the server, and slow each other."""
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BenchError(f"Another bench is running in {FOLDER}: wait for it.") from None
        yield


if __name__ == "__main__":
    sys.exit(main())
