"""How is the ledger upgraded, claimed or purged by hand?

An instance of Airflow has a name, EVENT_DELIVERY_INSTANCE. Its first upload claims a ledger that nobody has
claimed; from then on uploads of another name, or with a copy of that ledger, are refused, so that a second
instance never delivers to clients by accident. `claim` lets the ledger belong to the instance that the environment
names, in the database where it is now: after a restore, a move or a renaming. `claim --rehearsal` lets it be one
that nothing real is sent with. `purge` does what the maintenance DAG does each day: of deliveries older than
EVENT_DELIVERY_LEDGER_DAYS it forgets profiles, attempts and errors; `purge --dry-run` only counts them.
"""

from __future__ import annotations

import argparse
import sys

from event_delivery.command_line import answer


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked for, and print what was done; returns the exit status."""
    options = _parse(arguments)
    return answer(lambda: _obey(options))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m event_delivery.ledger", description=__doc__, formatter_class=form)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("upgrade", help="bring the ledger to the version that this release knows")
    commands.add_parser("version", help="say which version the ledger has")
    purge = commands.add_parser("purge", help="forget what is older than EVENT_DELIVERY_LEDGER_DAYS")
    purge.add_argument("--dry-run", action="store_true", help="only say how much that would be")
    claim = commands.add_parser(
        "claim", help="let the ledger belong to this instance", description=__doc__, formatter_class=form
    )
    claim.add_argument("--rehearsal", action="store_true", help="for rehearsal: nothing real is sent with it")
    claim.add_argument("--copy", action="store_true", help="it is a copy, also where the database cannot tell")
    return parser.parse_args(arguments)


def _obey(options: argparse.Namespace) -> str:
    if options.command == "claim":
        return _claim(options.rehearsal, options.copy)
    if options.command == "purge":
        return _purge(options.dry_run)
    return _upgrade() if options.command == "upgrade" else _say_version()


def _upgrade() -> str:
    from event_delivery.ledger.opening import open_ledger
    from event_delivery.ledger.schema import LATEST

    with open_ledger():
        return f"The ledger has version {LATEST}."


def _say_version() -> str:
    from event_delivery.database import EVENTS_DB, LEDGER_DB, connect
    from event_delivery.ledger.schema import LATEST, read_version

    with connect(LEDGER_DB, EVENTS_DB) as connection:
        version = read_version(connection)
    return "There is no ledger yet." if version is None else f"Version {version}; this release knows {LATEST}."


def _purge(dry_run: bool) -> str:
    from event_delivery.ledger.retention import purge_ledger, read_ledger_days

    verb = "Would remove" if dry_run else "Removed"
    return f"{verb} {purge_ledger(dry_run)}, of deliveries untouched for {read_ledger_days():g} days."


def _claim(rehearsal: bool, is_copy: bool) -> str:
    from event_delivery.ledger.claims import claim_ledger, identify_database
    from event_delivery.ledger.instance import describe_claim, read_instance
    from event_delivery.ledger.opening import open_ledger

    name = read_instance().name
    with open_ledger() as ledger:
        before, here = claim_ledger(ledger, name, rehearsal, is_copy), identify_database(ledger)
    return describe_claim(before, here, name, rehearsal)


if __name__ == "__main__":
    sys.exit(main())
