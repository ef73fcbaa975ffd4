"""Does a client have every event of a period, once?

`reconcile` compares the source with what was delivered, by the ids of events, for each day and event type. The
exit status is 0 where every event was delivered once, 1 where not, 2 where that could not be found out.

`missing` lists the days that were never delivered since a destination's first night. With `--deliver` it starts
runs that bring them, the oldest first, as many as one hourly pass would; with `--all` too, all of them. The exit
status is 0 where nothing is missing, 1 where something is, 2 where that cannot be told or Airflow refused a run.

`restored` lists delivered files that are kept and that the ledger does not know, as after its restore to an older
state. The exit status is 0 where there are none, 1 where some are, 2 where that could not be found out.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from typing import Any

from event_delivery.command_line import answer, read_day
from event_delivery.errors import describe_reason

_UNCLEAN, _FAILED = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for, and print what was found; returns the exit status."""
    options = _parse(arguments)
    status = 0

    def obey() -> str:
        nonlocal status
        with redirect_stdout(sys.stderr):  # Airflow logs there what it makes
            text, status = options.answer(options)
        return text

    try:
        return _FAILED if answer(obey) else status
    except Exception as error:  # 1 would say that something is found
        print(describe_reason(error, 0), file=sys.stderr)  # noqa: T201
        return _FAILED


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m event_delivery.completeness", description=__doc__, formatter_class=form
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _add_reconcile(commands)
    _add_missing(commands)
    _add_restored(commands)
    return parser.parse_args(arguments)


def _add_reconcile(commands: Any) -> None:
    reconcile = commands.add_parser("reconcile", help="compare source ids with delivered ids")
    reconcile.add_argument("destination", help="id of the destination, such as acme")
    for name, what in (("--from", "first"), ("--to", "last")):
        reconcile.add_argument(
            name, dest=what, type=read_day, help=f"{what} local day, YYYY-MM-DD (default: yesterday)"
        )
    reconcile.add_argument(
        "--ids-only", action="store_true", help="do not look for changed rows, which reads each from the source"
    )
    reconcile.add_argument("--format", choices=("text", "json", "csv"), default="text")
    reconcile.set_defaults(answer=_reconcile)


def _add_missing(commands: Any) -> None:
    missing = commands.add_parser("missing", help="list the days that were never delivered")
    missing.add_argument("--destination", action="append", default=[], help="only of this one; may be repeated")
    missing.add_argument("--deliver", action="store_true", help="start runs that deliver them, the oldest first")
    missing.add_argument("--all", action="store_true", help="with --deliver: all of them at once")
    missing.add_argument("--json", action="store_true", help="for scripts")
    missing.set_defaults(answer=_find_missing)


def _add_restored(commands: Any) -> None:
    restored = commands.add_parser("restored", help="list delivered files that the ledger does not know")
    restored.add_argument("--json", action="store_true", help="for scripts")
    restored.set_defaults(answer=_list_restored)


def _list_restored(options: argparse.Namespace) -> tuple[str, int]:
    from event_delivery.completeness.restored import find_all_forgotten, write_restored

    found = find_all_forgotten()
    return write_restored(found, options.json), _UNCLEAN if found else 0


def _reconcile(options: argparse.Namespace) -> tuple[str, int]:
    from event_delivery.completeness.asked import choose_period, require_destination
    from event_delivery.completeness.reconciliation import open_reconciliation
    from event_delivery.completeness.report import read_report

    now = datetime.now(UTC)
    destination = require_destination(options.destination)
    period = choose_period(destination, options.first, options.last, now)
    with open_reconciliation(destination, *period, now, ids_only=options.ids_only) as reconciliation:
        report = read_report(reconciliation)
    writers = {"text": report.write_text, "json": report.write_json, "csv": report.write_csv}
    return writers[options.format](), 0 if report.is_clean else _UNCLEAN


def _find_missing(options: argparse.Namespace) -> tuple[str, int]:
    from event_delivery.completeness.missing_answer import find_asked, start_missing
    from event_delivery.completeness.told import render_json, render_table

    now = datetime.now(UTC)
    found = find_asked(options.destination, now)
    if options.deliver and found.missing:
        from airflow.utils.session import create_session

        with create_session() as session:
            found = start_missing(session, found, options.all, now)
    for trouble in found.troubles:
        print(trouble, file=sys.stderr)  # noqa: T201
    text = render_json(found) if options.json else render_table(found)
    return text, _FAILED if found.troubles else _UNCLEAN if found.missing else 0


if __name__ == "__main__":
    sys.exit(main())
