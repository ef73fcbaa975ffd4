"""Which incidents are open, or were lately, and who was told? For readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from event_delivery.ledger import LedgerReading, open_ledger_reading
from event_delivery.ledger.incident_messages import MessageRecord, read_messages
from event_delivery.ledger.incidents import IncidentRecord, read_incidents


@dataclass(frozen=True)
class ToldIncident:
    """An incident, and the messages of it in the order in which they were made."""

    incident: IncidentRecord
    messages: tuple[MessageRecord, ...]


def open_incidents() -> list[ToldIncident]:
    """Return the open incidents, the latest first.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    return recent_incidents(None)


def recent_incidents(closed_since: datetime | None, destination: str | None = None) -> list[ToldIncident]:
    """Return the open incidents, of all or one destination, then those closed since an instant.

    Raises as `open_incidents`.
    """
    with open_ledger_reading() as ledger:
        return read_told(ledger, closed_since, destination)


def read_told(
    ledger: LedgerReading, closed_since: datetime | None = None, destination: str | None = None
) -> list[ToldIncident]:
    """Return the same from a ledger that is open for reading."""
    if ledger.connection is None:
        return []
    incidents = read_incidents(ledger.connection, closed_since, destination)
    messages: dict[int, list[MessageRecord]] = {}
    for message in read_messages(ledger.connection, [each.id for each in incidents]):
        messages.setdefault(message.incident_id, []).append(message)
    return [ToldIncident(each, tuple(messages.get(each.id, ()))) for each in incidents]
