"""Which of an interval's delivered files count, and which did a redelivery of the whole day replace?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from event_delivery.destinations import Destination
from event_delivery.extract.ids import IdDigest, add_digests
from event_delivery.ledger.comparisons import ReceivedFile
from event_delivery.schedule import Interval


@dataclass(frozen=True)
class DeliveredNight:
    """What the client has of an interval: the night's file, and its supplements in the order of their delivery."""

    event: str
    interval: Interval
    night: ReceivedFile
    supplements: tuple[ReceivedFile, ...] = ()

    @property
    def counted(self) -> tuple[ReceivedFile, ...]:
        """The files that together hold the day: a day that came again replaces the supplements before it."""
        later = (file for file in self.supplements if file.arrived_at > self.night.arrived_at)
        return (self.night, *later)

    def is_of(self, company_id: str) -> bool:
        """Whether all files hold events of this company, as far as is known: an older release did not note it."""
        return all(file.company_id in ("", company_id) for file in self.files)

    def is_filtered_as(self, destination: Destination) -> bool:
        """Whether all files that count hold the events that the destination's `only` lets out today."""
        return all(destination.filters_as(file.shape, self.event) for file in self.counted)

    @property
    def unsettled(self) -> ReceivedFile | None:
        """A file of which the client may have other bytes by now; None: what it has is known."""
        return next((file for file in self.files if not file.is_settled), None)

    @property
    def files(self) -> tuple[ReceivedFile, ...]:
        """All files that came, replaced ones too."""
        return (self.night, *self.supplements)

    @property
    def rows(self) -> int:
        """How many events the counted files hold."""
        return sum(file.rows or 0 for file in self.counted)

    @property
    def id_digest(self) -> IdDigest | None:
        """Number and digest of the ids of the counted files; None where an older release delivered one."""
        digests = [IdDigest(file.rows or 0, file.id_digest) for file in self.counted if file.id_digest]
        return add_digests(digests) if len(digests) == len(self.counted) else None


def list_nights(files: Sequence[ReceivedFile]) -> list[DeliveredNight]:
    """Return the delivered nights among files, in the order of event types and intervals."""
    nights: dict[tuple[str, Interval], ReceivedFile] = {}
    supplements: dict[tuple[str, Interval], list[ReceivedFile]] = {}
    for file in files:
        key = (file.event, file.interval)
        if file.kind == "nightly":
            nights[key] = file
        else:
            supplements.setdefault(key, []).append(file)
    return [DeliveredNight(*key, night, tuple(supplements.get(key, ()))) for key, night in nights.items()]
