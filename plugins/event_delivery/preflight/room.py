"""Has the staging area room for the night?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError
from event_delivery.ledger import BoundedLedger, LedgerError, LedgerReading
from event_delivery.ledger.preflights import Finding
from event_delivery.limits import PREFLIGHT_DAYS, PREFLIGHT_ROOM
from event_delivery.preflight.findings import make_finding
from event_delivery.staging.area import open_area
from event_delivery.staging.room_left import check_room
from event_delivery.staging.store import open_store
from event_delivery.staging.store_probe import probe_store


def look_at_staging(
    destinations: Sequence[Destination], ledger: BoundedLedger | None, now: datetime
) -> list[Finding]:
    """Look whether the staging area can be written, and has room for as much as the last days' largest files.

    Where an object store takes its place: whether that takes a small object, gives it back and deletes it, and
    whether this machine's scratch area has room.
    """
    files = _read_largest(destinations, ledger, now)
    try:
        if store := open_store():
            probe_store(store)
        with open_area() as area:
            check_room(area.fd, PREFLIGHT_ROOM * sum(files), max(files, default=0))
    except DeliveryError as error:
        return [make_finding("staging", str(error))]
    return []


def _read_largest(destinations: Iterable[Destination], ledger: BoundedLedger | None, now: datetime) -> list[int]:
    """Return the largest file (bytes) of each destination and event type; without the ledger's word none."""
    names = [each.id for each in destinations]
    if not ledger or not names:
        return []
    since = now - timedelta(days=PREFLIGHT_DAYS)
    try:
        nights = ledger.ask(lambda connection: LedgerReading(connection).read_nights(names, since, now))
    except LedgerError:
        return []
    largest: dict[tuple[str, str], int] = {}
    for night in nights:
        key = night.destination, night.event
        largest[key] = max(largest.get(key, 0), night.bytes or 0)
    return list(largest.values())
