"""How is a client's guide made, with the versions of its columns where the ledger tells them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError
from event_delivery.guide.section import Section
from event_delivery.guide.wording import write_guide
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.schema_versions import SchemaVersion, read_schema_versions


@dataclass(frozen=True)
class Guide:
    """What a client is told; `lacking`: why the versions of its columns are not in it, empty where they are."""

    client: str
    sections: Sequence[Section]
    lacking: str = ""


def make_guide(destination: Destination, now: datetime) -> Guide:
    """Return a destination's guide; without a ledger that answers it does without the versions.

    Raises:
        PermanentError: as `write_guide`.
    """
    versions: dict[str, list[SchemaVersion]] = {}
    lacking = ""
    try:
        with open_ledger_reading() as ledger:
            versions = {event: read_schema_versions(ledger, destination.id, event) for event in destination.events}
    except DeliveryError as error:
        lacking = f"Without the versions of the columns: {error}"
    return Guide(destination.client, write_guide(destination, now, versions), lacking)
