"""Which deliveries do the tests make, and what did the client get?"""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.staging.kept_file import MANIFEST_ENDING


def night(destination: Destination, day: date, event: str = "courseCompletion") -> Delivery:
    """Return the delivery of a day."""
    return nightly_delivery(destination, event, destination.day(day))


def received(server: Any) -> list[str]:
    """Return the ids in all files of the client, read by the test's own means."""
    ids: list[str] = []
    for path in sorted(server.user_folder("acme").rglob("*-*-*")):
        if path.suffix == ".json":
            ids += [event["id"] for event in json.loads(path.read_text())]
        else:
            ids += [row["id"] for row in csv.DictReader(path.read_text().splitlines())]
    return sorted(ids)


def kept_files(staging_area: Path) -> list[Path]:
    """Return the files that were delivered and are kept, without what is noted beside them."""
    return sorted(path for path in staging_area.rglob("kept-*") if not path.name.endswith(MANIFEST_ENDING))
