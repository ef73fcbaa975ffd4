"""What is left of a destination whose file is wrong?"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from event_delivery.plain_text import make_plain
from event_delivery.schedule import BUILT_IN_SCHEDULE, NightlySchedule

LONGEST_MESSAGE = 1_000


@dataclass(frozen=True)
class QuarantinedDestination:
    """A destination whose file is wrong, and the message that says where and how to mend it, in one line."""

    id: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", make_plain(self.message, LONGEST_MESSAGE))

    @property
    def client(self) -> str:
        """Its id: the client's name may be what is wrong."""
        return self.id

    @property
    def schedule(self) -> NightlySchedule:
        """The built-in one."""
        return BUILT_IN_SCHEDULE


def name_quarantined(file: Path) -> str:
    """Return the id of a file whose name is none: it ends as no right id can, with a dot and a digest.

    So `acme prod.yaml` is never taken for `acme_prod`, nor for `acme+prod.yaml`. At most 100 characters: it
    becomes a tag in Airflow.
    """
    readable = re.sub(r"[^\w-]", "_", file.stem, flags=re.ASCII)[:87]
    return f"{readable}.{hashlib.sha256(os.fsencode(file.name)).hexdigest()[:12]}"
