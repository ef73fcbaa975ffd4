"""Which file is uploaded? `python -m benchmarks.upload_file ROWS DESTINATION...` makes it and prints its manifest.

It is made once, as the tasks `extract` and `format` make it; every destination then has the same one to deliver.
"""

import json
import os
import sys
from dataclasses import asdict, replace

from benchmarks.events import measured_delivery
from benchmarks.upload import CONNECTION
from event_delivery.delivery import Delivery
from event_delivery.destinations.destination import Destination


def main() -> None:
    """Make the file."""
    from event_delivery.extract.events import extract_events
    from event_delivery.formats.delivery_file import format_events
    from event_delivery.staging import staging_folder, write_manifest

    rows, *destinations = sys.argv[1:]
    first = measured_delivery(int(rows), "json")
    manifest = format_events(first, extract_events(first))
    for destination_id in destinations:
        delivery = uploaded_delivery(int(rows), destination_id)
        os.link(manifest.path, staging_folder(delivery) / delivery.file_name)
        write_manifest(delivery, delivery.file_name, manifest)
    print(json.dumps(asdict(manifest)))


def uploaded_delivery(rows: int, destination_id: str) -> Delivery:
    """Return the delivery of so many events to one of the destinations."""
    delivery = measured_delivery(rows, "json")
    fields = delivery.destination.model_dump(mode="json", include={"client", "company_id", "format"})
    destination = Destination.model_validate(fields | {"id": destination_id, "connection": CONNECTION})
    return replace(delivery, destination=destination)


if __name__ == "__main__":
    main()
