"""`preview` prints every kind of message that the watch may send; `check` says if include/alerts.yaml is right."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from event_delivery.errors import DeliveryError
from event_delivery.incidents.alerts import alerts_file, read_alerts
from event_delivery.incidents.examples import write_examples


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m event_delivery.incidents", description=__doc__)
    parser.add_argument("command", choices=["preview", "check"])
    command = parser.parse_args(arguments).command
    return _preview() if command == "preview" else _check()


def _preview() -> int:
    for reader, kind, ending, alert in write_examples():
        to = f"To: {alert.to}\n" if alert.to else ""
        print(f"--- {kind}, {ending}, for the {reader}\n{to}Subject: {alert.subject}\n\n{alert.body}")  # noqa: T201
    return 0


def _check() -> int:
    try:
        alerts = read_alerts()
    except DeliveryError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"{alerts_file()}: {len(alerts.rules)} rules, {len(alerts.senders)} senders.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
