"""How fast is a delivery made and uploaded, and in how much memory? `python -m benchmarks` prints the figures."""

import argparse
import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import ROOT
from benchmarks.deliveries import measure_deliveries
from benchmarks.id_digests import measure_digests
from benchmarks.runs import BenchError
from benchmarks.uploads import measure_uploads
from local_servers.postgres import running_postgres
from local_servers.processes import ServerError

FOLDER = ROOT / ".demo" / "bench"
SETTINGS = {"autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0"}
PARTS = ("deliveries", "digests", "uploads")


def main() -> int:
    """Measure, and print nothing of a part before all its files were found equal."""
    arguments = _parse()
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with _alone(), running_postgres(FOLDER / "postgres", SETTINGS) as postgres:
            if arguments.part in (None, "deliveries"):
                print(measure_deliveries(FOLDER, postgres, arguments.quick), flush=True)
            if arguments.part in (None, "digests"):
                print(measure_digests(FOLDER / "digests", postgres, arguments.quick), flush=True)
            if arguments.part in (None, "uploads"):
                print(measure_uploads(FOLDER / "uploads", postgres, arguments.quick), flush=True)
    except (BenchError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one part alone")
    parser.add_argument(
        "--quick", action="store_true", help="smaller files: a few minutes instead of most of an hour"
    )
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
