"""How is a reconciliation written down: for people, for a script, for an auditor?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from event_delivery.completeness.reconciled import Reconciled, Reconciliation
from event_delivery.completeness.report_csv import write_csv
from event_delivery.schedule import write_instant

_COUNTS = ("source", "delivered", "missing", "duplicated", "unexpected", "changed")


@dataclass(frozen=True)
class Report:
    """A reconciliation that was read to its end."""

    destination: str
    first: str
    last: str
    moment: str
    rows: Sequence[Reconciled]
    compares_rows: bool = True

    @property
    def is_clean(self) -> bool:
        """Whether every event of the period was delivered, once, whatever was changed at the source since."""
        return all(row.is_clean for row in self.rows)

    @property
    def totals(self) -> dict[str, int | None]:
        """Numbers of events over all intervals; what nobody can tell counts as nothing, see `unknown`.

        `changed` is None where rows were not compared.
        """
        totals = {name: sum(getattr(row, name) or 0 for row in self.rows) for name in _COUNTS}
        return totals if self.compares_rows else {**totals, "changed": None}

    @property
    def unknown(self) -> int:
        """In how many intervals source and client differ, and nobody can tell in which events."""
        return sum(row.missing is None for row in self.rows)

    @property
    def unknown_changes(self) -> int:
        """In how many intervals nobody can tell which rows were changed, although rows were compared."""
        return sum(row.changed is None for row in self.rows) if self.compares_rows else 0

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
        totals = ", ".join(f"{count:,} {name}" for name, count in self.totals.items() if count is not None)
        head = f"{self.destination}, {self.first} to {self.last}, as the source was at {self.moment}"
        verdict = "Every event was delivered, once." if self.is_clean else "Not every event was delivered once."
        lines = (_describe_line(row) for row in self.rows if not row.is_clean or self._has_changes(row))
        return "\n".join([head, totals, *lines, *self._describe_doubts(), verdict, f"sha256 {self.sha256}"])

    def _has_changes(self, row: Reconciled) -> bool:
        return bool(row.changed) or (self.compares_rows and row.changed is None)

    def _describe_doubts(self) -> Iterator[str]:
        if self.unknown:
            yield f"In {self.unknown} intervals nobody can tell which events differ."
        if self.unknown_changes:
            yield f"In {self.unknown_changes} intervals nobody can tell which rows were changed."
        if not self.compares_rows:
            yield "Ids were compared, and not what stands beside them."
        if changed := self.totals["changed"]:
            yield f"{changed:,} delivered events were changed at the source since their delivery."

    def _describe(self) -> dict[str, Any]:
        period = {"destination": self.destination, "from": self.first, "to": self.last, "queried_at": self.moment}
        rows = [_describe_row(row) for row in self.rows]
        verdict = {"clean": self.is_clean, "unknown": self.unknown}
        verdict |= {"unknown_changes": self.unknown_changes, "compares_rows": self.compares_rows}
        return {**period, **verdict, "totals": self.totals, "intervals": rows}


def read_report(reconciliation: Reconciliation) -> Report:
    """Read a reconciliation to its end; a row an interval is kept, never one an event."""
    days = str(reconciliation.first), str(reconciliation.last)
    rows = tuple(reconciliation.intervals)
    return Report(
        reconciliation.destination, *days, write_instant(reconciliation.moment), rows, reconciliation.compares_rows
    )


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
    if row.changed:
        yield f"{row.changed:,} changed since"
