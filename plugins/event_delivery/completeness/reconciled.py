"""What has a reconciliation found?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from event_delivery.schedule import Interval


@dataclass(frozen=True)
class Reconciled:
    """One interval of one event type; numbers of events, None: they differ, and nobody can tell which they are.

    `missing`: the source has it, the client not. `duplicated`: the client has it in two files. `unexpected`: the
    client has it, the source not. `changed`: both have it, and the source now otherwise than any file;
    None too where rows were not compared.
    """

    event: str
    day: date
    interval: Interval
    files: tuple[str, ...]
    source: int
    delivered: int
    missing: int | None
    duplicated: int | None
    unexpected: int | None
    changed: int | None = None
    note: str | None = None

    @property
    def is_clean(self) -> bool:
        """Whether every event was delivered once, and nothing else; what was changed since was delivered too."""
        return (self.missing, self.duplicated, self.unexpected) == (0, 0, 0)


@dataclass(frozen=True)
class Reconciliation:
    """Intervals to reconcile, in the order of event types and time, as the source was at one moment."""

    destination: str
    first: date
    last: date
    moment: datetime
    intervals: Iterator[Reconciled]
    compares_rows: bool = True
