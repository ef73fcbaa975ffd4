"""Does a client have every event of a period, once?

`reconcile` compares the source with what was delivered, by the ids of events, for each day and event type. The
exit status is 0 where every event was delivered once, 1 where not, 2 where that could not be found out.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime

from event_delivery.command_line import answer

_UNCLEAN, _FAILED = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for, and print what was found; returns the exit status."""
    options = _parse(arguments)
    status = 0

    def obey() -> str:
        nonlocal status
        text, is_clean = _reconcile(options)
        status = 0 if is_clean else _UNCLEAN
        return text

    return _FAILED if answer(obey) else status


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m event_delivery.completeness", description=__doc__, formatter_class=form
    )
    commands = parser.add_subparsers(dest="command", required=True)
    reconcile = commands.add_parser("reconcile", help="compare source ids with delivered ids")
    reconcile.add_argument("destination", help="id of the destination, such as acme")
    for name, what in (("--from", "first"), ("--to", "last")):
        reconcile.add_argument(
            name, dest=what, type=date.fromisoformat, help=f"{what} local day, YYYY-MM-DD (default: yesterday)"
        )
    reconcile.add_argument(
        "--ids-only", action="store_true", help="do not look for changed rows, which reads each from the source"
    )
    reconcile.add_argument("--format", choices=("text", "json", "csv"), default="text")
    return parser.parse_args(arguments)


def _reconcile(options: argparse.Namespace) -> tuple[str, bool]:
    from event_delivery.completeness.asked import choose_period, require_destination
    from event_delivery.completeness.reconciliation import open_reconciliation
    from event_delivery.completeness.report import read_report

    now = datetime.now(UTC)
    destination = require_destination(options.destination)
    period = choose_period(destination, options.first, options.last, now)
    with open_reconciliation(destination, *period, now, ids_only=options.ids_only) as reconciliation:
        report = read_report(reconciliation)
    writers = {"text": report.write_text, "json": report.write_json, "csv": report.write_csv}
    return writers[options.format](), report.is_clean


if __name__ == "__main__":
    sys.exit(main())
