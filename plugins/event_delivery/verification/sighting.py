"""What can be found where a file was delivered some time ago, and what is said of it?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from event_delivery.ledger.verifications import UnverifiedFile
from event_delivery.schedule import write_instant


class Found(Enum):
    """What lies under a delivered file's name."""

    SAME = "the bytes that were sent"
    SAME_SIZE = "a file of the size that was sent; its content cannot be read back"
    UNTOLD = "the server does not tell"
    GONE = "nothing: the file is gone"
    NO_FILE = "no file: something else has its name"
    OTHER_SIZE = "a file of another size"
    OTHER_BYTES = "a file of the same size, and of other bytes"

    @property
    def as_sent(self) -> bool | None:
        """Whether it is what was sent; None: the server does not tell."""
        if self is Found.UNTOLD:
            return None
        return self in (Found.SAME, Found.SAME_SIZE)


@dataclass(frozen=True)
class Sighting:
    """What was found of a file, and of how many bytes it is where that is told."""

    file: UnverifiedFile
    found: Found
    bytes: int | None = None

    def describe(self, destination_id: str, address: str) -> str:
        """Return what was found as a sentence for the operator."""
        delivered = write_instant(self.file.delivered_at)
        sizes = f" ({self.bytes:,} bytes, {self.file.bytes:,} were sent)" if self.bytes is not None else ""
        what = f"{self.found.value}{sizes}"
        return (
            f"{destination_id}: {self.file.remote_path} was delivered to {address} at {delivered}, and now "
            f"there is {what}. Ask the client, or deliver the day again; nothing is sent by itself."
        )
