"""What is one delivery called, here and on the client's server?"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from event_delivery.destinations import EVENT_TYPES, Destination, EventType
from event_delivery.schedule import Interval, LocalDay, due_of

ROBOT, SEND_AGAIN = "robot", "send again"  # what a person says of a delivery that nobody can confirm
_SUFFIX_ALPHABET = string.digits + string.ascii_lowercase
_SUFFIX_LENGTH = 7


@dataclass(frozen=True)
class Delivery:
    """One destination, one event type, one data interval: the unit of retry and of record.

    Every name derives from these, so a retry, a clear, a backfill and a redelivery write the same file. `due` and
    what the YAML says of the name count until the ledger has a name for it (see `ledger.file_names`).
    """

    destination: Destination
    event: str
    interval_start: datetime
    interval_end: datetime
    due: datetime
    kind: Literal["nightly", "test"] = "nightly"

    @property
    def interval(self) -> Interval:
        """The data interval."""
        return Interval(self.interval_start, self.interval_end)

    @property
    def event_type(self) -> EventType:
        """The kind of the delivered events."""
        return EVENT_TYPES[self.event]

    @property
    def file_name(self) -> str:
        """`<prefix>-<transfer_id>_<due, UTC>-<suffix>.<format>`, for test files `<prefix>-test-...`."""
        prefix = self.event_type.file_prefix + ("-test" if self.kind == "test" else "")
        stamp = self.due.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%S")
        destination = self.destination
        return f"{prefix}-{destination.transfer_id}_{stamp}-{self._suffix}.{destination.format}"

    @property
    def staged_name(self) -> str:
        """Name of the staged events: Postgres renders them for the format, so they belong to it."""
        return f"events.{self.destination.format}"

    @property
    def key(self) -> str:
        """Name of the delivery's folder in the staging area, unique within its destination."""
        start = self.interval_start.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
        return f"{self.kind}-{self.event}-{start}-{self._suffix}"

    @property
    def _suffix(self) -> str:
        bounds = (self.interval_start, self.interval_end)
        interval = "/".join(bound.astimezone(UTC).isoformat() for bound in bounds)
        identity = "\n".join((self.kind, self.destination.id, self.event, interval))
        number = int.from_bytes(hashlib.sha256(identity.encode()).digest())
        return "".join(_SUFFIX_ALPHABET[number // 36**digit % 36] for digit in range(_SUFFIX_LENGTH))


def nightly_delivery(destination: Destination, event: str, day: LocalDay | Interval) -> Delivery:
    """Return the delivery of the events of a local day, or of the interval that a run carries."""
    interval = Interval(day.start, day.end)
    return Delivery(destination, event, *interval, due_of(interval, destination.schedule))


def delivery_of_test_file(destination: Destination, event: str, sent_at: datetime) -> Delivery:
    """Return the delivery of a test file; `sent_at`, whole seconds, tells one test run from the next."""
    instant = sent_at.astimezone(UTC).replace(microsecond=0)
    return Delivery(destination, event, instant, instant, instant, "test")
