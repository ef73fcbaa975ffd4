"""What would a client get of a day? Exactly the file, not sent.

    python -m event_delivery.preview acme --day 2026-01-31 > file      to standard output
    python -m event_delivery.preview acme --output file                yesterday's, into a new file (0600)
    python -m event_delivery.preview acme --test-file                  the test file, without a learner's data

Nothing is written into ledger and staging area. It holds learners' data: let nobody else read along.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from typing import IO
from zoneinfo import ZoneInfo

from event_delivery.command_line import answer
from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import Destination, QuarantinedDestination, find_destination
from event_delivery.errors import PermanentError
from event_delivery.preview.making import make_preview
from event_delivery.schedule import refuse_interval


def main(arguments: list[str] | None = None) -> int:
    """Write the file, and on standard error what it is; returns the exit status."""
    options = _parse(arguments)
    output = sys.stdout.buffer

    def obey() -> str:
        delivery = choose_delivery(options.destination, options.event, options.day, options.test_file)
        with redirect_stdout(sys.stderr), make_preview(delivery) as (manifest, file):
            _write(file, options.output, output)
        told = f"{manifest.rows:,} events, {manifest.bytes:,} bytes, sha256 {manifest.sha256}"
        return f"{delivery.file_name}: {told}. Nothing was sent."

    with redirect_stdout(sys.stderr):
        return answer(obey)


def choose_delivery(destination_id: str, event: str | None, day: date | None, test_file: bool = False) -> Delivery:
    """Return the delivery of a local day, yesterday unless told, of the first event type unless told.

    Raises:
        PermanentError: there is no such destination or event type, or the day is not over.
    """
    destination = find_valid(destination_id)
    event = event or destination.events[0]
    if event not in destination.events:
        raise PermanentError(f"{destination_id} delivers {', '.join(destination.events)}, and no {event!r}.")
    now = datetime.now(UTC)
    if test_file:
        return delivery_of_test_file(destination, event, now)
    day = day or now.astimezone(ZoneInfo(destination.timezone)).date() - timedelta(days=1)
    delivery = nightly_delivery(destination, event, destination.day(day))
    if refusal := refuse_interval(delivery.interval, destination.timezone, destination.start_date, now):
        raise PermanentError(f"{destination_id}: {refusal}")
    return delivery


def find_valid(destination_id: str) -> Destination:
    """Return a destination; raises PermanentError where there is none of that id, or its file is wrong."""
    found = find_destination(destination_id)
    if found is None:
        raise PermanentError(f"There is no destination {destination_id!r}.")
    if isinstance(found, QuarantinedDestination):
        raise PermanentError(found.message)
    return found


def _write(file: IO[bytes], path: str | None, output: IO[bytes]) -> None:
    if path is None:
        shutil.copyfileobj(file, output)
        output.flush()
        return
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            shutil.copyfileobj(file, target)
    except OSError as error:
        why = f"{path} cannot be written ({error.strerror}): name a file that is not there."
        raise PermanentError(why) from None


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m event_delivery.preview", description=__doc__, formatter_class=form)
    parser.add_argument("destination", help="id of the destination, such as acme")
    parser.add_argument("--day", type=date.fromisoformat, help="local day, YYYY-MM-DD (default: yesterday)")
    parser.add_argument("--event", help="event type (default: the destination's first)")
    parser.add_argument("--output", help="a new file (default: standard output)")
    parser.add_argument("--test-file", action="store_true", help="the test file in place of a day")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
