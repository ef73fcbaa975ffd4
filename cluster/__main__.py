"""Does a night go on where a machine dies? `python -m cluster` runs one, and tells which worker did what."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from cluster.machines import open_cluster
from cluster.night import play_night
from local_servers.processes import ServerError


def main() -> int:
    """Run the night; the exit code is 1 where a file is missing, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="python -m cluster", description=__doc__)
    parser.add_argument("--destinations", type=int, default=50)
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as place, open_cluster(Path(place), options.destinations) as cluster:
            outcome = play_night(cluster, options.destinations)
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1
    print(outcome.describe())
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
