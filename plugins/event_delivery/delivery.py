"""What is one delivery called, here and on the client's server?"""

from __future__ import annotations

import hashlib
import re
import string
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from event_delivery.destinations import EVENT_TYPES, Destination, EventType
from event_delivery.destinations.file_name import append_to_stem
from event_delivery.destinations.naming import name_file, name_staged
from event_delivery.schedule import Interval, LocalDay, due_of

ROBOT, SEND_AGAIN = "robot", "send again"  # what a person says of a delivery that nobody can confirm
_SUPPLEMENT = "supplement-"  # and a number from 1
_KEY_STAMP = "%Y-%m-%dT%H%M%SZ"
_KEY = re.compile(r"(nightly|test|supplement-[1-9][0-9]{0,3})-([A-Za-z0-9]+)-(\d{4}-\d\d-\d\dT\d{6}Z)-[0-9a-z]{7}")
_SUFFIX_ALPHABET = string.digits + string.ascii_lowercase
_SUFFIX_LENGTH = 7


class DeliveryKey(NamedTuple):
    """What the name of a delivery's folder in the staging area says (`Delivery.key`)."""

    kind: str
    event: str
    stamp: str

    @property
    def start(self) -> datetime:
        """Where its interval starts; its end no name tells. Raises ValueError: that is no instant."""
        return datetime.strptime(self.stamp, _KEY_STAMP).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Delivery:
    """One destination, one event type, one data interval: the unit of retry and of record.

    Every name derives from these, so a retry, a clear, a backfill and a redelivery write the same file. `due` and
    what the YAML says of the name count until the ledger has a name for it (see `ledger.file_names`). Its kind is
    `nightly`, `test`, or `supplement-1` and so on: a further file of a night, with its late events.
    """

    destination: Destination
    event: str
    interval_start: datetime
    interval_end: datetime
    due: datetime
    kind: str = "nightly"

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
        """`<prefix>-<transfer_id>_<due, UTC>-<suffix>.<format>`, of other kinds `<prefix>-<kind>-...`.

        Or as the destination's `file_name` says.
        """
        moments = {"due": self.due.astimezone(UTC), "day": self.day}
        return name_file(self.destination, self.event_type.file_prefix, self.kind, moments, self.suffix)

    @property
    def day(self) -> datetime:
        """Where its interval starts on the destination's clock of today: what `{day}` in its file's name tells."""
        return self.interval_start.astimezone(ZoneInfo(self.destination.timezone))

    def add_suffix(self, name: str) -> str:
        """Return a file's name that another delivery of the destination has, as this one's: with its suffix."""
        return append_to_stem(name, f"-{self.suffix}")

    @property
    def supplement(self) -> int:
        """The number of the supplement, from 1; 0: it is none."""
        return read_supplement(self.kind)

    @property
    def staged_name(self) -> str:
        """Name of the staged events."""
        return name_staged(self.destination)

    @property
    def key(self) -> str:
        """Name of the delivery's folder in the staging area, unique within its destination."""
        start = self.interval_start.astimezone(UTC).strftime(_KEY_STAMP)
        return f"{self.kind}-{self.event}-{start}-{self.suffix}"

    @property
    def suffix(self) -> str:
        """Seven letters and digits that belong to it for ever."""
        bounds = (self.interval_start, self.interval_end)
        interval = "/".join(bound.astimezone(UTC).isoformat() for bound in bounds)
        identity = "\n".join((self.kind, self.destination.id, self.event, interval))
        number = int.from_bytes(hashlib.sha256(identity.encode()).digest())
        return "".join(_SUFFIX_ALPHABET[number // 36**digit % 36] for digit in range(_SUFFIX_LENGTH))


def nightly_delivery(destination: Destination, event: str, day: LocalDay | Interval) -> Delivery:
    """Return the delivery of the events of a local day, or of the interval that a run carries."""
    interval = Interval(day.start, day.end)
    return Delivery(destination, event, *interval, due_of(interval, destination.schedule))


def night_of(delivery: Delivery) -> Delivery:
    """Return the night whose supplement a delivery is; a night itself."""
    return replace(delivery, kind="nightly")


def supplement_of(delivery: Delivery, number: int) -> Delivery:
    """Return the supplement of a night with this number, from 1."""
    return replace(delivery, kind=name_kind(number))


def name_kind(supplement: int) -> str:
    """Return the kind of a night's supplement with this number, from 1; 0: of the night itself."""
    return f"{_SUPPLEMENT}{supplement}" if supplement else "nightly"


def read_supplement(kind: str) -> int:
    """Return the number of the supplement that a kind names; 0: none."""
    return int(kind.removeprefix(_SUPPLEMENT)) if kind.startswith(_SUPPLEMENT) else 0


def parse_key(key: str) -> DeliveryKey | None:
    """Return what the name of a delivery's folder says, or None: it is none."""
    match = _KEY.fullmatch(key)
    return DeliveryKey(*match.groups()) if match else None


def delivery_of_test_file(destination: Destination, event: str, sent_at: datetime) -> Delivery:
    """Return the delivery of a test file; `sent_at`, whole seconds, tells one test run from the next."""
    instant = sent_at.astimezone(UTC).replace(microsecond=0)
    return Delivery(destination, event, instant, instant, instant, "test")
