"""What is a kept file called, and what does the name alone say: when it was delivered, and its bytes?

The moment stands in the name, not in a file's times, which a backup, a copy of the disk or a curious hand changes.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

_NAME = re.compile(r"kept-(\d{8}T\d{12}Z)-([0-9a-f]{64})(\.[a-z.]+)?")
_MOMENT = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, order=True)
class KeptName:
    """The name of a kept file without an ending; what is kept beside it has the same and an ending."""

    delivered_at: datetime
    sha256: str

    def __str__(self) -> str:
        """Return the file's name."""
        return f"kept-{self.delivered_at.astimezone(UTC).strftime(_MOMENT)}-{self.sha256}"


def parse_kept_name(name: str) -> tuple[KeptName, str] | None:
    """Return the kept file that a name in a delivery's folder belongs to, and its ending; None: to none."""
    match = _NAME.fullmatch(name)
    with contextlib.suppress(ValueError):
        if match:
            moment = datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC)
            return KeptName(moment, match[2]), match[3] or ""
    return None
