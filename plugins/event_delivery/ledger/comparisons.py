"""What does a client have of a day, and what did the source hold when the two were last compared?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from event_delivery.ledger.statements import run_statement
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from psycopg import Connection


class ReceivedFile(NamedTuple):
    """The file of a night or of a supplement that the client has; the digest is unknown of an older release.

    `arrived_at`: when bytes were last sent of it, which a redelivery of what lies there does not do. `is_settled`:
    no attempt since then, nor since the one that delivered or adopted it, may have sent other bytes; one that sent
    some, or was cut off, may have. `recipe`: which statement and rendering made its events, None: nobody noted it.
    `shape`: how its destination had its files written, see `Shape.token`; `plain_sha256`: before they were packed.
    """

    destination: str
    event: str
    kind: str
    interval: Interval
    file_name: str
    remote_path: str | None
    rows: int | None
    id_digest: str | None
    sha256: str | None
    format: str | None
    company_id: str
    delivered_at: datetime
    arrived_at: datetime
    is_settled: bool
    recipe: str | None = None
    shape: str = ""
    plain_sha256: str | None = None


@dataclass(frozen=True)
class ComparisonRecord:
    """What was found, and since when, when a delivered interval was last compared with the source.

    `late`, `deleted`: numbers of events, None: they differ, and nobody can tell which. `handling`: what was done.
    `delivered_until`: the latest delivery of the event type that counted for it.
    """

    destination: str
    event: str
    interval: Interval
    compared_at: datetime
    found_at: datetime | None
    rows: int
    id_digest: str
    late: int | None
    deleted: int | None
    differs: bool
    handling: str | None
    delivered_until: datetime


@dataclass(frozen=True)
class Finding:
    """What a comparison has found; see `ComparisonRecord`."""

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
