"""Where does this instance keep secrets and rights less safely than it could? Ends with 1 if anything is high."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys

from event_delivery.command_line import explained_database
from event_delivery.errors import DeliveryError
from event_delivery.plain_text import escape_json


def main(arguments: list[str] | None = None) -> int:
    """Print the findings; returns the exit status, 2 where nothing could be looked at."""
    parser = argparse.ArgumentParser("python -m event_delivery.security_check", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of severity, where, what and advice")
    options = parser.parse_args(arguments)
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"  # as Airflow's CLI: Connections of its database
    from airflow.utils.session import create_session

    from event_delivery.security_check.check import check_security
    from event_delivery.security_check.findings import render_findings

    try:
        with explained_database(), create_session() as session:
            findings = check_security(session)
    except DeliveryError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    rows = [dataclasses.asdict(each) for each in findings]
    text = escape_json(json.dumps(rows, ensure_ascii=False, indent=1)) if options.json else None
    print(text or render_findings(findings))  # noqa: T201
    return 1 if any(each.severity == "high" for each in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
