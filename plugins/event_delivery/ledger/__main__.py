"""How is the ledger upgraded by hand, before a night needs it?"""

from __future__ import annotations

import argparse
import os
import sys


def main(arguments: list[str] | None = None) -> int:
    """Upgrade the ledger, or say its version; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m event_delivery.ledger", description=__doc__)
    parser.add_argument("command", choices=["upgrade", "version"])
    command = parser.parse_args(arguments).command
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"  # as Airflow's CLI: Connections of its database
    from event_delivery.errors import DeliveryError

    try:
        print(_upgrade() if command == "upgrade" else _say_version())  # noqa: T201
    except DeliveryError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
