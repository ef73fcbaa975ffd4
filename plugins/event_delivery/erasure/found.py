"""Which files of one delivery hold a text?"""

from __future__ import annotations

from dataclasses import dataclass

from event_delivery.staging import KeptFile


@dataclass(frozen=True)
class Found:
    """The files of one delivery that hold the text, by their names in its folder, whose `path` is for messages.

    `received`: those of them that a client received. `stored`: they lie in the object store, by their keys.
    """

    destination: str
    key: str
    path: str
    names: tuple[str, ...]
    received: tuple[KeptFile, ...]
    stored: bool = False
