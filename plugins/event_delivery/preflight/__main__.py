"""What would fail tonight, while somebody can still call the client? Ends with 1 if anything would.

Each destination that is due within a day is looked over without a login and without a file: Connection, server,
host key, source, staging area, pools, scheduler and ledger.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from event_delivery.command_line import explained_database
from event_delivery.errors import DeliveryError
from event_delivery.plain_text import escape_json

if TYPE_CHECKING:
    from event_delivery.ledger.preflights import Preflight


def main(arguments: list[str] | None = None) -> int:
    """Print what was found; returns the exit status, 2 where nothing could be looked at."""
    parser = argparse.ArgumentParser("python -m event_delivery.preflight", description=__doc__)
    parser.add_argument("--json", action="store_true", help="looked_at, destinations, findings and servers")
    parser.add_argument("--destination", metavar="ID", help="look at this one alone")
    options = parser.parse_args(arguments)
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"  # as Airflow's CLI: Connections of its database
    from event_delivery.preflight.findings import render_preflight

    try:
        with explained_database():
            report = _look(options.destination)
    except DeliveryError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    print(_write_json(report) if options.json else render_preflight(report))  # noqa: T201
    return 1 if report.findings else 0


def _look(only: str | None) -> Preflight:
    from airflow.utils.session import create_session

    from event_delivery.preflight.airflow_state import look_at_airflow, read_paused
    from event_delivery.preflight.findings import order_findings
    from event_delivery.preflight.look import look_over

    with create_session() as session:
        of_airflow, paused = look_at_airflow(session), read_paused(session)
    report = look_over(datetime.now(UTC), only, paused.intersection)
    findings = order_findings([*of_airflow, *report.findings])
    return dataclasses.replace(report, findings=findings)


def _write_json(report: Preflight) -> str:
    told = {**dataclasses.asdict(report), "looked_at": report.looked_at.isoformat()}
    return escape_json(json.dumps(told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    sys.exit(main())
