"""`preview` prints every kind of message that the watch may send; `check` says if include/alerts.yaml is right."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase

from event_delivery.command_line import end_pipe
from event_delivery.destinations import read_destinations
from event_delivery.errors import DeliveryError
from event_delivery.incidents.alerts import Alerts, alerts_file, read_alerts
from event_delivery.incidents.examples import write_examples


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m event_delivery.incidents", description=__doc__)
    parser.add_argument("command", choices=["preview", "check"])
    command = parser.parse_args(arguments).command
    try:
        status = _preview() if command == "preview" else _check()
        sys.stdout.flush()
    except BrokenPipeError:
        return end_pipe()
    return status


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
    for pattern in _list_idle(alerts):
        print(f"Mind: a rule names the destinations {pattern!r}, and none that is there is called so.")  # noqa: T201
    return 0


def _list_idle(alerts: Alerts) -> list[str]:
    """Return the patterns of destinations' ids that fit none: no mistake, one may be to come."""
    ids = [each.id for each in read_destinations()]
    patterns = dict.fromkeys(pattern for rule in alerts.rules for pattern in rule.destinations if pattern != "*")
    return [pattern for pattern in patterns if not any(fnmatchcase(each, pattern) for each in ids)]


if __name__ == "__main__":
    sys.exit(main())
