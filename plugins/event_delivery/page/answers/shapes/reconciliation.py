"""Which shape has the answer about a destination's reconciliations?"""

from __future__ import annotations

from typing import TypedDict


class DifferingInterval(TypedDict):
    """An interval that is not as it should be: numbers of events, None where nobody can tell."""

    event: str
    day: str
    counts: dict[str, int | None]
    note: str | None


class Reconciliation(TypedDict):
    """A report: its verdict, its totals, the first intervals that differ.

    `unknown`: in how many of them nobody can tell which events differ. `differing_count`: how many there are.
    """

    id: int
    first: str
    last: str
    queried_at: str
    clean: bool
    totals: dict[str, int | None]
    unknown: int
    differing: list[DifferingInterval]
    differing_count: int
    sha256: str
    link: str | None


class UnreportedRun(TypedDict):
    """A run that is under way, or failed before it had a report; days as it was asked for them."""

    running: bool
    first: str | None
    last: str | None
    asked_at: str
    link: str


class Reconciliations(TypedDict):
    """The latest reports, and the runs that have none; the latest first."""

    reports: list[Reconciliation]
    runs: list[UnreportedRun]
