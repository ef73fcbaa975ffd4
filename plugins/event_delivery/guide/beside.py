"""Which files lie beside a client's guide: what describes an event, and samples of all that comes?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.destinations.packing import COMPANION_ENDINGS
from event_delivery.guide.columns import describe_columns
from event_delivery.guide.schema import write_dictionary, write_json_schema
from event_delivery.preview import make_preview
from event_delivery.schedule import last_day_before
from event_delivery.staging import list_parts
from event_delivery.upload.companion import Numbers, write_companion

SAMPLES = "samples"
_EMPTY = date(1971, 1, 1)  # no learning platform has events of it


def write_beside(folder: Path, destination: Destination, now: datetime) -> Iterator[str]:
    """Write the files into a folder, and yield their names.

    Raises:
        PermanentError, RetryableError: as `describe_columns` and `make_preview`.
    """
    (folder / SAMPLES).mkdir()
    for event in destination.events:
        night = nightly_delivery(destination, event, last_day_before(now, destination.timezone))
        yield _write(folder, *describe_event(night))
        empty = nightly_delivery(destination, event, destination.day(_EMPTY))
        for delivery in (night, delivery_of_test_file(destination, event, now)):
            yield from _write_sample(folder, delivery, of_sample=True)
        if destination.empty_day != "fail":
            yield from _write_sample(folder, empty, of_sample=False)


def describe_event(night: Delivery) -> tuple[str, bytes]:
    """Return what describes an event of a delivery to a program, and the name of that file.

    Raises:
        PermanentError: as `describe_columns`.
    """
    columns = describe_columns(night)
    if night.destination.format in ("csv", "parquet"):
        return f"{night.event}.columns.csv", write_dictionary(columns).encode()
    schema = json.dumps(write_json_schema(night.event, columns), indent=2, ensure_ascii=False) + "\n"
    return f"{night.event}.schema.json", schema.encode()


def _write_sample(folder: Path, delivery: Delivery, of_sample: bool) -> Iterator[str]:
    """Write a delivery's file and its companion; `of_sample`: with the sample event, in place of the source's."""
    name, kind = delivery.file_name, delivery.destination.companion
    with make_preview(delivery, of_sample=of_sample) as (manifest, file):
        for part in list_parts(manifest, name):
            yield _write(folder, f"{SAMPLES}/{part.name}", file.read(part.bytes))
        if not manifest.parts:
            yield _write(folder, f"{SAMPLES}/{name}", file.read())
    if kind != "none":
        numbers = Numbers(1, None if delivery.kind == "test" else 1)
        content = write_companion(kind, delivery, name, manifest, numbers)
        yield _write(folder, f"{SAMPLES}/{name}{COMPANION_ENDINGS[kind]}", content)


def _write(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return name
