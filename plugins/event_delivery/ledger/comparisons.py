"""What did a day's source hold when it was last compared with what was delivered?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import run_statement
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Finding:
    """What a comparison has found; see `records.ComparisonRecord`."""

    destination: str
    event: str
    interval: Interval
    rows: int
    id_digest: str
    late: int | None
    deleted: int | None
    differs: bool
    handling: str
    compared_at: datetime
    delivered_until: datetime


def record_comparison(connection: Connection[Any], finding: Finding) -> None:
    """Record what was found in the place of what was found before."""
    start, end = finding.interval
    values = {**asdict(finding), "interval_start": start, "interval_end": end}
    run_statement(connection, "record_comparison.sql", values)
