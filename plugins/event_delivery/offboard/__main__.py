"""Take a client off: nothing more is sent to a destination, and its login and files are removed.

It says what it would do, and asks for the destination's id. Both DAGs are paused, the file gets enabled: false,
staged and kept files, the Connection and its host keys go. A Connection that others use stays. So does the ledger:
it is the proof of what was delivered. What cannot be done is named; run it again, it goes on from there.
"""

from __future__ import annotations

import argparse
import getpass
import sys

from event_delivery.command_line import answer
from event_delivery.errors import PermanentError


def main(arguments: list[str] | None = None) -> int:
    """Say what would go, and let it go; returns the exit status, 1 where something stays that should not."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m event_delivery.offboard", description=__doc__, formatter_class=form
    )
    parser.add_argument("destination", help="id of the destination, such as acme")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--dry-run", action="store_true", help="only say what would be done")
    how.add_argument("--yes", action="store_true", help="do not ask, for scripts")
    options = parser.parse_args(arguments)
    return answer(lambda: _leave(options))


def _leave(options: argparse.Namespace) -> str:
    from airflow.utils.session import create_session

    from event_delivery.offboard.departure import depart
    from event_delivery.offboard.leaving import NEVER, describe_leaving, look_at_leaving

    with create_session() as session:
        leaving = look_at_leaving(session, options.destination)
        print("It will:", *describe_leaving(leaving), sep="\n- ")  # noqa: T201
        if options.dry_run:
            return "Nothing was changed: a dry run."
        if not options.yes:
            _confirm(options.destination)
        depart(session, leaving, getpass.getuser(), lambda said: print(f"✓ {said}", flush=True))  # noqa: T201
    return f"{options.destination} is taken off. {leaving.last or NEVER}"


def _confirm(destination_id: str) -> None:
    if not sys.stdin.isatty():
        raise PermanentError("Nothing was changed: without a terminal to ask at, wanted --yes.")
    if input("To go on, type the destination's id: ").strip() != destination_id:
        raise PermanentError("Nothing was changed.")


if __name__ == "__main__":
    sys.exit(main())
