"""What is known of a further file of a night, which holds its late events?"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class SupplementRecord(NamedTuple):
    """A supplement, delivered or not; rows, sha256 and instant are of what the client has, None before it came."""

    number: int
    state: str
    file_name: str | None
    rows: int | None
    sha256: str | None
    delivered_at: datetime | None
    last_error: str | None
