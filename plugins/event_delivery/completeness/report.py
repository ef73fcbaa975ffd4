"""How is a reconciliation written down: for people, for a script, for an auditor?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from event_delivery.completeness.reconciliation import Reconciled, Reconciliation
from event_delivery.completeness.report_csv import write_csv

_COUNTS = ("source", "delivered", "missing", "duplicated", "unexpected")


@dataclass(frozen=True)
class Report:
    """A reconciliation that was read to its end."""

    destination: str
    first: str
    last: str
    moment: str
    rows: Sequence[Reconciled]

    @property
    def is_clean(self) -> bool:
        """Whether every event of the period was delivered, once."""
        return all(row.is_clean for row in self.rows)

    @property
    def totals(self) -> dict[str, int]:
        """Numbers of events over all intervals; what nobody can tell counts as nothing, see `unknown`."""
        return {name: sum(getattr(row, name) or 0 for row in self.rows) for name in _COUNTS}

    @property
    def unknown(self) -> int:
        """In how many intervals source and client differ, and nobody can tell in which events."""
        return sum(row.missing is None for row in self.rows)

    @property
    def sha256(self) -> str:
        """Checksum of what the report says: of the JSON text of all but this, keys in order, without spaces."""
        text = json.dumps(self._describe(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def write_json(self) -> str:
        """Return the report as JSON."""
        return json.dumps({**self._describe(), "sha256": self.sha256}, indent=2, ensure_ascii=False)

    def write_csv(self) -> str:
        """Return the intervals as CSV, each with the moment of the query and the report's checksum."""
        return write_csv({**self._describe(), "sha256": self.sha256})

    def write_text(self) -> str:
        """Return what a person wants to know: the verdict, the totals, and the intervals that are not clean."""
        totals = ", ".join(f"{count:,} {name}" for name, count in self.totals.items())
        head = f"{self.destination}, {self.first} to {self.last}, as the source was at {self.moment}"
        verdict = "Every event was delivered, once." if self.is_clean else "Not every event was delivered once."
        unknown = [f"In {self.unknown} intervals nobody can tell which events differ."] if self.unknown else []
        lines = (_describe_line(row) for row in self.rows if not row.is_clean)
        return "\n".join([head, totals, *lines, *unknown, verdict, f"sha256 {self.sha256}"])

    def _describe(self) -> dict[str, Any]:
        period = {"destination": self.destination, "from": self.first, "to": self.last, "queried_at": self.moment}
        rows = [_describe_row(row) for row in self.rows]
        verdict = {"clean": self.is_clean, "unknown": self.unknown}
        return {**period, **verdict, "totals": self.totals, "intervals": rows}


def read_report(reconciliation: Reconciliation) -> Report:
    """Read a reconciliation to its end; a row an interval is kept, never one an event."""
    days = str(reconciliation.first), str(reconciliation.last)
    rows = tuple(reconciliation.intervals)
    return Report(reconciliation.destination, *days, write_instant(reconciliation.moment), rows)


def write_instant(instant: datetime) -> str:
    """Return an instant as `2026-01-31T05:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _describe_row(row: Reconciled) -> dict[str, Any]:
    start, end = map(write_instant, row.interval)
    counts = {name: getattr(row, name) for name in _COUNTS}
    named = {"event": row.event, "day": str(row.day), "interval_start": start, "interval_end": end}
    return {**named, **counts, "files": list(row.files), "note": row.note}


def _describe_line(row: Reconciled) -> str:
    return f"  {row.day} {row.event}: {', '.join(_describe_counts(row))}" + (f" ({row.note})" if row.note else "")


def _describe_counts(row: Reconciled) -> Iterator[str]:
    yield f"{row.source:,} at the source, {row.delivered:,} delivered"
    for name in ("missing", "duplicated", "unexpected"):
        if count := getattr(row, name):
            yield f"{count:,} {name}"
