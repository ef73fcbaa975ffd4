"""What can one see of a file on a server?"""

from __future__ import annotations

from enum import Enum


class Sight(Enum):
    """What one sees of a file whose size is not to be had."""

    MISSING = "there is no such file"
    UNTOLD = "the server does not tell"


class Content(Enum):
    """What a file holds, read back."""

    SAME = "the wanted bytes"
    OTHER = "other bytes"
    UNREADABLE = "cannot be read"


Size = int | Sight
