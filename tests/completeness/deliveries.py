"""Which deliveries do the tests make, and what did the client get?"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.staging.kept_file import MANIFEST_ENDING

_NAME = re.compile(
    r"courseCompletion-(?:supplement-(\d+)-)?\d+_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)-[a-z0-9]{7}\.(csv|json)"
)


def night(destination: Destination, day: date, event: str = "courseCompletion") -> Delivery:
    """Return the delivery of a day."""
    return nightly_delivery(destination, event, destination.day(day))


def received(server: Any) -> list[str]:
    """Return the ids in all files of the client, read by the test's own means."""
    ids: list[str] = []
    for path in sorted(server.user_folder("acme").rglob("*-*-*")):
        ids += read_ids(path)
    return sorted(ids)


def read_ids(path: Path) -> list[str]:
    """Return the ids in a file, in its order."""
    if path.suffix == ".json":
        return [event["id"] for event in json.loads(path.read_text())]
    return [row["id"] for row in csv.DictReader(path.read_text().splitlines())]


def read_rows(path: Path) -> dict[str, tuple[str, str]]:
    """Return timestamp and title of each event in a file, by its id."""
    text = path.read_text()
    rows = json.loads(text) if path.suffix == ".json" else csv.DictReader(text.splitlines())
    return {row["id"]: (row["timestamp"], row["title"]) for row in rows}


def read_counted(folder: Path, read: Callable[[Path], Any] = read_ids) -> dict[datetime, list[Any]]:
    """Return the files of a folder that count, by the instant in their names, as the client guide says: the ids.

    A day that arrives again replaces the supplements before it.
    """
    arrived: dict[tuple[str, int], Path] = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns):
        match = _NAME.fullmatch(path.name)
        assert match, path.name
        if not match[1]:
            arrived = {key: file for key, file in arrived.items() if key[0] != match[2]}
        arrived[match[2], int(match[1] or 0)] = path
    counted: dict[datetime, list[Any]] = {}
    for (stamp, _), path in arrived.items():
        counted.setdefault(datetime.strptime(f"{stamp}Z", "%Y-%m-%dT%H-%M-%S%z"), []).append(read(path))
    return counted


def kept_files(staging_area: Path) -> list[Path]:
    """Return the files that were delivered and are kept, without what is noted beside them."""
    return sorted(path for path in staging_area.rglob("kept-*") if not path.name.endswith(MANIFEST_ENDING))
