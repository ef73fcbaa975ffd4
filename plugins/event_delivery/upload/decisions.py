"""What can be decided about a file, and what must be seen on the server before?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from event_delivery.errors import DeliveryError
from event_delivery.sftp import Content, Size
from event_delivery.upload.protocol import Outcome


class Look(Enum):
    """What must be seen on the server before a decision."""

    FINAL = "the size under the final name"
    TEMPORARY = "the size under the temporary name"
    CONTENT = "what the final file holds, read back"
    FOLDER = "whether the folder is there"


@dataclass(frozen=True)
class Seen:
    """What was seen on the server; None was not looked at."""

    final: Size | None = None
    temporary: Size | None = None
    content: Content | None = None
    folder: bool | None = None


@dataclass(frozen=True)
class Send:
    """Send the file, whole; `twin`: an older one of as many bytes lies there, so that its size proves nothing."""

    twin: bool = False


@dataclass(frozen=True)
class Rename:
    """The whole file lies there under its temporary name: it only needs its final one."""

    temporary_path: str


@dataclass(frozen=True)
class Renamed:
    """It was renamed, whatever the server answered."""


@dataclass(frozen=True)
class Done:
    """It is delivered."""

    outcome: Outcome


@dataclass(frozen=True)
class Refuse:
    """Nothing can be done by this attempt."""

    error: DeliveryError
