"""Which reconciliations were made of a destination, and what did they find?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.reading import LedgerReading
from event_delivery.ledger.statements import run_statement

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class MadeReconciliation:
    """A report as it is recorded: `report` is its JSON, `totals` numbers of events by what is counted.

    `differing`: the first of its intervals, as the report has them, that are not as they should be; of
    `differing_count` in all. `unknown`: of how many of them nobody can tell which events differ.
    """

    destination: str
    first: str
    last: str
    queried_at: str
    clean: bool
    totals: dict[str, int | None]
    unknown: int
    differing: list[dict[str, Any]]
    differing_count: int
    report: str
    sha256: str
    run_id: str


@dataclass(frozen=True)
class RecordedReconciliation:
    """A report that was made, without its text; see `MadeReconciliation`."""

    id: int
    first: date
    last: date
    queried_at: datetime
    clean: bool
    totals: dict[str, int | None]
    unknown: int
    differing: list[dict[str, Any]]
    differing_count: int
    sha256: str
    run_id: str
    recorded_at: datetime


def record_reconciliation(connection: Connection[Any], made: MadeReconciliation) -> None:
    """Record a report beside those before it."""
    as_json = {"totals": json.dumps(made.totals), "differing": json.dumps(made.differing)}
    run_statement(connection, "record_reconciliation.sql", {**asdict(made), **as_json})


def read_reconciliations(ledger: LedgerReading, destination: str, most: int) -> list[RecordedReconciliation]:
    """Return the latest reports on a destination, the latest first."""
    if ledger.connection is None:
        return []
    values = {"destination": destination, "most": most}
    rows = run_statement(ledger.connection, "read_reconciliations.sql", values)
    return [RecordedReconciliation(*row) for row in rows]


def find_reconciliation(ledger: LedgerReading, destination: str, report_id: int) -> str | None:
    """Return the JSON text of a report on a destination, or None: there is none."""
    if ledger.connection is None:
        return None
    values = {"destination": destination, "id": report_id}
    row = run_statement(ledger.connection, "find_reconciliation.sql", values).fetchone()
    return row[0] if row else None
