"""Which step could not be taken, and is the next word the client's or ours?"""

from __future__ import annotations

from typing import Literal

from event_delivery.errors import PermanentError

Step = Literal[
    "url", "host", "connect", "key", "session", "login", "folder", "write", "rename", "size", "remove", "ours"
]


class StoppedError(PermanentError):
    """A step could not be taken; `ours` is for us to mend, any other for the client.

    `asked` are sentences for the client, such as the mistakes of the URL: no secret stands in them.
    """

    def __init__(self, step: Step, message: str, asked: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.step = step
        self.asked = asked
