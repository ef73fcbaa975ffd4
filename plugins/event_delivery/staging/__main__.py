"""What leaves the staging area, and when?

`expire` does what the maintenance DAG does each day: it deletes what has outlived its days, delivered files that
were kept for their destination's keep_days among it, and names each file. `expire --dry-run` only names them; with
`--ahead 1` those of tomorrow.
"""

from __future__ import annotations

import argparse
import sys
import time

from event_delivery.command_line import answer
from event_delivery.limits import DAY


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for, and print what was done; returns the exit status."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m event_delivery.staging", description=__doc__, formatter_class=form)
    commands = parser.add_subparsers(dest="command", required=True)
    expire = commands.add_parser("expire", help="delete what has outlived its days")
    expire.add_argument("--dry-run", action="store_true", help="only name the files")
    expire.add_argument("--ahead", type=float, default=0, metavar="DAYS", help="with --dry-run: so many days on")
    options = parser.parse_args(arguments)
    if options.ahead and not options.dry_run:
        parser.error("--ahead goes with --dry-run: nothing is deleted before its time")
    return answer(lambda: _expire(options.dry_run, options.ahead))


def _expire(dry_run: bool, ahead: float) -> str:
    from event_delivery.staging.expiry import expire_staged

    outlived = expire_staged(time.time() + ahead * DAY, dry_run)
    verb = "Would delete" if dry_run else "Deleted"
    return "\n".join([*map(str, outlived), f"{verb} {len(outlived):,} files."])


if __name__ == "__main__":
    sys.exit(main())
