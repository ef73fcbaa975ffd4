"""Did every client get every night's file?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from event_delivery.destinations import AnyDestination, Destination, QuarantinedDestination
from event_delivery.orchestration.names import nightly_dag_id
from event_delivery.page.answers.night import Night, judge_night, show_instant
from event_delivery.page.answers.states import WORST_FIRST
from event_delivery.page.sources.knowledge import (
    Knowledge,
    first_day_of,
    gather_knowledge,
)
from event_delivery.schedule import LocalDay, last_day_before

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DEFAULT_DAYS = 30
MAX_DAYS = 366
_Calendar = list[tuple[LocalDay, datetime, datetime]]


@dataclass
class _Calendars:
    """The days of the range, and when each is due, once for every schedule."""

    first: date
    last: date
    kept: dict[tuple[str, time], _Calendar] = field(default_factory=dict)

    def of(self, timezone: str, deliver_at: time) -> _Calendar:
        key = (timezone, deliver_at)
        if key not in self.kept:
            days = (LocalDay(day, timezone) for day in list_days(self.first, self.last))
            self.kept[key] = [(day, day.end, day.due(deliver_at)) for day in days if day.start < day.end]
        return self.kept[key]


def read_overview(
    session: Session, destinations: Sequence[AnyDestination], first: date, last: date, now: datetime
) -> dict[str, Any]:
    """Return every delivery's state from the first to the last day, the worst destinations first."""
    known = gather_knowledge(session, destinations, first, last)
    calendars = _Calendars(first, last)
    rows = [_describe_row(destination, known, calendars, now) for destination in destinations]
    rows.sort(key=lambda row: (WORST_FIRST.index(row["worst"]), row["client"].lower(), row["id"]))
    states = Counter(cell["s"] for row in rows for cell in row["cells"])
    whole = Counter(row["worst"] for row in rows if row["worst"] in ("quarantined", "disabled"))
    return {
        "from": str(first),
        "to": str(last),
        "days": [str(day) for day in list_days(first, last)],
        "now": show_instant(now),
        "counts": {state: (states | whole)[state] for state in WORST_FIRST},
        "last_night": _count_last_night(rows),
        "destinations": rows,
    }


def choose_range(
    destinations: Sequence[AnyDestination], first: date | None, last: date | None, now: datetime
) -> tuple[date, date]:
    """Return the first and the last day to show: by default 30 up to yesterday, wherever it is latest.

    Raises:
        ValueError: the range is empty or longer than 366 days.
    """
    zones = {destination.schedule.timezone for destination in destinations} or {"UTC"}
    last = last or max(last_day_before(now, zone).date for zone in zones)
    first = first or last - timedelta(DEFAULT_DAYS - 1)
    if not 0 <= (last - first).days < MAX_DAYS:
        raise ValueError(f"Wanted from and to in order, at most {MAX_DAYS} days; found {first} to {last}.")
    return first, last


def list_days(first: date, last: date) -> list[date]:
    """Return the dates from the first to the last, both included."""
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def list_cells(
    destination: AnyDestination, known: Knowledge, first: date, last: date, now: datetime
) -> list[dict[str, Any]]:
    """Return the cells of one destination's nights, in order."""
    return _list_cells(destination, known, _Calendars(first, last), now)


def _describe_row(
    destination: AnyDestination, known: Knowledge, calendars: _Calendars, now: datetime
) -> dict[str, Any]:
    """Return one destination with the cells of its nights."""
    dag = known.dags.get(nightly_dag_id(destination.id))
    quarantined = isinstance(destination, QuarantinedDestination)
    cells = _list_cells(destination, known, calendars, now)
    enabled = quarantined or destination.enabled  # type: ignore[union-attr]
    states = {cell["s"] for cell in cells}
    worst = min(states, key=WORST_FIRST.index, default="due")
    schedule = destination.schedule
    return {
        "id": destination.id,
        "client": destination.client,
        "events": list(getattr(destination, "events", ())),
        "format": getattr(destination, "format", None),
        "timezone": schedule.timezone,
        "deliver_at": f"{schedule.deliver_at:%H:%M}",
        "enabled": enabled,
        "quarantined": getattr(destination, "message", None),
        "paused": dag.paused if dag and not dag.stale else None,
        "test_file": describe_test_file(destination.id, known),
        "worst": "quarantined" if quarantined else worst if enabled else "disabled",
        "cells": cells,
    }


def describe_test_file(destination_id: str, known: Knowledge) -> dict[str, Any]:
    """Return what became of a destination's latest test file."""
    sent, run = known.test_files.get(destination_id), known.test_runs.get(destination_id)
    at = show_instant(sent.at) if sent else None
    error = (sent.last_error or None) if sent else None
    if run and run.is_active:
        return {"state": "pending", "at": at, "error": error}
    if not sent:
        state = "failed" if run else "none"
        error = "The run failed before anything was sent; its log says why." if run else None
        return {"state": state, "at": None, "error": error}
    state = {"delivered": "ok", "failed": "failed"}.get(sent.state, "pending")
    return {"state": state, "at": at, "error": error}


def _list_cells(
    destination: AnyDestination, known: Knowledge, calendars: _Calendars, now: datetime
) -> list[dict[str, Any]]:
    if isinstance(destination, QuarantinedDestination):
        return _quarantined_cells(destination, known, calendars, now)
    records, runs = known.records.get(destination.id, {}), known.runs.get(destination.id, {})
    first = _first_expected(destination, known, now)
    cells = []
    calendar = calendars.of(destination.timezone, destination.deliver_at)
    for index, event in enumerate(destination.events):
        for day, end, due in calendar:
            expected = first is not None and first <= day.date and end <= now
            night = Night(due, expected, records.get((event, day.date)), runs.get(day.date), index)
            if cell := judge_night(night, now):
                cells.append({"d": day.date.isoformat(), "e": event, **cell})
    return cells


def _first_expected(destination: Destination, known: Knowledge, now: datetime) -> date | None:
    """Return the first day that is expected; one that is new and unpaused expects the latest."""
    dag = known.dags.get(nightly_dag_id(destination.id))
    if not destination.enabled:
        return None
    first = first_day_of(destination, known)
    if first is None and dag and not dag.paused and not dag.stale:
        return last_day_before(now, destination.timezone).date
    return first


def _quarantined_cells(
    destination: QuarantinedDestination, known: Knowledge, calendars: _Calendars, now: datetime
) -> list[dict[str, Any]]:
    """Return what was delivered before, and the nights that the quarantine has cost."""
    schedule = destination.schedule
    runs, records = known.runs.get(destination.id, {}), known.records.get(destination.id, {})
    events = sorted({event for event, _ in records}) or ["courseCompletion"]
    cells: list[dict[str, Any]] = []
    for event in events:
        for day, _, due in calendars.of(schedule.timezone, schedule.deliver_at):
            named = {"d": day.date.isoformat(), "e": event}
            record = records.get((event, day.date))
            if record and record.state == "delivered":
                cells.append(named | (judge_night(Night(due, True, record), now) or {}))
            elif day.date in runs:
                cells.append(named | {"s": "quarantined"})
    return cells


def _count_last_night(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count each enabled destination's latest night by state."""
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        for cell in row["cells"]:
            key = (row["id"], cell["e"])
            if key not in latest or latest[key]["d"] < cell["d"]:
                latest[key] = cell
    states = Counter(cell["s"] for cell in latest.values())
    return {state: states[state] for state in WORST_FIRST if states[state]}
